"""The desk where every draft is made: one queue for the workers and for Label Studio, one cache, one set of models."""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ml_backend.contract import (
    Brief,
    Categorizer,
    Categorizing,
    Draft,
    Kind,
    PublishedLibrary,
    Tagger,
    Titler,
    pointer_file,
    version_folder,
    version_name,
)
from ml_backend.errors import BackendUnreachable, MLBackendError
from ml_backend.http.draft_cache import DraftCache
from ml_backend.http.metrics import Metrics
from ml_backend.http.model_slot import BUILT_IN, ModelSlot, Serving
from ml_backend.http.models import Models
from ml_backend.http.published import published_libraries, published_taxonomies
from ml_backend.labelstudio.projects import Scopes

# Titles drafted in one go: a language model's batch on a processor (learning/devices.py), and small enough, 4 s on two
# cores, that an annotator's single task never waits for a worker's whole request, and that a stop is quick.
CHUNK_TITLES = 64
BUILT_IN_VERSION = version_name(BUILT_IN, BUILT_IN, 0)
M = TypeVar("M")
logger = logging.getLogger(__name__)


class Desk:
    """Drafts for any scope, from the cache or from the serving models; safe in several threads.

    Models are not, so one chunk is drafted at a time; what the cache holds waits for nobody.
    """

    def __init__(
        self, *, models_folder: Path, models: Models, cache: DraftCache, metrics: Metrics | None = None
    ) -> None:
        self._models_folder = models_folder
        self._models = models
        self._cache = cache
        self._metrics = metrics or Metrics()
        self._libraries = published_libraries(models_folder)
        self._taxonomies = published_taxonomies(models_folder)
        self._titlers: dict[str, ModelSlot[Titler]] = {}
        self._taggers: dict[str, ModelSlot[Tagger]] = {}
        self._categorizers: dict[str, ModelSlot[Categorizer]] = {}
        self._making_slots = threading.Lock()
        self._drafting = threading.Lock()
        self._is_stopping = False
        self._seen_scopes: dict[Scopes, None] = {}

    def drafts(self, briefs: Sequence[Brief], n_candidates: int | None = None) -> list[Draft]:
        """Return one Draft per Brief, in order; those of one scope are all of one version.

        n_candidates is how many titles are asked of the titler. None: a kept draft is good whatever was asked for it.
        Raises BadRequest on a scope that is no key, and BackendUnreachable when the backend is being stopped.
        """
        by_scopes: dict[Scopes, list[Brief]] = defaultdict(list)
        for brief in briefs:
            by_scopes[Scopes(catalog=brief.catalog, library=brief.library)].append(brief)
        made: dict[Brief, Draft] = {}
        for scopes, own in by_scopes.items():
            made |= self._drafts_of_one_scope(scopes, own, n_candidates)
        return [made[brief] for brief in briefs]

    def drafts_where_possible(self, briefs: Sequence[Brief]) -> list[Draft | None]:
        """Return a Draft or None per Brief, in order: one that breaks a model costs its neighbours nothing.

        Raises BackendUnreachable when the backend is being stopped: an empty prediction would be kept for good.
        """
        try:
            return list(self.drafts(briefs))
        except BackendUnreachable:
            raise
        except Exception as e:  # a list with a gap is dropped whole by Label Studio; the halves find the culprit
            if len(briefs) == 1:
                logger.warning("no draft for %s", briefs[0].sku, exc_info=not isinstance(e, MLBackendError))
                return [None]
            middle = len(briefs) // 2
            return self.drafts_where_possible(briefs[:middle]) + self.drafts_where_possible(briefs[middle:])

    def version(self, scopes: Scopes) -> str:
        """Return the name of what serves, at once: nothing is loaded. Raises BadRequest on what is no key."""
        titler = self._titler(scopes.catalog).number()
        tagger = self._tagger(scopes.library).number() if scopes.library else BUILT_IN
        taxonomy = self._taxonomies.get(scopes.catalog)
        categorizer = self._categorizer(scopes.catalog).number() if taxonomy.paths else BUILT_IN
        self._seen_scopes[scopes] = None
        return version_name(
            titler,
            tagger,
            self._libraries.get(scopes.library).revision,
            categorizer_version=categorizer,
            taxonomy=taxonomy.revision if taxonomy.paths else 0,
        )

    def versions(self) -> list[str]:
        """Return the serving pairs of all scopes that were asked for since the start."""
        return sorted({self.version(scopes) for scopes in list(self._seen_scopes)}) or [BUILT_IN_VERSION]

    def serving(self) -> list[tuple[str, str, str]]:
        """Return (catalog, library, version) of the pairs that were asked for since the start."""
        return sorted((scopes.catalog, scopes.library, self.version(scopes)) for scopes in list(self._seen_scopes))

    def library(self, key: str) -> PublishedLibrary:
        """Return a tag library as published; empty for one that never was."""
        return self._libraries.get(key)

    def problems(self) -> list[str]:
        """Return a sentence for each thing that was asked for and does not serve as it should."""
        kinds: tuple[Mapping[str, ModelSlot[Any]], ...] = (self._titlers, self._taggers, self._categorizers)
        slots = [slot.problem() for kind in kinds for slot in list(kind.values())]
        told = [*slots, *self._libraries.problems(), *self._taxonomies.problems()]
        return [problem for problem in told if problem]

    def warm_up(self) -> None:
        """Load every version that serves, so that nobody waits for it later and `problems` knows of a broken one."""
        for pointer in sorted(self._models_folder.glob("titler/*/serving.json")):
            self._titler(pointer.parent.name).get()
        for pointer in sorted(self._models_folder.glob("tagger/*/serving.json")):
            self._tagger(pointer.parent.name).get()
        for pointer in sorted(self._models_folder.glob("categorizer/*/serving.json")):
            self._categorizer(pointer.parent.name).get()

    def stop(self) -> None:
        """Refuse from now on what is not drafted yet; a chunk under way ends."""
        self._is_stopping = True

    def _drafts_of_one_scope(
        self, scopes: Scopes, briefs: Sequence[Brief], n_candidates: int | None
    ) -> dict[Brief, Draft]:
        library = self._libraries.get(scopes.library) if scopes.library else None
        titler = self._titler(scopes.catalog).get()
        tagger = self._tagger(scopes.library).get() if library else Serving(BUILT_IN, self._models.built_in_tagger())
        categories = self._categorizing(scopes.catalog)
        version = version_name(
            titler.number,
            tagger.number,
            library.revision if library else 0,
            categorizer_version=categories.version if categories else BUILT_IN,
            taxonomy=categories.taxonomy.revision if categories else 0,
        )
        self._seen_scopes[scopes] = None

        made = self._cache.found(version, briefs, n_candidates)
        self._metrics.drafts.labels("cache").inc(len(made))
        # Products of like length draft together: a batch costs a language model what its longest prompt costs.
        missing = sorted((brief for brief in dict.fromkeys(briefs) if brief not in made), key=_length)
        n = n_candidates or self._models.n_candidates()
        size = max(1, CHUNK_TITLES // n)
        for start in range(0, len(missing), size):
            chunk = missing[start : start + size]
            with self._drafting:
                made |= self._cache.found(
                    version, chunk, n_candidates
                )  # another request may have drafted them meanwhile
                if new := [brief for brief in chunk if brief not in made]:
                    with self._metrics.drafting_seconds.time():
                        fresh = self._drafted(new, titler, tagger, library, categories, n)
                    self._metrics.drafts.labels("model").inc(len(fresh))
                    self._cache.keep(version, fresh, n)
                    made |= fresh
        return made

    def _drafted(
        self,
        briefs: Sequence[Brief],
        titler: Serving[Titler],
        tagger: Serving[Tagger],
        library: PublishedLibrary | None,
        categories: Categorizing | None,
        n_candidates: int,
    ) -> dict[Brief, Draft]:
        if self._is_stopping:
            raise BackendUnreachable("the ML backend is being stopped: ask again when it is back")
        drafts = self._models.drafts(
            briefs,
            titler=titler.model,
            tagger=tagger.model,
            library=library,
            titler_version=titler.number,
            tagger_version=tagger.number,
            categories=categories,
            n_candidates=n_candidates,
        )
        return dict(zip(briefs, drafts, strict=True))

    def _categorizing(self, catalog: str) -> Categorizing | None:
        """Return how the catalog's categories are told; None where it asks for none."""
        taxonomy = self._taxonomies.get(catalog)
        if not taxonomy.paths:
            return None
        serving = self._categorizer(catalog).get()
        return Categorizing(taxonomy=taxonomy, categorizer=serving.model, version=serving.number)

    def _titler(self, catalog: str) -> ModelSlot[Titler]:
        models = self._models
        return self._slot(self._titlers, "titler", catalog, models.load_titler, models.built_in_titler)

    def _tagger(self, library: str) -> ModelSlot[Tagger]:
        models = self._models
        return self._slot(self._taggers, "tagger", library, models.load_tagger, models.built_in_tagger)

    def _categorizer(self, catalog: str) -> ModelSlot[Categorizer]:
        models = self._models
        return self._slot(
            self._categorizers, "categorizer", catalog, models.load_categorizer, models.built_in_categorizer
        )

    def _slot(
        self,
        slots: dict[str, ModelSlot[M]],
        kind: Kind,
        scope: str,
        load: Callable[[Path], M],
        built_in: Callable[[], M],
    ) -> ModelSlot[M]:
        with self._making_slots:
            if scope not in slots:
                slots[scope] = ModelSlot(
                    pointer=pointer_file(self._models_folder, kind, scope),
                    folder_of=lambda number: version_folder(self._models_folder, kind, scope, number),
                    load=load,
                    built_in=built_in,
                )
            return slots[scope]


def _length(brief: Brief) -> int:
    return len(brief.description) + sum(len(name) + len(value) for name, value in brief.attributes)
