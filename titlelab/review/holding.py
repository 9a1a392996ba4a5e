"""Lets one worker at a time fill a queue: two would each draft a pool of products for the same places."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from titlelab.review.models import QueueFilling, ReviewQueue

# A worker that was killed keeps a queue from being filled for so long; one that drafts for longer may be joined by
# another, which costs time alone.
HOLD = dt.timedelta(seconds=60)
LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


@contextmanager
def filling(queue: ReviewQueue, now: dt.datetime) -> Iterator[bool]:
    """Say whether the queue is this worker's to fill; another one may be at it already."""
    QueueFilling.objects.get_or_create(queue=queue, defaults={"until": LONG_AGO})
    rows, until = QueueFilling.objects.filter(queue=queue), now + HOLD
    is_ours = rows.filter(until__lt=now).update(until=until) == 1
    try:
        yield is_ours
    finally:
        if is_ours:
            rows.filter(until=until).update(until=LONG_AGO)
