"""Lets one worker at a time fill a queue: two would each draft a pool of products for the same places."""

import datetime as dt
from contextlib import AbstractContextManager

from titlelab.review.models import QueueFilling, ReviewQueue
from titlelab.turns import LONG_AGO, turn

HOLD = dt.timedelta(seconds=60)


def filling(queue: ReviewQueue, now: dt.datetime) -> AbstractContextManager[bool]:
    """Say whether the queue is this worker's to fill, as long as it is filled."""
    QueueFilling.objects.get_or_create(queue=queue, defaults={"until": LONG_AGO})
    return turn(QueueFilling.objects.filter(queue=queue), now, HOLD)
