"""Quality snapshots, by the schedule."""

from django.db import OperationalError

from titlelab.celery import app
from titlelab.quality.choosing import take_choosing_snapshots
from titlelab.quality.measuring import take_all_snapshots


@app.task(autoretry_for=(OperationalError,), max_retries=2)
def take_snapshots() -> int:
    """Measure every catalog's versions by what people decided; return how many versions were measured."""
    n = take_all_snapshots()
    take_choosing_snapshots()
    return n
