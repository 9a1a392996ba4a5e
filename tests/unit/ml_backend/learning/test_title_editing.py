"""A near product's title edited to another product."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_backend.contract import Brief, ChannelRules
from ml_backend.learning.title_editing import edited, mended, tidy
from ml_backend.rules.faithfulness import hard_facts
from ml_backend.rules.policy import violations

SHOP = ChannelRules(key="shop", max_length=200)
KETTLE = Brief(
    catalog="c",
    library="",
    sku="1",
    language="en",
    channel=SHOP,
    brand="Brennholt",
    category=("Kitchen", "Kettles"),
    attributes=(("Colour", "red"), ("Capacity", "1.7 l"), ("Material", "steel, plastic")),
)
OTHER = replace(KETTLE, sku="2", brand="Norvale", attributes=(("Colour", "sage"), ("Capacity", "1 l")))


def test_values_of_the_other_product_give_way_to_its_own_in_their_case() -> None:
    assert edited("Norvale Electric Kettle 1 l - Sage", OTHER, KETTLE) == "Brennholt Electric Kettle 1.7 l - Red"


def test_a_value_that_this_product_has_no_field_for_goes() -> None:
    other = replace(OTHER, attributes=(*OTHER.attributes, ("Series", "Aurora")))
    assert edited("Norvale Aurora Electric Kettle, Sage", other, KETTLE) == "Brennholt Electric Kettle, Red"


def test_an_own_value_is_not_said_twice() -> None:
    other = replace(OTHER, attributes=(("Colour", "sage"),))
    assert edited("Red Kettle, Sage", other, KETTLE) == "Red Kettle"


def test_numbers_and_codes_without_support_go() -> None:
    assert mended("Brennholt Kettle XK-900, 2200 W, Red", KETTLE) == "Brennholt Kettle, Red"


def test_chinese_titles_are_edited_without_leaving_blanks() -> None:
    own = replace(KETTLE, language="zh", brand="炊烟里", category=("厨房",), attributes=(("上市年份", "2023年"),))
    other = replace(own, brand="山野集", attributes=(("上市年份", "2021年"),))
    assert edited("山野集2021年新款家用保温壶", other, own) == "炊烟里2023年新款家用保温壶"


@pytest.mark.parametrize(
    ("cut", "whole"),
    [
        ("Kettle () Red", "Kettle Red"),
        ("Kettle , Red -", "Kettle, Red"),
        ("- Kettle with", "Kettle"),
        ("Kettle,, / Red", "Kettle, Red"),
        ("壶（） 红", "壶 红"),
        ("Norvale ' Packable Jacket", "Norvale Packable Jacket"),
        ("Norvale 's Jacket", "Norvale Jacket"),
    ],
)
def test_what_cutting_leaves_is_mended(cut: str, whole: str) -> None:
    assert tidy(cut) == whole


@given(st.text(alphabet="Kettle Rd12,.-()/5lWXK9红壶装2件", max_size=40))
def test_whatever_is_mended_breaks_nothing(title: str) -> None:
    result = mended(title, KETTLE)
    assert not violations(result, SHOP)
    assert not hard_facts(result, KETTLE)


def test_what_only_the_prose_tells_is_edited_too() -> None:
    own = replace(KETTLE, attributes=(), description="A navy kettle that holds 1.7 l.")
    other = replace(OTHER, attributes=(), description="A maroon kettle that holds 1 l.")
    assert edited("Norvale Maroon Kettle 1 l", other, own) == "Brennholt Navy Kettle 1.7 l"


def test_what_was_counted_goes_with_its_number() -> None:
    own = replace(KETTLE, language="zh", brand="云岭", category=("帐篷",), attributes=(("颜色", "墨绿"),))
    assert mended("云岭户外天幕2-3人防雨 墨绿", own) == "云岭户外天幕防雨 墨绿"
