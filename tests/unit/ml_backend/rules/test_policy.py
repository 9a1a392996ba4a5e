"""A channel's rules, as sentences."""

import pytest

from ml_backend.contract import ChannelRules
from ml_backend.rules.policy import violations


def test_every_broken_rule_is_told() -> None:
    rules = ChannelRules(
        key="amazon", max_length=30, banned_words=("best seller", "包邮"), banned_characters="!$", max_repeats=2
    )

    assert violations("Tern Bottle 17 oz", rules) == ()
    assert violations("Bottle bottle BOTTLE best seller!", rules) == (
        "3 characters too long (33 of 30)",
        "banned word 'best seller'",
        "banned character '!'",
        "'bottle' stands 3 times",
    )
    assert violations("保温杯包邮", rules) == ("banned word '包邮'",)


def test_a_banned_latin_word_is_banned_as_a_word_only() -> None:
    rules = ChannelRules(key="ebay", max_length=80, banned_words=("sale",))

    assert violations("Wholesale Mug", rules) == ()


def test_han_characters_take_two_bytes_of_gbk() -> None:
    rules = ChannelRules(key="taobao", max_length=10, length_unit="gbk_bytes")

    assert violations("保温杯500ml", rules) == ("1 GBK bytes too long (11 of 10)",)
    assert violations("保温杯50ml", rules) == ()


def test_joining_words_may_be_said_often_and_han_words_may_not() -> None:
    rules = ChannelRules(key="amazon", max_length=80, max_repeats=2)

    assert violations("Mug with Lid with Straw with Sleeve", rules) == ()
    assert violations("保温杯大保温杯小保温杯", rules) == ("'保温' stands 3 times", "'温杯' stands 3 times")


@pytest.mark.parametrize("title", ["Best-Seller Mug", "bestseller mug", "Our BEST SELLERS", "Ｂｅｓｔ seller mug"])
def test_a_phrase_is_banned_in_every_spelling(title: str) -> None:
    rules = ChannelRules(key="ebay", max_length=80, banned_words=("best seller",))

    assert violations(title, rules) == ("banned word 'best seller'",)


@pytest.mark.parametrize(
    ("title", "is_banned"),
    [
        ("Norvik Mug 20% off", True),
        ("Norvik Mug 100 % cotton", False),
        ("保温杯买二送一", True),
        ("保温杯买家送货", False),
    ],
)
def test_a_number_stands_for_any_number(title: str, *, is_banned: bool) -> None:
    rules = ChannelRules(key="custom", max_length=80, banned_words=("{n}% off", "买{n}送{n}"))

    assert bool(violations(title, rules)) is is_banned


@pytest.mark.parametrize(
    ("title", "n"),
    [
        ("露营椅最大承重120kg", 0),
        ("宝宝第一次刷牙", 0),
        ("最大承重120kg最轻", 1),
        ("全国第一保温杯第一次", 1),
        ("独特价值", 0),
    ],
)
def test_a_banned_word_within_an_allowed_phrase_is_honest(title: str, n: int) -> None:
    rules = ChannelRules(
        key="taobao",
        max_length=80,
        banned_words=("最", "第一", "特价"),
        allowed_phrases=("最大承重", "第一次", "独特价值"),
    )

    assert len(violations(title, rules)) == n


def test_a_banned_character_is_found_in_any_width() -> None:
    assert violations("保温杯！", ChannelRules(key="amazon", max_length=80, banned_characters="!")) == (
        "banned character '!'",
    )


@pytest.mark.parametrize(
    "title",
    [
        "NORVIK INSULATED WATER BOTTLE",
        "Norvik Bottle SUPER SOFT GRIP",
        "WATER BOTTLE 500 ML",
    ],
)
def test_shouting_is_told_where_the_channel_forbids_it(title: str) -> None:
    loud = ChannelRules(key="amazon", max_length=80, bans_shouting=True)

    assert violations(title, loud)[0].startswith("shouting: ")
    assert violations(title, ChannelRules(key="custom", max_length=80)) == ()


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("Cable HDMI SATA NVME VESA 2 m", ""),
        ("NORVIK Mug 500 ML XL", ""),
        ("Plug RJ45 USB LED LC-51C", ""),
        ("NORTH NORVALE STAR Kettle", "NORTH NORVALE STAR"),
        ("保温杯 NORVIK STEEL BOTTLE", ""),
    ],
)
def test_acronyms_codes_and_a_brand_in_capitals_are_no_shouting(title: str, names: str) -> None:
    assert violations(title, ChannelRules(key="amazon", max_length=80, bans_shouting=True), names=names) == ()
