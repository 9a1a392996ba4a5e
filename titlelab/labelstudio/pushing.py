"""Sends chosen items to Label Studio as pre-filled tasks, and takes withdrawn ones back.

The order makes a crash at any line harmless: what will be shown is stored, then sent, then confirmed. A task that was
sent but not confirmed is found again by the item id in its data.
"""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from titlelab.labelstudio.client import LabelStudio
from titlelab.labelstudio.models import Project, Task
from titlelab.labelstudio.provisioning import provision
from titlelab.labelstudio.showing import Shown, Wording, drafted
from titlelab.review.drafting import DraftSource
from titlelab.review.models import ReviewItem, ReviewQueue, Showing

BATCH = 50  # tasks an import; a language model drafts 50 in about ten seconds


def push_queue(queue: ReviewQueue, label_studio: LabelStudio, source: DraftSource) -> int:
    """Send the queue's chosen items; returns how many. Safe to repeat: sent items are skipped, twins dropped."""
    project = provision(queue, label_studio)
    withdraw_tasks(project, label_studio)
    adopt_unconfirmed(project, label_studio)
    n_sent = 0
    while batch := list(queue.items.unsent().select_related("product")[:BATCH]):
        n_sent += _push(project, batch, label_studio, source)
    return n_sent


def _push(project: Project, items: Sequence[ReviewItem], label_studio: LabelStudio, source: DraftSource) -> int:
    queue = project.queue
    wording = Wording(queue)
    shown = drafted(queue, items, source)
    task_ids = label_studio.import_tasks(project.project_id, [wording.task(s) for s in shown])
    _confirm(project, shown, task_ids)
    show_version(project, shown[-1].draft.version, label_studio)
    return len(task_ids)


@transaction.atomic
def _confirm(project: Project, shown: Sequence[Shown], task_ids: Sequence[int]) -> None:
    now = timezone.now()
    Task.objects.bulk_create(
        [Task(item=s.item, project=project, task_id=i) for s, i in zip(shown, task_ids, strict=True)],
        update_conflicts=True,
        unique_fields=["item"],
        update_fields=["project", "task_id", "deleted_at"],
    )
    Showing.objects.filter(pk__in=[s.showing.pk for s in shown]).update(sent_at=now)
    _open([s.item.pk for s in shown])


def _open(item_ids: Sequence[int]) -> None:
    ReviewItem.objects.filter(pk__in=item_ids, state=ReviewItem.State.CHOSEN).update(state=ReviewItem.State.OPEN)


def show_version(project: Project, version: str, label_studio: LabelStudio) -> None:
    """Tell Label Studio which version's predictions pre-fill."""
    label_studio.show_version(project.project_id, version)
    project.model_version = version
    project.save(update_fields=["model_version"])


def adopt_unconfirmed(project: Project, label_studio: LabelStudio) -> int:
    """Confirm tasks whose import was cut off before we could write it down, and delete twins; returns how many."""
    unconfirmed = Showing.objects.filter(item__queue=project.queue, item__state="chosen", sent_at=None)
    if not unconfirmed.exists():
        return 0
    waiting = {item.pk: item for item in project.queue.items.filter(state=ReviewItem.State.CHOSEN)}
    known = set(project.tasks.values_list("task_id", flat=True))
    twins: list[int] = []
    adopted: dict[int, int] = {}
    for task_id, item_id in sorted(label_studio.task_items(project.project_id).items()):
        if task_id in known or item_id is None:
            continue
        if item_id in waiting and item_id not in adopted:
            adopted[item_id] = task_id
        else:
            twins.append(task_id)
    _adopt(project, adopted, label_studio)
    label_studio.delete_tasks(project.project_id, twins)
    return len(adopted)


def _adopt(project: Project, adopted: dict[int, int], label_studio: LabelStudio) -> None:
    for item_id, task_id in adopted.items():
        seen = label_studio.task(task_id)
        versions = {p.model_version for p in seen.predictions} if seen else set()
        with transaction.atomic():
            Task.objects.get_or_create(item_id=item_id, defaults={"project": project, "task_id": task_id})
            Showing.objects.filter(item=item_id, draft__version__in=versions).update(sent_at=timezone.now())
            _open([item_id])


def withdraw_tasks(project: Project, label_studio: LabelStudio) -> int:
    """Take back the undecided tasks of withdrawn items; an annotated task stays, it holds somebody's work."""
    tasks = project.tasks.filter(deleted_at=None, item__state=ReviewItem.State.WITHDRAWN, item__decisions=None)
    ids = list(tasks.values_list("task_id", flat=True))
    empty = [i for i in ids if (seen := label_studio.task(i)) is None or not seen.annotations]
    label_studio.delete_tasks(project.project_id, empty)
    project.tasks.filter(task_id__in=empty).update(deleted_at=timezone.now())
    return len(empty)
