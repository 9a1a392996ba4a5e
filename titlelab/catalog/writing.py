"""Writes many products by one statement: new ones, and those whose sku the catalog has. Briefer than models' rows."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db import connection

from titlelab.catalog.models import Catalog, Product
from titlelab.catalog.rows import ProductRow

TOLD = [
    "title", "description", "brand", "category", "attributes", "image_url", "price", "currency",
]  # fmt: skip
_UPDATED = [*TOLD, "content_hash", "has_good_title", "changed_at"]
KEPT = 10_000  # prices and categories stand in many rows; both are short
_INSERTED = ["catalog", "sku", *_UPDATED, "created_at"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A row that is to be written, and what was found out about it."""

    row: ProductRow
    content_hash: str
    has_good_title: bool


def stored_hashes(catalog: Catalog, skus: Sequence[str]) -> dict[str, str]:
    """Return the content hashes of those of the skus that the catalog has; as many skus as a statement takes."""
    if not skus:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_question(connection.vendor, len(skus)), [catalog.pk, *skus])
        return dict(cursor.fetchall())


def upsert(catalog: Catalog, products: Sequence[Judged], *, now: dt.datetime) -> None:
    """Create the products, or replace all that a row tells of those that exist."""
    if products:
        vendor, moment = connection.vendor, connection.ops.adapt_datetimefield_value(now)
        values = [_values(vendor, catalog.pk, product, moment) for product in products]
        with connection.cursor() as cursor:
            cursor.executemany(_statement(vendor), values)


@lru_cache(8)
def _question(_vendor: str, n_skus: int) -> str:
    quoted, column = connection.ops.quote_name, _columns()
    told = f"{quoted(column['sku'])}, {quoted(column['content_hash'])}"
    places = ", ".join(["%s"] * n_skus)
    table, of_catalog, sku = quoted(Product._meta.db_table), quoted(column["catalog"]), quoted(column["sku"])
    # Names of the model alone; the values are parameters.
    return f"SELECT {told} FROM {table} WHERE {of_catalog} = %s AND {sku} IN ({places})"  # noqa: S608


@lru_cache  # one for each kind of database
def _statement(_vendor: str) -> str:
    quoted, column = connection.ops.quote_name, _columns()
    inserted = ", ".join(quoted(column[name]) for name in _INSERTED)
    updated = ", ".join(f"{quoted(column[name])} = excluded.{quoted(column[name])}" for name in _UPDATED)
    key = f"{quoted(column['catalog'])}, {quoted(column['sku'])}"
    places = ", ".join(["%s"] * len(_INSERTED))
    table = quoted(Product._meta.db_table)
    # Names of the model alone; the values are parameters.
    return f"INSERT INTO {table} ({inserted}) VALUES ({places}) ON CONFLICT ({key}) DO UPDATE SET {updated}"  # noqa: S608


def _columns() -> dict[str, str]:
    return {field.name: str(field.column) for field in Product._meta.concrete_fields}


def _values(vendor: str, catalog_id: int, product: Judged, moment: object) -> tuple[Any, ...]:
    """Return a parameter for each of _INSERTED; texts and booleans are parameters as they are."""
    row = product.row
    return (
        catalog_id,
        row.sku,
        row.title,
        row.description,
        row.brand,
        _category(vendor, row.category),
        _attributes(vendor, row.attributes),
        row.image_url,
        _price(vendor, row.price),
        row.currency,
        product.content_hash,
        product.has_good_title,
        moment,
        moment,
    )


def _attributes(vendor: str, attributes: tuple[tuple[str, str], ...]) -> Any:  # noqa: ANN401 - the driver's own
    if vendor == "sqlite":  # keeps JSON as text: put together of the pairs that other rows have, too
        return f"[{', '.join([_pair(pair) for pair in attributes])}]"
    return connection.ops.adapt_json_value(attributes, None)


@lru_cache(KEPT)
def _pair(pair: tuple[str, str]) -> str:
    return json.dumps(pair)


@lru_cache(KEPT)
def _category(_vendor: str, path: tuple[str, ...]) -> Any:  # noqa: ANN401
    return connection.ops.adapt_json_value(path, None)


@lru_cache(KEPT)
def _price(_vendor: str, price: Decimal | None) -> Any:  # noqa: ANN401
    return connection.ops.adapt_decimalfield_value(price, 14, 2)
