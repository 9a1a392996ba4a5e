"""The built-in channels' rules without a database: as `titlelab.channels.rules.rules_on` gives them to a new shop."""

import datetime as dt

from ml_backend.contract import ChannelRules
from titlelab.channels.built_in import CHANNELS, PHRASES


def built_in_rules(day: dt.date) -> dict[str, ChannelRules]:
    """Return the rules in force on a day by the channel's key, its phrase lists among them."""
    found = {}
    for channel in CHANNELS:
        policy = [policy for policy in channel.policies if policy.valid_from <= day][-1]
        lists = [one for one in PHRASES if channel.key in one.channels]
        phrases = [*policy.banned_words, *(phrase for one in lists for phrase in one.phrases)]
        found[channel.key] = ChannelRules(
            key=channel.key,
            max_length=policy.max_length,
            length_unit=policy.length_unit,
            banned_words=tuple(dict.fromkeys(phrases)),
            banned_characters=policy.banned_characters,
            max_repeats=policy.max_repeats,
            allowed_phrases=tuple(dict.fromkeys(phrase for one in lists for phrase in one.exceptions)),
            bans_shouting=policy.bans_shouting,
        )
    return found
