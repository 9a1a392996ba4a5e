"""The channels TitleLab knows from the start."""

import datetime as dt

import pytest

from titlelab.channels.built_in import CHANNELS, EVER
from titlelab.channels.loading import load_built_in_channels
from titlelab.channels.models import Channel, ChannelPolicy
from titlelab.channels.rules import rules_on

LATER = dt.date(2026, 12, 1)


def test_every_channels_policies_are_in_order_and_hold_from_the_start() -> None:
    for channel in CHANNELS:
        days = [policy.valid_from for policy in channel.policies]
        assert days[0] == EVER
        assert days == sorted(set(days))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("key", "day", "max_length", "unit"),
    [
        ("amazon", dt.date(2026, 7, 26), 200, "characters"),
        ("amazon", dt.date(2026, 7, 27), 75, "characters"),
        ("google", LATER, 150, "characters"),
        ("ebay", LATER, 80, "characters"),
        ("taobao", LATER, 60, "gbk_bytes"),
        ("custom", LATER, 200, "characters"),
    ],
)
def test_what_a_channel_demands_on_a_day(key: str, day: dt.date, max_length: int, unit: str) -> None:
    load_built_in_channels()

    rules = rules_on(Channel.objects.get(key=key), day)

    assert (rules.key, rules.max_length, rules.length_unit) == (key, max_length, unit)


@pytest.mark.django_db
def test_amazon_bans_nine_characters_and_a_word_said_thrice() -> None:
    load_built_in_channels()

    rules = rules_on(Channel.objects.get(key="amazon"), LATER)

    assert set(rules.banned_characters) == set("!$?_{}^¬¦")
    assert rules.max_repeats == 2
    assert "free shipping" in rules.banned_words


@pytest.mark.django_db
def test_loading_again_leaves_alone_what_an_admin_changed_moved_or_deleted() -> None:
    n_first = load_built_in_channels()
    ChannelPolicy.objects.get(channel__key="ebay").delete()
    google = ChannelPolicy.objects.get(channel__key="google")
    google.max_length = 70
    google.save()
    custom = ChannelPolicy.objects.get(channel__key="custom")
    custom.valid_from = dt.date(2026, 1, 1)
    custom.save()

    n_second = load_built_in_channels()

    google.refresh_from_db()
    assert (n_first, n_second) == (sum(len(channel.policies) for channel in CHANNELS), 0)
    assert google.max_length == 70
    assert not ChannelPolicy.objects.filter(channel__key="ebay").exists()
    assert ChannelPolicy.objects.get(channel__key="custom").valid_from == dt.date(2026, 1, 1)
