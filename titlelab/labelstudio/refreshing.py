"""Gives open tasks the drafts of the version that serves now; older predictions stay, since they were shown."""

from collections.abc import Sequence

from django.utils import timezone

from titlelab.labelstudio.client import LabelStudio
from titlelab.labelstudio.models import Project, Task
from titlelab.labelstudio.provisioning import provision
from titlelab.labelstudio.pushing import BATCH, show_version
from titlelab.labelstudio.showing import Shown, Wording, drafted
from titlelab.review.drafting import DraftSource
from titlelab.review.models import ReviewItem, ReviewQueue, Showing


def serving_version(queue: ReviewQueue, source: DraftSource) -> str:
    catalog = queue.catalog
    return source.version(catalog.key, catalog.library.key if catalog.library else "")


def refresh_open_tasks(queue: ReviewQueue, label_studio: LabelStudio, source: DraftSource) -> int:
    """Draft the queue's open tasks anew where another version serves now; returns how many. Safe to repeat."""
    version = serving_version(queue, source)
    stale = _stale_tasks(queue, version)
    if not stale and Project.objects.filter(queue=queue, model_version=version).exists():
        return 0
    project = provision(queue, label_studio)
    n_refreshed = 0
    for start in range(0, len(stale), BATCH):
        n_refreshed += _refresh(project, stale[start : start + BATCH], label_studio, source)
    if n_refreshed:
        show_version(project, version, label_studio)
    return n_refreshed


def _stale_tasks(queue: ReviewQueue, version: str) -> list[Task]:
    up_to_date = Showing.objects.filter(draft__version=version).exclude(sent_at=None).values("item")
    return list(
        Task.objects.filter(item__queue=queue, item__state=ReviewItem.State.OPEN, deleted_at=None)
        .exclude(item__in=up_to_date)
        .select_related("item__product")
        .order_by("item__rank")
    )


def _refresh(project: Project, tasks: Sequence[Task], label_studio: LabelStudio, source: DraftSource) -> int:
    wording = Wording(project.queue)
    shown = drafted(project.queue, [task.item for task in tasks], source)
    unsent = [(t, s) for t, s in zip(tasks, shown, strict=True) if not _stands_already(t, s, label_studio)]
    # The data first: a new prediction with the old header would name the wrong version to whoever opens it now.
    for task, s in unsent:
        label_studio.update_task_data(task.task_id, wording.task(s)["data"])
    if unsent:
        predictions = [{"task": task.task_id, **wording.prediction(s)} for task, s in unsent]
        label_studio.import_predictions(project.project_id, predictions)
    Showing.objects.filter(pk__in=[s.showing.pk for s in shown]).update(sent_at=timezone.now())
    return len(shown)


def _stands_already(task: Task, shown: Shown, label_studio: LabelStudio) -> bool:
    """Look whether a run that died after its import left the prediction behind; a second one would stay for good."""
    if not shown.may_stand:
        return False
    seen = label_studio.task(task.task_id)
    return seen is not None and any(p.model_version == shown.draft.version for p in seen.predictions)
