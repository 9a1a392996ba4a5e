"""Drafts are counted up to one of them by the schedule, and from there when somebody asks."""

import pytest

from tests.factories import make_catalog, make_draft, make_product
from titlelab.catalog.models import Catalog, Product
from titlelab.quality.counting import count_drafts
from titlelab.quality.draft_counts import n_drafts
from titlelab.review.models import Draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Catalog:
    return make_catalog(key="shop")


def _draft(catalog: Catalog) -> Draft:
    return make_draft(product=make_product(catalog=catalog))


def test_drafts_are_counted_before_the_schedule_ever_came(shop: Catalog) -> None:
    _draft(shop)

    assert n_drafts([shop.pk])[shop.pk] == 1


def test_what_the_schedule_has_counted_is_not_counted_again_and_what_came_since_is(shop: Catalog) -> None:
    _draft(shop)
    _draft(shop)
    count_drafts()
    assert n_drafts([shop.pk]) == {shop.pk: 2}

    _draft(shop)
    newcomer = make_catalog(key="newcomer")
    _draft(newcomer)

    assert n_drafts([shop.pk, newcomer.pk]) == {shop.pk: 3, newcomer.pk: 1}


def test_only_the_catalogs_are_told_that_were_asked_for(shop: Catalog) -> None:
    _draft(make_catalog(key="other"))

    assert n_drafts([shop.pk]) == {}
    count_drafts()
    assert n_drafts([shop.pk]) == {}


def test_drafts_that_went_with_their_products_are_gone_when_the_schedule_comes(shop: Catalog) -> None:
    draft = _draft(shop)
    _draft(shop)
    count_drafts()
    Product.objects.get(pk=draft.product_id).delete()

    count_drafts()

    assert n_drafts([shop.pk]) == {shop.pk: 1}
