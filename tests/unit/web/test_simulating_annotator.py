"""The played person: what is let stand, what is mended, and what goes wrong without care."""

import numpy as np
import pytest

from titlelab.review.classifying import Final, Shown
from titlelab.web.simulating.annotator import STRICT, Manner, decided, mended, slipped

RIGHT = Final(title="Norvik Steel Bottle 750 ml, Blue", tags=("gift",))


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.parametrize("shown", [None, Shown(title=""), Shown(title="Norvik Bottle", tags=("kitchen",))])
def test_a_strict_person_submits_what_is_right_to_the_letter(shown: Shown | None) -> None:
    assert decided(shown, RIGHT, STRICT, rng()) == RIGHT


def test_a_title_that_is_close_enough_is_let_stand_and_its_tags_are_mended() -> None:
    shown = Shown(title="Norvik Steel Bottle 750 ml - Blue", tags=("kitchen",))

    final = decided(shown, RIGHT, Manner(close_enough=0.1), rng())

    assert (final.title, final.tags) == (shown.title, ("gift",))


def test_a_title_that_is_too_far_off_is_mended_where_it_is_wrong_most() -> None:
    shown = "Norvik Copper Flask 750 ml - Blue"

    assert mended(shown, "Norvik Steel Bottle 750 ml, Blue", 0.1) == "Norvik Steel Bottle 750 ml - Blue"
    assert mended(shown, "Norvik Steel Bottle 750 ml, Blue", 0.0) == "Norvik Steel Bottle 750 ml, Blue"


def test_chinese_is_mended_by_characters() -> None:
    assert mended("北湖不锈钢水壶500ml", "北湖不锈钢保温杯500ml", 0.0) == "北湖不锈钢保温杯500ml"
    assert mended("红色北湖保温杯", "蓝色北湖保温杯", 0.2) == "红色北湖保温杯"


def test_a_careless_person_lets_half_right_titles_and_all_tags_stand() -> None:
    shown = Shown(title="Norvik Steel Bottle Red", tags=("kitchen",))

    final = decided(shown, RIGHT, Manner(careless=1.0), rng())

    assert (final.title, final.tags) == (shown.title, shown.tags)


def test_what_a_careless_person_types_holds_a_slip() -> None:
    final = decided(None, RIGHT, Manner(careless=1.0), rng())

    assert final.title != RIGHT.title
    assert sorted(final.title or "") == sorted(RIGHT.title or "")
    assert final.tags == ("gift",)


def test_a_slip_swaps_two_letters_and_never_touches_a_number() -> None:
    assert slipped("750 ml", 0.0) == "750 lm"
    assert slipped("1234", 0.5) == "1234"


def test_the_same_mood_meets_whatever_is_shown() -> None:
    manner = Manner(careless=0.5)
    moods = {
        decided(Shown(title="Norvik Steel Bottle Red", tags=shown_tags), RIGHT, manner, rng()).tags == shown_tags
        for shown_tags in (("kitchen",), ("outdoor",), ())
    }

    assert len(moods) == 1


@pytest.mark.parametrize("wrong", [{"close_enough": 1.5}, {"careless": -0.1}])
def test_a_dial_is_a_share(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        Manner(**wrong)
