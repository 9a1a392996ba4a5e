"""Turns the cells of one row, by field, into a ProductRow, or a Refusal where they can't be used. Computes only."""

import json
import math
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

from titlelab.catalog.html_text import FORBIDDEN, INVISIBLE, composed, without_html
from titlelab.catalog.prices import price_told
from titlelab.catalog.rows import ATTRIBUTE, LONGEST_CELL, Cells, ProductRow, Refusal, Refused

MOST_ATTRIBUTES = 200
DEEPEST_CATEGORY = 10
LARGEST_WHOLE = 2.0**53  # a float beyond tells no whole number for certain
# Brands, categories, colours and prices stand in thousands of rows: what was read of a short cell is kept.
SHORT_CELL = 100
KEPT_CELLS = 20_000
P = ParamSpec("P")
Read = TypeVar("Read")
_SEVERAL = re.compile("[|\n]")  # parts the values that a shop merged into one cell
_NEXT_ADDRESS = re.compile(r"(?<=[|,;\s])(?=https?://)")


def _remembered(read: Callable[P, Read]) -> Callable[P, Read]:
    """Keep what was made of a short text, the last argument; anything else is read anew."""
    kept = lru_cache(KEPT_CELLS)(read)

    @wraps(read)
    def quick(*told: P.args, **named: P.kwargs) -> Read:
        cell = told[-1]
        return kept(*told) if type(cell) is str and len(cell) <= SHORT_CELL else read(*told, **named)

    return quick


def product_row(line: int, cells: Cells) -> ProductRow | Refusal:
    """Return what a file's or a caller's row becomes; keys other than the known fields are passed over."""
    sku = ""
    try:
        sku = _one_line("sku", cells.get("sku"))
        if not sku:
            raise Refused("sku", "is missing")
        price, currency = _price(cells)
        return ProductRow(
            line=line,
            sku=sku,
            title=_one_line("title", cells.get("title")),
            description=_short(
                "description", without_html("description", _text("description", cells.get("description")))
            ),
            brand=_repeated_line("brand", cells.get("brand")),
            category=_category(cells.get("category")),
            attributes=_attributes(cells),
            image_url=_image_url(cells.get("image_url")),
            price=price,
            currency=currency,
        )
    except Refused as e:
        return Refusal(line=line, sku=sku, column=e.column, reason=e.reason)


