"""Which words of a title the source has."""

import pytest

from ml_backend.rules.support import stretches, words_without_support
from tests.factories import make_brief


def shared(text: str, title: str) -> list[str]:
    return [stretch.text for stretch in stretches(text, title) if stretch.is_shared]


def test_words_are_known_again_whatever_their_case_number_and_unit() -> None:
    assert shared("Two STEEL Bottles, 750ml", "Steel Bottle 750 ml") == ["STEEL", "Bottles", "750", "ml"]
    assert shared("For men", "Men's Shoes") == ["men"]
    assert shared("1.50 m of rope", "Rope 1.5 m") == ["1.50", "rope"]


def test_what_only_joins_or_stands_in_any_text_is_not_marked() -> None:
    assert shared("With the lid of a pot", "Pot with the Lid, a b") == ["lid", "pot"]


def test_a_model_code_is_one_word() -> None:
    assert shared("Bulb: E26, not E27", "Lamp E26") == ["E26"]


def test_han_is_shared_by_runs_of_two_characters_and_more() -> None:
    assert shared("不锈钢保温杯，大容量", "北溪保温杯不锈钢") == ["不锈钢", "保温杯"]
    assert shared("大红色的杯", "白色杯子大") == []


@pytest.mark.parametrize("text", ["", "  a <b> & 'c' ", "北溪 750ml 保温杯\n新款", "x\u2060y $5"])
def test_the_stretches_joined_are_the_text(text: str) -> None:
    assert "".join(stretch.text for stretch in stretches(text, "北溪 A b 750 c 保温杯")) == text


def test_words_that_stand_nowhere_are_told_once_and_figures_are_left_out() -> None:
    brief = make_brief(
        title="Sand lamp", brand="Orvel", attributes=(("Material", "oak"),), description="A lamp.", category=()
    )

    assert words_without_support("Orvel Oak Lamp for Sand, 20 cm, sand", brief) == ("Sand",)
    assert words_without_support("奥维橡木台灯", make_brief(brand="奥维", description="橡木材质")) == ("台灯",)
