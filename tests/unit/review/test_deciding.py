"""How revisions of annotations become Decisions."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection

from tests.factories import NOW, make_decision, make_draft, make_item, make_product
from titlelab.review.classifying import Judgement
from titlelab.review.deciding import record_decision, withdraw_decision
from titlelab.review.models import Decision, ReviewItem

pytestmark = pytest.mark.django_db
State = ReviewItem.State
ACCEPTED = Judgement(outcome="accepted", title="Norvik Bottle", tags=("gift",))
EDITED = Judgement(outcome="edited", title="Norvik Flask", tags=("gift",), title_edit=0.4)
REJECTED = Judgement(outcome="rejected", title_edit=1.0, reject_reason="skipped")


def minute(n: int) -> dt.datetime:
    return NOW + dt.timedelta(minutes=n)


def decide(
    item: ReviewItem, judgement: Judgement = ACCEPTED, *, at: int = 0, annotation_id: int = 7, read: int | None = None
) -> Decision | None:
    return record_decision(
        item,
        item.drafts.first(),
        judgement,
        annotation_id=annotation_id,
        annotation_updated_at=minute(at),
        person="anna@shop.example",
        seconds=4.2,
        decided_at=minute(at),
        read_at=minute(at if read is None else read),
    )


def current(item: ReviewItem) -> list[str]:
    return list(Decision.objects.filter(item=item).current().values_list("title", flat=True))


def state(item: ReviewItem) -> str:
    item.refresh_from_db()
    return item.state


@pytest.fixture
def item() -> ReviewItem:
    return make_item(draft=make_draft())


def test_a_decision_keeps_what_was_shown_beside_the_final_values_and_closes_its_item(item: ReviewItem) -> None:
    decision = decide(item, EDITED)

    assert decision is not None
    decision.refresh_from_db()
    assert (decision.outcome, decision.title, decision.tags, decision.title_edit) == (
        "edited", "Norvik Flask", ["gift"], 0.4,
    )  # fmt: skip
    assert (decision.draft, decision.person, decision.seconds) == (item.drafts.get(), "anna@shop.example", 4.2)
    assert state(item) == State.DECIDED
    assert item.closed_at == minute(0)


def test_a_revision_delivered_twice_decides_once(item: ReviewItem) -> None:
    decide(item)

    assert decide(item) is None
    assert Decision.objects.count() == 1


def test_a_newer_revision_supersedes(item: ReviewItem) -> None:
    first = decide(item, ACCEPTED, at=0)

    second = decide(item, EDITED, at=1)

    assert first is not None
    assert second is not None
    first.refresh_from_db()
    assert first.superseded_at == minute(1)
    assert current(item) == ["Norvik Flask"]


def test_an_older_revision_that_comes_late_is_ignored(item: ReviewItem) -> None:
    decide(item, EDITED, at=1)

    assert decide(item, ACCEPTED, at=0) is None
    assert current(item) == ["Norvik Flask"]


def test_a_revision_that_changes_no_value_keeps_the_decision(item: ReviewItem) -> None:
    decide(item, ACCEPTED, at=0)

    assert decide(item, ACCEPTED, at=2) is None
    assert Decision.objects.get().decided_at == minute(0)


def test_a_revision_from_before_an_unchanged_one_is_still_seen_to_be_old(item: ReviewItem) -> None:
    decide(item, ACCEPTED, at=0)
    decide(item, ACCEPTED, at=2)

    assert decide(item, EDITED, at=1) is None
    assert current(item) == ["Norvik Bottle"]


def test_a_rejection_may_be_taken_back(item: ReviewItem) -> None:
    decide(item, REJECTED, at=0)

    decide(item, ACCEPTED, at=1)

    assert current(item) == ["Norvik Bottle"]


def test_two_annotations_of_one_item_stand_side_by_side(item: ReviewItem) -> None:
    decide(item, ACCEPTED, annotation_id=7)
    decide(item, EDITED, annotation_id=8)

    assert sorted(current(item)) == ["Norvik Bottle", "Norvik Flask"]


def test_a_decision_on_a_withdrawn_item_is_recorded_and_leaves_it_withdrawn() -> None:
    item = make_item(draft=make_draft(), state=State.WITHDRAWN)

    decide(item)

    assert current(item) == ["Norvik Bottle"]
    assert state(item) == State.WITHDRAWN


def test_a_decision_may_be_made_where_nothing_was_shown() -> None:
    decision = decide(make_item())

    assert decision is not None
    assert decision.draft is None


def test_a_deleted_annotation_withdraws_its_decision_and_the_item_waits_again(item: ReviewItem) -> None:
    decide(item)

    assert withdraw_decision(item, 7, minute(5))
    assert Decision.objects.get().withdrawn_at == minute(5)
    assert state(item) == State.OPEN
    assert item.closed_at is None


def test_an_item_stays_decided_while_another_annotation_decides_it(item: ReviewItem) -> None:
    decide(item, annotation_id=7)
    decide(item, annotation_id=8)

    withdraw_decision(item, 7, minute(5))

    assert state(item) == State.DECIDED


def test_an_item_whose_product_is_asked_about_elsewhere_by_now_does_not_wait_again() -> None:
    product = make_product()
    item = make_item(draft=make_draft(product=product))
    decide(item)
    make_item(product=product, queue=item.queue)

    withdraw_decision(item, 7, minute(5))

    assert state(item) == State.WITHDRAWN


def test_deleting_an_annotation_that_was_never_seen_does_nothing(item: ReviewItem) -> None:
    assert not withdraw_decision(item, 99, minute(5))
    assert state(item) == State.OPEN


def test_a_deletion_seen_twice_withdraws_once(item: ReviewItem) -> None:
    decide(item)
    withdraw_decision(item, 7, minute(5))

    assert not withdraw_decision(item, 7, minute(6))
    assert Decision.objects.get().withdrawn_at == minute(5)


def test_a_revision_from_before_the_deletion_does_not_raise_the_dead(item: ReviewItem) -> None:
    decide(item, ACCEPTED, at=0)
    withdraw_decision(item, 7, minute(5))

    assert decide(item, EDITED, at=1) is None
    assert current(item) == []


def test_another_worker_having_been_first_is_no_error(item: ReviewItem) -> None:
    """The other's row appears between our look and our insert."""
    others: list[Decision] = []

    def let_another_be_first(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith('INSERT INTO "review_decision"') and not others:
            others.append(Decision())
            others[0] = make_decision(item=item, annotation_id=7, annotation_updated_at=minute(0))
        return execute(sql, *rest)

    with connection.execute_wrapper(let_another_be_first):
        assert decide(item) is None
    assert len(others) == 1


def test_a_task_read_before_somebody_decided_takes_nothing_back(item: ReviewItem) -> None:
    decide(item, at=2, read=3)

    assert not withdraw_decision(item, 7, minute(1))

    assert current(item) == ["Norvik Bottle"]


def test_an_annotation_that_is_read_again_after_it_seemed_gone_stands_again(item: ReviewItem) -> None:
    decide(item, at=0)
    withdraw_decision(item, 7, minute(5))

    decide(item, at=0, read=6)

    assert current(item) == ["Norvik Bottle"]
    assert state(item) == State.DECIDED


def test_decisions_know_their_products_catalog_one_by_one_and_in_bulk() -> None:
    one = make_decision(item=make_item())
    Decision.objects.filter(pk=one.pk).delete()
    one.pk, one.catalog_id = None, None  # type: ignore[assignment]

    (many,) = Decision.objects.bulk_create([one])

    assert many.catalog == many.item.product.catalog
    assert list(Decision.objects.of_catalog(many.item.product.catalog_id)) == [many]
