"""Products and annotators tell what a library lacks."""

import datetime as dt

import pytest

from tests.factories import NOW, make_catalog, make_decision, make_draft, make_item, make_product
from titlelab.catalog.models import Catalog, Product
from titlelab.review.gathering import is_due, search_for_tags
from titlelab.tags.models import Tag

pytestmark = pytest.mark.django_db
LATER = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


def decided(catalog: Catalog, *suggested: str) -> Product:
    """Make a product on which somebody missed tags."""
    product = make_product(catalog=catalog, description="A mat.")
    draft = make_draft(product=product)
    make_decision(item=make_item(draft=draft), draft=draft, suggested_tags=list(suggested))
    return product


def names(catalog: Catalog) -> list[str]:
    assert catalog.library is not None
    return list(catalog.library.tags.filter(state=Tag.State.PROPOSED).values_list("name", flat=True))


def test_what_annotators_missed_is_proposed_with_their_products() -> None:
    catalog = make_catalog()
    products = [decided(catalog, "Non-slip"), decided(catalog, "non-slip")]
    assert catalog.library is not None

    search_for_tags(catalog.library, NOW)

    proposal = catalog.library.tags.get(state=Tag.State.PROPOSED).proposal
    assert proposal.n_suggestions == 2
    assert {sku for sku, _ in proposal.examples} == {product.sku for product in products}


def test_brands_columns_and_categories_are_not_proposed() -> None:
    catalog = make_catalog()
    for n in range(40):
        kitchen = n < 8
        make_product(
            catalog=catalog,
            description=f"Norvik Volume bottles no {n}. Ovenproof." if kitchen else f"Plain no {n} of note.",
            category=["Bottles"] if kitchen else ["Hats"],
        )
    assert catalog.library is not None

    search_for_tags(catalog.library, NOW)

    assert names(catalog) == ["Ovenproof"]


def test_a_library_is_searched_again_only_when_something_new_is_told() -> None:
    catalog = make_catalog()
    library = catalog.library
    assert library is not None
    assert is_due(library)

    search_for_tags(library, LATER)
    library.refresh_from_db()
    assert not is_due(library)

    make_product(catalog=catalog)
    Product.objects.update(changed_at=LATER + dt.timedelta(days=1))
    assert is_due(library)


def test_a_library_without_a_catalog_is_never_searched() -> None:
    catalog = make_catalog()
    library = catalog.library
    assert library is not None
    catalog.delete()

    assert not is_due(library)
