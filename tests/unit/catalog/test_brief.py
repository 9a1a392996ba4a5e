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


def test_a_brief_is_clean_and_keeps_a_value_that_only_sounds_like_noise() -> None:
    row = ProductRow(
        line=7,
        sku="A1",
        title="bottle",
        description="<p>Keeps tea hot &amp; fresh!!!</p><p>★ FREE SHIPPING ★</p>",
        brand="Norvik",
        category=(),
        attributes=(("Size", "５００ ml<br>17 oz"), ("Condition", "NEW"), ("Colours", ["blue ★", "red"])),
        price=None,
        currency="",
    )

    brief = brief_of(row, catalog="shop", library="", language="en", channel=RULES)

    assert brief.description == "Keeps tea hot & fresh!"
    assert brief.attributes == (("Size", "500 ml 17 oz"), ("Condition", "NEW"), ("Colours", "blue, red"))
    assert row.description.startswith("<p>")


def test_a_product_told_in_another_language_than_its_catalogs_says_so() -> None:
    row = ProductRow(
        line=7,
        sku="A1",
        title="Wanderrucksack",
        description="Leichter Rucksack aus wasserdichtem Gewebe für lange Tage in den Bergen.",
        brand="Norvik",
        category=(),
        attributes=(),
        price=None,
        currency="",
    )

    assert brief_of(row, catalog="shop", library="", language="en", channel=RULES).language == "de"
    assert brief_of(row, catalog="shop", library="", language="de-CH", channel=RULES).language == "de-CH"


def test_a_price_needs_no_currency_and_no_price_is_no_text() -> None:
    assert price_text(Decimal(3), "") == "3.00"
    assert price_text(None, "EUR") == ""
