"""What a channel demands on a day, as the value that models read; reads the database, writes nothing."""

import datetime as dt

from ml_backend.contract import ChannelRules, LengthUnit
from titlelab.channels.models import Channel
from titlelab.errors import NotPossibleNow

UNITS: dict[str, LengthUnit] = {"characters": "characters", "gbk_bytes": "gbk_bytes"}


def rules_on(channel: Channel, day: dt.date) -> ChannelRules:
    """Return the channel's rules in force on the day; raises NotPossibleNow if it has no policy by then."""
    policy = channel.policy_on(day)
    if policy is None:
        raise NotPossibleNow(f"{channel} has no policy that is valid on {day}: add one to the channel")
    return ChannelRules(
        key=channel.key,
        max_length=policy.max_length,
        length_unit=UNITS[policy.length_unit],
        banned_words=tuple(policy.banned_words),
        banned_characters=policy.banned_characters,
        max_repeats=policy.max_repeats,
    )
