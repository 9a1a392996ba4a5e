"""Drafts on demand: stored as all drafts are, and refused with who can mend it."""

import pytest
from pytest_django import Settings

from ml_backend.errors import BackendRefused
from tests.factories import make_product
from tests.fakes import FakeDraftSource
from tests.unit.web.api.conftest import Shop
from titlelab.catalog.models import Catalog
from titlelab.review.models import Draft
from titlelab.web.api import routes

pytestmark = pytest.mark.django_db
DRAFTS = "/catalogs/shop/drafts"


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> FakeDraftSource:
    fake = FakeDraftSource()
    monkeypatch.setattr(routes, "brisk_draft_client", lambda: fake)
    return fake


def test_drafts_come_in_the_order_asked_and_are_stored(shop: Shop, catalog: Catalog, source: FakeDraftSource) -> None:
    for sku in ("A-1", "A-2"):
        make_product(catalog=catalog, sku=sku, brand="Norvik")

    drafts = shop.post(DRAFTS, {"skus": ["A-2", "A-1", "A-2"]}).json()["drafts"]

    assert [(draft["sku"], draft["title"]) for draft in drafts] == [("A-2", "Norvik A-2"), ("A-1", "Norvik A-1")]
    assert (drafts[0]["version"], drafts[0]["candidates"][0]["title"]) == ("t0-g0.1", "Norvik A-2")
    assert sorted(Draft.objects.values_list("product__sku", flat=True)) == ["A-1", "A-2"]


def test_what_is_drafted_already_is_not_drafted_again(shop: Shop, catalog: Catalog, source: FakeDraftSource) -> None:
    make_product(catalog=catalog, sku="A-1")

    first, second = (shop.post(DRAFTS, {"skus": ["A-1"]}).json() for _ in range(2))

    assert first == second
    assert source.asked == [["A-1"]]


def test_a_changed_product_is_drafted_as_it_is_now(shop: Shop, catalog: Catalog, source: FakeDraftSource) -> None:
    for brand in ("Norvik", "Ardena"):
        shop.put("/catalogs/shop/products/A-1", {"brand": brand})
        (draft,) = shop.post(DRAFTS, {"skus": ["A-1"]}).json()["drafts"]
        assert draft["title"] == f"{brand} A-1"


def test_products_that_are_not_there_are_named(shop: Shop, catalog: Catalog, source: FakeDraftSource) -> None:
    make_product(catalog=catalog, sku="A-1")

    answer = shop.post(DRAFTS, {"skus": ["A-1", "B-1", "\x00"]})

    assert answer.status_code == 404
    assert [error["where"] for error in answer.json()["errors"]] == ["B-1", "\x00"]
    assert source.asked == []


def test_a_backend_that_is_down_is_worth_another_try(shop: Shop, catalog: Catalog, settings: Settings) -> None:
    settings.ML_BACKEND_URL = "http://127.0.0.1:1"
    make_product(catalog=catalog, sku="A-1")

    answer = shop.post(DRAFTS, {"skus": ["A-1"]})

    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "make doctor" in answer.json()["detail"]


def test_a_backend_that_refuses_is_an_admins_to_mend(
    shop: Shop, catalog: Catalog, source: FakeDraftSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> str:
        raise BackendRefused("the ML backend refused with 401: wrong password")

    monkeypatch.setattr(source, "version", refuse)
    make_product(catalog=catalog, sku="A-1")

    answer = shop.post(DRAFTS, {"skus": ["A-1"]})
    assert (answer.status_code, "wrong password" in answer.json()["detail"]) == (502, True)


def test_drafting_leaves_threads_for_people(shop: Shop, catalog: Catalog, source: FakeDraftSource) -> None:
    make_product(catalog=catalog, sku="A-1")
    for _ in range(routes.AT_ONCE):
        routes.drafting.acquire()

    try:
        answer = shop.post(DRAFTS, {"skus": ["A-1"]})
    finally:
        routes.drafting.release(routes.AT_ONCE)

    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    assert shop.post(DRAFTS, {"skus": ["A-1"]}).status_code == 200


@pytest.mark.parametrize("n", [0, 21])
def test_only_a_few_are_drafted_at_once(n: int, shop: Shop, source: FakeDraftSource) -> None:
    answer = shop.post(DRAFTS, {"skus": [str(sku) for sku in range(n)]})

    assert (answer.status_code, answer.json()["errors"][0]["where"]) == (422, "body.wanted.skus")
