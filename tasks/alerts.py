"""Alerts by the schedule: what is wrong is noted and mailed; what the catalogs are like is measured."""

from django.db import OperationalError
from django.utils import timezone

from titlelab.alerts import mailing, opening, portraying
from titlelab.celery import app


@app.task(autoretry_for=(OperationalError,), max_retries=2)
def check_alerts() -> int:
    """Bring alerts to what is true now and mail the new ones; return how many are open. Safe to repeat."""
    now = timezone.now()
    n_open = opening.check(now)
    mailing.write_letters(now)
    mailing.send_letters(now)
    return n_open


@app.task(autoretry_for=(OperationalError,), max_retries=2)
def portray() -> int:
    """Take the day's portraits of all catalogs, by which drift is told; return of how many. Safe to repeat."""
    return portraying.portray_all(timezone.now())
