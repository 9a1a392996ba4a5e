"""What one Decision says of its draft, against values worked out by hand."""

from dataclasses import replace

import pytest

from titlelab.quality.likeness import chrf
from titlelab.quality.measures import Answer, Measured, measure_of, tag_changes

EDITED = Answer(
    outcome="edited",
    is_blind=False,
    seconds=12.0,
    drafted="Norvik Steel Bottle 750 ml",
    title="Norvik Steel Bottle 500 ml Blue",
    title_edit=0.25,
    proposed=("waterproof", "gift"),
    tags=("gift", "steel", "camping"),
    brand="Norvik",
)


def test_an_edited_decision_is_measured_in_title_and_tags() -> None:
    said = measure_of(EDITED)

    assert said.edit == 0.25
    assert said.rouge_l == pytest.approx(8 / 11)  # four words in common, of five and six
    assert said.chrf == pytest.approx(chrf(str(EDITED.drafted), EDITED.title))
    assert (said.n_proposed, said.n_final, said.n_kept) == (2, 3, 1)
    assert said.tags == {"waterproof": "removed", "gift": "kept", "steel": "added", "camping": "added"}
    assert {mark.kind for mark in said.marks} == {"number_or_unit", "fact_added"}


def test_an_accepted_title_is_as_near_as_can_be_and_has_no_edits() -> None:
    said = measure_of(replace(EDITED, outcome="accepted", title="Norvik Steel  Bottle 750 ml".replace("  ", " ")))

    assert (said.chrf, said.rouge_l, said.marks) == (1.0, 1.0, ())


def test_a_title_that_was_kept_back_has_a_distance_but_no_likeness_and_no_edits() -> None:
    said = measure_of(replace(EDITED, outcome="written", is_blind=True))

    assert (said.edit, said.chrf, said.rouge_l, said.marks) == (0.25, None, None, ())
    assert said.n_kept == 1


@pytest.mark.parametrize(
    "silent",
    [
        replace(EDITED, outcome="rejected", title="", tags=()),
        replace(EDITED, drafted=None, proposed=()),
    ],
    ids=["rejected", "without a draft"],
)
def test_a_rejection_and_a_decision_without_a_draft_say_nothing_of_titles_and_tags(silent: Answer) -> None:
    assert measure_of(silent) == Measured(seconds=12.0)


def test_who_was_away_did_not_work_all_the_time() -> None:
    assert measure_of(replace(EDITED, seconds=5400.0)).seconds == 600.0
    assert measure_of(replace(EDITED, seconds=None)).seconds is None


@pytest.mark.parametrize(
    ("drafted", "chosen", "kept"),
    [
        (("Home", "Kettles"), ("Home", "Kettles"), True),
        (("Home", "Kettles"), ("Home",), False),
        ((), ("Home",), False),
        ((), (), None),
    ],
)
def test_a_category_is_kept_changed_or_was_not_asked_about(
    drafted: tuple[str, ...], chosen: tuple[str, ...], *, kept: bool | None
) -> None:
    assert measure_of(replace(EDITED, drafted_category=drafted, category=chosen)).kept_category is kept


def test_tags_are_told_the_proposed_first() -> None:
    assert list(tag_changes(["a", "b"], ["c", "b"]).items()) == [("a", "removed"), ("b", "kept"), ("c", "added")]
