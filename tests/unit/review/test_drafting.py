"""How drafts are asked for and stored."""

import datetime as dt
from collections.abc import Sequence

import pytest

from ml_backend.contract import Brief, from_json
from ml_backend.contract import Draft as Answer
from ml_backend.errors import BackendRefused, BackendUnreachable
from tests.factories import NOW, make_catalog, make_product
from tests.fakes import FakeDraftSource
from titlelab.catalog.models import Catalog, Product
from titlelab.review.drafting import DraftSource, draft_products
from titlelab.review.models import Draft

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def catalog() -> Catalog:
    return make_catalog()


def products_of(catalog: Catalog, *skus: str) -> list[Product]:
    return [make_product(catalog=catalog, sku=sku) for sku in skus]


def test_drafts_come_back_in_the_order_of_the_products(catalog: Catalog) -> None:
    b, a = products_of(catalog, "B", "A")

    drafts = draft_products(catalog, [a, b, a], FakeDraftSource(), today=TODAY)

    assert [draft.title for draft in drafts] == ["Norvik A", "Norvik B", "Norvik A"]


def test_a_draft_is_stored_whole_with_its_brief(catalog: Catalog) -> None:
    [product] = products_of(catalog, "A")

    draft_products(catalog, [product], FakeDraftSource(uncertainty={"A": 0.7}), today=TODAY)

    draft = Draft.objects.get()
    assert (draft.product, draft.version, draft.title_uncertainty) == (product, "t0-g0.1", 0.7)
    assert [candidate["title"] for candidate in draft.candidates] == ["Norvik A", "A Norvik"]
    assert draft.proposed_tags == ["gift"]
    assert from_json(Brief, draft.brief).digest() == draft.brief_hash


def test_a_brief_that_the_version_has_drafted_is_not_asked_for_again(catalog: Catalog) -> None:
    a, b = products_of(catalog, "A", "B")
    source = FakeDraftSource()
    [first] = draft_products(catalog, [a], source, today=TODAY)

    again = draft_products(catalog, [a, b], source, today=TODAY)

    assert again[0] == first
    assert source.asked == [["A"], ["B"]]


def test_a_new_version_drafts_anew(catalog: Catalog) -> None:
    products = products_of(catalog, "A")
    source = FakeDraftSource()
    draft_products(catalog, products, source, today=TODAY)
    source.serving = "t1-g0.1"

    [draft] = draft_products(catalog, products, source, today=TODAY)

    assert draft.version == "t1-g0.1"
    assert Draft.objects.count() == 2


def test_a_changed_product_is_drafted_anew(catalog: Catalog) -> None:
    [product] = products_of(catalog, "A")
    source = FakeDraftSource()
    draft_products(catalog, [product], source, today=TODAY)
    product.brand = "Sudvik"

    [draft] = draft_products(catalog, [product], source, today=TODAY)

    assert draft.title == "Sudvik A"


def test_a_draft_keeps_the_version_that_made_it(catalog: Catalog) -> None:
    source = FakeDraftSource(serving="t1-g0.1", answers_with="t2-g0.1")

    [draft] = draft_products(catalog, products_of(catalog, "A"), source, today=TODAY)

    assert draft.version == "t2-g0.1"


def test_two_workers_that_draft_at_once_get_one_and_the_same_row(catalog: Catalog) -> None:
    products = products_of(catalog, "A")
    others: list[Draft] = []

    class Overtaken(FakeDraftSource):
        def drafts(self, briefs: Sequence[Brief]) -> list[Answer]:
            others.extend(draft_products(catalog, products, FakeDraftSource(), today=TODAY))
            return super().drafts(briefs)

    assert draft_products(catalog, products, Overtaken(), today=TODAY) == others
    assert Draft.objects.count() == 1


def test_a_catalog_without_a_library_gets_titles_alone() -> None:
    catalog = make_catalog(library=None)

    [draft] = draft_products(catalog, products_of(catalog, "A"), FakeDraftSource(), today=TODAY)

    assert draft.tags == []


def test_nothing_to_draft_asks_nobody(catalog: Catalog) -> None:
    source = FakeDraftSource(is_down=True)

    assert draft_products(catalog, [], source, today=dt.date(2026, 1, 1)) == []


def test_an_answer_to_another_question_is_refused_and_nothing_is_stored(catalog: Catalog) -> None:
    class Confused(FakeDraftSource):
        def drafts(self, briefs: Sequence[Brief]) -> list[Answer]:
            return super().drafts(briefs)[::-1]

    source: DraftSource = Confused()

    with pytest.raises(BackendRefused, match="other products"):
        draft_products(catalog, products_of(catalog, "A", "B"), source, today=TODAY)
    assert not Draft.objects.exists()


def test_an_unreachable_backend_stores_nothing(catalog: Catalog) -> None:
    with pytest.raises(BackendUnreachable):
        draft_products(catalog, products_of(catalog, "A"), FakeDraftSource(is_down=True), today=TODAY)
    assert not Draft.objects.exists()
