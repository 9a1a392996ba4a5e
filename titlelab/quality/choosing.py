"""What the art of asking has brought each catalog so far, read from its Decisions. See savings.py for the estimates."""

import datetime as dt
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from titlelab.catalog.models import Catalog
from titlelab.quality.savings import Asked, Outlook, Saved, outlook, saved
from titlelab.review.models import Decision, ReviewItem

Arm = ReviewItem.Arm


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoosingState:
    """What choosing has saved a catalog, and what more labels are worth; None while too little is known."""

    catalog: Catalog
    n_random: int
    n_chosen: int
    saved: Saved | None
    outlook: Outlook | None


def choosing_states(catalogs: QuerySet[Catalog]) -> list[ChoosingState]:
    """Return the catalogs' states, in their order."""
    return [choosing_state(catalog) for catalog in catalogs]


def choosing_state(catalog: Catalog) -> ChoosingState:
    """Return what choosing has saved a catalog and when it no longer pays."""
    decisions = _first_decisions(catalog)
    asked = _asked(decisions)
    n_labels = sum(decision.item.arm != Arm.RANDOM for decision in decisions)
    n_asked = len({decision.item.product_id for decision in decisions})
    return ChoosingState(
        catalog=catalog,
        n_random=sum(item.is_random for item in asked),
        n_chosen=sum(not item.is_random for item in asked),
        saved=saved(asked),
        outlook=outlook(asked, n_labels=n_labels, n_left=max(catalog.products.count() - n_asked, 0)),
    )


def _first_decisions(catalog: Catalog) -> list[Decision]:
    """Return one current Decision on a draft for each item, the first, by when they were decided."""
    current = Decision.objects.of_catalog(catalog.pk).current().filter(draft__isnull=False)
    first: dict[int, Decision] = {}
    for decision in current.select_related("item", "draft").order_by("decided_at", "pk"):
        first.setdefault(decision.item_id, decision)
    return list(first.values())


def _asked(decisions: Sequence[Decision]) -> list[Asked]:
    """Return the items of the two arms that are compared; those that waited too long were chosen by neither.

    Nor are blind items compared: their titles were typed, not corrected.
    """
    labelled = [decision.decided_at for decision in decisions if decision.item.arm != Arm.RANDOM]
    shown: dict[str, dt.datetime] = {}
    for decision in decisions:
        if decision.draft:
            version, at = decision.draft.version, decision.draft.created_at
            shown[version] = min(at, shown.get(version, at))
    return [
        Asked(
            stage=decision.draft.version,
            is_random=decision.item.arm == Arm.RANDOM,
            n_labels=bisect_left(labelled, shown[decision.draft.version]),
            n_corrections=_corrections(decision),
        )
        for decision in decisions
        if decision.draft and decision.item.arm != Arm.OVERDUE and not decision.item.is_blind
    ]


def _corrections(decision: Decision) -> int:
    is_mended = decision.title_edit > 0 or decision.outcome == Decision.Outcome.REJECTED
    return len(decision.tags_added) + len(decision.tags_removed) + int(is_mended)