def parsed(text: str) -> object:
    """Return the JSON value; raises Refused on what is none, however deep or long."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, ArithmeticError, RecursionError) as e:
        raise Refused("", f"is not JSON: {str(e)[:200]}") from e


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not a number that JSON knows")


def _text(column: str, cell: object) -> str:
    """Return a scalar as clean text; raises Refused on a list, an object or a character that no text holds."""
    if cell is None:
        return ""
    if isinstance(cell, str) and cell.isascii() and cell.isprintable():  # most cells: what follows changes none
        return cell.strip()
    if isinstance(cell, bool):
        cell = "yes" if cell else "no"
    if isinstance(cell, float):
        cell = _number(column, cell)
    if not isinstance(cell, str | int | Decimal):
        raise Refused(column, f"must be text, not {'a list' if isinstance(cell, list) else 'an object'}")
    text = INVISIBLE.sub("", composed(column, str(cell))).strip()
    if found := FORBIDDEN.search(text):
        raise Refused(column, f"holds the control character U+{ord(found[0]):04X}")
    return text


def _number(column: str, number: float) -> int | Decimal:
    """Return 4006381333931 for 4006381333931.0: sheets hold codes as numbers."""
    if not math.isfinite(number):
        raise Refused(column, f"{number} is not a number such as 12.50")
    return int(number) if number.is_integer() and abs(number) < LARGEST_WHOLE else Decimal(repr(number))


def _one_line(column: str, cell: object) -> str:
    return _short(column, " ".join(without_html(column, _text(column, cell)).split()))


@_remembered
def _repeated_line(column: str, cell: object) -> str:
    """Return the line of a cell that many rows have in common."""
    return _one_line(column, cell)


def _short(column: str, text: str) -> str:
    if len(text) > LONGEST_CELL[column]:
        raise Refused(column, f"has {len(text):,} characters, {LONGEST_CELL[column]:,} at most")
    return text


@_remembered
def _category(cell: object) -> tuple[str, ...]:
    """Accept a list, "A > B > C" or "A/B"; a slash parts only where no > does."""
    if isinstance(cell, list):
        parts: Sequence[object] = cell
    else:
        text = _text("category", cell)
        parts = re.split("[>＞]", text) if re.search("[>＞]", text) else text.split("/")
    levels = tuple(level for part in parts if (level := _one_line("category", part)))
    if len(levels) > DEEPEST_CATEGORY:
        raise Refused("category", f"has {len(levels)} levels, {DEEPEST_CATEGORY} at most")
    return levels


def _attributes(cells: Cells) -> tuple[tuple[str, str], ...]:
    """Join the attributes cell, an object, its JSON or "Name: value | …", with the cells named attr:…, in order."""
    found = cells.get("attributes")
    if isinstance(found, str) and found.strip():
        found = _of_text(found)
    if not found and found is not False:
        found = {}
    if not isinstance(found, dict):
        raise Refused("attributes", 'must be an object such as {"Colour": "blue"}')
    columns = {name: cells[column] for column, name in _attribute_columns(tuple(cells))}
    told = {_repeated_line("attributes", name): _value(name, cell) for name, cell in {**found, **columns}.items()}
    attributes = tuple((name, value) for name, value in told.items() if name and value)
    if len(attributes) > MOST_ATTRIBUTES:
        raise Refused("attributes", f"are {len(attributes):,}, {MOST_ATTRIBUTES} at most")
    return attributes


@lru_cache(1000)  # of a table the same for every row
def _attribute_columns(columns: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((column, column.removeprefix(ATTRIBUTE)) for column in columns if column.startswith(ATTRIBUTE))


def _of_text(text: str) -> object:
    """Read JSON, or pairs that | ; or line ends part, of which one name may tell several values."""
    if text.lstrip().startswith(("{", "[")):
        try:
            return parsed(text)
        except Refused as e:
            raise Refused("attributes", e.reason) from e
    found: dict[str, list[object]] = {}
    for pair in filter(str.strip, re.split("[|;\n]", text)):
        name, *told = re.split("[:=]", pair, maxsplit=1)
        if not told or not name.strip():
            raise Refused("attributes", f"{pair.strip()[:40]!r} has no name: write such as Colour: blue | Size: 40")
        found.setdefault(name.strip(), []).extend(told)
    return found


@_remembered
def _value(name: str, cell: object) -> str:
    parts = _SEVERAL.split(cell) if isinstance(cell, str) else cell
    values: Sequence[object] = parts if isinstance(parts, list) else [parts]
    try:
        return _short("attributes", ", ".join(text for v in values if (text := _one_line("attributes", v))))
    except Refused as e:
        raise Refused("attributes", f"{name[:40]!r} {e.reason}") from e


def _image_url(cell: object) -> str:
    """Return the first address where a cell holds several."""
    if cell is None or cell == "":
        return ""
    if isinstance(cell, list):
        cell = cell[0] if cell else None
    url = _NEXT_ADDRESS.split(_text("image_url", cell), maxsplit=1)[0].rstrip("|,; \t\r\n")
    url = _short("image_url", url)
    if url and not re.fullmatch(r"https?://[^\s<>\"']+", url):
        raise Refused("image_url", "must begin with http:// or https:// and hold no spaces or quotes")
    return url


def _price(cells: Cells) -> tuple[Decimal | None, str]:
    """Return price and currency; the price's own sign tells the currency where no column does."""
    cell = cells.get("price")
    if isinstance(cell, bool):
        raise Refused("price", f"{str(cell)!r} is not a number such as 12.50")
    price, of_sign = price_told(_text("price", cell), is_number=not isinstance(cell, str))
    currency = _currency(cells.get("currency"))
    if currency and of_sign and currency != of_sign:
        raise Refused("currency", f"is {currency}, but the price says {of_sign}")
    return price, currency or of_sign


@_remembered
def _currency(cell: object) -> str:
    code = _text("currency", cell).upper()
    if not re.fullmatch("([A-Z]{3})?", code):
        raise Refused("currency", f"{code[:20]!r} is not three letters such as EUR")
    return code
