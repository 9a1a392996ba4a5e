"""Keeps a DecisionMeasure for each current Decision.

Nothing notes how far the last call came: what is missing, no longer current or was counted otherwise is found by
asking, and each batch of it is one transaction. So a call may be killed anywhere, or run beside another one.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from titlelab.quality.measures import RULES, Answer, Measured, measure_of
from titlelab.quality.models import LONGEST_CATEGORY, LONGEST_MARK, DecisionMeasure, EditMark, TagMeasure
from titlelab.review.models import Decision, Draft, ReviewItem
from titlelab.tags.models import Tag, TagLibrary
from titlelab.tags.names import PresentNames

BATCH = 1000
Names = Callable[[TagLibrary | None], PresentNames]


def record_measures(*, batch: int = BATCH) -> int:
    """Measure what is not measured yet, or no longer rightly; return how many Decisions were looked at.

    Measures of Decisions that were superseded or withdrawn go. Those whose tags have moved since, or that an older
    version of measures.py counted, are counted anew.
    """
    names: Names = cache(PresentNames)
    return sum(_record(pks, names) for rows in _wrong() for pks in _batches(rows, batch))


def _wrong() -> Iterator[QuerySet[Any]]:
    """Return the rows whose Decisions are to be counted, each kind found when the one before is mended."""
    measures = DecisionMeasure.objects.all()
    yield measures.exclude(decision__superseded_at=None, decision__withdrawn_at=None)
    yield measures.exclude(rules=RULES)
    for library, name in Tag.objects.filter(state=Tag.State.MOVED).order_by().values_list("library", "name"):
        yield measures.filter(pk__in=TagMeasure.objects.filter(catalog__library=library, name=name).values("measure"))
    yield Decision.objects.current().filter(measure=None)


def _batches(rows: QuerySet[Any], size: int) -> Iterator[Sequence[int]]:
    last = 0
    while pks := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:size]):
        yield pks
        last = pks[-1]


def _record(pks: Sequence[int], names: Names) -> int:
    """Put what the Decisions say today in the place of what was measured of them."""
    with transaction.atomic():
        DecisionMeasure.objects.filter(pk__in=pks).delete()
        current = Decision.objects.current().filter(pk__in=pks).order_by()
        decisions = current.select_related("draft", "item__queue__catalog__channel", "item__queue__catalog__library")
        measured = [(decision, _measured(decision, names)) for decision in decisions]
        # Beside another worker a row may stand already: it says the same.
        measures = [_row(decision, said) for decision, said in measured]
        DecisionMeasure.objects.bulk_create(measures, ignore_conflicts=True)
        tags = [tag for row, (_, said) in zip(measures, measured, strict=True) for tag in _tags(row, said)]
        TagMeasure.objects.bulk_create(tags, ignore_conflicts=True)
        marks = [mark for row, (_, said) in zip(measures, measured, strict=True) for mark in _marks(row, said)]
        EditMark.objects.bulk_create(marks, ignore_conflicts=True)
    return len(pks)


def _measured(decision: Decision, names: Names) -> Measured:
    draft, present = decision.draft, names(decision.item.queue.catalog.library)
    return measure_of(
        Answer(
            outcome=decision.outcome,
            is_blind=decision.item.is_blind,
            drafted=draft.title if draft else None,
            title=decision.title,
            title_edit=decision.title_edit,
            proposed=present.of(draft.proposed_tags) if draft else (),
            tags=present.of(decision.tags),
            drafted_category=draft.category if draft else (),
            category=decision.category,
            brand=draft.brief["brand"] if draft else "",
            banned=draft.brief["channel"]["banned_words"] if draft else (),
        )
    )


def _row(decision: Decision, said: Measured) -> DecisionMeasure:
    item, draft = decision.item, decision.draft
    day = timezone.localdate(decision.decided_at)
    return DecisionMeasure(
        decision=decision,
        catalog=item.queue.catalog,
        queue=item.queue,
        product_id=item.product_id,
        category=_category(item, draft),
        channel=draft.brief["channel"]["key"] if draft else item.queue.catalog.channel.key,
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
        seconds=decision.seconds,
        n_proposed=said.n_proposed,
        n_final=said.n_final,
        n_kept=said.n_kept,
        kept_category=said.kept_category,
        rules=RULES,
    )


def _tags(row: DecisionMeasure, said: Measured) -> Iterator[TagMeasure]:
    for name, change in said.tags.items():
        yield TagMeasure(measure=row, catalog_id=row.catalog_id, week=row.week, name=name, change=change)


def _marks(row: DecisionMeasure, said: Measured) -> Iterator[EditMark]:
    for mark in said.marks:
        yield EditMark(
            measure=row,
            catalog_id=row.catalog_id,
            week=row.week,
            kind=mark.kind,
            before=mark.before[:LONGEST_MARK],
            after=mark.after[:LONGEST_MARK],
        )


def _category(item: ReviewItem, draft: Draft | None) -> str:
    """Return the first level of the path, as it was when the draft was made; "" for none."""
    path = draft.brief["category"] if draft else item.product.category
    return str(path[0])[:LONGEST_CATEGORY] if path else ""
