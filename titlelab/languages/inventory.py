"""All that the catalog of a language must hold: what our sources, our models and the admin's libraries say.

Needs Django to be set up, for models and admin pages tell their own names.
"""

import ast
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.utils.translation import to_locale

from titlelab.languages.catalogs import messages
from titlelab.languages.naming import NAMES
from titlelab.languages.sources import (
    Message,
    called_messages,
    composed_sentences,
    raised_sentences,
    template_messages,
)
from titlelab.languages.words import WORDS

# Whose sentences are all for people. Elsewhere, those that errors of ours are raised with.
SPEAKING = (
    "titlelab/catalog/*.py",
    "titlelab/labelstudio/adopting.py",
    "titlelab/labelstudio/checking.py",
    "titlelab/labelstudio/models.py",
    "titlelab/people/settling.py",
    "titlelab/quality/loop.py",
    "titlelab/review/looking.py",
    "titlelab/review/priority.py",
    "titlelab/tags/loading.py",
    "titlelab/training/estimate.py",
    "titlelab/training/gate.py",
    "titlelab/training/run_folder.py",
    "titlelab/training/running.py",
    "titlelab/web/admin/*.py",
    "titlelab/web/charts.py",
    "titlelab/web/pages.py",
    "titlelab/web/ringing.py",
    "ml_backend/learning/choosing.py",
    "ml_backend/learning/ensemble_training.py",
    "ml_backend/learning/fine_tuning.py",
    "ml_backend/learning/pointer_reasons.py",
    "ml_backend/learning/pointer_training.py",
    "ml_backend/learning/ranking.py",
    "ml_backend/learning/title_composing.py",
    "ml_backend/learning/title_nouns.py",
    "ml_backend/learning/titler_language_model.py",
    "ml_backend/learning/titler_neighbour.py",
    "ml_backend/learning/titler_pointer.py",
    "ml_backend/learning/titler_template.py",
    "ml_backend/learning/trainers.py",
    "ml_backend/rules/faithfulness.py",
    "ml_backend/rules/policy.py",
)
# Who talks on the command line, to other programs or to nobody: that is English.
SILENT = ("samples", "migrations", "management", "launching", "simulating", "api", "languages")
LIBRARIES = ("unfold", "import_export", "simple_history", "django_celery_beat", "django_celery_results")
REFUSAL = "Refusal"  # a row's; it is stored like an error's sentence


def inventory(language: str) -> set[Message]:
    """Return every message that our catalog of the language must translate."""
    ours = {*_ours(settings.BASE_DIR), *map(Message, NAMES), *map(Message, WORDS)}
    known = _known_elsewhere(language)
    theirs = {message for message in _theirs() if message.text not in known}
    return _without_twins(ours | theirs)


def _ours(root: Path) -> Iterator[Message]:
    errors = [REFUSAL, *(name for file in ("titlelab", "ml_backend") for name in _classes(root / file / "errors.py"))]
    for path in _sources(root, "titlelab", "ml_backend", "tasks"):
        source = path.read_text()
        yield from called_messages(source)
        yield from map(Message, raised_sentences(source, errors))
    for pattern in SPEAKING:
        for path in root.glob(pattern):
            yield from map(Message, composed_sentences(path.read_text()))
    yield from _in_templates(root / "titlelab" / "web" / "templates")


def _theirs() -> Iterator[Message]:
    for library in LIBRARIES:
        spec = find_spec(library)
        if spec and spec.origin:
            folder = Path(spec.origin).parent
            for path in folder.rglob("*.py"):
                yield from called_messages(path.read_text())
            yield from _in_templates(folder)


def _in_templates(folder: Path) -> Iterator[Message]:
    for ending in ("html", "txt"):
        for path in folder.rglob(f"*.{ending}"):
            yield from template_messages(path.read_text())


def _known_elsewhere(language: str) -> set[str]:
    """Return what Django and the libraries translate themselves."""
    locale = to_locale(language)
    folders = [Path(django.__file__).parent / "conf", *(Path(config.path) for config in apps.get_app_configs())]
    files = [folder / "locale" / locale / "LC_MESSAGES" / "django.mo" for folder in folders]
    return {text for file in files if file.is_file() for text, told in messages(file).items() if told}


def _sources(root: Path, *packages: str) -> Iterable[Path]:
    found = (path for package in packages for path in sorted((root / package).rglob("*.py")))
    return (path for path in found if not set(path.relative_to(root).parts) & set(SILENT))


def _classes(path: Path) -> list[str]:
    return [node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef)]


def _without_twins(found: set[Message]) -> set[Message]:
    """Drop a text alone that stands with its plural too: a catalog holds it once."""
    with_plural = {(message.text, message.context) for message in found if message.plural}
    return {message for message in found if message.plural or (message.text, message.context) not in with_plural}
