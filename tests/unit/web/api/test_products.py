"""Products come in by sku, with the rules of files, and are read in the order in which they changed."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from tests.factories import make_product
from tests.unit.web.api.conftest import Shop
from titlelab.catalog.models import Catalog, Product
from titlelab.channels.models import ChannelPolicy

pytestmark = pytest.mark.django_db
Rung = list[tuple[str, tuple[Any, ...]]]
PRODUCTS = "/catalogs/shop/products"
BOTTLE = {
    "title": "Bottle blue",
    "description": "<p>Keeps tea hot.</p>",
    "brand": "Norvik",
    "category": ["Outdoor", "Bottles"],
    "attributes": {"Colour": "blue", "Sizes": ["S", "M"], "Weight": 0.35, "Lid": True},
    "image_url": "https://shop.example/b.jpg",
    "price": 19.9,
    "currency": "eur",
}


def test_a_product_is_stored_as_a_file_would_store_it(shop: Shop, catalog: Catalog) -> None:
    answer = shop.put(f"{PRODUCTS}/A-1", BOTTLE)

    product = Product.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {"sku": "A-1", "became": "new", "content_hash": product.content_hash}
    assert (product.catalog, product.description, product.price) == (catalog, "Keeps tea hot.", Decimal("19.90"))
    assert product.attributes == [["Colour", "blue"], ["Sizes", "S, M"], ["Weight", "0.35"], ["Lid", "yes"]]


def test_what_was_told_is_read_back(shop: Shop) -> None:
    shop.put(f"{PRODUCTS}/A-1", BOTTLE)

    told = shop.get(f"{PRODUCTS}/A-1").json()

    assert dt.datetime.fromisoformat(told.pop("changed_at")).tzinfo is not None
    assert told == {
        "sku": "A-1",
        "title": "Bottle blue",
        "description": "Keeps tea hot.",
        "brand": "Norvik",
        "category": ["Outdoor", "Bottles"],
        "attributes": {"Colour": "blue", "Sizes": "S, M", "Weight": "0.35", "Lid": "yes"},
        "image_url": "https://shop.example/b.jpg",
        "price": "19.90",
        "currency": "EUR",
        "content_hash": Product.objects.get().content_hash,
    }


def test_telling_a_product_twice_changes_nothing(
    shop: Shop, rung: Rung, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    shop.put(f"{PRODUCTS}/A-1", BOTTLE)
    before = Product.objects.values().get()

    with django_capture_on_commit_callbacks(execute=True):
        answer = shop.put(f"{PRODUCTS}/A-1", BOTTLE)

    assert (answer.status_code, answer.json()["became"]) == (200, "same")
    assert Product.objects.values().get() == before
    assert rung == []


def test_a_changed_product_rings_for_the_queues(
    shop: Shop, rung: Rung, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    shop.put(f"{PRODUCTS}/A-1", BOTTLE)

    with django_capture_on_commit_callbacks(execute=True):
        answer = shop.put(f"{PRODUCTS}/A-1", {**BOTTLE, "title": "Bottle red"})

    assert (answer.status_code, answer.json()["became"]) == (200, "changed")
    assert rung == [("tasks.scoring.refill_all", ())]


def test_what_is_left_out_is_emptied(shop: Shop) -> None:
    shop.put(f"{PRODUCTS}/A-1", BOTTLE)
    shop.put(f"{PRODUCTS}/A-1", {"title": "Bottle"})

    product = Product.objects.get()
    assert (product.title, product.brand, product.price, product.attributes) == ("Bottle", "", None, [])


@pytest.mark.parametrize("sku", ["A/1", "a b", "瓶-1", "A%2F1", "?x=1"])
def test_a_sku_may_hold_what_an_address_must_quote(sku: str, shop: Shop) -> None:
    from urllib.parse import quote

    assert shop.put(f"{PRODUCTS}/{quote(sku, safe='')}", {}).json()["sku"] == sku
    assert shop.get(f"{PRODUCTS}/{quote(sku, safe='')}").json()["sku"] == sku


@pytest.mark.parametrize(
    ("told", "where", "reason"),
    [
        ({"price": "cheap"}, "price", "'cheap' is not a number such as 12.50"),
        ({"price": -1}, "price", "is negative"),
        ({"currency": "E1"}, "currency", "'E1' is not three letters such as EUR"),
        ({"image_url": "ftp://x"}, "image_url", "must begin with http:// or https:// and hold no spaces or quotes"),
        ({"title": "a\x07b"}, "title", "holds the control character U+0007"),
        ({"description": "x" * 20_001}, "description", "has 20,001 characters, 20,000 at most"),
    ],
)
def test_a_product_is_refused_with_the_sentence_that_a_file_gets(
    told: dict[str, Any], where: str, reason: str, shop: Shop
) -> None:
    answer = shop.put(f"{PRODUCTS}/A-1", told)

    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"where": where, "reason": reason}]
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    ("told", "where"),
    [
        ({"titel": "Bottle"}, "body.product.titel"),
        ({"title": 5}, "body.product.title"),
        ({"title": "x" * 1001}, "body.product.title"),
        ({"price": True}, "body.product.price"),
        ({"attributes": {"Colour": {"a": 1}}}, "body.product.attributes.Colour"),
        ({"category": "Outdoor"}, "body.product.category"),
        ({"title": "\ud800"}, "body.product.title"),
    ],
)
def test_a_body_of_another_shape_is_refused_with_the_field(told: Any, where: str, shop: Shop) -> None:
    answer = shop.put(f"{PRODUCTS}/A-1", told)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["where"].startswith(where)


@pytest.mark.parametrize("sku", ["%20A-1", "%3Cb%3E%3C%2Fb%3E", "A%00"])
def test_a_sku_in_the_address_must_be_what_is_stored(sku: str, shop: Shop) -> None:
    assert shop.put(f"{PRODUCTS}/{sku}", {}).status_code == 422
    assert shop.get(f"{PRODUCTS}/{sku}").status_code == 404


@pytest.mark.parametrize(
    "body", [b"{", b"\xff", b'{"price": NaN}', b'{"a":' * 100_000, b'{"price": %s}' % (b"9" * 5000)]
)
def test_a_body_that_is_no_json_is_refused(body: bytes, shop: Shop) -> None:
    answer = shop.put(f"{PRODUCTS}/A-1", body)

    assert (answer.status_code, "can't be read as JSON" in answer.json()["detail"]) == (400, True)


def test_a_body_past_the_limit_is_refused(shop: Shop, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    answer = shop.put(f"{PRODUCTS}/A-1", {"description": "x" * 1000})

    assert answer.status_code == 413
    assert answer.json()["detail"] == "The body is larger than 1,000 bytes: send fewer products at once."


def test_a_write_upon_what_was_read_conflicts_once_another_was_first(shop: Shop) -> None:
    read = shop.put(f"{PRODUCTS}/A-1", {"title": "Bottle"}).json()["content_hash"]
    assert shop.put(f"{PRODUCTS}/A-1", {"title": "Flask", "if_content_hash": read}).status_code == 200

    answer = shop.put(f"{PRODUCTS}/A-1", {"title": "Jug", "if_content_hash": read})

    assert answer.status_code == 409
    assert "has changed since you read it: read it again" in answer.json()["detail"]
    assert Product.objects.get().title == "Flask"


def test_a_product_believed_new_conflicts_with_a_stored_one(shop: Shop) -> None:
    assert shop.put(f"{PRODUCTS}/A-1", {"if_content_hash": ""}).status_code == 201
    assert shop.put(f"{PRODUCTS}/A-1", {"if_content_hash": ""}).status_code == 409
    assert shop.put(f"{PRODUCTS}/A-2", {"if_content_hash": "f" * 32}).status_code == 409


def test_a_channel_without_rules_in_force_is_a_conflict(shop: Shop) -> None:
    ChannelPolicy.objects.all().delete()

    assert shop.put(f"{PRODUCTS}/A-1", {}).status_code == 409


def test_a_batch_tells_what_became_of_each_product(
    shop: Shop, rung: Rung, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    shop.put(f"{PRODUCTS}/same", {"title": "Bottle"})
    shop.put(f"{PRODUCTS}/changed", {"title": "Bottle"})
    products = [
        {"sku": "new", "title": "Jug"},
        {"sku": "same", "title": "Bottle"},
        {"sku": "bad", "price": "cheap"},
        {"sku": "changed", "title": "Flask"},
        {"sku": "new", "title": "Jug again"},
        {"sku": "clash", "if_content_hash": "f" * 32},
    ]

    with django_capture_on_commit_callbacks(execute=True):
        answer = shop.post(PRODUCTS, {"products": products})

    told = answer.json()
    assert answer.status_code == 200
    assert [told[count] for count in ("n_new", "n_changed", "n_same", "n_refused")] == [1, 1, 1, 3]
    became = [(each["index"], each["sku"], each["became"]) for each in told["products"]]
    assert became == [
        (0, "new", "new"),
        (1, "same", "same"),
        (2, "bad", "refused"),
        (3, "changed", "changed"),
        (4, "new", "refused"),
        (5, "clash", "conflict"),
    ]
    assert (told["products"][2]["column"], told["products"][4]["column"]) == ("price", "sku")
    assert told["products"][4]["reason"] == "stands earlier in the request already"
    assert dict(Product.objects.values_list("sku", "title")) == {"new": "Jug", "same": "Bottle", "changed": "Flask"}
    assert rung == [("tasks.scoring.refill_all", ())]


@pytest.mark.parametrize("n", [0, 501])
def test_a_batch_has_a_size(n: int, shop: Shop) -> None:
    answer = shop.post(PRODUCTS, {"products": [{"sku": str(sku)} for sku in range(n)]})

    assert (answer.status_code, answer.json()["errors"][0]["where"]) == (422, "body.batch.products")


def test_pages_hold_every_product_once_in_the_order_of_change(shop: Shop, catalog: Catalog) -> None:
    made = [make_product(catalog=catalog, sku=f"A-{n}") for n in range(5)]
    make_product()
    Product.objects.filter(pk=made[0].pk).update(changed_at=made[4].changed_at + dt.timedelta(seconds=1))

    skus, cursor, has_more = [], "", True
    while has_more:
        page = shop.get(PRODUCTS, cursor=cursor, limit=2).json()
        skus += [product["sku"] for product in page["products"]]
        cursor, has_more = page["next_cursor"], page["has_more"]

    assert skus == ["A-1", "A-2", "A-3", "A-4", "A-0"]


def test_the_last_cursor_brings_what_changes_later(shop: Shop, catalog: Catalog) -> None:
    long_ago = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    for sku in ("A-1", "A-2"):
        make_product(catalog=catalog, sku=sku)
    Product.objects.update(changed_at=long_ago)
    cursor = shop.get(PRODUCTS).json()["next_cursor"]
    assert shop.get(PRODUCTS, cursor=cursor).json()["products"] == []

    shop.put(f"{PRODUCTS}/A-1", {"title": "Flask"})

    page = shop.get(PRODUCTS, cursor=cursor).json()
    assert [product["sku"] for product in page["products"]] == ["A-1"]


@pytest.mark.parametrize("query", [{"cursor": "wrong"}, {"limit": 0}, {"limit": 501}, {"limit": "many"}])
def test_a_wrong_cursor_or_limit_is_refused(query: dict[str, Any], shop: Shop) -> None:
    answer = shop.get(PRODUCTS, **query)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["where"] == f"query.{next(iter(query))}"
