"""Any title, made to fit any channel."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml_backend.contract import ChannelRules
from ml_backend.rules.policy import violations
from ml_backend.rules.repair import repaired

AMAZON = ChannelRules(
    key="amazon",
    max_length=75,
    banned_words=("free shipping", "best seller", "{n}% off"),
    banned_characters="!$?_{}^¬¦",
    max_repeats=2,
    bans_shouting=True,
)
TAOBAO = ChannelRules(
    key="taobao",
    max_length=60,
    length_unit="gbk_bytes",
    banned_words=("最", "第一", "包邮", "特价"),
    banned_characters="★☆♥❤！!",
    allowed_phrases=("最大承重", "第一次", "独特价值"),
)


@pytest.mark.parametrize(
    "title", ["Norvik Steel Bottle, 500 ml", "NORVIK Tern Bottle (Ages 3+)", "Bottle with", "  two  blanks", ""]
)
def test_what_breaks_no_rule_comes_back_as_it_is(title: str) -> None:
    assert repaired(title, AMAZON) == title


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Norvik Bottle! FREE SHIPPING - 500 ml", "Norvik Bottle - 500 ml"),
        ("Best-Seller: Norvik Bottle (free shipping)", "Norvik Bottle"),
        ("Norvik Bottle, 20% off, Blue", "Norvik Bottle, Blue"),
        ("Norvik Stool PK_504 {Oak}", "Norvik Stool PK-504 (Oak)"),
        ("Norvik Bottle Steel Bottle for Tea, Bottle Blue", "Norvik Bottle Steel Bottle for Tea, Blue"),
        ("NORVIK INSULATED STEEL WATER BOTTLE 500 ML", "Norvik Insulated Steel Water Bottle 500 ML"),
        ("Why not? Norvik Bottle", "Why not Norvik Bottle"),
    ],
)
def test_what_may_not_stand_in_a_title_goes(title: str, expected: str) -> None:
    assert repaired(title, AMAZON) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("★纯棉床单特价包邮★大号1.8米", "纯棉床单 大号1.8米"),
        ("史上最薄保温杯第一品牌", "史上薄保温杯品牌"),
        ("最大承重200斤第一次露营折叠椅独特价值！", "最大承重200斤第一次露营折叠椅独特价值"),
    ],
)
def test_han_titles_lose_no_more_than_the_claim(title: str, expected: str) -> None:
    assert repaired(title, TAOBAO) == expected


@pytest.mark.parametrize(
    ("title", "room", "expected"),
    [
        ("Norvik Steel Water Bottle, 500 ml, Blue", 29, "Norvik Steel Water Bottle"),
        ("Norvik Steel Water Bottle, 500 ml, Blue", 33, "Norvik Steel Water Bottle, 500 ml"),
        ("Norvik Steel Water Bottle 500ml Blue", 29, "Norvik Steel Water Bottle"),
        ("Norvik Steel Bottle with a Handle", 25, "Norvik Steel Bottle"),
        ("Norvik Steel Bottle - Blue", 22, "Norvik Steel Bottle"),
        ("Norvik Steel Bottle, Pack of 12", 29, "Norvik Steel Bottle"),
        ("Norvik Steel Bottle (Matte Blue)", 29, "Norvik Steel Bottle"),
        ("Tern (Matte Blue and Very Green) Bottle", 20, "Tern Matte Blue"),
        ("Norvik Oak Board 30x40 cm", 21, "Norvik Oak Board"),
        ("Norvik Oak Board 30 x 40 cm", 22, "Norvik Oak Board"),
        ('Norvik Steel Pipe 1.5" Wide', 21, "Norvik Steel Pipe"),
        ("Norvik T-Shirt LC-51/C Black", 20, "Norvik T-Shirt"),
        ("Norvik Refill 2-Pack Mint", 16, "Norvik Refill"),
        ("Norvik Ink for FX-80/FX-90", 21, "Norvik Ink"),
        ("Norvik Wi-Fi Camera", 9, "Norvik"),
        ("Incomprehensibilities", 8, "Incompre"),
    ],
)
def test_a_title_ends_where_a_title_may_end(title: str, room: int, expected: str) -> None:
    assert repaired(title, ChannelRules(key="custom", max_length=room)) == expected


@pytest.mark.parametrize(
    ("title", "room", "expected"),
    [
        ("加厚不锈钢保温杯500毫升大容量", 22, "加厚不锈钢保温杯"),
        ("加厚不锈钢保温杯500毫升大容量", 23, "加厚不锈钢保温杯500毫升"),
        ("纯棉床单和枕套两件套", 13, "纯棉床单"),
        ("实木书桌【带抽屉】白色", 14, "实木书桌"),
    ],
)
def test_a_han_title_is_cut_between_words(title: str, room: int, expected: str) -> None:
    assert repaired(title, ChannelRules(key="taobao", max_length=room, length_unit="gbk_bytes")) == expected


def test_a_word_said_too_often_goes_whole_in_han() -> None:
    rules = ChannelRules(key="custom", max_length=60, max_repeats=2)

    assert repaired("保温杯不锈钢保温杯大容量保温杯", rules) == "保温杯不锈钢保温杯大容量"


def test_what_names_spells_in_capitals_stays_so() -> None:
    title = "NORVALE NORTH STAR Kettle"

    assert repaired(title, AMAZON, names="NORVALE NORTH STAR") == title
    assert repaired(title, AMAZON) == "Norvale North Star Kettle"


_PIECES = [
    "Norvik", "STEEL", "bottle", "Bottle", "500 ml", "30x40 cm", "free shipping", "Best", "Seller", "20% off", "最",
    "第一", "第一次", "包邮", "特", "价",
    "保温杯", "(", ")", "【", "】", "with", "and", "Pack of 2", ",", "-", "!", "★", "$", "_", "{", "和",
    "ﬁ", "！", "½", "e\u0301",
]  # fmt: skip
_TITLES = st.one_of(
    st.lists(st.sampled_from(_PIECES), max_size=20).map(" ".join),
    st.lists(st.sampled_from(_PIECES), max_size=20).map("".join),
    st.text(max_size=120),
)


@settings(max_examples=400, deadline=None)
@given(title=_TITLES, rules=st.sampled_from([AMAZON, TAOBAO]), room=st.integers(1, 100))
def test_nothing_repaired_breaks_a_rule(title: str, rules: ChannelRules, room: int) -> None:
    rules = dataclasses.replace(rules, max_length=room)

    once = repaired(title, rules)

    assert violations(once, rules) == ()
    assert repaired(once, rules) == once
