"""The database's sums are those that one would count by hand."""

import datetime as dt
from typing import Any

import pytest

from tests.factories import NOW, make_catalog, make_decision, make_draft, make_item, make_product
from titlelab.catalog.models import Catalog
from titlelab.quality.figures import Sums
from titlelab.quality.models import DecisionMeasure
from titlelab.quality.recording import record_measures
from titlelab.quality.sums import sums_by

pytestmark = pytest.mark.django_db


def _decide(catalog: Catalog, *, is_blind: bool = False, **fields: Any) -> None:
    draft = make_draft(product=make_product(catalog=catalog), tags=["waterproof"], category=["Outdoor"])
    arm = "random" if is_blind else "uncertain"
    item = make_item(draft=draft, state="decided", arm=arm, is_blind=is_blind)
    make_decision(item=item, **fields)


def test_every_sum_is_of_the_decisions_that_tell_it() -> None:
    shop = make_catalog()
    _decide(shop, seconds=4.0, category=["Outdoor"])
    _decide(shop, outcome="edited", title="Norvik", title_edit=0.5, tags=["waterproof", "gift"], seconds=None)
    _decide(shop, outcome="rejected", seconds=8.0)
    _decide(shop, is_blind=True, outcome="written", title="Norvik", title_edit=0.6, tags=["gift"], seconds=30.0)
    make_decision(item=make_item(product=make_product(catalog=shop)), draft=None, title="Norvik", seconds=5.0)
    record_measures()

    found = sums_by(DecisionMeasure.objects.all())[()]

    edited = DecisionMeasure.objects.get(outcome="edited", n_final=2)
    assert edited.chrf is not None
    assert edited.rouge_l is not None
    assert found == Sums(
        n=5, n_shown=3, n_accepted=1, n_rejected=1, n_titles=2, edit=0.5, edit_edit=0.25,
        chrf=pytest.approx(1 + edited.chrf), chrf_chrf=pytest.approx(1 + edited.chrf**2),
        rouge=pytest.approx(1 + edited.rouge_l), rouge_rouge=pytest.approx(1 + edited.rouge_l**2),
        n_seconds=2, seconds=12.0, seconds_seconds=80.0,
        n_tagged=3, proposed=3, final=4, kept=2, proposed_proposed=3, final_final=6, kept_kept=2,
        proposed_final=4, proposed_kept=2, final_kept=3,
        n_category=3, category=1,
    )  # fmt: skip


def test_sums_are_grouped_by_columns() -> None:
    shop, other = make_catalog(), make_catalog()
    _decide(shop)
    _decide(shop, decided_at=NOW - dt.timedelta(days=7))
    _decide(other)
    record_measures()

    found = sums_by(DecisionMeasure.objects.all(), "catalog", "week")

    assert {key: sums.n for key, sums in found.items()} == {
        (shop.pk, dt.date(2026, 7, 27)): 1,
        (shop.pk, dt.date(2026, 7, 20)): 1,
        (other.pk, dt.date(2026, 7, 27)): 1,
    }


def test_nothing_decided_sums_up_to_nothing() -> None:
    assert sums_by(DecisionMeasure.objects.all()) == {(): Sums()}
    assert sums_by(DecisionMeasure.objects.all(), "version") == {}
