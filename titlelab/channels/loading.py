"""Puts the built-in channels into the database, and leaves alone whatever an admin made of them."""

from django.db import transaction

from titlelab.channels.built_in import CHANNELS, PHRASES, BuiltInPhrases, BuiltInPolicy
from titlelab.channels.models import Channel, ChannelPolicy, PhraseList


@transaction.atomic
def load_built_in_channels() -> int:
    """Create the channels, policies and phrase lists that were never here; return the number of such policies.

    Safe to repeat: what an admin changed stays changed, and what was moved or deleted stays away.
    """
    n_new = 0
    for built_in in CHANNELS:
        channel, _ = Channel.objects.get_or_create(key=built_in.key, defaults={"name": built_in.name})
        for policy in built_in.policies:
            if not _was_here(channel, policy):
                _create(channel, policy)
                n_new += 1
    for phrases in PHRASES:
        if not PhraseList.history.filter(key=phrases.key).exists():
            _create_list(phrases)
    return n_new


def _was_here(channel: Channel, policy: BuiltInPolicy) -> bool:
    return bool(ChannelPolicy.history.filter(channel_id=channel.pk, valid_from=policy.valid_from).exists())


def _create(channel: Channel, policy: BuiltInPolicy) -> None:
    ChannelPolicy.objects.create(
        channel=channel,
        valid_from=policy.valid_from,
        max_length=policy.max_length,
        length_unit=policy.length_unit,
        banned_words=list(policy.banned_words),
        banned_characters=policy.banned_characters,
        max_repeats=policy.max_repeats,
        bans_shouting=policy.bans_shouting,
        source=policy.source,
    )


def _create_list(built_in: BuiltInPhrases) -> None:
    created = PhraseList.objects.create(
        key=built_in.key,
        name=built_in.name,
        phrases=list(built_in.phrases),
        exceptions=list(built_in.exceptions),
        source=built_in.source,
    )
    created.channels.set(Channel.objects.filter(key__in=built_in.channels))
