"""What is asked twice: a share of the random items, by chance, once, and only where several people decide."""

import datetime as dt
from typing import Any

import pytest

from tests.factories import NOW, make_decision, make_draft, make_item, make_product, make_queue
from titlelab.catalog.models import Product
from titlelab.review.asking_twice import ask_twice, is_asked_twice
from titlelab.review.looking import Reviewer, accept, send_back
from titlelab.review.models import Decision, DueLook, ReviewItem, ReviewQueue

pytestmark = pytest.mark.django_db
TWO_DAYS_ON = NOW + dt.timedelta(days=2)


@pytest.fixture
def queue() -> ReviewQueue:
    """A queue of two people that asks twice about every random item."""
    queue = make_queue(asked_twice_share=1.0)
    decided(queue, arm="uncertain", person="bert@shop.example")
    return queue


def decided(queue: ReviewQueue, *, arm: str = "random", is_blind: bool = False, **fields: Any) -> Decision:
    draft = make_draft(product=make_product(catalog=queue.catalog))
    item = make_item(draft=draft, queue=queue, arm=arm, is_blind=is_blind, why="drawn at random")
    return make_decision(item=item, draft=draft, **fields)


def waiting() -> list[ReviewItem]:
    return list(ReviewItem.objects.waiting())


def test_a_random_item_is_asked_once_more_as_it_was_asked(queue: ReviewQueue) -> None:
    first = decided(queue, is_blind=True).item

    assert ask_twice(queue, now=TWO_DAYS_ON) == 1

    (again,) = waiting()
    assert (again.product, again.again_of, again.state) == (first.product, first, "chosen")
    assert (again.arm, again.is_blind, again.why) == ("random", True, "drawn at random")


def test_what_was_asked_twice_is_not_asked_a_third_time(queue: ReviewQueue) -> None:
    decision = decided(queue)
    ask_twice(queue, now=TWO_DAYS_ON)
    (again,) = waiting()

    assert ask_twice(queue, now=TWO_DAYS_ON) == 0
    make_decision(item=again, draft=decision.draft)
    assert ask_twice(queue, now=NOW + dt.timedelta(days=4)) == 0


def test_where_one_person_decides_alone_nothing_is_asked_twice() -> None:
    queue = make_queue(asked_twice_share=1.0)
    decided(queue)
    decided(queue)

    assert ask_twice(queue, now=TWO_DAYS_ON) == 0


def test_what_was_chosen_for_its_doubts_is_asked_once(queue: ReviewQueue) -> None:
    decided(queue, arm="uncertain")

    assert ask_twice(queue, now=TWO_DAYS_ON) == 0


def test_a_day_lies_between_both_questions_and_no_more_than_four_weeks(queue: ReviewQueue) -> None:
    decided(queue)

    assert ask_twice(queue, now=NOW + dt.timedelta(hours=23)) == 0
    assert ask_twice(queue, now=NOW + dt.timedelta(days=29)) == 0
    assert ask_twice(queue, now=NOW + dt.timedelta(days=1)) == 1


def test_a_product_that_changed_is_reserved_or_was_sent_back_is_not_asked_twice(queue: ReviewQueue) -> None:
    changed, reserved, sent_back = (decided(queue) for _ in range(3))
    Product.objects.filter(pk=changed.item.product_id).update(content_hash="f" * 32)
    queue.reserved_skus = [reserved.item.product.sku]
    queue.save()
    send_back(sent_back, by=Reviewer(email="ruth@shop.example"), reason="wrong", now=TWO_DAYS_ON)

    assert ask_twice(queue, now=TWO_DAYS_ON) == 0


def test_a_queue_holds_no_more_than_its_working_set(queue: ReviewQueue) -> None:
    for _ in range(4):
        decided(queue)
    queue.working_set = 3
    queue.save()

    assert ask_twice(queue, now=TWO_DAYS_ON) == 3
    assert len(waiting()) == 3


def test_a_paused_queue_asks_nothing(queue: ReviewQueue) -> None:
    decided(queue)
    queue.state = ReviewQueue.State.PAUSED

    assert ask_twice(queue, now=TWO_DAYS_ON) == 0


def test_chance_draws_about_its_share() -> None:
    drawn = [pk for pk in range(10_000) if is_asked_twice(pk, 0.25)]

    assert 2380 < len(drawn) < 2620


@pytest.mark.parametrize(
    ("cause", "arm", "is_asked"),
    [
        ("chance", "random", True),
        ("hurried", "random", False),
        ("chance", "uncertain", False),
    ],
)
def test_what_a_reviewer_settled_is_asked_once_more_as_a_probe(
    cause: str,
    arm: str,
    is_asked: bool,  # noqa: FBT001
) -> None:
    queue = make_queue(asked_twice_share=1e-9)
    decided(queue, arm="uncertain", person="bert@shop.example")
    decision = decided(queue, arm=arm)
    DueLook.objects.create(decision=decision, cause=cause, wanted_at=NOW)
    assert ask_twice(queue, now=TWO_DAYS_ON) == 0  # nobody has looked at it yet

    accept(decision, by=Reviewer(email="ruth@shop.example"), now=NOW)

    assert ask_twice(queue, now=TWO_DAYS_ON) == int(is_asked)
