"""Measuring how good the drafts are, by what people decided, and where the whole loop stands."""

import datetime as dt
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Aggregate, Avg, Count, F, FloatField, Min, Q, QuerySet, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, NullIf

from titlelab.catalog.models import Catalog
from titlelab.quality.models import DecisionMeasure, QualitySnapshot
from titlelab.quality.rates import Rate, rate
from titlelab.quality.recording import record_measures
from titlelab.review.models import Decision, Draft, ReviewItem
from titlelab.training.models import ModelVersion, TrainingRun

Outcome = Decision.Outcome
N_LAST_RUNS = 5  # what fits on the front page
# Of a version whose Decisions were all withdrawn.
NOTHING: Mapping[str, float | None] = {
    **dict.fromkeys(["n", "n_accepted", "n_rejected", "n_written"], 0),
    **dict.fromkeys(
        ["acceptance_rate", "title_edit", "chrf", "rouge_l", "written_edit", "tag_precision", "tag_recall", "tag_f1",
         "category_accuracy", "seconds"]
    ),
}  # fmt: skip


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


def take_all_snapshots(*, within_s: float = math.inf) -> int | None:
    """Measure what was decided since the last time, then every catalog; return how many versions were measured.

    None when so much time was not enough to measure all Decisions: of a part of them no snapshots are taken.
    """
    if not record_measures(within_s=within_s).is_all:
        return None
    return sum(len(take_snapshots(catalog)) for catalog in Catalog.objects.all())


def take_snapshots(catalog: Catalog) -> list[QualitySnapshot]:
    """Bring the snapshot of each version that was shown up to date with the measures; return them in their order.

    One row per version, made in the order in which their first drafts were: safe to repeat. A version whose Decisions
    were all withdrawn keeps its row with n = 0.
    """
    measured = {row.pop("version"): row for row in _figures(catalog)}
    known = list(catalog.snapshots.order_by("pk").values_list("version", flat=True))
    return [
        QualitySnapshot.objects.update_or_create(
            catalog=catalog, version=version, defaults=measured.get(version, NOTHING)
        )[0]
        for version in (*known, *_in_order(catalog, measured.keys() - set(known)))
    ]


def loop_state(catalogs: QuerySet[Catalog]) -> list[CatalogState]:
    """Return where the catalogs' loops stand, for the front page."""
    return [_catalog_state(catalog) for catalog in catalogs.select_related("library", "channel")]


def _in_order(catalog: Catalog, versions: Collection[str]) -> list[str]:
    """Return versions by when their first draft was made."""
    drafted = DecisionMeasure.objects.filter(catalog=catalog, version__in=versions).order_by()
    first = drafted.values("version").annotate(first=Min("decision__draft__created_at"))
    return list(first.order_by("first").values_list("version", flat=True))


def _figures(catalog: Catalog) -> QuerySet[Any, Any]:
    """Return a snapshot's figures of each version; a rejected Decision has no final title or tags to compare.

    Who saw no drafted title could neither accept nor edit it: what was written so counts for the tags and on its own.
    """
    shown, tags = Q(is_blind=False), Sum("n_proposed") + Sum("n_final")
    return (
        DecisionMeasure.objects.filter(catalog=catalog)
        .exclude(version="")
        .order_by()
        .values("version")
        .annotate(
            n=Count("pk", filter=shown),
            n_accepted=Count("pk", filter=shown & Q(outcome=Outcome.ACCEPTED)),
            n_rejected=Count("pk", filter=shown & Q(outcome=Outcome.REJECTED)),
            n_written=Count("pk", filter=Q(outcome=Outcome.WRITTEN)),
            title_edit=Avg("edit", filter=shown),
            chrf=Avg("chrf"),
            rouge_l=Avg("rouge_l"),
            written_edit=Avg("edit", filter=Q(outcome=Outcome.WRITTEN)),
            tag_precision=_share(Sum("n_kept"), Sum("n_proposed")),
            tag_recall=_share(Sum("n_kept"), Sum("n_final")),
            tag_f1=_share(2 * Sum("n_kept"), tags),
            category_accuracy=_share(Count("pk", filter=Q(kept_category=True)), Count("kept_category")),
            seconds=Avg("seconds", filter=shown),
        )
        .annotate(acceptance_rate=_share(F("n_accepted"), F("n")))
    )


def _share(part: Combinable | Aggregate, whole: Combinable | Aggregate) -> Combinable:
    return Cast(part, FloatField()) / NullIf(whole, 0)


def _catalog_state(catalog: Catalog) -> CatalogState:
    # By what there are indexes of alone: a million products, each looked up, took a second.
    products = dict(catalog.products.order_by().values_list("has_good_title").annotate(n=Count("pk")))
    decided = Decision.objects.of_catalog(catalog.pk).current().order_by()
    outcomes = dict(decided.values_list("outcome").annotate(n=Count("pk")))
    n_blind = decided.filter(item__is_blind=True, outcome=Outcome.REJECTED).count() + outcomes.get(Outcome.WRITTEN, 0)
    library = catalog.library
    of_library = Q(kind="tagger", scope=library.key if library else "")
    concerned = Q(kind__in=["titler", "categorizer"], scope=catalog.key) | of_library
    serving = list(ModelVersion.objects.serving().filter(concerned))
    return CatalogState(
        catalog=catalog,
        n_products=sum(products.values()),
        n_good_titles=products.get(True, 0),
        n_drafts=Draft.objects.filter(product__catalog=catalog).count(),
        n_waiting=ReviewItem.objects.waiting().filter(queue__catalog=catalog).count(),
        n_accepted=outcomes.get(Outcome.ACCEPTED, 0),
        n_edited=outcomes.get(Outcome.EDITED, 0),
        n_rejected=outcomes.get(Outcome.REJECTED, 0),
        n_written=outcomes.get(Outcome.WRITTEN, 0),
        acceptance=rate(outcomes.get(Outcome.ACCEPTED, 0), sum(outcomes.values()) - n_blind),
        titler=_serving("titler", serving),
        tagger=_serving("tagger", serving) if library else None,
        runs=tuple(TrainingRun.objects.filter(concerned)[:N_LAST_RUNS]),
        snapshots=tuple(catalog.snapshots.order_by("pk")),
    )


def _serving(kind: str, serving: Iterable[ModelVersion]) -> Serving:
    version = next((version for version in serving if version.kind == kind), None)
    if version is None:
        return Serving(number=0, method="built in", since=None)
    return Serving(number=version.number, method=version.get_method_display(), since=version.promoted_at)
