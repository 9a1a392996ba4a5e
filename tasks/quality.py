"""Quality snapshots and second looks, by the schedule."""

from django.db import OperationalError
from django.utils import timezone

from titlelab.celery import app
from titlelab.quality.choosing import take_choosing_snapshots
from titlelab.quality.drawing import draw_looks
from titlelab.quality.measuring import take_all_snapshots
from titlelab.quality.suggesting import suggest_all


@app.task(autoretry_for=(OperationalError,), max_retries=2)
def take_snapshots() -> int:
    """Measure every catalog's versions by what people decided and look for what corrections suggest.

    Returns how many versions were measured.
    """
    n = take_all_snapshots()
    take_choosing_snapshots()
    suggest_all(now=timezone.now())
    return n


@app.task(autoretry_for=(OperationalError,), max_retries=2)
def draw_second_looks() -> int:
    """Choose what reviewers are asked to look at; return how many Decisions."""
    return draw_looks(now=timezone.now())
