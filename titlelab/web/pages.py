"""The admin's front page: where every catalog's loop stands, what is wrong, and what to do next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from titlelab.labelstudio.models import InboxEvent
from titlelab.languages.sentences import said
from titlelab.people.rights import catalogs, sees_every_catalog, visible
from titlelab.quality.loop import CatalogState, loop_state
from titlelab.quality.models import QualitySnapshot
from titlelab.quality.rates import rate
from titlelab.quality.slices import Slice
from titlelab.review.filling import askable
from titlelab.review.models import ReviewQueue
from titlelab.web.alerting import AlertLine, open_lines, unnoted
from titlelab.web.charts import Chart, Series, Value, chart

MOST_VERSIONS = 12  # in a chart; older ones stand under Quality


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a new admin's way."""

    label: str
    hint: str
    url: str
    is_done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLine:
    """A queue as the front page shows it; studio_url is "" until it is set up."""

    name: str
    url: str
    state: str
    n_waiting: int
    studio_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A catalog on the front page: alerts are noted already, problems are what the rows tell at this moment."""

    state: CatalogState
    queues: tuple[QueueLine, ...]
    chart: Chart | None
    alerts: tuple[AlertLine, ...]
    problems: tuple[str, ...]


def front_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the state of the loop to the admin's front page, for whoever may read the catalogs."""
    if not request.user.has_perm("catalog.view_catalog"):
        return context
    states, queues = loop_state(catalogs(request.user)), _queues(request)
    pks = [state.catalog.pk for state in states]
    alerts = open_lines(request.user, pks)
    fresh = unnoted(pks, alerts, timezone.now())
    may_see = request.user.has_perm("quality.view_qualitysnapshot")
    panels = [_panel(state, queues, alerts, fresh.get(state.catalog.pk, []), is_linked=may_see) for state in states]
    steps = _steps(states, queues)
    return {
        **context,
        "title": _("Where the loop stands"),
        "panels": panels,
        "steps": steps,
        "is_under_way": all(step.is_done for step in steps),
        "problems": _inbox_problems(request, queues),
        "studio_url": settings.LABEL_STUDIO_URL,
    }


def _queues(request: HttpRequest) -> list[ReviewQueue]:
    """Return the queues in sight with their projects and the number of their waiting items."""
    queues = visible(ReviewQueue.objects.with_counts(), request.user)
    return list(queues.select_related("project", "loss"))


def _panel(
    state: CatalogState,
    queues: Sequence[ReviewQueue],
    alerts: Sequence[AlertLine],
    fresh: Sequence[str],
    *,
    is_linked: bool,
) -> Panel:
    own = [queue for queue in queues if queue.catalog_id == state.catalog.pk]
    return Panel(
        state=state,
        queues=tuple(_queue_line(queue) for queue in own),
        chart=_chart(state.snapshots, is_linked=is_linked),
        alerts=tuple(line for line in alerts if line.alert.catalog_id == state.catalog.pk),
        problems=(*fresh, *(problem for queue in own for problem in map(said, _queue_problems(queue)))),
    )


def _queue_line(queue: Any) -> QueueLine:
    project = getattr(queue, "project", None)
    return QueueLine(
        name=queue.name,
        url=reverse("admin:review_reviewqueue_change", args=[queue.pk]),
        state=queue.state,
        n_waiting=queue.n_waiting,
        studio_url=f"{settings.LABEL_STUDIO_URL}/projects/{project.project_id}/data" if project else "",
    )


def _queue_problems(queue: Any) -> list[str]:
    project = getattr(queue, "project", None)
    if loss := getattr(queue, "loss", None):
        return [f"The queue “{queue}”: {loss}."]
    if project is None:
        return [f"The queue “{queue}” is not set up in Label Studio yet: press “Set up in Label Studio” on its page."]
    problems = [f"The queue “{queue}”: {project.problem}"] if project.problem else []
    if queue.state == ReviewQueue.State.OPEN and not queue.n_waiting and askable(queue).exists():
        problems.append(f"The queue “{queue}” is empty though products could be asked about: press “Fill” on its page.")
    return problems


