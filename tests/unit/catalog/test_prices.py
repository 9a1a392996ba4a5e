"""Prices as shops write them."""

from decimal import Decimal

import pytest

from titlelab.catalog.prices import price_told
from titlelab.catalog.rows import Refused


@pytest.mark.parametrize(
    ("text", "price", "currency"),
    [
        ("12.5", "12.50", ""),
        ("12,50", "12.50", ""),
        ("1,299", "1299.00", ""),
        ("1,299.00", "1299.00", ""),
        ("1.299,00", "1299.00", ""),
        ("1.299.000", "1299000.00", ""),
        ("1 299,5", "1299.50", ""),
        ("0.999", "1.00", ""),
        ("€ 12,50", "12.50", "EUR"),
        ("12,50 €", "12.50", "EUR"),
        ("£1,299", "1299.00", "GBP"),
        ("$12.50", "12.50", ""),
        ("US$12.50", "12.50", "USD"),
        ("￥199", "199.00", ""),
        ("199元", "199.00", "CNY"),
        ("CHF 1'299.–", "1299.00", "CHF"),
        ("12,- €", "12.00", "EUR"),
        ("12.50 EUR", "12.50", "EUR"),
    ],
)
def test_signs_and_either_decimal_mark_are_read(text: str, price: str, currency: str) -> None:
    assert price_told(text, is_number=False) == (Decimal(price), currency)


def test_a_number_has_a_decimal_point_whatever_follows() -> None:
    assert price_told("1.299", is_number=True) == (Decimal("1.30"), "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1.299", "'1.299' may mean 1299 or 1.29: write two decimals"),
        ("€ 1.299", "'€ 1.299' may mean 1299 or 1.29"),
        ("-5", "is negative"),
        ("-€5", "is negative"),
        ("5-", "is negative"),
        ("12 - 15", "'12 - 15' is not a number"),
        ("from 12.50", "'from 12.50' is not a number"),
        ("12,34,56", "'12,34,56' is not a number"),
        ("on request", "'on request' is not a number"),
        ("1" * 61, "'1111"),
        ("9" * 13, "is too large"),
    ],
)
def test_what_is_no_price_or_could_be_two_is_refused(text: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        price_told(text, is_number=False)

    assert refused.value.reason.startswith(reason)
