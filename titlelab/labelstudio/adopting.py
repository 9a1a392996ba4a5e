"""Takes in strays: tasks that hold an item of ours and stand in no row, as a cut-off import leaves them."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from titlelab.labelstudio.client import LabelStudio
from titlelab.labelstudio.events import Hint, TaskSeen
from titlelab.labelstudio.inbox import store_event
from titlelab.labelstudio.models import Project, Task
from titlelab.review.models import ReviewItem, ReviewQueue, Showing

State = ReviewItem.State
ADOPTED = "TASK_ADOPTED"  # told to the inbox by ourselves: what was annotated before must yet be read


def may_have_strays(queue: ReviewQueue) -> bool:
    """Say whether an import may have been cut off: something was about to be shown, and no task is known."""
    begun = Showing.objects.filter(item__queue=queue, item__task=None)
    return begun.filter(Q(item__state=State.CHOSEN) | Q(sent_at=None)).exists()


def strays(project: Project, standing: Mapping[int, int | None]) -> dict[int, int]:
    """Return task id to item id of the tasks that hold an item of the queue and stand in no row."""
    known = set(project.tasks.values_list("task_id", flat=True))
    unknown = {task: item for task, item in standing.items() if task not in known and item is not None}
    ours = set(project.queue.items.filter(pk__in=set(unknown.values())).values_list("pk", flat=True))
    return {task: item for task, item in sorted(unknown.items()) if item in ours}


def adopt_strays(project: Project, label_studio: LabelStudio) -> int:
    """Adopt the strays whose item has no task, and delete twins; returns how many. The caller holds the queue."""
    n_adopted = 0
    for task_id, item_id in strays(project, label_studio.task_items(project.project_id)).items():
        stray = label_studio.task(task_id)
        if stray is not None:
            n_adopted += _adopt_or_delete(project, item_id, stray, label_studio)
    # What was about to be shown and stands nowhere was not shown.
    unshown = Showing.objects.filter(item__queue=project.queue, item__task=None, sent_at=None)
    unshown.filter(item__state=State.WITHDRAWN).delete()
    return n_adopted


def _adopt_or_delete(project: Project, item_id: int, stray: TaskSeen, label_studio: LabelStudio) -> bool:
    """Of two tasks the annotated one stays, it holds somebody's work; two annotated ones are left to a person."""
    known = Task.objects.filter(item=item_id, deleted_at=None).first()
    twin = label_studio.task(known.task_id) if known else None
    if twin is None:
        _adopt(project, item_id, stray)
        return True
    if not stray.annotations:
        label_studio.delete_tasks(project.project_id, [stray.id])
    elif not twin.annotations:
        _adopt(project, item_id, stray)
        label_studio.delete_tasks(project.project_id, [twin.id])
        return True
    else:
        problem = f"tasks {twin.id} and {stray.id} ask about the same product and both are annotated: delete one"
        Project.objects.filter(pk=project.pk).update(problem=problem)
    return False


@transaction.atomic
def _adopt(project: Project, item_id: int, stray: TaskSeen) -> None:
    values = {"project": project, "task_id": stray.id, "deleted_at": None}
    Task.objects.update_or_create(item_id=item_id, defaults=values)
    versions = {p.model_version for p in stray.predictions}
    sent = Showing.objects.filter(item=item_id, draft__version__in=versions, sent_at=None)
    sent.update(sent_at=timezone.now())
    ReviewItem.objects.filter(pk=item_id, state=State.CHOSEN).update(state=State.OPEN)
    if stray.annotations:
        store_event(Hint(action=ADOPTED, project_id=project.project_id, task_ids=(stray.id,)))
