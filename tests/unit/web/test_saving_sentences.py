"""What an admin reads of what choosing has saved."""

import pytest
from django.test import Client
from django.urls import reverse

from titlelab.quality.savings import Estimate, Outlook, Saved
from titlelab.review.models import Decision
from titlelab.web.admin.saving_sentences import outlook_sentence, saved_sentence


def saved(low: float, value: float, high: float) -> Saved:
    return Saved(
        n_random=50,
        n_chosen=200,
        yield_ratio=Estimate(value=1 + value / 200, low=1 + low / 200, high=1 + high / 200),
        labels=Estimate(value=value, low=low, high=high),
    )


def outlook(low: float, value: float, high: float) -> Outlook:
    return Outlook(
        n_labels=1200,
        n_left=30_000,
        mending=Estimate(value=0.21, low=0.15, high=0.28),
        spared=Estimate(value=value, low=low, high=high),
        pays_until=Estimate(value=2500, low=1800, high=4100),
    )


@pytest.mark.parametrize(
    ("told", "end"),
    [
        (saved(40, 120, 210), "Choosing has saved about 120 (40 to 210) decisions so far."),
        (saved(-40, 20, 90), "That choosing saves decisions can't be told from chance yet: 20 (-40 to 90)."),
        (saved(-90, -50, -10), "choosing does not pay here."),
    ],
)
def test_what_was_saved_is_claimed_only_where_the_interval_shows_it(told: Saved, end: str) -> None:
    assert saved_sentence(told).endswith(end)


@pytest.mark.parametrize(
    ("told", "end"),
    [
        (outlook(1.2, 2.0, 3.1), "Labelling pays, until about 2,500 (1,800 to 4,100) labels."),
        (outlook(0.2, 1.0, 2.1), "Whether it pays is open: it does while that is more than one."),
        (outlook(0.1, 0.3, 0.6), "Further labelling no longer pays: a label costs more looks than it spares."),
    ],
)
def test_labelling_is_said_to_pay_only_where_the_interval_shows_it(told: Outlook, end: str) -> None:
    assert outlook_sentence(told).endswith(end)
    assert outlook_sentence(told).startswith("21% of random drafts need mending at 1,200 labels (15% to 28%).")


def test_the_page_says_when_too_little_is_known(boss: Client, decision: Decision) -> None:
    page = boss.get(reverse("admin:quality_qualitysnapshot_changelist")).content.decode()

    assert "What choosing has saved" in page
    assert "Too little is known yet to tell what choosing saves" in page
    assert "When labelling no longer pays can&#x27;t be told yet" in page
