"""Lets one worker at a time measure: two would do the same work twice, and leave each other the database locked."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from titlelab.quality.models import MeasuringHold

# A worker that was killed keeps the others from measuring for so long; one that takes longer may be joined by another,
# which costs time alone.
HOLD = dt.timedelta(minutes=3)
LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
THE_ROW = 1


@contextmanager
def measuring(now: dt.datetime) -> Iterator[bool]:
    """Say whether it is this worker's turn to measure; another one may be at it already."""
    MeasuringHold.objects.get_or_create(pk=THE_ROW, defaults={"until": LONG_AGO})
    rows, until = MeasuringHold.objects.filter(pk=THE_ROW), now + HOLD
    is_ours = rows.filter(until__lt=now).update(until=until) == 1
    try:
        yield is_ours
    finally:
        if is_ours:
            rows.filter(until=until).update(until=LONG_AGO)
