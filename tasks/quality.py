"""Quality snapshots and second looks, by the schedule."""

from django.db import OperationalError
from django.utils import timezone

from titlelab.celery import app
from titlelab.quality.choosing import take_choosing_snapshots
from titlelab.quality.counting import count_drafts
from titlelab.quality.drawing import draw_looks
from titlelab.quality.holding import measuring
from titlelab.quality.measuring import take_all_snapshots
from titlelab.quality.suggesting import suggest_all

# So that one job of a worker takes less than a minute: all else that it does takes 5 s for 200,000 Decisions.
MEASURING_S = 40.0


@app.task(autoretry_for=(OperationalError,), max_retries=2)
def take_snapshots() -> int:
    """Measure every catalog's versions by what people decided, look for what corrections suggest, count drafts.

    Where there is much to measure, as after an upgrade, it is done job by job, and the last one does the rest. While
    another worker is at it, there is nothing to do. Returns how many versions were measured.
    """
    with measuring(timezone.now()) as is_ours:
        if not is_ours:
            return 0
        n = take_all_snapshots(within_s=MEASURING_S)
        if n is not None:
            take_choosing_snapshots()
            suggest_all(now=timezone.now())
            count_drafts()
    if n is None:
        take_snapshots.delay()
    return n or 0


@app.task(autoretry_for=(OperationalError,), max_retries=2)
def draw_second_looks() -> int:
    """Choose what reviewers are asked to look at; return how many Decisions."""
    return draw_looks(now=timezone.now())
