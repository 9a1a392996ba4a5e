"""Watches the webhook, which only keeps the loop prompt: brings it back, and tells of what came without it."""

import datetime as dt
import logging
from collections.abc import Set

from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from titlelab.labelstudio.client import LabelStudio
from titlelab.labelstudio.events import TaskSeen
from titlelab.labelstudio.holding import held
from titlelab.labelstudio.inbox import waiting_events
from titlelab.labelstudio.models import Project
from titlelab.labelstudio.provisioning import is_right, mend_webhooks

logger = logging.getLogger(__name__)
GRACE = dt.timedelta(seconds=10)  # an event may still be on its way, or in the hands of another worker


def watch_webhook(project: Project, label_studio: LabelStudio) -> bool:
    """Bring back a webhook that was switched off, changed or deleted; True if it had to be."""
    if any(map(is_right, label_studio.webhooks(project.project_id))):
        return False
    with held(project.queue):
        mend_webhooks(project.project_id, label_studio)
    Project.objects.filter(pk=project.pk).update(webhook_mended_at=timezone.now())
    logger.warning("the webhook of %s was missing or changed, and is back", project)
    return True


def announced_tasks(project: Project) -> set[int]:
    """Return the tasks of which events of the project tell that wait to be read."""
    bodies = (event.body for event in waiting_events())
    return {task for body in bodies if body["project"] == project.project_id for task in body["tasks"]}


def is_unannounced(seen: TaskSeen, announced: Set[int]) -> bool:
    """Say whether polling alone knows of a task's change, long enough after it for an event to have come."""
    return seen.id not in announced and seen.updated_at < seen.read_at - GRACE


def note_missed(project: Project, n: int) -> None:
    """Count Decisions that no event told of; the gap lasts until the next event comes."""
    now = timezone.now()
    rows = Project.objects.filter(pk=project.pk)
    rows.update(n_missed=F("n_missed") + n, missed_since=Coalesce("missed_since", now))
    logger.warning(
        "%s: %d Decisions came by polling alone; the last event came at %s", project, n, project.last_event_at
    )


def note_event(project: Project) -> None:
    """Note that an event came, which ends a gap."""
    Project.objects.filter(pk=project.pk).update(last_event_at=timezone.now(), missed_since=None)
