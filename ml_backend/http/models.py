"""What `http/` needs of `learning/`: one value of functions, so that tests put small models in their place."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ml_backend.contract import Brief, Categorizer, Categorizing, Draft, PublishedLibrary, Tagger, Titler

PACKAGE = Path(__file__).resolve().parents[1]


class DraftFunction(Protocol):
    """Makes Drafts with a pair of models; `learning/drafting.py` has the real one."""

    def __call__(
        self,
        briefs: Sequence[Brief],
        *,
        titler: Titler,
        tagger: Tagger,
        library: PublishedLibrary | None,
        titler_version: int,
        tagger_version: int,
        categories: Categorizing | None,
        n_candidates: int,
    ) -> list[Draft]:
        """Return one Draft per Brief, in order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """How models are loaded, which are built in, and how a pair of them drafts.

    n_candidates tells how many titles a Brief gets when the caller does not say. generation changes with the code that
    drafts: drafts made by other code are not taken from the cache.
    """

    load_titler: Callable[[Path], Titler]
    load_tagger: Callable[[Path], Tagger]
    load_categorizer: Callable[[Path], Categorizer]
    built_in_titler: Callable[[], Titler]
    built_in_tagger: Callable[[], Tagger]
    built_in_categorizer: Callable[[], Categorizer]
    drafts: DraftFunction
    n_candidates: Callable[[], int] = lambda: 4
    generation: str = ""


def real_models() -> Models:
    """Return the models of `learning/`; loads neither torch nor scikit-learn until a version asks for it."""
    from ml_backend.learning import devices
    from ml_backend.learning.artifacts import load_categorizer, load_tagger, load_titler
    from ml_backend.learning.categorizer import NameCategorizer
    from ml_backend.learning.drafting import drafts
    from ml_backend.learning.tagger import AliasTagger
    from ml_backend.learning.titler_template import TemplateTitler

    return Models(
        load_titler=load_titler,
        load_tagger=load_tagger,
        load_categorizer=load_categorizer,
        built_in_titler=TemplateTitler.untrained,
        built_in_tagger=AliasTagger,
        built_in_categorizer=NameCategorizer,
        drafts=drafts,
        n_candidates=devices.n_candidates,
        generation=_digest_of_code(),
    )


def _digest_of_code() -> str:
    """Return what changes with the code that ranks, warns and tags, which no version number tells."""
    files = sorted(file for folder in ("rules", "learning") for file in (PACKAGE / folder).glob("*.py"))
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]
