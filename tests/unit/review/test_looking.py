"""Second looks: who may, what stands after each, and what an annotation that changes or goes does to them."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import IntegrityError

from tests.factories import NOW, make_decision, make_draft, make_item, make_product, make_queue
from titlelab.catalog.models import Product
from titlelab.errors import NotPossibleNow
from titlelab.review.classifying import Final, Judgement
from titlelab.review.deciding import record_decision, withdraw_decision
from titlelab.review.exporting import accepted
from titlelab.review.looking import Reviewer, accept, mend, send_back
from titlelab.review.models import Decision, ReviewItem, SecondLook
from titlelab.training.dataset import dataset
from titlelab.training.models import FrozenGolden

pytestmark = pytest.mark.django_db
RUTH = Reviewer(email="ruth@shop.example")
LATER = NOW + dt.timedelta(hours=1)
LATER_STILL = NOW + dt.timedelta(hours=2)
BETTER = Final(title="Norvik Steel Bottle 750 ml", tags=("waterproof", "gift"))


@pytest.fixture
def decision() -> Decision:
    """Anna accepted a draft as it was."""
    return make_decision(item=make_item(draft=make_draft()))


def told_again(decision: Decision, *, at: dt.datetime = LATER_STILL, title: str | None = None) -> Decision | None:
    """Read the annotation at a later revision; None: with what the annotator said at first."""
    said = Judgement(outcome="accepted", title=title or decision.title, tags=tuple(decision.tags))
    return record_decision(
        decision.item,
        decision.draft,
        said,
        annotation_id=decision.annotation_id,
        annotation_updated_at=at,
        person=decision.person,
        seconds=3.0,
        decided_at=at,
        read_at=at,
    )


def current(decision: Decision) -> list[str]:
    return [d.title for d in Decision.objects.current().filter(item__product=decision.item.product)]


def test_an_accepted_decision_stands_as_it_was(decision: Decision) -> None:
    look = accept(decision, by=RUTH, now=LATER)

    assert (look.verdict, look.person, look.looked_at) == ("accepted", "ruth@shop.example", LATER)
    assert list(Decision.objects.current()) == [decision]


def test_a_mended_decision_is_the_reviewers_and_is_judged_by_the_same_draft(decision: Decision) -> None:
    mended = mend(decision, BETTER, by=RUTH, reason="too long", now=LATER)

    decision.refresh_from_db()
    assert list(Decision.objects.current()) == [mended]
    assert (mended.person, mended.mends, mended.draft) == ("ruth@shop.example", decision, decision.draft)
    assert (mended.outcome, mended.title, mended.tags) == ("edited", BETTER.title, ["waterproof", "gift"])
    assert (mended.tags_added, mended.tags_removed) == (["gift"], [])
    assert decision.superseded_at == LATER
    assert decision.second_look.reason == "too long"


def test_what_was_mended_is_learnt_from_and_exported(decision: Decision) -> None:
    mend(decision, BETTER, by=RUTH, reason="too long", now=LATER)
    catalog = decision.item.product.catalog

    assert [example.title for example in dataset("titler", catalog.key, NOW.date()).examples] == [BETTER.title]
    assert [(row.title, row.person) for row in accepted(catalog)] == [(BETTER.title, "ruth@shop.example")]


def test_what_was_sent_back_is_neither_learnt_from_nor_exported(decision: Decision) -> None:
    send_back(decision, by=RUTH, reason="not a bottle", now=LATER)
    catalog = decision.item.product.catalog

    assert dataset("titler", catalog.key, NOW.date()).examples == ()
    assert list(accepted(catalog)) == []


def test_a_product_sent_back_is_asked_anew_in_its_place_with_the_reason(decision: Decision) -> None:
    look = send_back(decision, by=RUTH, reason="  not a\x00 bottle ", now=LATER)

    again, old = look.asked_again, decision.item
    assert again is not None
    assert (again.state, again.queue, again.arm, again.rank) == ("chosen", old.queue, old.arm, old.rank)
    assert again.why == "sent back by a reviewer: not a bottle"
    assert again.again_of == old
    assert current(decision) == []


def test_what_chance_drew_stays_golden_and_what_was_blind_stays_blind() -> None:
    item = make_item(draft=make_draft(), arm="random", is_blind=True)
    decision = make_decision(item=item, outcome="written", title="Norvik Flask")

    again = send_back(decision, by=RUTH, reason="no flask", now=LATER).asked_again

    assert again is not None
    assert (again.arm, again.is_blind, again.is_golden) == ("random", True, True)


def test_a_blind_decision_that_is_mended_counts_as_written(decision: Decision) -> None:
    item = make_item(draft=make_draft(), arm="random", is_blind=True)
    decision = make_decision(item=item, outcome="written", title="Norvik Flask")

    assert mend(decision, BETTER, by=RUTH, reason="no flask", now=LATER).outcome == "written"


def test_a_product_that_waits_elsewhere_is_asked_there(decision: Decision) -> None:
    waiting = make_item(product=decision.item.product, queue=decision.item.queue)

    assert send_back(decision, by=RUTH, reason="wrong", now=LATER).asked_again == waiting


def test_a_reserved_product_is_asked_of_nobody(decision: Decision) -> None:
    queue = decision.item.queue
    queue.reserved_skus = [decision.item.product.sku]
    queue.save()

    assert send_back(decision, by=RUTH, reason="wrong", now=LATER).asked_again is None
    assert not ReviewItem.objects.waiting().exists()


def test_a_product_that_has_changed_since_is_asked_about_as_it_is_now(decision: Decision) -> None:
    Product.objects.filter(pk=decision.item.product_id).update(content_hash="f" * 32)
    decision = Decision.objects.get(pk=decision.pk)

    again = send_back(decision, by=RUTH, reason="wrong", now=LATER).asked_again

    assert again is not None
    assert again.content_hash == "f" * 32


LOOKS: list[Callable[[Decision, Reviewer], object]] = [
    lambda decision, by: accept(decision, by=by, now=LATER),
    lambda decision, by: mend(decision, BETTER, by=by, reason="too long", now=LATER),
    lambda decision, by: send_back(decision, by=by, reason="wrong", now=LATER),
]
each_look = pytest.mark.parametrize("look", LOOKS, ids=["accept", "mend", "send back"])


@each_look
def test_nobody_looks_at_his_own(look: Callable[[Decision, Reviewer], object], decision: Decision) -> None:
    for own in (Reviewer(email="Anna@Shop.example"), Reviewer(email="", names=frozenset(["anna@shop.example"]))):
        with pytest.raises(NotPossibleNow, match="his own"):
            look(decision, own)

    assert not SecondLook.objects.exists()


@each_look
@pytest.mark.parametrize("earlier", LOOKS, ids=["accepted", "mended", "sent back"])
def test_a_decision_is_looked_at_once(
    look: Callable[[Decision, Reviewer], object], earlier: Callable[[Decision, Reviewer], object], decision: Decision
) -> None:
    earlier(decision, RUTH)
    before = current(decision)

    with pytest.raises(NotPossibleNow, match="meanwhile"):
        look(decision, Reviewer(email="rolf@shop.example"))

    assert SecondLook.objects.count() == 1
    assert current(decision) == before


@each_look
def test_what_the_annotator_changed_meanwhile_is_not_looked_at(
    look: Callable[[Decision, Reviewer], object], decision: Decision
) -> None:
    told_again(decision, at=LATER, title="Norvik Bottle Blue")

    with pytest.raises(NotPossibleNow, match="changed or taken back"):
        look(decision, RUTH)

    assert current(decision) == ["Norvik Bottle Blue"]


def test_who_mends_or_sends_back_says_why(decision: Decision) -> None:
    with pytest.raises(NotPossibleNow, match="Say why"):
        mend(decision, BETTER, by=RUTH, reason=" ", now=LATER)
    with pytest.raises(NotPossibleNow, match="Say why"):
        send_back(decision, by=RUTH, reason="", now=LATER)
    with pytest.raises(NotPossibleNow, match="longer than 200"):
        send_back(decision, by=RUTH, reason="x" * 201, now=LATER)

    assert current(decision) == [decision.title]
    with pytest.raises(IntegrityError):
        SecondLook.objects.create(decision=decision, verdict="mended", person="r", looked_at=LATER)


def test_mending_needs_a_title_and_a_change(decision: Decision) -> None:
    same = Final(title=f" {decision.title} ", tags=tuple(decision.tags))

    with pytest.raises(NotPossibleNow, match="Nothing was changed"):
        mend(decision, same, by=RUTH, reason="x", now=LATER)
    with pytest.raises(NotPossibleNow, match="needs a title"):
        mend(decision, Final(title="  "), by=RUTH, reason="x", now=LATER)

    assert current(decision) == [decision.title]


@each_look
def test_the_same_revision_read_again_says_nothing_new(
    look: Callable[[Decision, Reviewer], object], decision: Decision
) -> None:
    look(decision, RUTH)
    before = current(decision)

    assert told_again(decision, at=decision.annotation_updated_at) is None
    assert told_again(decision, at=LATER_STILL) is None  # Update was pressed, and nothing was changed
    assert told_again(decision, at=LATER, title="a late revision from in between") is None

    assert current(decision) == before


@each_look
def test_what_the_annotator_changes_after_the_look_is_the_newer_word(
    look: Callable[[Decision, Reviewer], object], decision: Decision
) -> None:
    look(decision, RUTH)

    newer = told_again(decision, title="Norvik Bottle Blue")

    assert newer is not None
    assert current(decision) == ["Norvik Bottle Blue"]
    accept(newer, by=RUTH, now=LATER_STILL)  # and is looked at anew


@each_look
def test_an_annotation_that_is_deleted_takes_the_look_with_it(
    look: Callable[[Decision, Reviewer], object], decision: Decision
) -> None:
    look(decision, RUTH)

    assert withdraw_decision(decision.item, decision.annotation_id, LATER_STILL)

    assert current(decision) == []
    assert told_again(decision, at=decision.annotation_updated_at) is None  # an old reading brings nothing back


def test_the_item_of_a_mended_decision_waits_again_when_the_annotation_is_gone(decision: Decision) -> None:
    mend(decision, BETTER, by=RUTH, reason="too long", now=LATER)
    withdraw_decision(decision.item, decision.annotation_id, LATER_STILL)

    decision.item.refresh_from_db()
    assert decision.item.state == "open"


def test_an_item_that_was_sent_back_never_waits_again(decision: Decision) -> None:
    again = send_back(decision, by=RUTH, reason="wrong", now=LATER).asked_again
    assert again is not None
    make_decision(item=again, draft=decision.draft)
    withdraw_decision(decision.item, decision.annotation_id, LATER_STILL)

    decision.item.refresh_from_db()
    assert decision.item.state == "withdrawn"  # its task, empty now, is taken back


@each_look
def test_what_stood_for_an_annotation_stands_again_when_it_was_there_after_all(
    look: Callable[[Decision, Reviewer], object], decision: Decision
) -> None:
    look(decision, RUTH)
    before = current(decision)
    withdraw_decision(decision.item, decision.annotation_id, LATER)

    record_decision(
        decision.item,
        decision.draft,
        Judgement(outcome="accepted", title=decision.title, tags=tuple(decision.tags)),
        annotation_id=decision.annotation_id,
        annotation_updated_at=decision.annotation_updated_at,
        person=decision.person,
        seconds=3.0,
        decided_at=decision.decided_at,
        read_at=LATER_STILL,
    )

    assert current(decision) == before


def test_a_mended_decision_may_be_looked_at_by_a_third_person_and_by_neither_of_both(decision: Decision) -> None:
    mended = mend(decision, BETTER, by=RUTH, reason="too long", now=LATER)

    for own in (RUTH, Reviewer(email="anna@shop.example")):
        with pytest.raises(NotPossibleNow, match="his own"):
            accept(mended, by=own, now=LATER)
    send_back(mended, by=Reviewer(email="rolf@shop.example"), reason="no", now=LATER)

    assert current(decision) == []
    assert told_again(decision) is None


def test_frozen_golden_items_follow_the_reviewer() -> None:
    queue = make_queue()
    made = []
    for n in range(3):
        product = make_product(catalog=queue.catalog)
        draft = make_draft(product=product, title=f"Norvik Bottle {n}")
        made.append(make_decision(item=make_item(draft=draft, queue=queue, arm="random")))
    for decision in made:
        FrozenGolden.objects.create(kind="titler", scope=queue.catalog.key, decision=decision)
    mend(made[0], BETTER, by=RUTH, reason="too long", now=LATER)
    send_back(made[1], by=RUTH, reason="wrong", now=LATER)

    golden = dataset("titler", queue.catalog.key, NOW.date()).golden

    assert {example.title for example in golden} == {BETTER.title, "Norvik Bottle 2"}
