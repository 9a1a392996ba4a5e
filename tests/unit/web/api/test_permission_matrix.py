"""Every operation by right of the token and by role of whoever made it; the documentation tells which there are."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from tests.factories import make_catalog, make_product, make_token
from tests.fakes import FakeDraftSource
from tests.unit.web.api.conftest import EVERY_RIGHT, Shop
from tests.unit.web.worlds import make_person
from titlelab.catalog.models import Catalog
from titlelab.people.roles import ANNOTATOR, CATALOG_ADMIN, ML_ADMIN, REVIEWER
from titlelab.web.api import routes
from titlelab.web.api.app import api

pytestmark = pytest.mark.django_db
SHOP = "/catalogs/shop"
CALLS: dict[str, tuple[str, Callable[[Shop], Any]]] = {
    "list_products": ("read", lambda shop: shop.get(f"{SHOP}/products")),
    "read_product": ("read", lambda shop: shop.get(f"{SHOP}/products/A-1")),
    "list_accepted": ("read", lambda shop: shop.get(f"{SHOP}/accepted")),
    "list_decisions": ("read", lambda shop: shop.get(f"{SHOP}/decisions")),
    "list_tags": ("read", lambda shop: shop.get(f"{SHOP}/tags")),
    "upsert_product": ("write", lambda shop: shop.put(f"{SHOP}/products/A-1", {"brand": "Norvik"})),
    "upsert_batch": ("write", lambda shop: shop.post(f"{SHOP}/products", {"products": [{"sku": "A-1"}]})),
    "request_drafts": ("draft", lambda shop: shop.post(f"{SHOP}/drafts", {"skus": ["A-1"]})),
}
OF_ALL_CATALOGS = "list_catalogs"  # which leaves out those that the token may not read
MAKERS_MAY = {ANNOTATOR: set[str](), REVIEWER: {"read"}, CATALOG_ADMIN: {"read", "write", "draft"},
              ML_ADMIN: {"read", "draft"}}  # fmt: skip


@pytest.fixture(autouse=True)
def _no_backend(monkeypatch: pytest.MonkeyPatch, rung: list[Any]) -> None:
    monkeypatch.setattr(routes, "brisk_draft_client", FakeDraftSource)


@pytest.fixture(autouse=True)
def product(catalog: Catalog) -> None:
    make_product(catalog=catalog, sku="A-1")


def made_by(role: str, catalog: Catalog, works_on: Catalog, rights: tuple[str, ...] = EVERY_RIGHT) -> Shop:
    return Shop(secret=make_token("PIM", [catalog], made_by=make_person(role, [works_on]), rights=rights)[1])


def test_every_operation_stands_in_the_matrix() -> None:
    paths = api.get_openapi_schema()["paths"].values()

    assert {operation["operationId"] for path in paths for operation in path.values()} == {*CALLS, OF_ALL_CATALOGS}


@pytest.mark.parametrize("right", EVERY_RIGHT)
@pytest.mark.parametrize("name", CALLS)
def test_an_operation_takes_its_right_alone(name: str, right: str, catalog: Catalog) -> None:
    needed, call = CALLS[name]

    answer = call(made_by(CATALOG_ADMIN, catalog, catalog, rights=(right,)))

    assert answer.status_code == (200 if right == needed else 403)


@pytest.mark.parametrize("role", MAKERS_MAY)
@pytest.mark.parametrize("name", CALLS)
def test_a_token_does_what_the_role_of_its_maker_may_in_own_catalogs(name: str, role: str, catalog: Catalog) -> None:
    needed, call = CALLS[name]

    assert call(made_by(role, catalog, catalog)).status_code == (200 if needed in MAKERS_MAY[role] else 403)


@pytest.mark.parametrize("name", CALLS)
def test_a_token_of_a_maker_who_works_elsewhere_does_nothing(name: str, catalog: Catalog) -> None:
    assert CALLS[name][1](made_by(CATALOG_ADMIN, catalog, make_catalog())).status_code == 403


@pytest.mark.parametrize("role", MAKERS_MAY)
def test_catalogs_are_listed_for_whose_maker_may_read_them(role: str, catalog: Catalog) -> None:
    listed = made_by(role, catalog, catalog).get("/catalogs").json()["catalogs"]

    assert [each["key"] for each in listed] == (["shop"] if "read" in MAKERS_MAY[role] else [])


@pytest.mark.parametrize("name", [*CALLS, OF_ALL_CATALOGS])
def test_no_operation_answers_without_a_token_or_beyond_its_requests(
    name: str, catalog: Catalog, settings: Settings
) -> None:
    settings.API_REQUESTS_PER_MINUTE = 1
    call = CALLS[name][1] if name in CALLS else lambda shop: shop.get("/catalogs")
    shop = made_by(CATALOG_ADMIN, catalog, catalog)

    assert [call(Shop()).status_code, call(shop).status_code, call(shop).status_code] == [401, 200, 429]
