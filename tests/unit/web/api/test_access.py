"""Who may call, what for, and how often."""

import datetime as dt

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from tests.factories import make_catalog, make_product, make_token
from tests.unit.web.api.conftest import EVERY_RIGHT, Shop
from titlelab.catalog.models import Catalog
from titlelab.people.models import ApiToken, CatalogAccess
from titlelab.people.roles import CATALOG_ADMIN, REVIEWER
from titlelab.people.tokens import revoke

pytestmark = pytest.mark.django_db
PRODUCTS = "/catalogs/shop/products"


def system(*catalogs: Catalog, made_by: User, rights: tuple[str, ...] = EVERY_RIGHT) -> Shop:
    return Shop(secret=make_token("PIM", catalogs, made_by=made_by, rights=rights)[1])


def test_only_the_digest_of_what_is_sent_is_stored(catalog: Catalog, admin: User) -> None:
    token, secret = make_token("PIM", [catalog], made_by=admin, rights=["read"])

    stored = [str(value) for value in ApiToken.objects.filter(pk=token.pk).values_list().get()]
    assert secret.startswith(f"{token.prefix}_")
    assert len(secret.removeprefix(f"{token.prefix}_")) == 43  # 256 bits in base 64
    assert not any(secret.removeprefix(token.prefix) in value for value in stored)


@pytest.mark.parametrize("secret", ["", "tl_00000000_wrong", "é", " "])
def test_nobody_comes_in_without_a_known_token(secret: str, catalog: Catalog) -> None:
    response = Shop(secret=secret).get(PRODUCTS)

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"


def test_a_cookie_opens_nothing(catalog: Catalog, admin: User) -> None:
    client = Client()
    client.force_login(admin)

    assert Shop(client=client).get(PRODUCTS).status_code == 401


def test_a_token_ends_when_it_is_revoked(shop: Shop) -> None:
    token = ApiToken.objects.get()

    assert [revoke(token, timezone.now()), revoke(token, timezone.now())] == [True, False]
    assert shop.get(PRODUCTS).status_code == 401


def test_a_token_ends_when_it_expires(shop: Shop) -> None:
    ApiToken.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))

    assert shop.get(PRODUCTS).status_code == 401


def test_a_token_ends_with_the_account_that_made_it(shop: Shop, admin: User) -> None:
    User.objects.filter(pk=admin.pk).update(is_active=False)

    assert shop.get(PRODUCTS).status_code == 401


@pytest.mark.parametrize(
    ("right", "works"), [("read", [200, 403, 403]), ("write", [403, 200, 403]), ("draft", [403, 403, 404])]
)
def test_a_right_opens_its_own_operations_alone(right: str, works: list[int], catalog: Catalog, admin: User) -> None:
    system_ = system(catalog, made_by=admin, rights=(right,))

    answers = [
        system_.get(PRODUCTS),
        system_.post(PRODUCTS, {"products": [{"sku": "A-1"}]}),
        system_.post("/catalogs/shop/drafts", {"skus": ["B-1"]}),
    ]

    assert [answer.status_code for answer in answers] == works


@pytest.mark.parametrize("key", ["other", "there-is-none"])
def test_a_token_learns_nothing_of_catalogs_that_it_is_not_for(key: str, shop: Shop) -> None:
    make_product(catalog=make_catalog(key="other"), sku="A-1")

    for answer in (
        shop.get(f"/catalogs/{key}/products"),
        shop.get(f"/catalogs/{key}/products/A-1"),
        shop.get(f"/catalogs/{key}/accepted"),
        shop.get(f"/catalogs/{key}/decisions"),
        shop.get(f"/catalogs/{key}/tags"),
        shop.put(f"/catalogs/{key}/products/A-1", {}),
        shop.post(f"/catalogs/{key}/products", {"products": [{"sku": "A-1"}]}),
        shop.post(f"/catalogs/{key}/drafts", {"skus": ["A-1"]}),
    ):
        assert answer.status_code == 403
        assert answer.json()["detail"].startswith(f"This token is not for a catalog '{key}': an admin")


def test_a_token_can_do_no_more_than_who_made_it_today(catalog: Catalog) -> None:
    anna = User.objects.create(username="anna", is_staff=True)
    system_ = system(catalog, made_by=anna)
    assert system_.get(PRODUCTS).status_code == 403

    CatalogAccess.objects.create(user=anna, catalog=catalog)
    anna.groups.add(Group.objects.get(name=REVIEWER))
    assert system_.get(PRODUCTS).status_code == 200
    answer = system_.put(f"{PRODUCTS}/A-1", {})
    assert (answer.status_code, "anna, who made this token" in answer.json()["detail"]) == (403, True)

    anna.groups.add(Group.objects.get(name=CATALOG_ADMIN))
    assert system_.put(f"{PRODUCTS}/A-1", {}).status_code == 201


def test_catalogs_are_those_that_the_token_may_read(shop: Shop, admin: User, catalog: Catalog) -> None:
    other = make_catalog(key="other", library=None)
    make_catalog()

    assert [each["key"] for each in shop.get("/catalogs").json()["catalogs"]] == ["shop"]
    assert [each["library"] for each in system(other, made_by=admin).get("/catalogs").json()["catalogs"]] == [None]
    assert system(other, made_by=admin, rights=("write",)).get("/catalogs").json() == {"catalogs": []}


def test_a_token_has_so_many_requests_a_minute(shop: Shop, settings: Settings) -> None:
    settings.API_REQUESTS_PER_MINUTE = 2

    answers = [shop.get("/catalogs") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert 1 <= int(answers[2]["Retry-After"]) <= 60
    assert ApiToken.objects.get().n_in_window == 2


def test_the_next_minute_counts_anew_and_each_token_for_itself(
    shop: Shop, catalog: Catalog, admin: User, settings: Settings
) -> None:
    settings.API_REQUESTS_PER_MINUTE = 1
    assert [shop.get("/catalogs").status_code for _ in range(2)] == [200, 429]

    assert system(catalog, made_by=admin).get("/catalogs").status_code == 200
    ApiToken.objects.update(window_began_at=timezone.now() - dt.timedelta(seconds=61))
    assert shop.get("/catalogs").status_code == 200


def test_an_address_that_is_none_says_where_to_look_whatever_is_sent(catalog: Catalog) -> None:
    shop = Shop(client=Client(enforce_csrf_checks=True))

    for answer in (shop.get("/nothing"), shop.put("/catalogs/shop/products/a%0Ab", {})):
        assert (answer.status_code, "/api/v1/docs" in answer.json()["detail"]) == (404, True)
