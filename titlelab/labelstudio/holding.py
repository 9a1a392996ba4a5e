"""Lets one worker at a time change a queue's project: two that send the same items at once would make twins."""

import datetime as dt
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from titlelab.errors import LabelStudioRefused, NotPossibleNow
from titlelab.labelstudio.models import Project, QueueHold
from titlelab.review.models import ReviewQueue

PATIENCE_S = 20  # an ordinary push is over by then; a task that gives up is retried
PAUSE_S = 0.2
LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


class HeldElsewhere(NotPossibleNow):
    """Another worker is at the queue: come again later."""


class Hold:
    """The right to change one queue's project until it runs out.

    It is renewed before each batch of writes and lasts longer than any call to Label Studio may take, so that a
    worker that was overtaken, as while it waited long for drafts, learns it before it writes.
    """

    def __init__(self, queue: ReviewQueue) -> None:
        self._queue = queue
        self._holder = uuid.uuid4().hex

    def taken(self) -> bool:
        """Take the hold if it is free or has run out."""
        QueueHold.objects.get_or_create(queue=self._queue, defaults={"until": LONG_AGO})
        free = QueueHold.objects.filter(queue=self._queue, until__lt=timezone.now())
        return free.update(holder=self._holder, until=_end()) == 1

    def renew(self) -> None:
        """Make it last again; raises HeldElsewhere when another worker has taken over."""
        if not self._mine().update(until=_end()):
            raise HeldElsewhere(f"another worker has taken over {self._queue}")

    def release(self) -> None:
        self._mine().update(until=LONG_AGO)

    def _mine(self) -> QuerySet[QueueHold]:
        return QueueHold.objects.filter(queue=self._queue, holder=self._holder)


def _end() -> dt.datetime:
    return timezone.now() + dt.timedelta(seconds=2 * settings.LABEL_STUDIO_TIMEOUT_S)


@contextmanager
def held(queue: ReviewQueue) -> Iterator[Hold]:
    """Hold a queue while changing its project; raises HeldElsewhere when another worker keeps it longer than we wait.

    What Label Studio refuses meanwhile is written to the project's row, where the front page shows it.
    """
    hold = Hold(queue)
    deadline = time.monotonic() + PATIENCE_S
    while not hold.taken():
        if time.monotonic() >= deadline:
            raise HeldElsewhere(f"another worker is at {queue}")
        time.sleep(PAUSE_S)
    try:
        yield hold
    except LabelStudioRefused as e:
        Project.objects.filter(queue=queue).update(problem=str(e)[:500])
        raise
    finally:
        hold.release()
