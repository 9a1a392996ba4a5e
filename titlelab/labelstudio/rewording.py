"""Gives open tasks the data that a new form of the page asks for; their predictions stay as they were shown."""

import re

from titlelab.labelstudio.client import LabelStudio
from titlelab.labelstudio.models import Project, Task
from titlelab.labelstudio.showing import Shown, Wording
from titlelab.review.models import ReviewItem, Showing

_VARIABLE = re.compile(r'value="\$(\w+)"')
_HEADING = re.compile(r"<Header value=\S+")


def asks_for_more(old_config: str, config: str) -> bool:
    """Say whether a config shows a field of the tasks' data that the config before did not."""
    return not set(_VARIABLE.findall(config)) <= set(_VARIABLE.findall(old_config))


def speaks_otherwise(old_config: str, config: str) -> bool:
    """Say whether a config's headings are in another language than before, as its tasks' hints then have to be."""
    return _HEADING.findall(old_config)[:1] != _HEADING.findall(config)[:1]


def reword_open_tasks(project: Project, label_studio: LabelStudio) -> int:
    """Write the data of the project's open tasks anew, each from the draft that it was sent with; returns how many.

    Safe to repeat, and harmless to the config that stands: it passes over fields that it does not know. The caller
    holds the queue.
    """
    open_tasks = Task.objects.filter(project=project, deleted_at=None, item__state=ReviewItem.State.OPEN)
    tasks = {task.item_id: task.task_id for task in open_tasks}
    sent = Showing.objects.filter(item__in=tasks, sent_at__isnull=False).select_related("item__product", "draft")
    latest = {showing.item_id: showing for showing in sent.order_by("sent_at", "pk")}
    wording = Wording(project.queue)
    for item_id, showing in latest.items():
        shown = Shown(item=showing.item, showing=showing, draft=showing.draft, may_stand=True)
        label_studio.update_task_data(tasks[item_id], wording.task(shown)["data"])
    return len(latest)
