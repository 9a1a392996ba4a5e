"""Measures follow the Decisions that hold, whatever becomes of these and of their tags."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection

from tests.factories import NOW, make_catalog, make_decision, make_draft, make_item, make_library, make_product
from titlelab.catalog.models import Catalog
from titlelab.quality.measures import RULES
from titlelab.quality.models import DecisionMeasure, EditMark, TagMeasure
from titlelab.quality.recording import Recorded, record_measures
from titlelab.quality.slices import Slice
from titlelab.review.classifying import Final, judge
from titlelab.review.deciding import record_decision, withdraw_decision
from titlelab.review.models import Decision
from titlelab.tags.renaming import merge, rename

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def shop() -> Catalog:
    return make_catalog(key="shop", library=make_library(key="tags", tags=["waterproof", "gift", "steel"]))


def _decide(catalog: Catalog, **fields: Any) -> Decision:
    draft = make_draft(product=make_product(catalog=catalog), titler_version=2, tagger_version=1)
    blind: dict[str, Any] = {"arm": "random", "is_blind": True} if fields.pop("is_blind", False) else {}
    return make_decision(item=make_item(draft=draft, state="decided", **blind), **fields)


def _measured() -> set[int]:
    return set(DecisionMeasure.objects.values_list("pk", flat=True))


def test_a_measure_holds_what_a_decision_is_grouped_by(shop: Catalog) -> None:
    decision = _decide(shop, title="Norvik Bottle", outcome="edited", title_edit=0.5, tags=["waterproof", "gift"])

    record_measures()

    measure = DecisionMeasure.objects.get()
    assert measure.decision == decision
    assert (measure.catalog, measure.queue, measure.product) == (shop, decision.item.queue, decision.item.product)
    assert (measure.category, measure.channel, measure.person) == ("Outdoor", "custom", "anna@shop.example")
    assert (measure.version, measure.titler_version, measure.tagger_version) == ("t2-g1.1", 2, 1)
    assert (measure.day, measure.week) == (dt.date(2026, 7, 30), dt.date(2026, 7, 27))
    assert (measure.outcome, measure.arm, measure.is_blind) == ("edited", "uncertain", False)
    assert (measure.edit, measure.seconds, measure.n_proposed, measure.n_final, measure.n_kept) == (0.5, 8.0, 1, 2, 1)
    assert dict(TagMeasure.objects.values_list("name", "change")) == {"waterproof": "kept", "gift": "added"}
    assert set(EditMark.objects.values_list("catalog", "week")) == {(shop.pk, dt.date(2026, 7, 27))}


def test_a_decision_without_a_draft_is_counted_and_says_no_more(shop: Catalog) -> None:
    make_decision(item=make_item(product=make_product(catalog=shop, category=[])), draft=None, title="Norvik Bottle")

    record_measures()

    measure = DecisionMeasure.objects.get()
    assert (measure.version, measure.titler_version, measure.category) == ("", None, "")
    assert (measure.channel, measure.edit, measure.chrf, measure.n_final) == ("custom", None, None, 0)
    assert not DecisionMeasure.objects.shown().exists()


def test_blind_and_rejected_decisions_have_no_likeness(shop: Catalog) -> None:
    blind = _decide(shop, is_blind=True, outcome="written", title="Norvik", title_edit=0.6)
    rejected = _decide(shop, outcome="rejected")

    record_measures()

    told = {m.pk: (m.edit, m.chrf, m.rouge_l, m.n_proposed) for m in DecisionMeasure.objects.all()}
    assert told == {blind.pk: (0.6, None, None, 1), rejected.pk: (None, None, None, 0)}
    assert list(DecisionMeasure.objects.shown()) == [rejected.measure]


def test_asked_again_nothing_is_left_to_measure(shop: Catalog) -> None:
    _decide(shop)

    assert record_measures().n == 1
    assert record_measures().n == 0


def test_a_large_backlog_is_measured_batch_by_batch(shop: Catalog) -> None:
    decisions = {_decide(shop).pk for _ in range(5)}

    assert record_measures(batch=2).n == 5
    assert _measured() == decisions


def test_out_of_time_the_next_call_goes_on_and_the_latest_come_first(shop: Catalog) -> None:
    first, second, third = (_decide(shop).pk for _ in range(3))

    assert record_measures(batch=1, within_s=0) == Recorded(n=1, is_all=False)
    assert _measured() == {third}
    assert record_measures(batch=1, within_s=0) == Recorded(n=1, is_all=False)
    assert _measured() == {second, third}
    assert record_measures(batch=1, within_s=0) == Recorded(n=1, is_all=True)
    assert _measured() == {first, second, third}


def test_superseded_withdrawn_and_stood_again_decisions_are_followed(shop: Catalog) -> None:
    draft = make_draft(product=make_product(catalog=shop))
    item = make_item(draft=draft)

    def say(title: str, hours: int, *, read: int) -> None:
        answer = judge(None, Final(title=title))
        at = NOW + hours * HOUR
        record_decision(
            item, draft, answer, annotation_id=7, annotation_updated_at=at, person="anna@shop.example", seconds=3.0,
            decided_at=at, read_at=NOW + read * HOUR,
        )  # fmt: skip
        record_measures()

    say("First", 1, read=1)
    assert [m.decision.title for m in DecisionMeasure.objects.all()] == ["First"]
    say("Second", 2, read=2)
    assert [m.decision.title for m in DecisionMeasure.objects.all()] == ["Second"]
    withdraw_decision(item, 7, NOW + 3 * HOUR)
    record_measures()
    assert not DecisionMeasure.objects.exists()
    say("Second", 2, read=4)
    assert [m.decision.title for m in DecisionMeasure.objects.all()] == ["Second"]


def test_what_came_and_went_between_two_calls_leaves_no_trace(shop: Catalog) -> None:
    decision = _decide(shop)
    record_measures()
    Decision.objects.filter(pk=decision.pk).update(withdrawn_at=NOW)
    Decision.objects.filter(pk=decision.pk).update(withdrawn_at=None, changed_at=NOW + HOUR)

    assert record_measures().n == 0
    assert _measured() == {decision.pk}


def test_killed_at_any_statement_nothing_is_lost_or_doubled(shop: Catalog) -> None:
    for n in range(3):
        _decide(shop, title=f"Norvik {n} Bottle", outcome="edited", title_edit=0.5, tags=["gift"])
    record_measures()
    expected, statement = _everything(), 0
    is_killed = True
    while is_killed:
        _spoil()
        is_killed, statement = _killed_at(statement), statement + 1
        record_measures()
        assert _everything() == expected

    assert statement > 10


def test_what_another_worker_measured_in_between_stands_once(shop: Catalog) -> None:
    _decide(shop, outcome="edited", title="Norvik", title_edit=0.5, tags=["gift"])
    record_measures()
    expected = _everything()
    DecisionMeasure.objects.update(rules=RULES - 1)

    with connection.execute_wrapper(_Without("DELETE")):  # this worker saw nothing to replace
        record_measures()
    DecisionMeasure.objects.update(rules=RULES)

    assert _everything() == expected


def test_what_older_rules_counted_is_counted_anew(shop: Catalog) -> None:
    _decide(shop)
    record_measures()
    DecisionMeasure.objects.update(rules=RULES - 1, chrf=0.0)

    assert record_measures().n == 1
    assert DecisionMeasure.objects.get().chrf == 1.0


def test_tags_are_counted_by_their_names_of_today(shop: Catalog) -> None:
    _decide(shop, outcome="edited", tags=["gift"])  # waterproof was proposed
    record_measures()
    library = shop.library
    assert library is not None

    rename(library.tags.get(name="gift"), "present")
    record_measures()
    assert dict(TagMeasure.objects.values_list("name", "change")) == {"waterproof": "removed", "present": "added"}

    merge(library.tags.get(name="waterproof"), library.tags.get(name="present"))
    record_measures()
    assert dict(TagMeasure.objects.values_list("name", "change")) == {"present": "kept"}
    assert DecisionMeasure.objects.get().n_kept == 1
    assert record_measures().n == 0


def test_a_deleted_tag_keeps_its_name_in_what_was_decided(shop: Catalog) -> None:
    _decide(shop)
    assert shop.library is not None
    shop.library.tags.get(name="waterproof").delete()

    record_measures()

    assert list(TagMeasure.objects.values_list("name", "change")) == [("waterproof", "kept")]


def test_a_title_of_the_greatest_length_has_marks_that_fit(shop: Catalog) -> None:
    _decide(shop, title="Steel " * 160, outcome="edited", title_edit=0.9)

    record_measures()

    for mark in EditMark.objects.all():
        mark.full_clean(validate_unique=False, validate_constraints=False)


def test_a_slice_finds_its_measures_once(shop: Catalog) -> None:
    mended = _decide(shop, title="Norvik 500 ml Blue", outcome="edited", title_edit=0.5, tags=["gift"])
    _decide(shop)
    _decide(make_catalog(key="other"), tags=["gift"])
    record_measures()
    mark = EditMark.objects.filter(measure=mended.pk).first()
    assert mark is not None

    of = DecisionMeasure.objects.of
    assert of(Slice()).count() == 3
    assert [m.decision for m in of(Slice(catalog=shop.pk, tag="gift"))] == [mended]
    assert [m.decision for m in of(Slice(kind=mark.kind))] == [mended]
    assert of(Slice(week=dt.date(2026, 7, 27), channel="custom", version="t2-g1.1")).count() == 3
    assert of(Slice(category="Nothing like it")).count() == 0


class Killed(Exception):
    """What a worker's end looks like to its transaction."""


