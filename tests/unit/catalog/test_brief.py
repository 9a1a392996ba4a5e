"""What a model may know of a product."""

from decimal import Decimal

from ml_backend.contract import Brief, ChannelRules
from titlelab.catalog.brief import brief_of, price_text
from titlelab.catalog.reading import ProductRow

RULES = ChannelRules(key="ebay", max_length=80)


def test_a_brief_tells_all_that_the_shop_told() -> None:
    row = ProductRow(
        line=7,
        sku="A1",
        title="bottle",
        description="Keeps tea hot.",
        brand="Norvik",
        category=("Outdoor", "Bottles"),
        attributes=(("Colour", "blue"),),
        price=Decimal("12.5"),
        currency="EUR",
    )

    brief = brief_of(row, catalog="shop", library="outdoor", language="en", channel=RULES)

    assert brief == Brief(
        catalog="shop",
        library="outdoor",
        sku="A1",
        language="en",
        channel=RULES,
        title="bottle",
        description="Keeps tea hot.",
        brand="Norvik",
        category=("Outdoor", "Bottles"),
        attributes=(("Colour", "blue"),),
        price="12.50 EUR",
    )


def test_a_price_needs_no_currency_and_no_price_is_no_text() -> None:
    assert price_text(Decimal(3), "") == "3.00"
    assert price_text(None, "EUR") == ""
