"""Says what is wrong between a queue and its project in Label Studio; changes nothing."""

import datetime as dt

from django.conf import settings
from django.utils import timezone

from titlelab.labelstudio.client import LabelStudio
from titlelab.labelstudio.models import LostProject, Project
from titlelab.labelstudio.provisioning import is_connected, is_right, stands, webhook_url
from titlelab.review.models import Decision, ReviewQueue

REBUILD = "press “Rebuild in Label Studio” on the queue in the admin"
MEND = "press “Set up in Label Studio” on the queue in the admin"


def problems(queue: ReviewQueue, label_studio: LabelStudio) -> list[str]:
    """Return sentences, each with what to do; empty when all is well."""
    project = Project.objects.filter(queue=queue).first()
    if loss := LostProject.objects.filter(queue=queue).first():
        return [f"{queue}: {loss}"]
    if project is None:
        return [f"{queue} has no project in Label Studio yet: {MEND}"]
    if not stands(project, label_studio):
        return [f"project {project.project_id} of {queue} is gone from Label Studio: {REBUILD}"]
    return [
        *_of_ml_backend(queue, project, label_studio),
        *_of_webhook(queue, project, label_studio),
        *_of_events(queue, project),
    ]


def _of_ml_backend(queue: ReviewQueue, project: Project, label_studio: LabelStudio) -> list[str]:
    backends = [b for b in label_studio.ml_backends(project.project_id) if b.url == settings.ML_BACKEND_URL]
    if not backends:
        return [f"{queue} is not connected to the ML backend: {MEND}"]
    if not any(map(is_connected, backends)):
        return [f"{queue}: Label Studio can't reach the ML backend at {settings.ML_BACKEND_URL}: start it"]
    return []


def _of_webhook(queue: ReviewQueue, project: Project, label_studio: LabelStudio) -> list[str]:
    right = any(map(is_right, label_studio.webhooks(project.project_id)))
    return [] if right else [f"{queue} has no active webhook with our secret: {MEND}"]


def _of_events(queue: ReviewQueue, project: Project) -> list[str]:
    """Notice a Decision that no event announced: it came by reconciliation, so the webhook does not arrive."""
    latest = Decision.objects.filter(item__queue=queue, mends=None).order_by("-decided_at").first()
    if latest is None or (timezone.now() - latest.recorded_at).total_seconds() < settings.RECONCILE_EVERY_S:
        return []
    if project.last_event_at and project.last_event_at >= latest.decided_at - dt.timedelta(seconds=5):
        return []
    return [f"{queue}: the latest Decision came without a webhook: is {webhook_url()} reachable from Label Studio?"]
