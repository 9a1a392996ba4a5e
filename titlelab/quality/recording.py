"""Keeps a DecisionMeasure for each current Decision.

Nothing notes how far the last call came: what is missing, no longer current or was counted otherwise is found by
asking, and each batch of it is one transaction. So a call may be killed anywhere, or run beside another one.
"""

import datetime as dt
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from titlelab.catalog.models import Catalog
from titlelab.quality.inserting import Row, insert_new, insert_or_replace
from titlelab.quality.measures import RULES, Answer, Measured, measure_of
from titlelab.quality.models import LONGEST_CATEGORY, DecisionMeasure, EditMark, TagMeasure
from titlelab.review.models import Decision, first_path, proposed
from titlelab.tags.models import Tag, TagLibrary
from titlelab.tags.names import PresentNames

BATCH = 500  # an eighth of a second's work; the write of one holds SQLite's lock for a third of it
_READ = (
    *("pk", "outcome", "title", "title_edit", "tags", "category", "person", "seconds", "decided_at"),
    *("item__queue_id", "item__product_id", "item__product__category", "item__arm", "item__is_blind"),
    *("draft_id", "draft__title", "draft__tags", "draft__categories", "draft__brief"),
    *("draft__version", "draft__titler_version", "draft__tagger_version"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """How many Decisions were looked at; is_all: none was left that is not measured, or no longer rightly."""

    n: int
    is_all: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a Decision was asked for: read once a call, since all of a queue's share it."""

    catalog: Catalog
    names: PresentNames


def record_measures(*, batch: int = BATCH, within_s: float = math.inf) -> Recorded:
    """Measure what is not measured yet, or no longer rightly, the latest first, for so long; the next call goes on.

    However short the time, a batch is measured, so that calls come to an end.
    Measures of Decisions that were superseded or withdrawn go. Those whose tags have moved since, or that an older
    version of measures.py counted, are counted anew.
    """
    place, end, n = cache(_place), time.monotonic() + within_s, 0
    for rows in _wrong():
        for pks in _batches(rows, batch):
            if n and time.monotonic() > end:
                return Recorded(n=n, is_all=False)
            _record(pks, place)
            n += len(pks)
    return Recorded(n=n, is_all=True)


def _place(queue_id: int) -> _Place:
    catalog = Catalog.objects.select_related("channel", "library").get(queues=queue_id)
    return _Place(catalog=catalog, names=PresentNames(catalog.library))


def _wrong() -> Iterator[QuerySet[Any]]:
    """Return the rows whose Decisions are to be counted, each kind found when the one before is mended."""
    measures = DecisionMeasure.objects.all()
    yield measures.exclude(decision__superseded_at=None, decision__withdrawn_at=None)
    for library in TagLibrary.objects.all():
        moved = library.tags.filter(state=Tag.State.MOVED).order_by().values("name")
        yield measures.filter(
            pk__in=TagMeasure.objects.filter(catalog__library=library, name__in=moved).values("measure")
        )
    yield Decision.objects.current().filter(measure=None)
    yield measures.exclude(rules=RULES)


def _batches(rows: QuerySet[Any], size: int) -> Iterator[Sequence[int]]:
    pks = list(rows.order_by("-pk").values_list("pk", flat=True)[:size])
    while pks:
        yield pks
        pks = list(rows.filter(pk__lt=pks[-1]).order_by("-pk").values_list("pk", flat=True)[:size])


def _record(pks: Sequence[int], place: Callable[[int], _Place]) -> None:
    """Put what the Decisions say today in the place of what was measured of them."""
    decisions = Decision.objects.current().filter(pk__in=pks).order_by().values_list(*_READ, named=True)
    written = [_rows(decision, place(decision.item__queue_id)) for decision in decisions]
    gone = set(pks) - {row["decision_id"] for row, _, _ in written}
    with transaction.atomic():
        TagMeasure.objects.filter(measure__in=pks).delete()
        EditMark.objects.filter(measure__in=pks).delete()
        if gone:
            DecisionMeasure.objects.filter(pk__in=gone).delete()
        # Beside another worker a row may stand already: it says the same, or the next call finds it wrong.
        insert_or_replace(DecisionMeasure, [row for row, _, _ in written])
        insert_new(TagMeasure, [tag for _, tags, _ in written for tag in tags])
        insert_new(EditMark, [mark for _, _, marks in written for mark in marks])


def _rows(decision: Any, place: _Place) -> tuple[Row, list[Row], list[Row]]:  # noqa: ANN401 - a row of _READ
    """Return the measure of a Decision with its tags and marks."""
    said = _measured(decision, place.names)
    row = _row(decision, place.catalog, said)
    beside = {"measure_id": row["decision_id"], "catalog_id": row["catalog_id"], "week": row["week"]}
    tags: list[Row] = [{**beside, "name": name, "change": change} for name, change in said.tags.items()]
    marks: list[Row] = [
        {**beside, "kind": mark.kind, "before": mark.before, "after": mark.after} for mark in said.marks
    ]
    return row, tags, marks


def _measured(decision: Any, names: PresentNames) -> Measured:  # noqa: ANN401
    brief = decision.draft__brief
    return measure_of(
        Answer(
            outcome=decision.outcome,
            is_blind=decision.item__is_blind,
            seconds=decision.seconds,
            drafted=decision.draft__title,
            title=decision.title,
            title_edit=decision.title_edit,
            proposed=names.of(proposed(decision.draft__tags)) if brief else (),
            tags=names.of(decision.tags),
            drafted_category=first_path(decision.draft__categories) if brief else (),
            category=decision.category,
            brand=brief["brand"] if brief else "",
            banned=brief["channel"]["banned_words"] if brief else (),
        )
    )


def _row(decision: Any, catalog: Catalog, said: Measured) -> Row:  # noqa: ANN401
    brief, day = decision.draft__brief, timezone.localdate(decision.decided_at)
    return {
        "decision_id": decision.pk,
        "catalog_id": catalog.pk,
        "queue_id": decision.item__queue_id,
        "product_id": decision.item__product_id,
        # As it was when the draft was made.
        "category": _first_level(brief["category"] if brief else decision.item__product__category),
        "channel": brief["channel"]["key"] if brief else catalog.channel.key,
        "version": decision.draft__version or "",
        "titler_version": decision.draft__titler_version,
        "tagger_version": decision.draft__tagger_version,
        "person": decision.person,
        "decided_at": decision.decided_at,
        "day": day,
        "week": day - dt.timedelta(days=day.weekday()),
        "outcome": decision.outcome,
        "arm": decision.item__arm,
        "is_blind": decision.item__is_blind,
        "edit": said.edit,
        "chrf": said.chrf,
        "rouge_l": said.rouge_l,
        "seconds": said.seconds,
        "n_proposed": said.n_proposed,
        "n_final": said.n_final,
        "n_kept": said.n_kept,
        "kept_category": said.kept_category,
        "rules": RULES,
    }


def _first_level(path: Sequence[str]) -> str:
    return path[0][:LONGEST_CATEGORY] if path else ""
