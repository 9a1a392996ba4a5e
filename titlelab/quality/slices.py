"""A Slice of Decisions, as an address names it. Computes only; see querysets.py for the rows of one."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode

from titlelab.errors import BadSlice

# How an address says "those of no category" and "of no version": an empty parameter is one that a form left empty.
NONE = "(none)"
_KEY_DIGITS = len(str(2**63))
_YEARS = range(1970, 3000)  # pages count weeks from a week on, and in other time zones


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Which Decisions are meant; None does not narrow, "" means those that have none.

    catalog and queue are primary keys, version the pair as shown, category the first level of the path, person an
    e-mail address, channel a key, week a Monday, kind an EditKind; tag a name of today.
    """

    catalog: int | None = None
    queue: int | None = None
    version: str | None = None
    category: str | None = None
    tag: str | None = None
    person: str | None = None
    channel: str | None = None
    week: dt.date | None = None
    kind: str | None = None

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> "Slice":
        """Read an address's parameters; others than a Slice's are left alone. Raises BadSlice."""
        told = {name: str(params[name]) for name in FIELDS if params.get(name)}
        return cls(**{name: _READERS.get(name, _text)(name, value) for name, value in told.items()})

    def query(self) -> str:
        """Return the address's parameters, without a question mark; "" for all Decisions."""
        return urlencode(self.params())

    def params(self) -> dict[str, str]:
        told = ((name, getattr(self, name)) for name in FIELDS)
        return {name: NONE if value == "" else str(value) for name, value in told if value is not None}

    def narrowed(self, **changes: Any) -> "Slice":  # noqa: ANN401 - as the fields
        """Return the Slice with other fields; None widens it again."""
        return replace(self, **changes)


FIELDS = tuple(field.name for field in fields(Slice))


def _text(name: str, value: str) -> str:
    if "\x00" in value:
        raise BadSlice(name, value)
    return "" if value == NONE else value


def _number(name: str, value: str) -> int:
    if (number := key_of(value)) is None:
        raise BadSlice(name, value)
    return number


def key_of(text: str) -> int | None:
    """Return the primary key that an address's text is, None for no such; Python reads no more than 4,300 digits."""
    is_short = text.isascii() and text.isdigit() and len(text) <= _KEY_DIGITS
    return int(text) if is_short and int(text) < 2**63 else None


def _monday(name: str, value: str) -> dt.date:
    """Read a day; any day of a week names it."""
    try:
        day = dt.date.fromisoformat(value)
    except ValueError as e:
        raise BadSlice(name, value) from e
    if day.year not in _YEARS:
        raise BadSlice(name, value)
    return day - dt.timedelta(days=day.weekday())


_READERS: Mapping[str, Callable[[str, str], Any]] = {"catalog": _number, "queue": _number, "week": _monday}
