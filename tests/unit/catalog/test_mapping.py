"""Which column tells what: the guess, its flaws, and a row seen through it."""

import pytest

from titlelab.catalog.mapping import flaws, guessed, seen_through
from titlelab.catalog.rows import Refused


def test_the_columns_of_a_web_shop_are_guessed() -> None:
    columns = ["Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Variant SKU", "Variant Price"]

    assert guessed(columns) == {
        "Handle": "",
        "Title": "title",
        "Body (HTML)": "description",
        "Vendor": "brand",
        "Product Category": "category",
        "Type": "",
        "Variant SKU": "sku",
        "Variant Price": "price",
    }


def test_chinese_columns_are_guessed_and_what_describes_the_product_is_an_attribute() -> None:
    targets = guessed(["商家编码", "宝贝标题", "品牌", "颜色", "材质", "库存", "价格"])

    assert list(targets.values()) == ["sku", "title", "brand", "attr:颜色", "attr:材质", "", "price"]


def test_a_columns_own_name_goes_before_a_likeness() -> None:
    assert guessed(["SKU", "id", "attr:Colour", "product_name", " Title "]) == {
        "SKU": "sku",
        "id": "",
        "attr:Colour": "attr:Colour",
        "product_name": "",
        " Title ": "title",
    }


def test_flaws_name_the_columns() -> None:
    assert flaws({"a": "sku", "b": "category", "c": "category", "d": "attr:x", "e": "attr:x"}) == []
    assert flaws({"a": "title", "b": "title", "c": "price; DROP"}) == [
        "No column tells the sku: choose the one that names a product once.",
        "The columns a, b both tell the title: choose one.",
        "'price; DROP' is no field.",
    ]


def test_several_columns_may_tell_levels_descriptions_images_and_an_attributes_values() -> None:
    targets = {
        "l1": "category", "l2": "category", "short": "description", "long": "description",
        "img": "image_url", "img (2)": "image_url", "c1": "attr:Colour", "c2": "attr:Colour", "stock": "",
    }  # fmt: skip
    cells = {
        "l1": "Outdoor", "l2": "Bottles", "short": "Warm.", "long": "Keeps tea hot.",
        "img": "", "img (2)": "https://x/2.jpg", "c1": "blue", "c2": "red", "stock": 7,
    }  # fmt: skip

    assert seen_through(targets, cells) == {
        "category": ["Outdoor", "Bottles"],
        "description": "Warm.\nKeeps tea hot.",
        "image_url": "https://x/2.jpg",
        "attr:Colour": ["blue", "red"],
    }


def test_two_columns_that_tell_one_title_are_refused_only_where_both_speak() -> None:
    targets = {"a": "title", "b": "title"}

    assert seen_through(targets, {"a": "Mug", "b": ""}) == {"title": "Mug"}
    with pytest.raises(Refused, match="is told by two columns"):
        seen_through(targets, {"a": "Mug", "b": "Cup"})
