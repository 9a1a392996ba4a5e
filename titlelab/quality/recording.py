"""Keeps a DecisionMeasure for each current Decision.

Nothing notes how far the last call came: what is missing, no longer current or was counted otherwise is found by
asking, and each batch of it is one transaction. So a call may be killed anywhere, or run beside another one.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from titlelab.catalog.models import Catalog
from titlelab.quality.measures import RULES, Answer, Measured, measure_of
from titlelab.quality.models import LONGEST_CATEGORY, DecisionMeasure, EditMark, TagMeasure
from titlelab.review.models import Decision, Draft, ReviewItem
from titlelab.tags.models import Tag, TagLibrary
from titlelab.tags.names import PresentNames

BATCH = 500  # half a second's work; the write of one holds SQLite's lock for a third of it


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a Decision was asked for: read once a call, since all of a queue's share it."""

    catalog: Catalog
    names: PresentNames


def record_measures(*, batch: int = BATCH) -> int:
    """Measure what is not measured yet, or no longer rightly; return how many Decisions were looked at.

    Measures of Decisions that were superseded or withdrawn go. Those whose tags have moved since, or that an older
    version of measures.py counted, are counted anew.
    """
    place = cache(_place)
    return sum(_record(pks, place) for rows in _wrong() for pks in _batches(rows, batch))


def _place(queue_id: int) -> _Place:
    catalog = Catalog.objects.select_related("channel", "library").get(queues=queue_id)
    return _Place(catalog=catalog, names=PresentNames(catalog.library))


def _wrong() -> Iterator[QuerySet[Any]]:
    """Return the rows whose Decisions are to be counted, each kind found when the one before is mended."""
    measures = DecisionMeasure.objects.all()
    yield measures.exclude(decision__superseded_at=None, decision__withdrawn_at=None)
    yield measures.exclude(rules=RULES)
    for library in TagLibrary.objects.all():
        moved = library.tags.filter(state=Tag.State.MOVED).order_by().values("name")
        yield measures.filter(
            pk__in=TagMeasure.objects.filter(catalog__library=library, name__in=moved).values("measure")
        )
    yield Decision.objects.current().filter(measure=None)


def _batches(rows: QuerySet[Any], size: int) -> Iterator[Sequence[int]]:
    last = 0
    while pks := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:size]):
        yield pks
        last = pks[-1]


def _record(pks: Sequence[int], place: Callable[[int], _Place]) -> int:
    """Put what the Decisions say today in the place of what was measured of them."""
    decisions = Decision.objects.current().filter(pk__in=pks).order_by().select_related("draft", "item")
    written = [_rows(decision, place(decision.item.queue_id)) for decision in decisions.defer("draft__candidates")]
    with transaction.atomic():
        DecisionMeasure.objects.filter(pk__in=pks).delete()
        # Beside another worker a row may stand already: it says the same, or the next call finds it wrong.
        DecisionMeasure.objects.bulk_create((row for row, _, _ in written), ignore_conflicts=True)
        TagMeasure.objects.bulk_create((tag for _, tags, _ in written for tag in tags), ignore_conflicts=True)
        EditMark.objects.bulk_create((mark for _, _, marks in written for mark in marks), ignore_conflicts=True)
    return len(pks)


def _rows(decision: Decision, place: _Place) -> tuple[DecisionMeasure, list[TagMeasure], list[EditMark]]:
    """Return the measure of a Decision with its tags and marks; saves nothing."""
    said = _measured(decision, place.names)
    row = _row(decision, place.catalog, said)
    beside = {"measure": row, "catalog": place.catalog, "week": row.week}
    tags = [TagMeasure(name=name, change=change, **beside) for name, change in said.tags.items()]
    marks = [EditMark(kind=m.kind, before=m.before, after=m.after, **beside) for m in said.marks]
    return row, tags, marks


def _measured(decision: Decision, names: PresentNames) -> Measured:
    draft = decision.draft
    return measure_of(
        Answer(
            outcome=decision.outcome,
            is_blind=decision.item.is_blind,
            seconds=decision.seconds,
            drafted=draft.title if draft else None,
            title=decision.title,
            title_edit=decision.title_edit,
            proposed=names.of(draft.proposed_tags) if draft else (),
            tags=names.of(decision.tags),
            drafted_category=draft.category if draft else (),
            category=decision.category,
            brand=draft.brief["brand"] if draft else "",
            banned=draft.brief["channel"]["banned_words"] if draft else (),
        )
    )


def _row(decision: Decision, catalog: Catalog, said: Measured) -> DecisionMeasure:
    item, draft = decision.item, decision.draft
    day = timezone.localdate(decision.decided_at)
    return DecisionMeasure(
        decision=decision,
        catalog=catalog,
        queue_id=item.queue_id,
        product_id=item.product_id,
        category=_category(item, draft),
        channel=draft.brief["channel"]["key"] if draft else catalog.channel.key,
        version=draft.version if draft else "",
        titler_version=draft.titler_version if draft else None,
        tagger_version=draft.tagger_version if draft else None,
        person=decision.person,
        decided_at=decision.decided_at,
        day=day,
        week=day - dt.timedelta(days=day.weekday()),
        outcome=decision.outcome,
        arm=item.arm,
        is_blind=item.is_blind,
        edit=said.edit,
        chrf=said.chrf,
        rouge_l=said.rouge_l,
        seconds=said.seconds,
        n_proposed=said.n_proposed,
        n_final=said.n_final,
        n_kept=said.n_kept,
        kept_category=said.kept_category,
        rules=RULES,
    )


def _category(item: ReviewItem, draft: Draft | None) -> str:
    """Return the first level of the path, as it was when the draft was made; "" for none."""
    path = draft.brief["category"] if draft else item.product.category
    return str(path[0])[:LONGEST_CATEGORY] if path else ""
