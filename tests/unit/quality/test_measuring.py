import datetime as dt
from typing import Any

import pytest

from tests.factories import (
    NOW,
    make_catalog,
    make_decision,
    make_draft,
    make_item,
    make_library,
    make_product,
)
from titlelab.catalog.models import Catalog
from titlelab.quality.measuring import take_all_snapshots
from titlelab.quality.models import QualitySnapshot
from titlelab.review.models import Decision, Draft, ReviewItem
from titlelab.tags.renaming import merge

pytestmark = pytest.mark.django_db
EDITED, REJECTED = Decision.Outcome.EDITED, Decision.Outcome.REJECTED


@pytest.fixture
def shop() -> Catalog:
    return make_catalog(key="shop", library=make_library(key="tags"))


def test_a_snapshot_holds_what_current_decisions_say_of_a_version(shop: Catalog) -> None:
    _decide(shop, seconds=4.0)
    _decide(shop, outcome=EDITED, title="Norvik", title_edit=0.5, tags=["waterproof", "gift"], seconds=None)
    _decide(shop, outcome=REJECTED, seconds=8.0)
    _decide(shop, superseded_at=NOW)

    (snapshot,) = _snapshots(shop)

    assert (snapshot.version, snapshot.n, snapshot.n_accepted, snapshot.n_rejected) == ("t0-g0.1", 3, 1, 1)
    assert snapshot.acceptance_rate == pytest.approx(1 / 3)
    assert snapshot.title_edit == pytest.approx(0.25)  # of 0 and 0.5; the rejected one has no final title
    assert snapshot.tag_f1 == pytest.approx(0.8)  # two proposed, three final, two agree
    assert snapshot.seconds == pytest.approx(6.0)


def test_who_saw_no_title_neither_accepted_nor_edited_one(shop: Catalog) -> None:
    _decide(shop, seconds=4.0)
    blind = _decide(shop, outcome=Decision.Outcome.WRITTEN, title="Norvik", title_edit=0.6, seconds=30.0)
    refused = _decide(shop, outcome=REJECTED)
    items = ReviewItem.objects.filter(pk__in=[blind.item_id, refused.item_id])
    items.update(arm=ReviewItem.Arm.RANDOM, is_blind=True)

    (snapshot,) = _snapshots(shop)

    assert (snapshot.n, snapshot.n_accepted, snapshot.n_rejected, snapshot.n_written) == (1, 1, 0, 1)
    assert (snapshot.acceptance_rate, snapshot.title_edit, snapshot.seconds) == (1.0, 0.0, 4.0)
    assert snapshot.written_edit == pytest.approx(0.6)


def test_versions_stand_in_the_order_in_which_they_were_shown(shop: Catalog) -> None:
    newer, older = _decide(shop, version=10), _decide(shop, version=9)
    Draft.objects.filter(pk=older.draft_id).update(created_at=NOW - dt.timedelta(days=1))
    Draft.objects.filter(pk=newer.draft_id).update(created_at=NOW)

    assert [snapshot.version for snapshot in _snapshots(shop)] == ["t9-g0.1", "t10-g0.1"]


def test_taken_again_a_snapshot_is_brought_up_to_date(shop: Catalog) -> None:
    decision = _decide(shop)
    take_all_snapshots()
    Decision.objects.filter(pk=decision.pk).update(withdrawn_at=NOW)

    assert take_all_snapshots() == 1

    snapshot = QualitySnapshot.objects.get()
    assert (snapshot.n, snapshot.acceptance_rate, snapshot.title_edit) == (0, None, None)


def test_a_decision_on_nothing_shown_measures_no_version(shop: Catalog) -> None:
    make_decision(item=make_item(product=make_product(catalog=shop)), draft=None, title="Norvik Bottle")

    assert _snapshots(shop) == []


def _snapshots(catalog: Catalog) -> list[QualitySnapshot]:
    take_all_snapshots()
    return list(catalog.snapshots.order_by("pk"))


def _decide(catalog: Catalog, *, version: int = 0, **fields: Any) -> Decision:
    draft = make_draft(product=make_product(catalog=catalog), titler_version=version)
    return make_decision(item=make_item(draft=draft, state="decided"), **fields)


def test_a_tag_that_was_merged_since_counts_as_proposed(shop: Catalog) -> None:
    _decide(shop, outcome=EDITED, tags=["gift"])  # waterproof was proposed
    assert shop.library is not None
    merge(shop.library.tags.get(name="gift"), shop.library.tags.get(name="waterproof"))

    assert _snapshots(shop)[0].tag_f1 == 1.0
