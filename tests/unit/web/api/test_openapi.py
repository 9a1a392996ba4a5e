"""The API does what its own documentation says, whatever is sent; and the page of it asks no other site."""

import re
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.conf import settings
from django.contrib.auth.models import User
from django.core.wsgi import get_wsgi_application
from django.test import Client
from hypothesis.strategies import SearchStrategy
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks as openapi_checks

from tests.factories import make_decision, make_draft, make_item, make_product
from tests.fakes import FakeDraftSource
from tests.unit.web.api.conftest import Shop
from titlelab.catalog.models import Catalog
from titlelab.web.api import routes
from titlelab.web.api.app import FURTHER, api

OPERATIONS = [
    "list_catalogs",
    "list_products",
    "upsert_batch",
    "read_product",
    "upsert_product",
    "list_accepted",
    "list_decisions",
    "list_tags",
    "request_drafts",
]
# A well-shaped product may still be refused: what a price or an address may hold is catalog/reading.py's to say.
LEFT_OUT = [openapi_checks.positive_data_acceptance]
OF_THE_PRODUCT = {
    "read_product": {"path_parameters": {"catalog": "shop", "sku": "A-1"}},
    "request_drafts": {"body": {"skus": ["A-1"]}},
}
SENT = [
    (name, mode)
    for name in OPERATIONS
    for mode in GenerationMode
    if mode.is_positive or name != "list_catalogs"  # which takes nothing that could be wrong
]
BOUNDED = hypothesis.settings(
    max_examples=12,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)


@pytest.fixture
def documented(
    shop: Shop, catalog: Catalog, admin: User, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> schemathesis.BaseSchema:
    """The documentation as it is served, of an application that holds one row of each list."""
    draft = make_draft(product=make_product(catalog=catalog, sku="A-1"))
    make_decision(item=make_item(draft=draft), draft=draft)
    monkeypatch.setattr(routes, "brisk_draft_client", FakeDraftSource)
    settings.ALLOWED_HOSTS = ["*"]
    settings.API_REQUESTS_PER_MINUTE = 1_000_000
    found = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    found.config.generation.update(with_security_parameters=False)  # the token of the fixture is sent
    return found


def cases(operation: Any, mode: GenerationMode) -> SearchStrategy[schemathesis.Case]:
    """Requests for the shop's catalog; some of those that are meant to be good name its product."""
    place = {"path_parameters": {"catalog": "shop"}} if "{catalog}" in operation.path else {}
    found: SearchStrategy[schemathesis.Case] = operation.as_strategy(mode, **place)
    known = OF_THE_PRODUCT.get(operation.definition.raw["operationId"])
    return operation.as_strategy(mode, **place | known) | found if known and mode.is_positive else found


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "mode"), SENT)
def test_whatever_is_sent_is_answered_as_documented(
    name: str, mode: GenerationMode, documented: schemathesis.BaseSchema, shop: Shop, rung: list[Any]
) -> None:
    headers = {"Authorization": f"Bearer {shop.secret}"}
    sent = []

    @hypothesis.given(case=cases(documented.find_operation_by_id(name), mode))
    @BOUNDED
    def answered(case: schemathesis.Case) -> None:
        response = case.call(headers=headers)
        case.validate_response(response, headers=headers, excluded_checks=LEFT_OUT)
        sent.append(response.status_code)

    answered()

    assert ({200, 201} & set(sent)) or mode.is_negative
    assert not {401, 403, 429} & set(sent)


@pytest.mark.django_db
def test_every_operation_is_documented_with_its_problems() -> None:
    paths = api.get_openapi_schema()["paths"]

    found = {operation["operationId"]: operation for path in paths.values() for operation in path.values()}
    assert sorted(found) == sorted(OPERATIONS)
    assert FURTHER.keys() <= found.keys()
    for operation in found.values():
        assert {401, 403, 422, 429} <= operation["responses"].keys()
        assert operation["security"] == [{"BearerToken": []}]
        assert operation["description"]


def test_the_page_asks_no_other_site(client: Client) -> None:
    page = client.get("/api/v1/docs").content.decode()

    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(addresses) >= 4
    assert all(address.startswith(f"/{settings.STATIC_URL.strip('/')}/ninja/") for address in addresses)
    assert '"validatorUrl": null' in page
    assert "//cdn" not in page


def test_examples_show_what_to_send() -> None:
    schemas = api.get_openapi_schema()["components"]["schemas"]

    assert schemas["ProductIn"]["examples"][0]["brand"] == "Norvik"
    assert schemas["DraftsIn"]["examples"] == [{"skus": ["A-1001", "A-1002"]}]
