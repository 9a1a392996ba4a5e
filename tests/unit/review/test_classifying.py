"""How a final answer is classified against what was shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from titlelab.review.classifying import Final, Judgement, Shown, judge, plain

SHOWN = Shown(
    title="Norvik Bottle Blue",
    tags=("gift", "waterproof"),
    candidates=("Norvik Bottle Blue", "Norvik Steel Bottle"),
)
TEXT = st.text(max_size=30)
TAGS = st.lists(st.sampled_from(["gift", "waterproof", "travel"]), max_size=4).map(tuple)
FINALS = st.builds(
    Final, title=st.none() | TEXT, candidate=st.none() | TEXT, tags=TAGS, reject_reason=st.none() | TEXT,
    was_cancelled=st.booleans(),
)  # fmt: skip


def test_what_comes_back_as_shown_is_accepted() -> None:
    judgement = judge(SHOWN, Final(title="Norvik Bottle Blue", tags=("waterproof", "gift")))

    assert judgement == Judgement(outcome="accepted", title="Norvik Bottle Blue", tags=("waterproof", "gift"))


def test_white_space_and_composition_of_letters_are_no_edit() -> None:
    shown = Shown(title="Café  Cup")

    judgement = judge(shown, Final(title=" Cafe\u0301 Cup\n"))

    assert judgement == Judgement(outcome="accepted", title="Café Cup")


@pytest.mark.parametrize(
    ("shown", "final", "outcome"),
    [
        (("Home", "Flasks"), ("Home", "Flasks"), "accepted"),
        (("Home", "Flasks"), ("Home", "Kettles"), "edited"),
        (("Home", "Flasks"), (), "edited"),
        ((), ("Home", "Flasks"), "edited"),
    ],
)
def test_another_category_than_the_shown_is_an_edit(
    shown: tuple[str, ...], final: tuple[str, ...], outcome: str
) -> None:
    judgement = judge(Shown(title="Flask", category=shown), Final(title="Flask", category=final))

    assert (judgement.outcome, judgement.category) == (outcome, final)
    assert judgement.category_changed == (outcome == "edited")


@pytest.mark.parametrize(
    ("chosen", "category"),
    [
        (("Home", "Flasks"), ("Home", "Kettles")),  # as it was shown
        ((), ("Home", "Kettles")),
        (("Garden",), ("Garden",)),
    ],
)
def test_a_picked_category_stands_in_for_one_that_was_left_as_shown(
    chosen: tuple[str, ...], category: tuple[str, ...]
) -> None:
    shown = Shown(title="Flask", category=("Home", "Flasks"))

    judgement = judge(shown, Final(title="Flask", category=chosen, picked_category=("Home", "Kettles")))

    assert (judgement.outcome, judgement.category, judgement.category_changed) == ("edited", category, True)


def test_a_rejection_says_nothing_of_the_category() -> None:
    final = Final(title="Flask", category=("Home", "Flasks"), reject_reason="bad source")

    judgement = judge(Shown(title="Flask"), final)

    assert (judgement.category, judgement.category_changed) == ((), False)


def test_a_typed_title_is_final_and_its_edit_is_measured() -> None:
    judgement = judge(SHOWN, Final(title="Norvik Bottle Blau", tags=SHOWN.tags))

    assert judgement.outcome == "edited"
    assert judgement.title == "Norvik Bottle Blau"
    assert judgement.title_edit == pytest.approx(2 / 18)


def test_changed_tags_alone_make_an_edit_with_an_unchanged_title() -> None:
    judgement = judge(SHOWN, Final(title=SHOWN.title, tags=("gift", "travel", "travel")))

    assert judgement == Judgement(
        outcome="edited",
        title="Norvik Bottle Blue",
        tags=("gift", "travel"),
        tags_added=("travel",),
        tags_removed=("waterproof",),
    )


def test_a_picked_candidate_is_final_where_the_shown_title_was_left_alone() -> None:
    judgement = judge(SHOWN, Final(title=SHOWN.title, candidate="Norvik Steel Bottle", tags=SHOWN.tags))

    assert (judgement.outcome, judgement.title) == ("edited", "Norvik Steel Bottle")
    assert judgement.picked_candidate


def test_a_typed_title_wins_over_a_picked_candidate() -> None:
    judgement = judge(SHOWN, Final(title="Norvik Flask", candidate="Norvik Steel Bottle", tags=SHOWN.tags))

    assert judgement.title == "Norvik Flask"
    assert not judgement.picked_candidate


def test_typing_a_candidate_is_picking_it() -> None:
    assert judge(SHOWN, Final(title="Norvik Steel  Bottle", tags=SHOWN.tags)).picked_candidate


def test_picking_the_title_that_is_shown_anyway_is_acceptance() -> None:
    judgement = judge(SHOWN, Final(title=SHOWN.title, candidate=SHOWN.title, tags=SHOWN.tags))

    assert judgement.outcome == "accepted"
    assert not judgement.picked_candidate


def test_a_candidate_stands_in_for_a_title_that_was_deleted() -> None:
    assert judge(SHOWN, Final(title=None, candidate="Norvik Steel Bottle")).title == "Norvik Steel Bottle"


@pytest.mark.parametrize(
    ("final", "reason"),
    [
        (Final(title=SHOWN.title, tags=SHOWN.tags, was_cancelled=True), "skipped"),
        (Final(title=SHOWN.title, tags=SHOWN.tags, reject_reason="wrong product"), "wrong product"),
        (Final(title="A title", was_cancelled=True, reject_reason="wrong product"), "wrong product"),
        (Final(title=" \n", tags=SHOWN.tags), "no title"),
        (Final(title=None), "no title"),
    ],
)
def test_a_rejection_keeps_its_reason_and_no_values(final: Final, reason: str) -> None:
    assert judge(SHOWN, final) == Judgement(outcome="rejected", title_edit=1.0, reject_reason=reason)


def test_what_was_answered_without_a_draft_is_all_edit() -> None:
    judgement = judge(None, Final(title="Norvik Flask", tags=("gift",)))

    assert judgement == Judgement(
        outcome="edited", title="Norvik Flask", tags=("gift",), title_edit=1.0, tags_added=("gift",)
    )


@given(shown=st.none() | st.builds(Shown, title=TEXT, tags=TAGS), final=FINALS)
def test_only_a_rejection_is_without_a_title_and_only_a_rejection_has_a_reason(
    shown: Shown | None, final: Final
) -> None:
    judgement = judge(shown, final)

    assert (judgement.outcome == "rejected") == (judgement.title == "") == (judgement.reject_reason != "")
    assert 0 <= judgement.title_edit <= 1


@given(title=TEXT.filter(plain), tags=TAGS)
def test_every_draft_sent_back_is_accepted(title: str, tags: tuple[str, ...]) -> None:
    assert judge(Shown(title=title, tags=tags), Final(title=title, tags=tags)).outcome == "accepted"


def test_a_missing_tag_is_kept_and_is_no_edit() -> None:
    shown = Shown(title="Bottle", tags=("gift",))

    accepted = judge(shown, Final(title="Bottle", tags=("gift",), suggested_tags=("Non-slip",)))

    assert (accepted.outcome, accepted.suggested_tags) == ("accepted", ("Non-slip",))
