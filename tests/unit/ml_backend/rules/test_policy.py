"""A channel's rules, as sentences."""

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
