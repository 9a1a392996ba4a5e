"""Small models that stand in for `learning/`, and the app around them."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ml_backend.contract import (
    Brief,
    Candidate,
    Categorizing,
    CategoryPath,
    CategoryScore,
    Draft,
    Kind,
    PublishedLibrary,
    PublishedTaxonomy,
    Tagger,
    TagScore,
    TagSpec,
    TitleProposal,
    Titler,
    library_file,
    pointer_file,
    taxonomy_file,
    to_json,
    version_folder,
    version_name,
)
from ml_backend.errors import BadArtifact
from ml_backend.http.models import Models
from ml_backend.http.settings import Settings, settings_of

PASSWORD = "a-password-for-tests"  # noqa: S105 - opens nothing real
AUTH = ("titlelab", PASSWORD)


@dataclass(kw_only=True)
class FakeTitler:
    """Titles every product "<name> <sku>" and numbered likewise; breaks on the sku "poison"."""

    name: str

    def propose(self, briefs: Sequence[Brief], n: int) -> list[list[TitleProposal]]:
        if any(brief.sku == "poison" for brief in briefs):
            raise ZeroDivisionError("no title for poison")
        endings = ["", *(f" {i}" for i in range(2, n + 1))]
        return [[TitleProposal(title=f"{self.name} {brief.sku}{ending}") for ending in endings] for brief in briefs]

    def save(self, folder: Path) -> None:
        (folder / "name.json").write_text(json.dumps(self.name))


@dataclass(kw_only=True)
class FakeTagger:
    """Proposes every tag."""

    name: str

    def score(self, briefs: Sequence[Brief], tags: Sequence[TagSpec]) -> list[list[TagScore]]:
        return [
            [TagScore(name=tag.name, proba=0.9, threshold=0.5, reasons=(self.name,)) for tag in tags] for _ in briefs
        ]

    def save(self, folder: Path) -> None:
        (folder / "name.json").write_text(json.dumps(self.name))


@dataclass(kw_only=True)
class FakeCategorizer:
    """Chooses the first path."""

    name: str

    def categorize(self, briefs: Sequence[Brief], paths: Sequence[CategoryPath]) -> list[list[CategoryScore]]:
        return [[CategoryScore(path=paths[0], proba=0.5, reasons=(self.name,))] for _ in briefs]

    def save(self, folder: Path) -> None:
        (folder / "name.json").write_text(json.dumps(self.name))


@dataclass(kw_only=True)
class FakeLearning:
    """Makes Models of the fakes; asked keeps the skus of every chunk, and may_draft holds drafting up while cleared."""

    asked: list[list[str]] = field(default_factory=list)
    may_draft: threading.Event = field(default_factory=threading.Event)
    may_load: threading.Event = field(default_factory=threading.Event)
    is_loading: threading.Event = field(default_factory=threading.Event)
    is_drafting: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.may_draft.set()
        self.may_load.set()

    def models(self) -> Models:
        return Models(
            load_titler=self._load_titler,
            load_tagger=lambda folder: FakeTagger(name=_name(folder)),
            load_categorizer=lambda folder: FakeCategorizer(name=_name(folder)),
            built_in_titler=lambda: FakeTitler(name="built-in"),
            built_in_tagger=lambda: FakeTagger(name="built-in"),
            built_in_categorizer=lambda: FakeCategorizer(name="built-in"),
            drafts=self._drafts,
        )

    def _load_titler(self, folder: Path) -> FakeTitler:
        self.is_loading.set()
        assert self.may_load.wait(10)
        return FakeTitler(name=_name(folder))

    def _drafts(
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
        self.is_drafting.set()
        assert self.may_draft.wait(10)
        self.asked.append([brief.sku for brief in briefs])
        titles = titler.propose(briefs, n_candidates)
        tags = tagger.score(briefs, library.tags if library else ())
        paths = categories.categorizer.categorize(briefs, categories.taxonomy.paths) if categories else [[]] * len(tags)
        return [
            Draft(
                sku=brief.sku,
                version=version_name(
                    titler_version,
                    tagger_version,
                    library.revision if library else 0,
                    categorizer_version=categories.version if categories else 0,
                    taxonomy=categories.taxonomy.revision if categories else 0,
                ),
                titler_version=titler_version,
                tagger_version=tagger_version,
                candidates=tuple(Candidate(title=own.title, score=1.0) for own in own_titles),
                tags=tuple(own_tags),
                title_uncertainty=0.25,
                tag_uncertainty=0.0,
                categories=tuple(own_paths),
                categorizer_version=categories.version if categories else 0,
            )
            for brief, own_titles, own_tags, own_paths in zip(briefs, titles, tags, paths, strict=True)
        ]


def make_settings(home: Path) -> Settings:
    return settings_of({"TITLELAB_HOME": str(home), "TITLELAB_ML_BACKEND_PASSWORD": PASSWORD})


def write_version(models_folder: Path, kind: Kind, scope: str, number: int, name: str = "") -> Path:
    """Write a version folder that the fakes load; the model's name is "v<number>" unless given."""
    folder = version_folder(models_folder, kind, scope, number)
    folder.mkdir(parents=True)
    FakeTitler(name=name or f"v{number}").save(folder)
    return folder


def point_at(models_folder: Path, kind: Kind, scope: str, number: int) -> None:
    _put(pointer_file(models_folder, kind, scope), json.dumps({"number": number}))


def publish(models_folder: Path, library: PublishedLibrary) -> None:
    _put(library_file(models_folder, library.key), json.dumps(to_json(library)))


def publish_taxonomy(models_folder: Path, taxonomy: PublishedTaxonomy) -> None:
    _put(taxonomy_file(models_folder, taxonomy.key), json.dumps(to_json(taxonomy)))


@contextmanager
def held_up(event: threading.Event) -> Iterator[None]:
    """Hold an event's waiters up within the block."""
    event.clear()
    try:
        yield
    finally:
        event.set()


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".new")
    aside.write_text(text)
    aside.replace(path)


def _name(folder: Path) -> str:
    try:
        return str(json.loads((folder / "name.json").read_text()))
    except OSError as e:
        raise BadArtifact(f"{folder.name}: name.json is missing") from e
