"""What choosing has brought a catalog, from its Decisions."""

import datetime as dt

import pytest

from tests.factories import NOW, make_catalog, make_decision, make_draft, make_item, make_product
from titlelab.catalog.models import Catalog
from titlelab.quality.choosing import choosing_state, choosing_states, take_choosing_snapshots
from titlelab.quality.recording import record_measures
from titlelab.review.models import Decision, Draft, ReviewItem

pytestmark = pytest.mark.django_db
Arm = ReviewItem.Arm


@pytest.fixture
def shop() -> Catalog:
    return make_catalog(key="shop")


def decide(catalog: Catalog, arm: str, *, tags_added: int = 0, **fields: object) -> Decision:
    product = make_product(catalog=catalog)
    draft = make_draft(product=product)
    Draft.objects.filter(pk=draft.pk).update(created_at=NOW)
    item = make_item(product=product, draft=draft, arm=arm)
    added = [f"tag {i}" for i in range(tags_added)]
    return make_decision(item=item, draft=draft, tags=["waterproof", *added], tags_added=added, **fields)


def test_nothing_is_told_of_a_catalog_that_nobody_was_asked_about(shop: Catalog) -> None:
    state = choosing_state(shop)

    assert (state.n_random, state.n_chosen, state.saved, state.outlook) == (0, 0, None, None)


def test_of_a_catalog_that_was_never_measured_nothing_is_told(shop: Catalog) -> None:
    assert [state.saved for state in choosing_states(Catalog.objects.all())] == [None]


def test_corrections_of_both_arms_are_compared(shop: Catalog) -> None:
    for _ in range(30):
        decide(shop, Arm.RANDOM, tags_added=1)
        decide(shop, Arm.UNCERTAIN, tags_added=3)
    decide(shop, Arm.OVERDUE, tags_added=9)
    decide(make_catalog(key="other"), Arm.RANDOM, tags_added=9)

    record_measures()
    take_choosing_snapshots()

    (state,) = choosing_states(Catalog.objects.filter(pk=shop.pk))

    assert (state.n_random, state.n_chosen) == (30, 30)
    assert state.saved is not None
    assert state.saved.yield_ratio.value == pytest.approx(3)
    assert state.saved.labels.value == pytest.approx(60)


def test_withdrawn_decisions_count_for_nothing(shop: Catalog) -> None:
    decide(shop, Arm.RANDOM, withdrawn_at=NOW + dt.timedelta(days=1))

    record_measures()
    take_choosing_snapshots()

    assert [state.n_random for state in choosing_states(Catalog.objects.all())] == [0]
