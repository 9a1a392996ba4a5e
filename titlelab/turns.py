"""Lets one worker at a time do what two would do twice."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db.models import Model, QuerySet

LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
Row = TypeVar("Row", bound=Model)


@contextmanager
def turn(rows: QuerySet[Row], now: dt.datetime, longest: dt.timedelta) -> Iterator[bool]:
    """Say whether it is this worker's turn; another one may be at it already.

    rows: one row, whose `until` tells how long its holder keeps the others away. A worker that was killed keeps them
    away for the longest time; one that takes longer may be joined by another, which costs time alone.
    """
    until = now + longest
    is_ours = rows.filter(until__lt=now).update(until=until) == 1
    try:
        yield is_ours
    finally:
        if is_ours:
            rows.filter(until=until).update(until=LONG_AGO)