def _chart(snapshots: Sequence[QualitySnapshot], *, is_linked: bool) -> Chart | None:
    """Draw acceptance and title edit by version, of the last versions that anybody decided on.

    Points lead to the Decisions whose acceptance it is, for who may see these.
    """
    shown = [snapshot for snapshot in snapshots if snapshot.n][-MOST_VERSIONS:]
    return chart(
        [snapshot.version for snapshot in shown],
        [
            Series(name=_("accepted unedited"), values=[_acceptance(snapshot) for snapshot in shown]),
            Series(
                name=_("title edit"),
                values=[None if s.title_edit is None else Value(figure=s.title_edit) for s in shown],
            ),
        ],
        urls=[_decisions_url(snapshot) for snapshot in shown] if is_linked else None,
    )


def _decisions_url(snapshot: QualitySnapshot) -> str:
    told = Slice(catalog=snapshot.catalog_id, version=snapshot.version).params()
    return f"{reverse('admin:quality_decisions')}?{urlencode({**told, 'figure': 'acceptance'})}"


def _acceptance(snapshot: QualitySnapshot) -> Value | None:
    found = rate(snapshot.n_accepted, snapshot.n)
    return Value(figure=found.share, low=found.low, high=found.high) if found else None


def _inbox_problems(request: HttpRequest, queues: Sequence[Any]) -> list[str]:
    """Tell of events that are of no queue's project; those of one are the queue's, and an alert."""
    if not sees_every_catalog(request.user):
        return []
    known = {queue.project.project_id for queue in queues if hasattr(queue, "project")}
    failed = InboxEvent.objects.filter(state=InboxEvent.State.FAILED).values_list("body", flat=True)
    n = sum(body.get("project") not in known for body in failed)
    if not n:
        return []
    told = ngettext(
        "%(n)s event of Label Studio's webhook could not be read; reconciliation catches up, the Inbox says why.",
        "%(n)s events of Label Studio's webhook could not be read; reconciliation catches up, the Inbox says why.",
        n,
    )
    return [told % {"n": n}]


def _steps(states: Sequence[CatalogState], queues: Sequence[ReviewQueue]) -> list[Step]:
    """Say how far the first way through the loop has come."""
    has_project = any(getattr(queue, "project", None) for queue in queues)
    catalog = states[0].catalog if states else None
    import_url = reverse("admin:catalog_catalog_upload", args=[catalog.pk]) if catalog else ""
    return [
        Step(
            label=_("Make a catalog"),
            hint=_("one language, one channel, one tag library"),
            url=reverse("admin:catalog_catalog_changelist" if catalog else "admin:catalog_catalog_add"),
            is_done=bool(states),
        ),
        Step(
            label=_("Import products"),
            hint=_("CSV, Excel, JSON Lines or Parquet"),
            url=import_url or reverse("admin:catalog_catalog_add"),
            is_done=any(state.n_products for state in states),
        ),
        Step(
            label=_("Upload tags"),
            hint=_("the words that people may choose from"),
            url=reverse("admin:tags_taglibrary_changelist"),
            is_done=any(state.catalog.library_id for state in states),
        ),
        Step(
            label=_("Make a review queue"),
            hint=_("it is set up in Label Studio and filled by itself"),
            url=reverse("admin:review_reviewqueue_changelist" if queues else "admin:review_reviewqueue_add"),
            is_done=has_project,
        ),
        Step(
            label=_("Accept, edit, reject"),
            hint=_("in Label Studio, as an annotator"),
            url=settings.LABEL_STUDIO_URL,
            is_done=any(state.n_decided for state in states),
        ),
        Step(
            label=_("See what was learnt"),
            hint=_("training starts by itself after some Decisions"),
            url=reverse("admin:training_trainingrun_changelist"),
            is_done=any(run.state == "promoted" for state in states for run in state.runs),
        ),
    ]
