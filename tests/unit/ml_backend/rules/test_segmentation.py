"""Words with their parts of speech, in titles of both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_backend.rules.segmentation import is_unit, segmented


def _tagged(text: str) -> str:
    return " ".join(f"{word.text}/{word.part}" for word in segmented(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Norvik Insulated Bottle with Handle, 500 ml",
            "Norvik/noun Insulated/adjective Bottle/noun with/function Handle/noun ,/other 500/number ml/unit",
        ),
        ("LC-51C Men's T-Shirt, AT&T", "LC-51C/name Men's/noun T-Shirt/noun ,/other AT&T/name"),
        ('30x40cm Oak Board 1.5"', '30/number x/other 40/number cm/unit Oak/noun Board/noun 1.5/number "/unit'),
        ("Keeps tea hot.", "Keeps/verb tea/noun hot/adjective ./other"),
        ("7003GX 2kg 3M USB-C C++", "7003GX/name 2/number kg/unit 3/number M/unit USB-C/name C++/name"),
        ("Weight: 500.", "Weight/noun :/other 500/number ./other"),
    ],
)
def test_latin_words_by_their_endings_and_spelling(text: str, expected: str) -> None:
    assert _tagged(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("加厚不锈钢保温杯500毫升", "加厚/adjective 不锈钢/noun 保温杯/noun 500/number 毫升/unit"),
        ("便携的水壶和杯子", "便携/adjective 的/function 水壶/noun 和/function 杯子/noun"),
        ("Norvik户外水壶2个", "Norvik/noun 户外/noun 水壶/noun 2/number 个/unit"),
        ("清洗", "清洗/verb"),
    ],
)
def test_han_words_by_the_dictionary(text: str, expected: str) -> None:
    assert _tagged(text) == expected


@given(st.text(max_size=60))
def test_words_stand_where_they_say_with_only_blanks_between(text: str) -> None:
    found = segmented(text)

    assert all(text[word.start : word.end] == word.text for word in found)
    assert "".join(word.text for word in found) == "".join(text.split())


def test_units_are_those_of_measure() -> None:
    assert [word for word in ("ml", "inches", "毫升", "x", "oak", "") if is_unit(word)] == ["ml", "inches", "毫升"]
