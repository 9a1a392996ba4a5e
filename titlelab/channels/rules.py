"""What a channel demands on a day, as the value that models read; reads the database, writes nothing."""

import datetime as dt

from ml_backend.contract import ChannelRules, LengthUnit
from titlelab.channels.models import Channel
from titlelab.errors import NotPossibleNow

UNITS: dict[str, LengthUnit] = {"characters": "characters", "gbk_bytes": "gbk_bytes"}


def rules_on(channel: Channel, day: dt.date) -> ChannelRules:
    """Return the channel's rules in force on the day, with its phrase lists as they are now.

    Raises NotPossibleNow if it has no policy by then.
    """
    policy = channel.policy_on(day)
    if policy is None:
        raise NotPossibleNow(f"{channel} has no policy that is valid on {day}: add one to the channel")
    lists = list(channel.phrase_lists.all())
    return ChannelRules(
        key=channel.key,
        max_length=policy.max_length,
        length_unit=UNITS[policy.length_unit],
        banned_words=_merged(policy.banned_words, *(phrases.phrases for phrases in lists)),
        banned_characters=policy.banned_characters,
        max_repeats=policy.max_repeats,
        allowed_phrases=_merged(*(phrases.exceptions for phrases in lists)),
        bans_shouting=policy.bans_shouting,
    )


def _merged(*lists: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(phrase for phrases in lists for phrase in phrases))
