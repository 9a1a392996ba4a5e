"""Brings a queue's project in Label Studio to what it should be; safe to repeat, mends what was changed by hand."""

import hashlib
import logging

from django.conf import settings

from titlelab.labelstudio.client import LabelStudio, ProjectSeen, WebhookSeen
from titlelab.labelstudio.events import ACTIONS
from titlelab.labelstudio.label_config import label_config
from titlelab.labelstudio.models import Project
from titlelab.review.models import ReviewQueue
from titlelab.tags.publishing import published

logger = logging.getLogger(__name__)
SECRET_HEADER = "X-TitleLab-Secret"  # noqa: S105 - the header's name


def webhook_url() -> str:
    return f"{settings.TITLELAB_URL}/webhooks/label-studio/"


def provision(queue: ReviewQueue, label_studio: LabelStudio) -> Project:
    """Make or mend the queue's project: config, ML backend with basic auth, webhook with a secret header."""
    config = config_of(queue)
    project = _project_row(queue, label_studio, config)
    digest = hashlib.sha256(config.encode()).hexdigest()
    if project.config_hash != digest:
        label_studio.update_config(project.project_id, config)
        project.config_hash = digest
    project.ml_backend_id = _connected_ml_backend(project, label_studio)
    project.webhook_id = _right_webhook(project.project_id, label_studio)
    project.problem = ""
    project.save()
    return project


def config_of(queue: ReviewQueue) -> str:
    """Return the labeling config that the queue's library asks for today."""
    library = queue.catalog.library
    return label_config(published(library).tags if library else ())


def _project_row(queue: ReviewQueue, label_studio: LabelStudio, config: str) -> Project:
    known = Project.objects.filter(queue=queue).first()
    if known and label_studio.project(known.project_id):
        return known
    if known:
        # Its tasks are gone with it; what people decided stays in the ledger.
        logger.warning("project %s of %s is gone from Label Studio, making another", known.project_id, queue)
        queue.items.waiting().filter(state="open").update(state="chosen")
        known.delete()
    return Project.objects.create(queue=queue, project_id=_made_or_adopted(queue, label_studio, config))


def _made_or_adopted(queue: ReviewQueue, label_studio: LabelStudio, config: str) -> int:
    """Adopt the project of a run that died between Label Studio's answer and our row."""
    mark = f"TitleLab queue {queue.pk} of {settings.TITLELAB_URL}"
    taken = set(Project.objects.values_list("project_id", flat=True))
    orphans: list[ProjectSeen] = [
        p for p in label_studio.projects_named(queue.name) if p.description == mark and p.id not in taken
    ]
    if orphans:
        return orphans[0].id
    return label_studio.create_project(title=queue.name, description=mark, label_config=config)


def _connected_ml_backend(project: Project, label_studio: LabelStudio) -> int:
    """Keep one connected backend of ours; Label Studio leaves half-made ones behind when a connection fails."""
    backends = [b for b in label_studio.ml_backends(project.project_id) if b.url == settings.ML_BACKEND_URL]
    connected = [b for b in backends if b.state == "CO"]
    for backend in backends:
        if not connected or backend.id != connected[0].id:
            label_studio.disconnect_ml_backend(backend.id)
    if connected:
        return connected[0].id
    catalog = project.queue.catalog
    extra = {"catalog": catalog.key, "library": catalog.library.key if catalog.library else ""}
    made = label_studio.connect_ml_backend(project.project_id, extra=extra)
    _drop_automatic_webhooks(project.project_id, label_studio)
    return made


def _drop_automatic_webhooks(project_id: int, label_studio: LabelStudio) -> None:
    """Label Studio gives each ML backend a webhook without any secret; ours replaces it."""
    for webhook in label_studio.webhooks(project_id):
        if webhook.url.startswith(settings.ML_BACKEND_URL):
            label_studio.delete_webhook(webhook.id)


def _right_webhook(project_id: int, label_studio: LabelStudio) -> int:
    """Keep one active webhook with our header; a changed one is replaced, since updating erases its actions."""
    ours = [w for w in label_studio.webhooks(project_id) if w.url == webhook_url()]
    right = [w for w in ours if is_right(w)]
    for webhook in ours:
        if not right or webhook.id != right[0].id:
            label_studio.delete_webhook(webhook.id)
    if right:
        return right[0].id
    return label_studio.create_webhook(
        project_id, url=webhook_url(), headers={SECRET_HEADER: settings.WEBHOOK_SECRET}, actions=ACTIONS
    )


def is_right(webhook: WebhookSeen) -> bool:
    """Say whether a webhook of ours does what it should."""
    headers = dict(webhook.headers)
    return (
        webhook.is_active and set(ACTIONS) <= webhook.actions and headers.get(SECRET_HEADER) == settings.WEBHOOK_SECRET
    )
