"""Writes many rows of a model by one statement each; a third of what the models' own rows take."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import DateField, DateTimeField, Model

Row = Mapping[str, Any]  # of each column but one that counts by itself, by its field's name in a row: measure_id


def insert_new(model: type[Model], rows: Sequence[Row]) -> None:
    """Insert rows that are alike in their columns; what a unique constraint holds against one leaves it out."""
    _write(model, rows, lambda _columns: "ON CONFLICT DO NOTHING")


def insert_or_replace(model: type[Model], rows: Sequence[Row]) -> None:
    """Insert such rows, each in the place of the one that has its primary key."""
    key = model._meta.pk.attname

    def replacing(columns: Mapping[str, str]) -> str:
        updated = ", ".join(f"{column} = excluded.{column}" for name, column in columns.items() if name != key)
        return f"ON CONFLICT ({columns[key]}) DO UPDATE SET {updated}"

    _write(model, rows, replacing)


def _write(model: type[Model], rows: Sequence[Row], conflict: Callable[[Mapping[str, str]], str]) -> None:
    if not rows:
        return
    columns, adapted = _columns(model, tuple(rows[0])), _adapters(connection.vendor, model)
    places = ", ".join(["%s"] * len(columns))
    table = connection.ops.quote_name(model._meta.db_table)
    # Names of the model alone; the values are parameters.
    statement = f"INSERT INTO {table} ({', '.join(columns.values())}) VALUES ({places}) {conflict(columns)}"  # noqa: S608
    values = [[adapted[name](row[name]) if name in adapted else row[name] for name in columns] for row in rows]
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)


def _columns(model: type[Model], names: Sequence[str]) -> dict[str, str]:
    """Return the quoted column of each name."""
    known = {field.attname: str(field.column) for field in model._meta.concrete_fields}
    return {name: connection.ops.quote_name(known[name]) for name in names}


@lru_cache
def _adapters(_vendor: str, model: type[Model]) -> dict[str, Callable[[Any], Any]]:
    """Return how moments and days are told to the database; numbers, texts and booleans are parameters as they are."""
    ops = connection.ops
    return {
        field.attname: ops.adapt_datetimefield_value if isinstance(field, DateTimeField) else ops.adapt_datefield_value
        for field in model._meta.concrete_fields
        if isinstance(field, DateField)
    }
