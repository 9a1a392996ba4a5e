"""Where the loop of each catalog stands; reads, and writes nothing.

Each thing is counted of all catalogs at once, within an index: so many queries, however many catalogs there are.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber

from titlelab.catalog.models import Catalog, Product
from titlelab.quality.draft_counts import n_drafts
from titlelab.quality.models import QualitySnapshot
from titlelab.quality.rates import Rate, rate
from titlelab.review.models import Decision, ReviewQueue
from titlelab.training.models import ModelVersion, TrainingRun

Outcome = Decision.Outcome
N_LAST_RUNS = 5  # what fits on the front page


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """Which version answers; number 0 and method "built in" before anything was promoted."""

    number: int
    method: str
    since: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogState:
    """Where one catalog's loop stands.

    n_waiting counts the items that nobody has decided; n_accepted + n_edited + n_rejected + n_written = n_decided, all
    current Decisions. acceptance is of those that saw a drafted title. tagger is None without a tag library. runs: the
    last ones first; snapshots: one per version in the order in which they came to be shown.
    """

    catalog: Catalog
    n_products: int
    n_good_titles: int
    n_drafts: int
    n_waiting: int
    n_accepted: int
    n_edited: int
    n_rejected: int
    n_written: int
    acceptance: Rate | None
    titler: Serving
    tagger: Serving | None
    runs: tuple[TrainingRun, ...]
    snapshots: tuple[QualitySnapshot, ...]

    @property
    def n_decided(self) -> int:
        return self.n_accepted + self.n_edited + self.n_rejected + self.n_written


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counts:
    """What there is of all catalogs, by their primary keys."""

    products: Counter[tuple[int, bool]]
    drafts: Counter[int]
    waiting: Counter[int]
    outcomes: Counter[tuple[int, str]]
    rejected_blind: Counter[int]


def loop_state(catalogs: QuerySet[Catalog]) -> list[CatalogState]:
    """Return where the catalogs' loops stand, for the front page."""
    found = list(catalogs.select_related("library", "channel"))
    pks = [catalog.pk for catalog in found]
    counts, serving, runs = _counts(pks), list(ModelVersion.objects.serving()), _last_runs(found)
    snapshots: defaultdict[int, list[QualitySnapshot]] = defaultdict(list)
    for snapshot in QualitySnapshot.objects.filter(catalog__in=pks).order_by("pk"):
        snapshots[snapshot.catalog_id].append(snapshot)
    return [_state(catalog, counts, serving, runs, snapshots[catalog.pk]) for catalog in found]


def _counts(pks: Collection[int]) -> _Counts:
    products = Product.objects.filter(catalog__in=pks).order_by().values_list("catalog", "has_good_title")
    decided = Decision.objects.current().filter(catalog__in=pks).order_by()
    blind = decided.filter(item__is_blind=True, outcome=Outcome.REJECTED).values_list("catalog")
    queues: QuerySet[Any] = ReviewQueue.objects.with_counts().filter(catalog__in=pks)
    waiting: Counter[int] = Counter()
    for catalog, n in queues.values_list("catalog", "n_waiting"):
        waiting[catalog] += n
    return _Counts(
        products=Counter({(pk, is_good): n for pk, is_good, n in products.annotate(n=Count("pk"))}),
        drafts=n_drafts(pks),
        waiting=waiting,
        outcomes=Counter(
            {(pk, outcome): n for pk, outcome, n in decided.values_list("catalog", "outcome").annotate(n=Count("pk"))}
        ),
        rejected_blind=Counter(dict(blind.annotate(n=Count("pk")))),
    )


def _last_runs(catalogs: Collection[Catalog]) -> list[TrainingRun]:
    """Return the last runs of each kind of model of each scope of the catalogs, the last first."""
    scopes = {scope for catalog in catalogs for _, scope in _concerned(catalog)}
    latest = Window(RowNumber(), partition_by=["kind", "scope"], order_by=[F("created_at").desc(), F("pk").desc()])
    ranked = TrainingRun.objects.filter(scope__in=scopes).annotate(place=latest).filter(place__lte=N_LAST_RUNS)
    return list(TrainingRun.objects.filter(pk__in=list(ranked.order_by().values_list("pk", flat=True))))


def _concerned(catalog: Catalog) -> set[tuple[str, str]]:
    """Return what learns from a catalog, by kind and scope."""
    own = {("titler", catalog.key), ("categorizer", catalog.key)}
    return own | {("tagger", catalog.library.key)} if catalog.library else own


def _state(
    catalog: Catalog,
    counts: _Counts,
    serving: Sequence[ModelVersion],
    runs: Sequence[TrainingRun],
    snapshots: Iterable[QualitySnapshot],
) -> CatalogState:
    pk, concerned = catalog.pk, _concerned(catalog)
    outcomes: Mapping[str, int] = {outcome: counts.outcomes[pk, outcome] for outcome in Outcome}
    n_shown = sum(outcomes.values()) - outcomes[Outcome.WRITTEN] - counts.rejected_blind[pk]
    here = [version for version in serving if (version.kind, version.scope) in concerned]
    return CatalogState(
        catalog=catalog,
        n_products=counts.products[pk, True] + counts.products[pk, False],
        n_good_titles=counts.products[pk, True],
        n_drafts=counts.drafts[pk],
        n_waiting=counts.waiting[pk],
        n_accepted=outcomes[Outcome.ACCEPTED],
        n_edited=outcomes[Outcome.EDITED],
        n_rejected=outcomes[Outcome.REJECTED],
        n_written=outcomes[Outcome.WRITTEN],
        acceptance=rate(outcomes[Outcome.ACCEPTED], n_shown),
        titler=_serving("titler", here),
        tagger=_serving("tagger", here) if catalog.library else None,
        runs=tuple([run for run in runs if (run.kind, run.scope) in concerned][:N_LAST_RUNS]),
        snapshots=tuple(snapshots),
    )


def _serving(kind: str, serving: Iterable[ModelVersion]) -> Serving:
    version = next((version for version in serving if version.kind == kind), None)
    if version is None:
        return Serving(number=0, method="built in", since=None)
    return Serving(number=version.number, method=version.get_method_display(), since=version.promoted_at)
