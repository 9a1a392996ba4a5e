"""One code, many spellings."""

import pytest

from ml_backend.rules.model_codes import codes, spellings, squeezed


@pytest.mark.parametrize("written", ["WH-1000XM4", "WH1000XM4", "wh-1000 xm4", "WH 1000 XM4"])
def test_a_code_is_found_in_any_spelling_of_the_source(written: str) -> None:
    assert squeezed("WH-1000XM4") in spellings(f"Model: {written}, black")


@pytest.mark.parametrize("written", ["WH-1000XM5", "WH-1000", "1000 XM4 of WH"])
def test_another_code_is_another(written: str) -> None:
    assert squeezed("WH-1000XM4") not in spellings(written)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Auricel WH-1000XM4 Headphones", ["WH-1000XM4"]),
        ("E27 Bulb 9W A-Line", ["E27", "9W"]),
        ("品冠P30手机4K", ["P30", "4K"]),
        ("Wi-Fi 802.11ac Router", ["802.11ac"]),
        ("24-in-1 Set, 2nd Edition, 5 x 8", []),
        ("Toner TN-3390/HL5450", ["TN-3390", "HL5450"]),
    ],
)
def test_codes_mix_letters_and_digits(title: str, expected: list[str]) -> None:
    assert [match[0] for match in codes(title)] == expected
