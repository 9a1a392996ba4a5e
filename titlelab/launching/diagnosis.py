"""What is wrong with the running parts, and what to do about it; changes nothing."""

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import DatabaseError
from django.utils import timezone

from titlelab.errors import TitleLabError

QUEUES = ("default", "training")
PING_TIMEOUT_S = 3.0  # the filesystem broker is polled once a second
LATE_FACTOR = 3  # a schedule that missed two turns is late
BEAT_WRITES_EVERY_S = 15  # beat writes a run down at once (CELERY_BEAT_SYNC_EVERY), but looks up every few seconds
LEAST_FREE_BYTES = 2 * 10**9  # a language-model version takes about 0.3 GB, and Label Studio's log grows
STARTING = "start everything with make up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the doctor's: what was looked at, what was seen, and what to do; remedy "" means that all is well."""

    part: str
    seen: str
    remedy: str = ""


def findings() -> Iterator[Finding]:
    """Look at every part, one after the other; a look that fails is a finding too."""
    looks: tuple[tuple[str, Callable[[], Iterator[Finding]]], ...] = (
        ("database", database),
        ("workers", workers),
        ("beat", beat),
        ("ML backend", ml_backend),
        ("Label Studio", label_studio),
        ("mail", mail),
        ("disk", disk),
    )
    for part, look in looks:
        try:
            yield from look()
        except DatabaseError as e:
            yield Finding(part=part, seen=f"the database refused: {e}", remedy="run manage.py migrate")
        except OSError as e:
            yield Finding(part=part, seen=str(e), remedy=STARTING)


def database() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    n_missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if n_missing:
        yield Finding(part="database", seen=f"{n_missing} migrations are missing", remedy="run manage.py migrate")
        return
    mode = _journal_mode()
    if mode not in ("wal", ""):
        remedy = "keep the database on a local disk: SQLite can't use WAL on a network share"
        yield Finding(part="database", seen=f"SQLite in {mode} mode, not WAL", remedy=remedy)
        return
    yield Finding(part="database", seen=f"{connection.vendor}, migrated{', WAL' if mode else ''}")


def _journal_mode() -> str:
    if connection.vendor != "sqlite":
        return ""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        return str(cursor.fetchone()[0])


def workers() -> Iterator[Finding]:
    """Ask every worker which queues it reads."""
    from kombu.exceptions import OperationalError
    from kombu.utils.url import maybe_sanitize_url

    from titlelab.celery import app

    try:
        answers = app.control.inspect(timeout=PING_TIMEOUT_S).active_queues() or {}
    except OperationalError as e:
        yield Finding(
            part="broker",
            seen=f"no connection to {maybe_sanitize_url(settings.CELERY_BROKER_URL)}: {e}",  # without its password
            remedy="start the broker",
        )
        return
    for queue in QUEUES:
        readers = [name for name, queues in answers.items() if queue in {q["name"] for q in queues}]
        if readers:
            yield Finding(part="workers", seen=f"{', '.join(readers)} reads the queue “{queue}”")
        else:
            yield Finding(part="workers", seen=f"no worker reads the queue “{queue}”", remedy=STARTING)


def beat() -> Iterator[Finding]:
    """See whether each enabled interval was kept."""
    from django_celery_beat.models import PeriodicTask

    rows = PeriodicTask.objects.filter(enabled=True, interval__isnull=False).select_related("interval")
    late = [row.name for row in rows if _is_late(row.last_run_at or row.date_changed, row.interval.schedule.seconds)]
    if not rows:
        yield Finding(part="beat", seen="it has never run: its schedule is empty", remedy=STARTING)
    elif late:
        remedy = f"{STARTING}; if it runs, read {settings.LOGS_FOLDER / 'beat.log'}"
        yield Finding(part="beat", seen=f"late: {', '.join(late)}", remedy=remedy)
    else:
        yield Finding(part="beat", seen=f"keeps its {len(rows)} schedules")


def _is_late(last_run_at: dt.datetime, every_s: float) -> bool:
    silent_s = (timezone.now() - last_run_at).total_seconds()
    return silent_s > LATE_FACTOR * every_s + BEAT_WRITES_EVERY_S


def ml_backend() -> Iterator[Finding]:
    from ml_backend.errors import MLBackendError
    from titlelab.review.backend import draft_client

    try:
        health = draft_client().health()
    except MLBackendError as e:
        yield Finding(part="ML backend", seen=str(e), remedy=STARTING)
        return
    where = f"on {health.device}, {health.memory_mb} MB"
    yield Finding(part="ML backend", seen=f"answers at {settings.ML_BACKEND_URL}, {where}")
    for problem in health.problems:
        yield Finding(part="ML backend", seen=problem, remedy="roll back to another version, or train again")


def label_studio() -> Iterator[Finding]:
    """See whether our token is accepted, and every queue's project as it should be."""
    from titlelab.labelstudio.checking import problems
    from titlelab.labelstudio.client import label_studio as client
    from titlelab.review.models import ReviewQueue

    server = client()
    try:
        who = server.whoami()
        yield Finding(part="Label Studio", seen=f"answers at {settings.LABEL_STUDIO_URL}, our token is {who}'s")
        for queue in ReviewQueue.objects.all():
            found = problems(queue, server)
            for problem in found:  # "what is wrong: what to do"
                seen, _, remedy = problem.rpartition(": ")
                yield Finding(part="Label Studio", seen=seen, remedy=remedy)
            if not found:
                yield Finding(
                    part="Label Studio", seen=f"{queue}: project, ML backend and webhook are as they should be"
                )
    except TitleLabError as e:
        remedy = f"{STARTING}; a refused token: give an administrator's as TITLELAB_LABEL_STUDIO_TOKEN"
        yield Finding(part="Label Studio", seen=str(e), remedy=remedy)


def mail() -> Iterator[Finding]:
    """See whether alerts are mailed, and the mail server takes what it is given."""
    from titlelab.alerts.models import Letter

    if not settings.EMAIL_URL:
        seen = "none is set up: alerts stand in the admin alone (TITLELAB_EMAIL_URL names a mail server)"
        yield Finding(part="mail", seen=seen)
        return
    if problem := _refusal():
        remedy = "mend TITLELAB_EMAIL_URL, or start the mail server; letters wait for three days"
        yield Finding(part="mail", seen=problem, remedy=remedy)
        return
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}" if settings.EMAIL_HOST else "the console"
    yield Finding(part="mail", seen=f"{where} takes mail from {settings.DEFAULT_FROM_EMAIL}")
    failed = Letter.objects.exclude(problem="").filter(sent_at=None)
    if letter := failed.select_related("user").first():
        seen = f"{failed.count()} letters were not taken, the last to {letter.user}: {letter.problem}"
        yield Finding(part="mail", seen=seen, remedy="mend the address, or what the mail server says")


def _refusal() -> str:
    """Connect and sign in as a letter would be sent; "" if the mail server lets us."""
    from smtplib import SMTPException

    from django.core.mail import get_connection

    try:
        with get_connection(timeout=settings.EMAIL_TIMEOUT):
            return ""
    except (SMTPException, OSError) as e:
        return f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT} does not let us in: {e}"


def disk() -> Iterator[Finding]:
    free = shutil.disk_usage(settings.HOME).free
    seen = f"{free / 10**9:.1f} GB free at {settings.HOME}"
    yield Finding(part="disk", seen=seen, remedy="" if free >= LEAST_FREE_BYTES else "make room: 2 GB are needed")
