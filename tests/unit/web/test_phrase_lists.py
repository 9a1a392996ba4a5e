"""What an admin does to the phrases that no title may hold."""

import datetime as dt

import pytest
from django.test import Client

from tests.factories import make_channel
from titlelab.channels.models import PhraseList
from titlelab.channels.rules import rules_on

pytestmark = pytest.mark.django_db


def test_a_saved_list_binds_its_channels_from_now_on(boss: Client) -> None:
    channel = make_channel(key="shop")
    phrases = PhraseList.objects.create(key="cries", name="Cries", phrases=["on sale"])

    boss.post(
        f"/admin/channels/phraselist/{phrases.pk}/change/",
        {
            "key": "cries",
            "name": "Cries",
            "channels": [channel.pk],
            "phrases": "{n}% off\r\n\r\n第一\r\n第一",
            "exceptions": "第一次",
            "source": "",
        },
    )

    rules = rules_on(channel, dt.date(2026, 7, 30))
    assert (rules.banned_words, rules.allowed_phrases) == (("{n}% off", "第一"), ("第一次",))