class _Without:
    """Leaves statements out."""

    def __init__(self, verb: str) -> None:
        self.verb = verb

    def __call__(self, execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        return None if sql.startswith(self.verb) else execute(sql, params, many, context)


def _killed_at(statement: int) -> bool:
    """Measure until the nth statement; say whether there was one."""
    left = iter(range(statement))

    def until(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        ends_transaction = sql.startswith(("ROLLBACK", "RELEASE"))  # as the database does for who is gone
        if not ends_transaction and next(left, None) is None:
            raise Killed
        return execute(sql, params, many, context)

    try:
        with connection.execute_wrapper(until):
            record_measures(batch=2)
    except Killed:
        return True
    return False


def _spoil() -> None:
    """Let one measure be missing and another one be of older rules."""
    first, last = DecisionMeasure.objects.earliest("pk"), DecisionMeasure.objects.latest("pk")
    first.delete()
    DecisionMeasure.objects.filter(pk=last.pk).update(rules=RULES - 1)


def _everything() -> list[Any]:
    measures = DecisionMeasure.objects.order_by("pk").values_list("pk", "edit", "chrf", "n_kept", "rules")
    tags = TagMeasure.objects.order_by("measure", "name").values_list("measure", "name", "change")
    marks = EditMark.objects.order_by("measure", "kind", "before", "after")
    return [list(measures), list(tags), list(marks.values_list("measure", "kind", "before", "after"))]
