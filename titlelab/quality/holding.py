"""Lets one worker at a time measure: two would do the same work twice, and leave each other the database locked."""

import datetime as dt
from contextlib import AbstractContextManager

from titlelab.quality.models import MeasuringHold
from titlelab.turns import LONG_AGO, turn

HOLD = dt.timedelta(minutes=3)
THE_ROW = 1


def measuring(now: dt.datetime) -> AbstractContextManager[bool]:
    """Say whether it is this worker's turn to measure, as long as it measures."""
    MeasuringHold.objects.get_or_create(pk=THE_ROW, defaults={"until": LONG_AGO})
    return turn(MeasuringHold.objects.filter(pk=THE_ROW), now, HOLD)
