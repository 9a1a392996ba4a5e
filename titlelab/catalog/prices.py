"""Prices as shops write them, with signs and either decimal mark; what could be read two ways is refused."""

import re
from decimal import Decimal
from functools import lru_cache

from titlelab.catalog.rows import Refused

# Below any price of this length two decimals still fit Product.price.
PRICE_LIMIT = Decimal(10) ** 12
LONGEST_PRICE = 60  # characters, sign and code included
# Signs that name one currency. "$", "¥" and "kr" name several: there the currency column tells, or nobody.
_SIGNS = {
    "€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "₽": "RUB", "₺": "TRY", "₫": "VND", "₪": "ILS", "zł": "PLN",
    "Kč": "CZK", "R$": "BRL", "US$": "USD", "C$": "CAD", "A$": "AUD", "HK$": "HKD", "NT$": "TWD", "RMB": "CNY",
    "元": "CNY", "円": "JPY", "$": "", "¥": "", "￥": "", "kr": "", "": "",
}  # fmt: skip
_PLAIN = re.compile(r"[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]{1,3})?")
_WRITTEN = re.compile(r"([^\d\s.,'’+-]*)\s*([0-9][0-9.,'’\s]*?)(?:[.,][-–—]{1,2})?\s*([^\d\s.,'’+-]*)")
_AMBIGUOUS = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")


@lru_cache(20_000)  # the same few prices stand in thousands of rows
def price_told(text: str, *, is_number: bool) -> tuple[Decimal | None, str]:
    """Return the price, None for no text, and the currency that its sign or code names, "" for none.

    is_number: the cell was a number, not text, so that its dot is a decimal mark whatever follows.
    Raises Refused.
    """
    if not text:
        return None, ""
    if len(text) > LONGEST_PRICE:
        raise _not_a_number(text)
    if re.fullmatch(r"[-−].*[0-9].*|.*[0-9]\s*-", text):
        raise Refused("price", "is negative")
    if _PLAIN.fullmatch(text) and (is_number or not _AMBIGUOUS.fullmatch(text)):
        return _within_limit(Decimal(text)), ""
    found = _WRITTEN.fullmatch(text)
    if not found:
        raise _not_a_number(text)
    before, digits, after = found[1], re.sub(r"['’\s]", "", found[2]), found[3]
    currency = _currency_of(before if not after else after if not before else f"{before} {after}", text)
    return _within_limit(_amount(digits, text)), currency


def _currency_of(sign: str, text: str) -> str:
    if re.fullmatch("[A-Z]{3}", sign) and sign not in _SIGNS:
        return sign
    if sign not in _SIGNS:
        raise _not_a_number(text)
    return _SIGNS[sign]


def _amount(digits: str, text: str) -> Decimal:
    """Tell the decimal mark from the mark between thousands: the last one is decimal unless three digits follow."""
    if _AMBIGUOUS.fullmatch(digits):
        whole, decimals = digits.split(".")
        raise Refused(
            "price", f"{text[:40]!r} may mean {whole}{decimals} or {whole}.{decimals[:2]}: write two decimals"
        )
    marks = [mark for mark in digits if mark in ".,"]
    last = marks[-1] if marks else ""
    is_decimal = bool(marks) and marks.count(last) == 1 and (len(set(marks)) == 2 or len(digits.split(last)[1]) != 3)
    whole, _, decimals = digits.rpartition(last) if is_decimal else (digits, "", "")
    groups = re.split("[.,]", whole)
    if len(groups) > 1 and not (1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])):
        raise _not_a_number(text)
    return Decimal(f"{''.join(groups)}.{decimals or 0}")


def _within_limit(price: Decimal) -> Decimal:
    # Rounding may reach the limit, and can't be done far beyond it.
    if price >= PRICE_LIMIT or (rounded := price.quantize(Decimal("0.01"))) >= PRICE_LIMIT:
        raise Refused("price", "is too large")
    return rounded


def _not_a_number(text: str) -> Refused:
    return Refused("price", f"{text[:40]!r} is not a number such as 12.50")
