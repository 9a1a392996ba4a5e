"""Whose a Brief is, and which names a title brings in."""

import pytest

from ml_backend.rules.brands import aliases, leading_name, named_brands, synonyms


@pytest.mark.parametrize(
    ("brand", "names"),
    [
        ("Norvale", ("Norvale",)),
        ("LUMIKO/光美", ("LUMIKO", "光美")),
        ("other/其他", ()),
        ("No Brand", ()),
        ("森野(床品)", ("森野", "床品")),
    ],
)
def test_a_brand_goes_by_each_of_its_names(brand: str, names: tuple[str, ...]) -> None:
    assert aliases(brand) == names


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Ketterby Steel Bottle", "Ketterby"),
        ("ketterby Steel Bottle", "ketterby"),
        ("The Green Garage Men Shirt", "Garage"),
        ("Green and Pine Candle", ""),
        ("Women's Running Shoes", ""),
        ("Premium Leather Bag", ""),
        ("禾沐保温杯大容量", "禾沐"),
        ("北欧简约茶几", ""),
        ("新款加厚羽绒服", ""),
        ("2024新款水杯", ""),
    ],
)
def test_a_strange_word_at_the_front_stands_where_the_brand_should(title: str, name: str) -> None:
    assert leading_name(title, ("Green Pine",)) == name


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("Case for Samsung Phones", ["Samsung"]),
        ("Oak Shelf by Ketterby", ["Ketterby"]),
        ("小米手机壳", ["小米"]),
        ("黄小米粥500g", []),
        ("红富士苹果5斤", []),
        ("苹果手机壳", ["苹果"]),
    ],
)
def test_well_known_brands_are_told_from_the_foods_of_their_name(title: str, names: list[str]) -> None:
    assert named_brands(title) == names


def test_a_maker_has_one_name_in_each_script() -> None:
    assert "xiaomi" in synonyms("小米")
    assert synonyms("Norvale") == ("norvale",)
