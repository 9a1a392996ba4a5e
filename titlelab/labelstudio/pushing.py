"""Sends chosen items to Label Studio as pre-filled tasks, and takes withdrawn ones back.

The order makes a crash at any line harmless: what will be shown is stored, then sent, then confirmed. A task that was
sent but not confirmed is a stray, found again by the item id in its data; adopting.py takes it in.
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from titlelab.labelstudio.adopting import adopt_strays, may_have_strays
from titlelab.labelstudio.client import LabelStudio
from titlelab.labelstudio.holding import Hold, held
from titlelab.labelstudio.models import Project, Task
from titlelab.labelstudio.provisioning import mend_project
from titlelab.labelstudio.showing import Shown, Wording, drafted
from titlelab.review.drafting import DraftSource
from titlelab.review.models import Decision, ReviewItem, ReviewQueue, Showing

BATCH = 50  # tasks an import; a language model drafts 50 in about ten seconds


def push_queue(queue: ReviewQueue, label_studio: LabelStudio, source: DraftSource) -> int:
    """Send an open queue's chosen items and take its withdrawn ones back; returns how many were sent.

    Safe to repeat: sent items are skipped, twins dropped. A paused queue is sent nothing. Raises HeldElsewhere while
    another worker is at it.
    """
    with held(queue) as hold:
        project = mend_project(queue, label_studio)
        if may_have_strays(queue):
            adopt_strays(project, label_studio)
        withdraw_tasks(project, label_studio)
        n_sent = 0
        while batch := list(unsent(queue).select_related("product")[:BATCH]):
            n_sent += _push(project, batch, label_studio, source, hold)
        return n_sent


def unsent(queue: ReviewQueue) -> QuerySet[ReviewItem]:
    """Return the items to be sent, best first; asked anew for each batch, for somebody may pause the queue.

    None where the project was deleted in Label Studio, until a person has it rebuilt.
    """
    return queue.items.unsent().filter(queue__state=ReviewQueue.State.OPEN, queue__loss=None)


def tasks_to_take_back(queue: ReviewQueue) -> QuerySet[Task]:
    """Return the tasks of withdrawn items on which no Decision stands."""
    tasks = Task.objects.filter(item__queue=queue, item__state=ReviewItem.State.WITHDRAWN, deleted_at=None)
    return tasks.exclude(item__in=Decision.objects.current().filter(item__queue=queue).values("item"))


def withdraw_tasks(project: Project, label_studio: LabelStudio) -> int:
    """Take back the undecided tasks of withdrawn items; an annotated task stays, it holds somebody's work."""
    ids = list(tasks_to_take_back(project.queue).values_list("task_id", flat=True))
    empty = [i for i in ids if (seen := label_studio.task(i)) is None or not seen.annotations]
    label_studio.delete_tasks(project.project_id, empty)
    project.tasks.filter(task_id__in=empty).update(deleted_at=timezone.now())
    return len(empty)


def show_version(project: Project, version: str, label_studio: LabelStudio) -> None:
    """Tell Label Studio which version's predictions pre-fill."""
    label_studio.show_version(project.project_id, version)
    project.model_version = version
    project.save(update_fields=["model_version"])


def _push(
    project: Project, items: Sequence[ReviewItem], label_studio: LabelStudio, source: DraftSource, hold: Hold
) -> int:
    wording = Wording(project.queue)
    shown = drafted(project.queue, items, source)
    hold.renew()
    wanted = set(unsent(project.queue).values_list("pk", flat=True))
    shown = [s for s in shown if s.item.pk in wanted]
    if shown:
        task_ids = label_studio.import_tasks(project.project_id, [wording.task(s) for s in shown])
        _confirm(project, shown, task_ids)
        show_version(project, shown[-1].draft.version, label_studio)
    return len(shown)


@transaction.atomic
def _confirm(project: Project, shown: Sequence[Shown], task_ids: Sequence[int]) -> None:
    Task.objects.bulk_create(
        [Task(item=s.item, project=project, task_id=i) for s, i in zip(shown, task_ids, strict=True)],
        update_conflicts=True,
        unique_fields=["item"],
        update_fields=["project", "task_id", "deleted_at"],
    )
    Showing.objects.filter(pk__in=[s.showing.pk for s in shown]).update(sent_at=timezone.now())
    chosen = ReviewItem.objects.filter(pk__in=[s.item.pk for s in shown], state=ReviewItem.State.CHOSEN)
    chosen.update(state=ReviewItem.State.OPEN)
