"""The channels TitleLab knows from the start."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml_backend.contract import ChannelRules
from ml_backend.rules.policy import violations
from ml_backend.rules.repair import repaired
from titlelab.channels.built_in import CHANNELS, EVER, PHRASES
from titlelab.channels.loading import load_built_in_channels
from titlelab.channels.models import Channel, ChannelPolicy, PhraseList
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


def test_phrase_lists_serve_known_channels_and_each_exception_holds_a_phrase_of_its_list() -> None:
    for built_in in PHRASES:
        assert set(built_in.channels) <= {channel.key for channel in CHANNELS}
        for exception in built_in.exceptions:
            assert any(phrase in exception for phrase in built_in.phrases), exception


@pytest.mark.django_db
def test_an_admins_list_counts_at_once_and_loading_again_leaves_it_alone() -> None:
    load_built_in_channels()
    absolutes = PhraseList.objects.get(key="absolutes-zh")
    absolutes.phrases, absolutes.exceptions = ["天下无双"], ["天下无双剑"]
    absolutes.save()
    PhraseList.objects.get(key="promotions-zh").delete()

    load_built_in_channels()

    rules = rules_on(Channel.objects.get(key="taobao"), LATER)
    assert (rules.banned_words, rules.allowed_phrases) == (("天下无双",), ("天下无双剑",))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("key", "title", "n"),
    [
        ("taobao", "史上最轻露营椅 全国第一 国家级", 3),
        ("taobao", "露营椅最大承重120kg 第一次露营 独特价值 万能胶", 0),
        ("taobao", "保温杯买二送一满100减20", 2),
        ("amazon", "Norvik Bottle, 20% OFF, Buy 2 Get 1", 2),
        ("amazon", "NORVIK STEEL WATER BOTTLE", 1),
        ("ebay", "Wow! Best-Price Mug", 3),
        ("google", "Mug with Free Shipping ✔", 2),
        ("custom", "BEST PRICE!!! FREE SHIPPING 最", 0),
    ],
)
def test_what_breaks_a_built_in_channels_rules(key: str, title: str, n: int) -> None:
    load_built_in_channels()

    found = violations(title, rules_on(Channel.objects.get(key=key), LATER))

    assert len(found) == n, found


_PIECES = [
    "Norvik", "NORVIK", "STEEL", "WATER", "Bottle", "500 ml", "30x40 cm", "free shipping", "Best", "price",
    "20% off", "buy", "1", "get", "最", "最大承重", "第一", "次", "包邮", "特", "价", "买", "二", "送", "保温杯",
    "(", "【", "】", "with", ",", "-", "!", "★", "$", "_", "{", "和", "！", "½",
]  # fmt: skip


_TITLES = st.one_of(
    st.lists(st.sampled_from(_PIECES), max_size=30).map(" ".join),
    st.lists(st.sampled_from(_PIECES), max_size=30).map("".join),
    st.text(max_size=250),
)


@pytest.mark.django_db
def test_any_title_can_be_made_to_fit_every_built_in_channel_of_every_day() -> None:
    load_built_in_channels()
    days = {policy.valid_from for channel in CHANNELS for policy in channel.policies}
    every_rule = {rules_on(channel, day) for channel in Channel.objects.all() for day in days}

    @settings(max_examples=200, deadline=None)
    @given(title=_TITLES, rules=st.sampled_from(sorted(every_rule, key=lambda rules: (rules.key, rules.max_length))))
    def check(title: str, rules: ChannelRules) -> None:
        assert violations(repaired(title, rules), rules) == ()

    check()
