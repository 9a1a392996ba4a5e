"""Gives open tasks the drafts of the version that serves now; older predictions stay, since they were shown."""

from collections.abc import Sequence

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from titlelab.errors import VersionLoading
from titlelab.labelstudio.client import LabelStudio
from titlelab.labelstudio.holding import Hold, held
from titlelab.labelstudio.models import Project, Task
from titlelab.labelstudio.provisioning import mend_project
from titlelab.labelstudio.pushing import BATCH, show_version
from titlelab.labelstudio.showing import Shown, Wording, drafted
from titlelab.review.drafting import DraftSource, serving_version
from titlelab.review.models import ReviewItem, ReviewQueue, Showing


def refresh_open_tasks(queue: ReviewQueue, label_studio: LabelStudio, source: DraftSource) -> int:
    """Draft the queue's open tasks anew where another version serves now; returns how many.

    Safe to repeat. Raises HeldElsewhere while another worker is at the queue, and VersionLoading when drafts still
    came from the version before: a language model takes seconds to load, and others are answered meanwhile.
    """
    version = serving_version(queue.catalog, source)
    if not _stale_tasks(queue, version) and not _is_yet_to_show(queue, version):
        return 0
    with held(queue) as hold:
        project = mend_project(queue, label_studio)
        stale = _stale_tasks(queue, version)
        batches = [stale[start : start + BATCH] for start in range(0, len(stale), BATCH)]
        n_refreshed = sum(_refresh(project, batch, version, label_studio, source, hold) for batch in batches)
        if _is_yet_to_show(queue, version):
            show_version(project, version, label_studio)
        drafted_since = Showing.objects.filter(draft__version=version).values("item")
        if n_waiting := _open_tasks(queue).exclude(item__in=drafted_since).count():
            raise VersionLoading(f"{n_waiting} open tasks of {queue} wait for the drafts of {version}")
        return n_refreshed


def _open_tasks(queue: ReviewQueue) -> QuerySet[Task]:
    return Task.objects.filter(item__queue=queue, item__state=ReviewItem.State.OPEN, deleted_at=None)


def _tasks_showing(queue: ReviewQueue, version: str) -> QuerySet[Task]:
    """Return the open tasks whose data and latest prediction are the version's, as far as we have confirmed it.

    One that was begun after the last confirmed may have left its data behind, though it was never confirmed.
    """
    of_item = Showing.objects.filter(item=OuterRef("item")).order_by(Coalesce("sent_at", "created_at").desc(), "-pk")
    latest = {name: Subquery(of_item.values(name)[:1]) for name in ("draft__version", "sent_at")}
    shown = _open_tasks(queue).alias(shown=latest["draft__version"], confirmed_at=latest["sent_at"])
    return shown.filter(shown=version, confirmed_at__isnull=False)


def _stale_tasks(queue: ReviewQueue, version: str) -> list[Task]:
    """Return the open tasks that show another version; after a roll-back these have had the version's drafts before."""
    stale = _open_tasks(queue).exclude(pk__in=_tasks_showing(queue, version).values("pk"))
    return list(stale.select_related("item__product").order_by("item__rank"))


def _is_yet_to_show(queue: ReviewQueue, version: str) -> bool:
    """Say whether open tasks hold the version's drafts and Label Studio pre-fills from others."""
    elsewhere = Project.objects.filter(queue=queue).exclude(model_version=version)
    return elsewhere.exists() and _tasks_showing(queue, version).exists()


def _refresh(
    project: Project,
    tasks: Sequence[Task],
    version: str,
    label_studio: LabelStudio,
    source: DraftSource,
    hold: Hold,
) -> int:
    wording = Wording(project.queue)
    shown = drafted(project.queue, [task.item for task in tasks], source)
    hold.renew()
    standing, predictions = [], []
    # The data first: a new prediction with the old header would name the wrong version to whoever opens it now.
    for task, s in zip(tasks, shown, strict=True):
        if s.draft.version != version and s.showing.sent_at:
            continue  # the version before answers while the new one loads
        if label_studio.update_task_data(task.task_id, wording.task(s)["data"]):
            standing.append(s.showing.pk)
            if not _stands_already(task, s, label_studio):
                predictions.append({"task": task.task_id, **wording.prediction(s)})
    if predictions:
        hold.renew()
        label_studio.import_predictions(project.project_id, predictions)
    Showing.objects.filter(pk__in=standing).update(sent_at=timezone.now())
    return len(standing)


def _stands_already(task: Task, shown: Shown, label_studio: LabelStudio) -> bool:
    """Look whether a run that died after its import left the prediction behind; a second one would stay for good."""
    if not shown.may_stand:
        return False
    seen = label_studio.task(task.task_id)
    return seen is not None and any(p.model_version == shown.draft.version for p in seen.predictions)
