"""Which Decisions reviewers are asked to look at: a fair share by chance, and what a sign points at."""

import datetime as dt
from typing import Any

import pytest

from tests.factories import NOW, make_decision, make_draft, make_item, make_product, make_queue
from titlelab.quality.answers import answers
from titlelab.quality.drawing import MOST_BY_SIGNS, draw_looks, is_drawn
from titlelab.review.classifying import Final
from titlelab.review.looking import Reviewer, accept, mend, send_back
from titlelab.review.models import Decision, DueLook, ReviewQueue

pytestmark = pytest.mark.django_db
AFTER = NOW + dt.timedelta(hours=1)
RUTH = Reviewer(email="ruth@shop.example")


def decided(queue: ReviewQueue, *, unsupported: tuple[str, ...] = (), **fields: Any) -> Decision:
    draft = make_draft(product=make_product(catalog=queue.catalog))
    if unsupported:
        draft.candidates[0]["unsupported"] = list(unsupported)
        draft.save()
    item = {name: fields.pop(name) for name in ("arm", "is_blind") if name in fields}
    return make_decision(item=make_item(draft=draft, queue=queue, **item), draft=draft, **fields)


def causes() -> dict[int, str]:
    return dict(DueLook.objects.values_list("decision", "cause"))


@pytest.fixture
def silent() -> ReviewQueue:
    """A queue from which chance draws nothing."""
    return make_queue(second_look_share=0.0)


def test_chance_draws_about_its_share_and_the_same_every_time() -> None:
    drawn = [pk for pk in range(10_000) if is_drawn(pk, 0.05)]

    assert 440 < len(drawn) < 560  # 500, and two and a half standard deviations
    assert set(drawn) <= {pk for pk in range(10_000) if is_drawn(pk, 0.06)}
    assert all(is_drawn(pk, 1.0) for pk in range(100))
    assert not any(is_drawn(pk, 0.0) for pk in range(100))


def test_what_is_drawn_is_due_once() -> None:
    decision = decided(make_queue(second_look_share=1.0))

    assert draw_looks(now=AFTER) == 1
    assert draw_looks(now=AFTER) == 0
    assert causes() == {decision.pk: "chance"}


def test_what_was_looked_at_superseded_or_mended_by_a_reviewer_is_not_drawn() -> None:
    queue = make_queue(second_look_share=1.0)
    accept(decided(queue), by=RUTH, now=AFTER)
    mend(decided(queue), Final(title="Norvik Flask"), by=RUTH, reason="a flask", now=AFTER)
    send_back(decided(queue), by=RUTH, reason="wrong", now=AFTER)

    assert draw_looks(now=AFTER) == 0


def test_what_is_older_than_a_fortnight_is_let_be() -> None:
    decided(make_queue(second_look_share=1.0))

    assert draw_looks(now=NOW + dt.timedelta(days=15)) == 0


def test_what_was_accepted_though_a_warning_stood_there_is_due(silent: ReviewQueue) -> None:
    warned = decided(silent, unsupported=("the Brief knows no 900 ml",))
    decided(silent, unsupported=("the Brief knows no 900 ml",), outcome="edited", title="Norvik Bottle")
    decided(silent)

    draw_looks(now=AFTER)

    assert causes() == {warned.pk: "warned"}


def test_what_chance_drew_counts_as_drawn_by_chance_though_a_sign_points_at_it() -> None:
    warned = decided(make_queue(second_look_share=1.0), unsupported=("the Brief knows no 900 ml",))

    draw_looks(now=AFTER)

    assert causes() == {warned.pk: "chance"}


def test_acceptances_in_a_hurry_are_due(silent: ReviewQueue) -> None:
    for n in range(20):
        decided(silent, person="anna@shop.example", outcome="edited", title="Norvik Bottle", seconds=9.0)
        decided(silent, person="anna@shop.example", seconds=1.0 if n < 3 else 9.0)
        decided(silent, person="bert@shop.example", outcome="edited", title="Norvik Bottle", seconds=12.0)

    draw_looks(now=AFTER)

    assert set(causes().values()) == {"hurried"}
    assert len(causes()) == 3


def test_signs_fill_no_more_than_a_reviewers_half_hour(silent: ReviewQueue) -> None:
    for _ in range(MOST_BY_SIGNS + 3):
        decided(silent, unsupported=("the Brief knows no 900 ml",))

    assert draw_looks(now=AFTER) == MOST_BY_SIGNS
    assert draw_looks(now=AFTER) == 0


def test_what_was_changed_after_a_look_is_due_again(silent: ReviewQueue) -> None:
    first = decided(silent)
    accept(first, by=RUTH, now=AFTER)
    Decision.objects.filter(pk=first.pk).update(superseded_at=AFTER)
    second = make_decision(
        item=first.item, draft=first.draft, annotation_id=first.annotation_id, annotation_updated_at=AFTER
    )

    draw_looks(now=AFTER)

    assert causes() == {second.pk: "changed"}


def test_answers_are_the_annotators_own_to_drafts_that_they_saw(silent: ReviewQueue) -> None:
    kept = decided(silent, unsupported=("no 900 ml",))
    mended = decided(silent)
    mend(mended, Final(title="Norvik Flask"), by=RUTH, reason="a flask", now=AFTER)
    decided(silent, arm="random", is_blind=True, outcome="written")
    decided(make_queue())  # another catalog's

    found = answers(silent.catalog_id, now=AFTER)

    assert set(found) == {"anna@shop.example"}
    assert [(a.decision_id, a.is_accepted, a.is_warned) for a in found["anna@shop.example"]] == [
        (kept.pk, True, True),
        (mended.pk, True, False),
    ]
