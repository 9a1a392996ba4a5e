"""The benchmarks' channels are those of a new shop."""

import datetime as dt

import pytest

from benchmarks.channels import built_in_rules
from titlelab.channels.loading import load_built_in_channels
from titlelab.channels.models import Channel
from titlelab.channels.rules import rules_on


@pytest.mark.django_db
def test_the_rules_are_what_the_database_gives_a_new_shop() -> None:
    load_built_in_channels()
    day = dt.date(2026, 11, 1)
    for key, rules in built_in_rules(day).items():
        stored = rules_on(Channel.objects.get(key=key), day)
        assert set(stored.banned_words) == set(rules.banned_words)
        assert (stored.max_length, stored.max_repeats) == (rules.max_length, rules.max_repeats)
        assert (stored.banned_characters, stored.bans_shouting) == (rules.banned_characters, rules.bans_shouting)
        assert set(stored.allowed_phrases) == set(rules.allowed_phrases)
