"""Tasks that talk to Label Studio; each may be delivered twice and does its work once."""

import logging

from django.db import OperationalError

from ml_backend.errors import BackendUnreachable
from titlelab.celery import app
from titlelab.errors import LabelStudioUnreachable, VersionLoading
from titlelab.labelstudio import pulling, pushing, refreshing
from titlelab.labelstudio.client import label_studio
from titlelab.labelstudio.holding import HeldElsewhere
from titlelab.labelstudio.models import Project
from titlelab.labelstudio.provisioning import ProjectLost, provision, rebuild
from titlelab.review.backend import draft_client
from titlelab.review.models import ReviewQueue

logger = logging.getLogger(__name__)
# The next try may find what this one lacked.
LATER = (LabelStudioUnreachable, BackendUnreachable, HeldElsewhere, VersionLoading, OperationalError)


@app.task(autoretry_for=LATER, retry_backoff=True, max_retries=6)
def process_inbox() -> int:
    """Record what the stored webhook events point at; returns how many Decisions are new."""
    return pulling.process_inbox(label_studio())


@app.task
def reconcile_all() -> int:
    """Ring for every project; one that can't be read does not keep the others waiting."""
    ids = list(Project.objects.values_list("pk", flat=True))
    for project_id in ids:
        reconcile.delay(project_id)
    return len(ids)


@app.task(autoretry_for=LATER, retry_backoff=True, max_retries=2)
def reconcile(project_pk: int) -> int:
    """Make the ledger equal to what stands in one project; a project deleted meanwhile is nothing to do."""
    project = Project.objects.filter(pk=project_pk).first()
    return pulling.reconcile(project, label_studio()) if project else 0


@app.task(autoretry_for=LATER, retry_backoff=True, max_retries=6)
def provision_queue(queue_id: int) -> int:
    """Make or mend the queue's project; returns Label Studio's id of it."""
    return provision(ReviewQueue.objects.get(pk=queue_id), label_studio()).project_id


@app.task(autoretry_for=LATER, retry_backoff=True, max_retries=6)
def rebuild_queue(queue_id: int) -> int:
    """Make a project anew that was deleted in Label Studio, and send what waited in it; returns how many items."""
    queue = ReviewQueue.objects.get(pk=queue_id)
    rebuild(queue, label_studio())
    return pushing.push_queue(queue, label_studio(), draft_client())


@app.task(autoretry_for=LATER, retry_backoff=True, max_retries=6)
def push_queue(queue_id: int) -> int:
    """Send the queue's chosen items; safe to repeat, since sent items are skipped and twins dropped."""
    queue = ReviewQueue.objects.get(pk=queue_id)
    try:
        n_sent = pushing.push_queue(queue, label_studio(), draft_client())
    except ProjectLost as e:  # the front page says so, and what to press
        logger.warning("%s", e)
        return 0
    # A version that was promoted between two batches would leave the first one without its drafts.
    refreshing.refresh_open_tasks(queue, label_studio(), draft_client())
    return n_sent


@app.task(autoretry_for=LATER, retry_backoff=True, max_retries=6)
def refresh_open_tasks(queue_id: int) -> int:
    """Give the queue's open tasks the drafts of the version that serves now; nothing to do is fine."""
    return refreshing.refresh_open_tasks(ReviewQueue.objects.get(pk=queue_id), label_studio(), draft_client())
