"""System checks that refuse settings that cannot work, before a command or worker starts; see web/apps.py."""

import os
import sys
from collections.abc import Iterator, Sequence
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import EmailValidator

SECRETS = ("SECRET_KEY", "WEBHOOK_SECRET", "ML_BACKEND_PASSWORD", "LABEL_STUDIO_TOKEN")
# `up` writes the secrets and `doctor` tells of them; the rest neither talk to anybody nor sign anything.
NEEDS_NO_SECRETS = frozenset(
    [
        "up",
        "down",
        "reset",
        "doctor",
        "makemigrations",
        "migrate",
        "showmigrations",
        "makemessages",
        "compilemessages",
        "changepassword",
        "createsuperuser",
        "import_catalog",
        "load_tag_library",
        "export_catalog",
    ]
)
PORTS = ("PORT", "LABEL_STUDIO_PORT", "ML_BACKEND_PORT")
URLS = ("TITLELAB_URL", "LABEL_STUDIO_URL", "ML_BACKEND_URL")
FOLDERS = ("HOME", "MODELS_FOLDER", "RUNS_FOLDER", "LOGS_FOLDER", "MEDIA_ROOT")
POSITIVE = (
    "LABEL_STUDIO_TIMEOUT_S",
    "ML_BACKEND_TIMEOUT_S",
    "TITLER_TRAINING_MINUTES",
    "RETRAIN_AFTER_DECISIONS",
    "RETRAIN_FULL_ENSEMBLE_AFTER_DECISIONS",
    "GATE_LEAST_GOLDEN",
    "LEASE_S",
    "RESUME_EVERY_S",
    "KEPT_VERSIONS",
    "KEPT_RUN_FOLDERS",
    "RECONCILE_EVERY_S",
    "RETRAIN_EVERY_S",
    "REFILL_EVERY_S",
    "SWEEP_EVERY_S",
    "SNAPSHOT_EVERY_S",
    "SECOND_LOOKS_EVERY_S",
    "ALERTS_EVERY_S",
    "PORTRAITS_EVERY_S",
    "TAG_SEARCH_EVERY_S",
    "SCORING_POOL",
    "API_REQUESTS_PER_MINUTE",
    "API_MOST_PRODUCTS",
    "API_MOST_DRAFTS",
    "API_DRAFT_TIMEOUT_S",
)


@register("settings")
def settings_can_work(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:  # noqa: ARG001
    """Return one Error for each setting that cannot work."""
    problems = [*_ports(), *_urls(), *_folders(), *_numbers(), *_sender()]
    if needs_secrets(sys.argv):
        problems += _secrets()
    return list(problems)


def needs_secrets(arguments: Sequence[str]) -> bool:
    """Say whether the command line starts something that talks or signs."""
    return not NEEDS_NO_SECRETS.intersection(arguments[1:2])


def _secrets() -> Iterator[CheckMessage]:
    for name in SECRETS:
        if not _setting(name):
            yield _error("E001", name, "is empty", "`make up` writes it to secrets.env; or set it in the environment.")


def _setting(name: str) -> str:
    try:
        return str(getattr(settings, name))
    except ImproperlyConfigured:  # Django's own word for an empty SECRET_KEY
        return ""


def _ports() -> Iterator[CheckMessage]:
    taken: dict[int, str] = {}
    for name in PORTS:
        port = getattr(settings, name)
        if not 1 <= port <= 65535:
            yield _error("E002", name, f"is {port}, which is no port", "Choose one from 1 to 65535.")
        if first := taken.get(port):
            yield _error("E003", name, f"is {port}, and so is TITLELAB_{first}", "Give each its own port.")
        taken.setdefault(port, name)


def _urls() -> Iterator[CheckMessage]:
    for name in URLS:
        url = getattr(settings, name)
        if not _is_web_address(url):
            yield _error("E004", name, f"is {url!r}, which is no address", "Write such as http://127.0.0.1:8080.")


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _folders() -> Iterator[CheckMessage]:
    for name in FOLDERS:
        nearest = _nearest(getattr(settings, name))
        if not (nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)):
            yield _error("E005", name, f"can't be written: {nearest} is in the way", "Choose a folder of your own.")


def _nearest(folder: Path) -> Path:
    """Return the folder, or where it would be made."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def _numbers() -> Iterator[CheckMessage]:
    for name in POSITIVE:
        if not getattr(settings, name) > 0:
            yield _error("E006", name, f"is {getattr(settings, name)}", "It must be more than 0.")
    if not 0 <= settings.GATE_MARGIN < 1:
        yield _error("E007", "GATE_MARGIN", f"is {settings.GATE_MARGIN}", "It is a share: 0 or more, less than 1.")


def _sender() -> Iterator[CheckMessage]:
    try:
        EmailValidator(allowlist=["localhost"])(parseaddr(settings.DEFAULT_FROM_EMAIL)[1])
    except ValidationError:
        problem = f"is {settings.DEFAULT_FROM_EMAIL!r}, which is no address"
        yield _error("E008", "DEFAULT_FROM_EMAIL", problem, "Write such as titles@shop.example.")


def _error(number: str, name: str, problem: str, hint: str) -> Error:
    own = {"MEDIA_ROOT": "TITLELAB_HOME", "TITLELAB_URL": name, "DEFAULT_FROM_EMAIL": "TITLELAB_EMAIL_FROM"}
    variable = own.get(name, f"TITLELAB_{name}")
    return Error(f"{variable} {problem}", hint=hint, id=f"titlelab.{number}")
