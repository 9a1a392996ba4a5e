"""Tokens are made in the admin, shown once, and revoked there."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.unit.web.api.conftest import Shop
from titlelab.catalog.models import Catalog
from titlelab.people.models import ApiToken

pytestmark = pytest.mark.django_db
ADD = "admin:people_apitoken_add"


@pytest.fixture
def browser(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def made(browser: Client, catalog: Catalog, **fields: str) -> tuple[int, str]:
    """Return the answer's status and the secret that it shows, "" for none."""
    form = {"name": "PIM", "catalogs": [catalog.pk], "expires_at_0": "", "expires_at_1": "", **fields}
    response = browser.post(reverse(ADD), form)
    assert "no-store" in response["Cache-Control"]
    found = re.search(r'id="secret"[^>]*>(tl_[^<]+)<', response.content.decode())
    return response.status_code, found[1] if found else ""


def test_a_token_is_shown_once_and_works(browser: Client, catalog: Catalog) -> None:
    _, secret = made(browser, catalog, may_read="on")

    token = ApiToken.objects.get()
    page = browser.get(reverse("admin:people_apitoken_change", args=[token.pk])).content.decode()
    assert (token.rights, token.made_by.username, list(token.catalogs.all())) == (["read"], "boss", [catalog])
    assert (token.prefix in page, secret in page) == (True, False)
    assert Shop(secret=secret).get("/catalogs/shop/products").status_code == 200


def test_a_token_without_any_right_is_not_made(browser: Client, catalog: Catalog) -> None:
    assert made(browser, catalog) == (200, "")
    assert not ApiToken.objects.exists()


def test_a_click_revokes(browser: Client, catalog: Catalog) -> None:
    _, secret = made(browser, catalog, may_read="on")
    token = ApiToken.objects.get()

    browser.post(reverse("admin:people_apitoken_click", args=[token.pk, "revoke_now"]))

    assert Shop(secret=secret).get("/catalogs").status_code == 401
    assert browser.get(reverse("admin:people_apitoken_changelist")).status_code == 200


def test_who_may_not_make_tokens_makes_none(catalog: Catalog) -> None:
    client = Client()
    client.force_login(User.objects.create(username="clerk", is_staff=True))

    assert client.post(reverse(ADD), {"name": "PIM", "catalogs": [catalog.pk], "may_read": "on"}).status_code == 403
    assert not ApiToken.objects.exists()
