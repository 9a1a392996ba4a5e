"""What the art of asking has brought each catalog so far, read from its measures. See savings.py for the estimates."""

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import F, Min, QuerySet

from ml_backend.contract import from_json, to_json
from titlelab.catalog.models import Catalog
from titlelab.quality.models import ChoosingSnapshot, DecisionMeasure
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _First:
    """An item's first current Decision on a draft."""

    product: int
    arm: str
    is_blind: bool
    version: str
    decided_at: dt.datetime
    n_corrections: int


def choosing_states(catalogs: QuerySet[Catalog]) -> list[ChoosingState]:
    """Return the catalogs' states as they were last measured, in their order; of one that never was, nothing known."""
    taken = {snapshot.catalog_id: snapshot for snapshot in ChoosingSnapshot.objects.filter(catalog__in=catalogs)}
    return [_read(catalog, taken.get(catalog.pk)) for catalog in catalogs]


def take_choosing_snapshots() -> None:
    """Measure every catalog; safe to repeat. It reads measures, so take those first."""
    for catalog in Catalog.objects.all():
        state = choosing_state(catalog)
        ChoosingSnapshot.objects.update_or_create(
            catalog=catalog,
            defaults={
                "n_random": state.n_random,
                "n_chosen": state.n_chosen,
                "saved": to_json(state.saved) if state.saved else None,
                "outlook": to_json(state.outlook) if state.outlook else None,
            },
        )


def choosing_state(catalog: Catalog) -> ChoosingState:
    """Return what choosing has saved a catalog and when it no longer pays."""
    decided = list(_first_decisions(catalog))
    asked = _asked(decided, _first_shown(catalog))
    n_asked = len({each.product for each in decided})
    return ChoosingState(
        catalog=catalog,
        n_random=sum(item.is_random for item in asked),
        n_chosen=sum(not item.is_random for item in asked),
        saved=saved(asked),
        outlook=outlook(
            asked,
            n_labels=sum(each.arm != Arm.RANDOM for each in decided),
            n_left=max(catalog.products.count() - n_asked, 0),
        ),
    )


def _read(catalog: Catalog, snapshot: ChoosingSnapshot | None) -> ChoosingState:
    if snapshot is None:
        return ChoosingState(catalog=catalog, n_random=0, n_chosen=0, saved=None, outlook=None)
    return ChoosingState(
        catalog=catalog,
        n_random=snapshot.n_random,
        n_chosen=snapshot.n_chosen,
        saved=from_json(Saved, snapshot.saved) if snapshot.saved else None,
        outlook=from_json(Outlook, snapshot.outlook) if snapshot.outlook else None,
    )


def _first_decisions(catalog: Catalog) -> Iterator[_First]:
    """Yield each item's first Decision, by when they were decided."""
    n_changed_tags = F("n_final") + F("n_proposed") - 2 * F("n_kept")
    rows = DecisionMeasure.objects.filter(catalog=catalog, titler_version__isnull=False).order_by("decided_at", "pk")
    seen: set[int] = set()
    for item, product, arm, is_blind, version, decided_at, edit, outcome, n_tags in rows.values_list(
        "decision__item", "product", "arm", "is_blind", "version", "decided_at", "edit", "outcome", n_changed_tags
    ).iterator():
        if item not in seen:
            seen.add(item)
            is_mended = (edit or 0) > 0 or outcome == Decision.Outcome.REJECTED
            yield _First(
                product=product,
                arm=arm,
                is_blind=is_blind,
                version=version,
                decided_at=decided_at,
                n_corrections=n_tags + int(is_mended),
            )


def _first_shown(catalog: Catalog) -> dict[str, dt.datetime]:
    """Return when each version made the first draft that was decided."""
    rows = DecisionMeasure.objects.filter(catalog=catalog, titler_version__isnull=False).order_by()
    return dict(rows.values_list("version").annotate(first=Min("decision__draft__created_at")))


def _asked(decided: Sequence[_First], shown: dict[str, dt.datetime]) -> list[Asked]:
    """Return the items of the two arms that are compared; those that waited too long were chosen by neither.

    Nor are blind items compared: their titles were typed, not corrected.
    """
    labelled = [each.decided_at for each in decided if each.arm != Arm.RANDOM]
    n_labels = {version: bisect_left(labelled, at) for version, at in shown.items()}
    return [
        Asked(
            stage=each.version,
            is_random=each.arm == Arm.RANDOM,
            n_labels=n_labels[each.version],
            n_corrections=each.n_corrections,
        )
        for each in decided
        if each.arm != Arm.OVERDUE and not each.is_blind
    ]
