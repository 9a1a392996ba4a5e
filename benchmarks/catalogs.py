"""Catalog files of the benchmarks' schema as Examples and Briefs: see protocol.py for reading and splitting.

Only what a shop would tell of a product stands in a Brief; the title is what is to be found, and stays out.
"""

from collections.abc import Sequence
from pathlib import Path

from benchmarks import protocol
from benchmarks.protocol import Row
from ml_backend.contract import Brief, ChannelRules, Example
from titlelab.catalog.brief import brief_of
from titlelab.catalog.reading import ProductRow

MOST_MEASURED = 300  # products of a split that figures are told of
# Titles are measured as their catalog writes them, so the channel of the figures hardly bounds them.
FREE_CHANNEL = ChannelRules(key="shop", max_length=250)


def rows_by_split(path: Path) -> dict[str, list[Row]]:
    """Return a catalog's rows as train, valid and test, each in the protocol's order; exits when there is no file."""
    if not path.is_file():
        raise SystemExit(f"{path} is not there: name a catalog file (gzipped JSON Lines, one product a line)")
    rows = protocol.ordered(protocol.read(path))
    found = {name: [row for row in rows if protocol.split(row) == name] for name in ("train", "valid", "test")}
    if missing := [name for name, own in found.items() if not own]:
        raise SystemExit(f"{path.name} has no product in its {missing[0]} split: too small to measure on")
    return found


def examples_of(rows: Sequence[Row], catalog: str, channel: ChannelRules = FREE_CHANNEL) -> list[Example]:
    """Return rows as training Examples, families as the protocol cuts them."""
    return [
        Example(
            brief=brief_of_row(row, catalog, channel),
            title=str(row["title"]),
            tags=None,
            source="catalog",
            family=protocol.family(row),
        )
        for row in rows
    ]


def brief_of_row(row: Row, catalog: str, channel: ChannelRules = FREE_CHANNEL) -> Brief:
    """Return the Brief of a row, made and cleaned as titlelab makes them."""
    attributes: dict[str, object] = row.get("attributes") or {}  # type: ignore[assignment]
    category: Sequence[str] = row.get("category") or ()  # type: ignore[assignment]
    product = ProductRow(
        line=0,
        sku=str(row["sku"]),
        title="",
        description=str(row.get("description") or ""),
        brand=str(row.get("brand") or ""),
        category=tuple(map(str, category)),
        attributes=tuple((str(name), _value(value)) for name, value in attributes.items()),
    )
    return brief_of(product, catalog=catalog, library="", language=str(row.get("language") or "en"), channel=channel)


def _value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
