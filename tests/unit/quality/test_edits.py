"""Titles before and after, in both languages, with the kinds of edits that a person would name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from titlelab.quality.edits import KINDS, LONGEST, Mark, edit_marks
from titlelab.quality.title_words import title_words

TITLES = st.text(
    alphabet=st.one_of(st.sampled_from("Acme rd-1.5,红色马克杯大号ml "), st.characters(exclude_categories=["Cs"])),
    max_size=40,
)


def marks(drafted: str, final: str, brand: str = "", banned: tuple[str, ...] = ()) -> list[tuple[str, str, str]]:
    found = edit_marks(drafted, final, brand=brand, banned=banned)
    return [(mark.kind, mark.before, mark.after) for mark in found]


@pytest.mark.parametrize(
    ("drafted", "final", "expected"),
    [
        ("Mug 350 ml", "Blue Mug 350 ml", ("fact_added", "", "Blue")),
        ("Kettle", "Kettle with Thermometer", ("fact_added", "", "Thermometer")),
        ("陶瓷马克杯", "陶瓷马克杯 带盖", ("fact_added", "", "带盖")),
        ("保温杯", "不锈钢保温杯", ("fact_added", "", "不锈钢")),
        ("Red Mug", "Blue Mug", ("fact_corrected", "Red", "Blue")),
        ("Cotton Shirt", "Linen Shirt", ("fact_corrected", "Cotton", "Linen")),
        ("Running Shoes for Men", "Running Shoes for Women", ("fact_corrected", "Men", "Women")),
        ("Table Lamp, Sand", "Table Lamp, Sage", ("fact_corrected", "Sand", "Sage")),
        ("Ceramic Cup", "Ceramic Mug", ("fact_corrected", "Cup", "Mug")),
        ("Small Bag", "Large Bag", ("fact_corrected", "Small", "Large")),
        ("红色马克杯", "蓝色马克杯", ("fact_corrected", "红色", "蓝色")),
        ("纯棉睡衣", "真丝睡衣", ("fact_corrected", "纯棉", "真丝")),
        ("运动男鞋", "跑步男鞋", ("fact_corrected", "运动", "跑步")),
        ("Waterproof Watch", "Watch", ("fact_removed", "Waterproof", "")),
        ("Steel Watch Strap, Black", "Watch Strap, Black", ("fact_removed", "Steel", "")),
        ("防水男士手表", "男士手表", ("fact_removed", "防水", "")),
        ("Chair Foldable Steel Frame Seat", "Chair", ("shortened", "Foldable Steel Frame Seat", "")),
        ("Mug, Ceramic Mug", "Mug, Ceramic", ("shortened", "Mug", "")),
        ("加绒手套骑行手套", "加绒手套骑行", ("shortened", "手套", "")),
        ("创意家居摆件装饰品", "家居摆件装饰品", ("shortened", "创意", "")),
        ("Mug Ceramic Blue", "Blue Mug Ceramic", ("reordered", "… Blue", "Blue …")),
        ("Large Mug with Lid", "Mug with Lid Large", ("reordered", "Large …", "… Large")),
        ("马克杯 陶瓷 家用 大号", "大号马克杯 陶瓷 家用", ("reordered", "… 大号", "大号 …")),
        ("Mug 350ml", "Mug 500ml", ("number_or_unit", "350ml", "500ml")),
        ("Mug 350 ml", "Mug 12 oz", ("number_or_unit", "350 ml", "12 oz")),
        ("Cable 2 m", "Cable 2 metres", ("number_or_unit", "2 m", "2 metres")),
        ("Napkins", "Napkins 100 pcs", ("number_or_unit", "", "100 pcs")),
        ("Napkins Pack of 50", "Napkins Pack of 100", ("number_or_unit", "50", "100")),
        ("Spiral Notebook", "Spiral Notebook 160 Pages", ("number_or_unit", "", "160 Pages")),
        ("Face Cream 1.7 fl. Oz", "Face Cream 1.7 oz", ("number_or_unit", "1.7 fl. Oz", "1.7 oz")),
        ("iPhone 14 Case", "iPhone 15 Case", ("number_or_unit", "14", "15")),
        ("Board 30x22cm", "Board 30x25cm", ("number_or_unit", "30x22cm", "30x25cm")),
        ("Towels three pack", "Towels four pack", ("number_or_unit", "three pack", "four pack")),
        ("毛巾2条装", "毛巾3条装", ("number_or_unit", "2条装", "3条装")),
        ("保温杯350毫升", "保温杯500毫升", ("number_or_unit", "350毫升", "500毫升")),
        ("户外帐篷", "户外帐篷3-4人", ("number_or_unit", "", "3-4人")),
        ("户外帐篷防暴雨", "户外帐篷3-4人防暴雨", ("number_or_unit", "", "3-4人")),
        ("活页本128页明黄", "活页本160页明黄", ("number_or_unit", "128", "160")),
        ("Rope 3-4 mm", "Rope 5-6 mm", ("number_or_unit", "3-4 mm", "5-6 mm")),
        ("两件套餐具", "三件套餐具", ("number_or_unit", "两件套", "三件套")),
        ("red mug", "Red mug", ("style", "red", "Red")),
        ("T Shirt", "T-Shirt", ("style", "T Shirt", "T-Shirt")),
        ("Mug 350ml", "Mug 350 ml", ("style", "350ml", "350 ml")),
        ("Towels two pack", "Towels 2 pack", ("style", "two pack", "2 pack")),
        ("Mug - Red", "Mug, Red", ("style", "-", ",")),
        ("Mug ★ Red", "Mug Red", ("style", "★", "")),
        ("Red  Mug", "Red Mug", ("style", "Red  Mug", "Red Mug")),
        ("Red Mug!", "Red Mug", ("style", "!", "")),
        ("The Red Mug", "Red Mug", ("style", "The", "")),
        ("Stainles Kettle", "Stainless Kettle", ("style", "Stainles", "Stainless")),
        ("Shoe Rack", "Shoes Rack", ("style", "Shoe", "Shoes")),
        ("马克杯，红色", "马克杯,红色", ("style", "，", ",")),
        ("夏季的凉鞋", "夏季凉鞋", ("style", "的", "")),
        ("Best Seller Mug", "Mug", ("policy", "best seller", "")),
        ("Mug Free Shipping", "Mug", ("policy", "free shipping", "")),
        ("Mug 50% off", "Mug", ("policy", "50% off", "")),
        ("Amazing Mug with Lid", "Mug with Lid", ("policy", "amazing", "")),
        ("爆款马克杯", "马克杯", ("policy", "爆款", "")),
        ("包邮陶瓷马克杯", "陶瓷马克杯", ("policy", "包邮", "")),
    ],
)  # fmt: skip
def test_one_edit_is_of_one_kind(drafted: str, final: str, expected: tuple[str, str, str]) -> None:
    assert marks(drafted, final) == [expected]


@pytest.mark.parametrize(
    ("drafted", "final", "brand", "expected"),
    [
        ("Mug", "Acme Mug", "Acme", [("brand", "", "Acme")]),
        ("Acme Mug", "Mug", "Acme", [("brand", "Acme", "")]),
        ("Zenith Mug", "Acme Mug", "Acme", [("brand", "Zenith", "Acme")]),
        ("acme Mug", "ACME Mug", "ACME", [("brand", "acme", "ACME")]),
        ("Mug by Acme", "Acme Mug", "Acme", [("reordered", "… Acme", "Acme …"), ("style", "by", "")]),
        ("Ceramic Mug Red Acme", "Acme Ceramic Mug Red", "Acme", [("reordered", "… Acme", "Acme …")]),
        ("Green Mug", "Mug", "Green Garage", [("fact_removed", "Green", "")]),
        ("Green Chair", "Green Garage Chair", "Green Garage", [("brand", "", "Garage")]),
        ("毛巾", "禾沐毛巾", "禾沐", [("brand", "", "禾沐")]),
        ("禾沐毛巾", "毛巾", "禾沐", [("brand", "禾沐", "")]),
        ("毛巾 禾沐", "禾沐 毛巾", "禾沐", [("reordered", "… 禾沐", "禾沐 …")]),
        ("小米充电器", "MIUI充电器", "MIUI/小米", [("brand", "小米", "MIUI")]),
        ("Nike Running Shoes", "Running Shoes", "", [("brand", "Nike", "")]),
        ("Mug", "other Mug", "other", [("fact_added", "", "other")]),
    ],
)  # fmt: skip
def test_a_brand_that_comes_goes_or_is_spelt_otherwise_counts_by_itself(
    drafted: str, final: str, brand: str, expected: list[tuple[str, str, str]]
) -> None:
    assert marks(drafted, final, brand) == expected


@pytest.mark.parametrize(
    ("drafted", "final", "expected"),
    [
        (
            "Acme Red Mug 350ml",
            "Acme Blue Mug 500ml",
            [("fact_corrected", "Red", "Blue"), ("number_or_unit", "350ml", "500ml")],
        ),
        (
            "包邮爆款运动男鞋 红色",
            "跑步男鞋 黑色",
            [
                ("policy", "包邮", ""),
                ("policy", "爆款", ""),
                ("fact_corrected", "运动", "跑步"),
                ("fact_corrected", "红色", "黑色"),
            ],
        ),
        (
            "Large Ceramic Mug with a Lid and a Handle for your Office",
            "Ceramic Mug",
            [("fact_removed", "Large", ""), ("shortened", "Lid … Handle … Office", "")],
        ),
        ("马克杯（大号）", "马克杯 大号", [("style", "（", ""), ("style", "）", "")]),
        (
            "Waterproof Watch Strap",
            "Watch Strap Waterproof Case",
            [("reordered", "Waterproof …", "… Waterproof …"), ("fact_added", "", "Case")],
        ),
        (
            "Ceramic Mug",
            "Large Blue Mug",
            [("fact_removed", "Ceramic", ""), ("fact_added", "", "Large"), ("fact_added", "", "Blue")],
        ),
    ],
)
def test_a_title_may_be_edited_in_several_ways(drafted: str, final: str, expected: list[tuple[str, str, str]]) -> None:
    assert sorted(marks(drafted, final)) == sorted(expected)


def test_a_phrase_that_the_channel_bans_is_policy_and_one_that_stays_is_not() -> None:
    assert marks("Wonder Mug", "Mug", banned=("wonder",)) == [("policy", "wonder", "")]
    assert marks("Wonder Mug", "Mug") == [("shortened", "Wonder", "")]
    assert marks("Wonder Red Mug", "Wonder Mug", banned=("wonder",)) == [("fact_removed", "Red", "")]


def test_a_word_of_an_honest_phrase_is_no_policy() -> None:
    assert "policy" not in {kind for kind, _, _ in marks("Hot Water Bottle 2 l", "Water Bottle 2 l")}


def test_the_same_title_was_not_edited() -> None:
    assert edit_marks("Red Mug", "Red Mug", brand="", banned=()) == ()


def test_the_text_of_a_mark_is_cut() -> None:
    (mark,) = edit_marks("", "many " * 100, brand="", banned=())

    assert mark == Mark("fact_added", "", ("many " * 100)[: LONGEST - 1] + "…")


@given(TITLES, TITLES, st.sampled_from(["", "Acme", "马克", "Acme/红色"]))
def test_every_edited_title_has_a_mark_of_a_known_kind_and_none_twice(drafted: str, final: str, brand: str) -> None:
    found = edit_marks(drafted, final, brand=brand, banned=["红色", "a{n}"])

    assert bool(found) == (drafted != final)
    assert len(set(found)) == len(found)
    assert all(mark.kind in KINDS for mark in found)
    assert all(len(mark.before) <= LONGEST and len(mark.after) <= LONGEST for mark in found)


@given(TITLES)
def test_the_words_of_a_title_rebuild_it(title: str) -> None:
    words, end = title_words(title)

    assert "".join(word.gap + word.text for word in words) + end == title
