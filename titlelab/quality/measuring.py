"""Measuring how good the drafts are, by what people decided."""

import math
from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Aggregate, Avg, Count, F, FloatField, Min, Q, QuerySet, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, NullIf

from titlelab.catalog.models import Catalog
from titlelab.quality.models import DecisionMeasure, QualitySnapshot
from titlelab.quality.recording import record_measures
from titlelab.review.models import Decision

Outcome = Decision.Outcome
# Of a version whose Decisions were all withdrawn.
NOTHING: Mapping[str, float | None] = {
    **dict.fromkeys(["n", "n_accepted", "n_rejected", "n_written"], 0),
    **dict.fromkeys(
        ["acceptance_rate", "title_edit", "chrf", "rouge_l", "written_edit", "tag_precision", "tag_recall", "tag_f1",
         "category_accuracy", "seconds"]
    ),
}  # fmt: skip


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
