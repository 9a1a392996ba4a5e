"""Facts that stand in a Brief's prose alone."""

import pytest

from ml_backend.rules.extraction import ExtractedFact, extracted, facts_of
from tests.factories import make_brief


def _told(text: str) -> list[tuple[str, str, str]]:
    return [(fact.kind, fact.value, fact.normal) for fact in facts_of(text)]


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        (
            "A navy blue bottle of 750 ml (25 fl oz) in steel",
            [
                ("colour", "navy blue", "blue"),
                ("quantity", "750 ml", "750 ml"),
                ("quantity", "25 fl oz", "25 oz"),
                ("material", "steel", "stainless steel"),
            ],
        ),
        (
            "Board, 30 x 22.5 cm, 1,200 g",
            [("dimensions", "30 x 22.5 cm", "30 x 22.5 cm"), ("quantity", "1,200 g", "1200 g")],
        ),
        (
            "Holds 20-33 lb; 12 x 330 ml cans",
            [("quantity", "20-33 lb", "20-33 lb"), ("quantity", "12 x 330 ml", "12 x 330 ml")],
        ),
        ("Set of three, 2-Pack", [("count", "Set of three", "3 pack"), ("count", "2-Pack", "2 pack")]),
        ("Size XL, king size", [("size", "XL", "xl"), ("size", "king size", "king size")]),
        ("Fits LC-51C and E27 sockets", [("model", "LC-51C", "lc51c"), ("model", "E27", "e27")]),
        ('Pipe of 1.5", 5 ft long', [("quantity", '1.5"', "1.5 in"), ("quantity", "5 ft", "5 ft")]),
        (
            "藏青色床单500毫升大杯，3片装",
            [("colour", "藏青", "blue"), ("quantity", "500毫升", "500 ml"), ("count", "3片装", "3 pack")],
        ),
        ("尺寸30*40cm不锈钢", [("dimensions", "30*40cm", "30 x 40 cm"), ("material", "不锈钢", "stainless steel")]),
    ],
)  # fmt: skip
def test_prose_gives_facts_in_a_form_that_compares(text: str, facts: list[tuple[str, str, str]]) -> None:
    assert _told(text) == facts


@pytest.mark.parametrize(
    "text",
    [
        "Orange juice glass cleaner with no leather and a BPA-free, plastic-free lid",
        "Gold medal taste, 5 pockets, open 24/7, the 2nd of its kind",
        "不含塑料，非玻璃，红薯口味",
        "Price: 12.50. Note: wash cold",
        "",
    ],
)
def test_what_only_sounds_like_a_fact_is_none(text: str) -> None:
    assert _told(text) == []


def test_a_label_names_its_pair_and_what_the_value_holds() -> None:
    found = facts_of("Very light. Weight: 1.2 kg. Neck: Round, Lining: Cotton\n材质：304不锈钢；容量：大")

    assert [(fact.kind, fact.name, fact.value) for fact in found] == [
        ("labelled", "weight", "1.2 kg"),
        ("quantity", "weight", "1.2 kg"),
        ("labelled", "neck", "Round"),
        ("labelled", "lining", "Cotton"),
        ("material", "lining", "Cotton"),
        ("labelled", "材质", "304不锈钢"),
        ("material", "材质", "不锈钢"),
        ("labelled", "容量", "大"),
    ]


def test_a_fact_stands_where_it_says() -> None:
    text = "Blue oak board, Weight: 2 kg, 30 x 40 cm, LC-51C, set of two"

    assert all(text[fact.start : fact.end] == fact.value for fact in facts_of(text))


def test_what_a_column_says_already_is_left_out_and_long_values_are_prose() -> None:
    brief = make_brief(
        description="A blue bottle of 750 ml, 24 cm high. Blue again.",
        attributes=(
            ("Colour", "navy"),
            ("Volume", "0.75 l"),
            ("In the box", "One bottle, a cup of 90 ml and a carrying strap of nylon"),
        ),
    )

    found = extracted(brief)

    assert [(fact.field, fact.normal) for fact in found] == [
        ("description", "24 cm"),
        ("In the box", "90 ml"),
        ("In the box", "nylon"),
    ]
    assert found[0] == ExtractedFact(
        kind="quantity", name="", value="24 cm", normal="24 cm", field="description", start=25, end=30
    )
