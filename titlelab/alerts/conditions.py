"""What is wrong now, kind by kind, in the catalogs that are watched. Reads the database, writes nothing.

Every look is told each catalog's limit and returns what is beyond it. What it does not return is over.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, Q

from titlelab.alerts.kinds import Kind
from titlelab.alerts.models import Portrait
from titlelab.catalog.models import Catalog
from titlelab.labelstudio.models import InboxEvent, Project
from titlelab.quality.drift import is_beyond
from titlelab.quality.models import DecisionMeasure
from titlelab.quality.rates import Rate, rate
from titlelab.review.models import Decision, ReviewItem, ReviewQueue
from titlelab.training.models import ModelVersion, TrainingRun
from titlelab.training.promoting import has_folder

Limits = Mapping[int, float]
Data = dict[str, Any]

STILL = 0.8  # of its limit: a drift that came beyond it is over below this, so that it does not come and go
WEEK = dt.timedelta(days=7)
WEEKS_BEFORE = dt.timedelta(days=28)
PORTRAIT_HOLDS = dt.timedelta(days=3)  # an older one says nothing of now; two days without a schedule are bridged
N_FEATURES = 3  # that a sentence names
LONGEST_REASON = 300  # characters; the run's page has the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that is wrong; data is what its sentence is made of.

    opens of False: not wrong enough to open an alert, nor right enough to close one that is open.
    """

    catalog_id: int
    subject: str
    data: Data
    opens: bool = True


Look = Callable[[Limits, dt.datetime], Iterator[Condition]]


def product_drift(limits: Limits, now: dt.datetime) -> Iterator[Condition]:
    """Compare new products with those before, and all of them with those of some weeks ago."""
    return _drifts(limits, now, (Portrait.Population.ARRIVALS, Portrait.Population.RANGE))


def draft_drift(limits: Limits, now: dt.datetime) -> Iterator[Condition]:
    """Compare this week's drafts with those of four weeks before."""
    return _drifts(limits, now, (Portrait.Population.DRAFTS,))


def falling_acceptance(limits: Limits, now: dt.datetime) -> Iterator[Condition]:
    """Tell where this week's interval lies below that of the four weeks before, and the shares as far apart."""
    is_recent = Q(decided_at__gte=now - WEEK)
    accepted = Q(outcome=Decision.Outcome.ACCEPTED)
    shown = DecisionMeasure.objects.shown().filter(decided_at__gte=now - WEEK - WEEKS_BEFORE, catalog__in=limits)
    counted = shown.order_by().values("catalog", "catalog__name").annotate(
        n=Count("pk", filter=is_recent), n_accepted=Count("pk", filter=is_recent & accepted),
        n_before=Count("pk", filter=~is_recent), n_accepted_before=Count("pk", filter=~is_recent & accepted),
    )  # fmt: skip
    for row in counted:
        lately, before = rate(row["n_accepted"], row["n"]), rate(row["n_accepted_before"], row["n_before"])
        if lately is None or before is None:
            continue
        has_fallen = lately.high < before.low and before.share - lately.share >= limits[row["catalog"]]
        if has_fallen or lately.share < before.low:
            data = {"catalog": row["catalog__name"], "now": _shares(lately), "before": _shares(before)}
            yield Condition(catalog_id=row["catalog"], subject="", data=data, opens=has_fallen)


def stalled_queues(limits: Limits, now: dt.datetime) -> Iterator[Condition]:
    """Tell of open queues whose items have waited in Label Studio for so many days in which nothing was decided."""
    queues = {queue.pk: queue for queue in ReviewQueue.objects.is_open().filter(catalog__in=limits).order_by("pk")}
    waiting = ReviewItem.objects.filter(queue__in=queues, state=ReviewItem.State.OPEN).order_by("queue")
    worked_on = _last_decisions(min((_days_ago(limit, now) for limit in limits.values()), default=now))
    for pk, n, since in waiting.values_list("queue").annotate(n=Count("pk"), since=Min("created_at")):
        queue = queues[pk]
        if max(since, worked_on.get(pk, since)) > _days_ago(limits[queue.catalog_id], now):
            continue
        last = queue.items.filter(state=ReviewItem.State.DECIDED).aggregate(last=Max("closed_at"))["last"]
        data = {"queue": queue.name, "queue_id": pk, "n": n, "since": _moment(max(last or since, since))}
        yield Condition(catalog_id=queue.catalog_id, subject=f"queue {pk}", data=data)


def failing_webhooks(limits: Limits, now: dt.datetime) -> Iterator[Condition]:
    """Tell of projects whose events have not come for so many minutes, and of events that could not be read."""
    projects = Project.objects.filter(queue__catalog__in=limits).select_related("queue").order_by("pk")
    failed = _failed_events()
    for project in projects:
        catalog_id = project.queue.catalog_id
        told = {"queue": project.queue.name, "queue_id": project.queue_id}
        late = now - dt.timedelta(minutes=limits[catalog_id])
        if project.missed_since and project.missed_since <= late:
            data = {**told, "since": _moment(project.missed_since)}
            yield Condition(catalog_id=catalog_id, subject=f"webhook {project.queue_id}", data=data)
        if n := failed.get(project.project_id, 0):
            yield Condition(catalog_id=catalog_id, subject=f"inbox {project.queue_id}", data={**told, "n": n})


