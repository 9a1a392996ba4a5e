"""Holds an import for one worker at a time: a lease with a token, renewed by every batch and between them.

A worker that dies lets its lease run out, and the next one goes on behind the last committed batch; one that only
seemed dead finds its token gone and can write nothing more.
"""

import datetime as dt
import secrets
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from titlelab.catalog.models import Catalog, ImportRun
from titlelab.errors import RunLost

State = ImportRun.State
AT_WORK = (State.CHECKING, State.RUNNING)
MAX_ATTEMPTS = 5  # deaths over one file in a row of which none got a batch further
RENEWALS_PER_LEASE = 4  # so that a renewal or two may come late
Row = TypeVar("Row")


def held_run(catalog: Catalog, file_name: str) -> ImportRun:
    """Make a run that this process works on from the beginning."""
    until = timezone.now() + _lease()
    return ImportRun.objects.create(
        catalog=catalog, file_name=file_name[-300:], lease_token=secrets.token_hex(16), lease_until=until, attempts=1
    )


def claim(run_id: int) -> ImportRun | None:
    """Take a run that no living worker holds; None when there is nothing to take, or another import is at work.

    One at a time: a long one must leave the worker's other process to drafts and Decisions.
    """
    now = timezone.now()
    if _held(now).exclude(pk=run_id).exists():
        return None
    free = _free(now).filter(pk=run_id)
    free.filter(attempts__gte=MAX_ATTEMPTS).update(
        state=State.FAILED,
        reason=f"Given up: {MAX_ATTEMPTS} workers died over it, without getting any further.",
        finished_at=now,
        lease_token="",
    )
    token = secrets.token_hex(16)
    claimed = free.update(lease_token=token, lease_until=now + _lease(), attempts=F("attempts") + 1)
    return ImportRun.objects.select_related("catalog").get(pk=run_id) if claimed else None


def forgotten_imports() -> list[ImportRun]:
    """Return the runs that wait or that a dead worker left; none while another one is at work."""
    now = timezone.now()
    return [] if _held(now).exists() else list(_free(now).order_by("pk"))


def write(run: ImportRun, **fields: object) -> None:
    """Change the row and renew the lease if this worker still holds it; raises RunLost otherwise."""
    held = ImportRun.objects.filter(pk=run.pk, state__in=AT_WORK, lease_token=run.lease_token)
    if not held.update(lease_until=timezone.now() + _lease(), **fields):
        raise RunLost(f"Import {run.pk} was stopped, or taken over by another worker.")


def let_go(run: ImportRun) -> None:
    """Leave the run to whoever comes next, at once."""
    ImportRun.objects.filter(pk=run.pk, lease_token=run.lease_token).update(lease_until=None, lease_token="")


def beating(run: ImportRun, rows: Iterable[Row]) -> Iterator[Row]:
    """Pass the rows on and renew the lease while they come; raises RunLost."""
    now = time.monotonic  # asked for every row
    due_at = now() + settings.LEASE_S / RENEWALS_PER_LEASE
    for row in rows:
        if now() > due_at:
            write(run)
            due_at = now() + settings.LEASE_S / RENEWALS_PER_LEASE
        yield row


def _held(now: dt.datetime) -> QuerySet[ImportRun]:
    return ImportRun.objects.filter(state__in=AT_WORK, lease_until__gte=now)


def _free(now: dt.datetime) -> QuerySet[ImportRun]:
    return ImportRun.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), state__in=AT_WORK)


def _lease() -> dt.timedelta:
    return dt.timedelta(seconds=settings.LEASE_S)
