"""The category paths of a catalog: where they come from, and how the ML backend is told them."""

import json

import pytest
from django.conf import settings

from ml_backend.contract import PublishedTaxonomy, from_json, taxonomy_file
from tests.factories import make_catalog, make_decision, make_draft, make_item, make_product
from titlelab.catalog.models import Catalog
from titlelab.review.categories import follow_categories, gather_categories, taxonomy_paths

pytestmark = pytest.mark.django_db
FLASKS, KETTLES = ("Home", "Flasks"), ("Home", "Kettles")


@pytest.fixture
def shop() -> Catalog:
    return make_catalog(key="shop", asks_for_category=True)


def told() -> PublishedTaxonomy:
    return from_json(PublishedTaxonomy, json.loads(taxonomy_file(settings.MODELS_FOLDER, "shop").read_text()))


def test_a_taxonomy_holds_the_paths_of_products_and_those_that_people_chose(shop: Catalog) -> None:
    product = make_product(catalog=shop, category=["Home", "Flasks"])
    make_product(catalog=shop, category=["Home", "Flasks"])
    make_product(catalog=shop, category=[])
    make_product(category=["Elsewhere"])
    draft = make_draft(product=product)
    make_decision(item=make_item(draft=draft), draft=draft, category=["Home", "Kettles"])

    assert gather_categories(shop)
    assert taxonomy_paths(shop) == (FLASKS, KETTLES)
    assert told() == PublishedTaxonomy(key="shop", revision=1, paths=(FLASKS, KETTLES))


def test_a_new_path_is_a_new_revision_and_gathering_again_is_none(shop: Catalog) -> None:
    make_product(catalog=shop, category=["Home", "Flasks"])
    follow_categories()
    assert follow_categories() == 0

    make_product(catalog=shop, category=["Home", "Kettles"])

    assert follow_categories() == 1
    assert (told().revision, told().paths) == (2, (FLASKS, KETTLES))


def test_a_lost_file_is_written_again(shop: Catalog) -> None:
    make_product(catalog=shop, category=["Home", "Flasks"])
    follow_categories()
    taxonomy_file(settings.MODELS_FOLDER, "shop").unlink()

    assert follow_categories() == 0
    assert told().revision == 1


def test_a_catalog_that_asks_no_more_is_told_no_more_and_goes_on_where_it_was(shop: Catalog) -> None:
    make_product(catalog=shop, category=["Home", "Flasks"])
    follow_categories()
    Catalog.objects.update(asks_for_category=False)

    follow_categories()
    assert not taxonomy_file(settings.MODELS_FOLDER, "shop").exists()

    Catalog.objects.update(asks_for_category=True)
    follow_categories()
    assert told().revision == 1


def test_a_catalog_that_never_asked_has_no_taxonomy() -> None:
    quiet = make_catalog(key="shop")
    make_product(catalog=quiet, category=["Home", "Flasks"])

    assert follow_categories() == 0
    assert taxonomy_paths(quiet) == ()