def failed_runs(limits: Limits, now: dt.datetime) -> Iterator[Condition]:  # noqa: ARG001 - as every look
    """Tell of methods whose last runs failed, so many one after the other."""
    later = TrainingRun.objects.filter(method=OuterRef("method"), scope=OuterRef("scope"), pk__gt=OuterRef("pk"))
    failed = TrainingRun.objects.filter(state=TrainingRun.State.FAILED)
    standing = failed.filter(~Exists(later.exclude(state__in=[TrainingRun.State.FAILED, TrainingRun.State.QUEUED])))
    found: dict[tuple[str, str], list[TrainingRun]] = {}
    for run in standing.order_by("-pk"):
        found.setdefault((run.method, run.scope), []).append(run)
    concerned = _concerned(limits) if found else {}
    for (method, scope), runs in found.items():
        last = runs[0]
        data = {"method": method, "scope": scope, "run_id": last.pk, "n": len(runs), "reason": _reason(last.message)}
        for catalog_id in concerned.get((last.kind == "tagger", scope), ()):
            is_enough = len(runs) >= limits[catalog_id]
            yield Condition(catalog_id=catalog_id, subject=f"{method} {scope}", data=data, opens=is_enough)


def missing_folders(limits: Limits, now: dt.datetime) -> Iterator[Condition]:  # noqa: ARG001 - as every look
    """Tell of serving versions whose artifacts stand nowhere on this disk."""
    lost = [version for version in ModelVersion.objects.serving() if not has_folder(version)]
    concerned = _concerned(limits) if lost else {}
    for version in lost:
        data = {"kind": version.kind, "scope": version.scope, "number": version.number, "version_id": version.pk}
        for catalog_id in concerned.get((version.kind == "tagger", version.scope), ()):
            yield Condition(catalog_id=catalog_id, subject=f"{version.kind} {version.scope}", data=data)


LOOKS: Mapping[Kind, Look] = {
    Kind.PRODUCT_DRIFT: product_drift,
    Kind.DRAFT_DRIFT: draft_drift,
    Kind.FALLING_ACCEPTANCE: falling_acceptance,
    Kind.STALLED_QUEUE: stalled_queues,
    Kind.FAILING_WEBHOOK: failing_webhooks,
    Kind.RUN_FAILED: failed_runs,
    Kind.FOLDER_MISSING: missing_folders,
}


def _drifts(limits: Limits, now: dt.datetime, populations: Sequence[str]) -> Iterator[Condition]:
    recent = Portrait.objects.filter(
        catalog__in=limits, population__in=populations, taken_at__gte=now - PORTRAIT_HOLDS
    ).select_related("catalog")
    latest = {(portrait.catalog_id, portrait.population): portrait for portrait in recent.order_by("day")}
    for (catalog_id, population), portrait in latest.items():
        limit = limits[catalog_id]
        beyond = _told_first(
            {f: d for f, d in portrait.drifts.items() if is_beyond(d["psi"], d["by_chance"], threshold=limit)}
        )
        still = beyond or _told_first({f: d for f, d in portrait.drifts.items() if d["psi"] >= STILL * limit})
        if still:
            data = {
                "catalog": portrait.catalog.name, "population": population, "features": still, **portrait.about,
            }  # fmt: skip
            yield Condition(catalog_id=catalog_id, subject=population, data=data, opens=bool(beyond))


def _told_first(drifts: Mapping[str, Data]) -> list[Data]:
    """Return the features that moved furthest, each with the label that moved most."""
    furthest = sorted(drifts.items(), key=lambda each: (-each[1]["psi"], each[0]))[:N_FEATURES]
    return [
        {"feature": feature, "psi": drift["psi"], "label": label, "before": before, "now": now}
        for feature, drift in furthest
        for label, before, now in drift["moved"][:1]
    ]


def _last_decisions(since: dt.datetime) -> dict[int, dt.datetime]:
    """Return when each queue was last decided in, of those that were since."""
    lately = Decision.objects.filter(decided_at__gte=since).order_by()
    return dict(lately.values_list("item__queue").annotate(last=Max("decided_at")))


def _days_ago(days: float, now: dt.datetime) -> dt.datetime:
    return now - dt.timedelta(days=days)


def _failed_events() -> dict[int, int]:
    failed = InboxEvent.objects.filter(state=InboxEvent.State.FAILED).order_by()
    projects: dict[int, int] = {}
    for body in failed.values_list("body", flat=True).iterator():
        project = body.get("project")
        projects[project] = projects.get(project, 0) + 1
    return projects


def _concerned(limits: Limits) -> dict[tuple[bool, str], list[int]]:
    """Return the watched catalogs by (is it a tagger's, scope): the scope is a library's key, else a catalog's."""
    found: dict[tuple[bool, str], list[int]] = {}
    watched = Catalog.objects.filter(pk__in=limits).order_by("pk")
    for pk, key, library in watched.values_list("pk", "key", "library__key"):
        found.setdefault((False, key), []).append(pk)
        if library:
            found.setdefault((True, library), []).append(pk)
    return found


def _reason(message: str) -> str:
    return message if len(message) <= LONGEST_REASON else message[: LONGEST_REASON - 1] + "…"


def _shares(found: Rate) -> Data:
    return {"share": round(found.share, 4), "low": round(found.low, 4), "high": round(found.high, 4), "n": found.n}


def _moment(at: dt.datetime) -> str:
    return at.isoformat(timespec="seconds")
