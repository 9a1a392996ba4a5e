"""Brings a queue's project in Label Studio to what it should be; safe to repeat, mends what was changed by hand."""

import logging

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from ml_backend.labelstudio.names import CATEGORY, TAGS
from titlelab.catalog.models import Catalog
from titlelab.errors import NotPossibleNow
from titlelab.labelstudio.client import ML_BACKEND_TITLE, LabelStudio, MLBackendSeen, ProjectSeen, WebhookSeen
from titlelab.labelstudio.events import ACTIONS
from titlelab.labelstudio.holding import held
from titlelab.labelstudio.label_config import label_config
from titlelab.labelstudio.models import LostProject, Project
from titlelab.labelstudio.rewording import asks_for_more, reword_open_tasks, speaks_otherwise
from titlelab.review.categories import taxonomy_paths
from titlelab.review.models import ReviewItem, ReviewQueue
from titlelab.tags.publishing import published

logger = logging.getLogger(__name__)
SECRET_HEADER = "X-TitleLab-Secret"  # noqa: S105 - the header's name
MARK = "TitleLab queue "
_HAN_LANGUAGES = ("zh", "ja", "ko")


def webhook_url() -> str:
    return f"{settings.TITLELAB_URL}/webhooks/label-studio/"


class ProjectLost(NotPossibleNow):
    """The queue's project was deleted in Label Studio: a person may have it rebuilt from the ledger."""


def provision(queue: ReviewQueue, label_studio: LabelStudio) -> Project:
    """Make or mend the queue's project; raises HeldElsewhere while another worker is at it, and ProjectLost."""
    with held(queue):
        return mend_project(queue, label_studio)


def rebuild(queue: ReviewQueue, label_studio: LabelStudio) -> Project:
    """Make a project that was deleted in Label Studio anew; what waited in it is sent by the next push.

    Decisions stay as they are in the ledger. Safe to repeat, and for a project that was never lost the same as
    provision.
    """
    with held(queue):
        for known in Project.objects.filter(queue=queue).select_related("queue"):
            if not stands(known, label_studio):
                lose_project(known)
        LostProject.objects.filter(queue=queue).delete()
        return mend_project(queue, label_studio)


def mend_project(queue: ReviewQueue, label_studio: LabelStudio) -> Project:
    """Bring project, config, ML backend with basic auth and webhook with a secret header to what they should be.

    The caller holds the queue. Raises ProjectLost when somebody deleted the project.
    """
    config = config_of(queue)
    project, seen = _project_row(queue, label_studio, config)
    if seen.label_config != config:
        if asks_for_more(seen.label_config, config) or speaks_otherwise(seen.label_config, config):
            reword_open_tasks(project, label_studio)
        label_studio.update_config(seen.id, config)
    project.ml_backend_id = _connected_ml_backend(project, label_studio)
    mend_webhooks(seen.id, label_studio)
    # Somebody may have chosen other predictions to pre-fill from; refreshing.py looks at the row and chooses ours.
    project.model_version = seen.model_version
    project.problem = ""
    project.asks_by_tree = f'<Taxonomy name="{TAGS}"' in config
    project.asks_for_category = f'<Taxonomy name="{CATEGORY}"' in config
    project.save(update_fields=["ml_backend_id", "model_version", "asks_by_tree", "asks_for_category", "problem"])
    return project


def lose_project(project: Project) -> None:
    """Forget a project that is gone from Label Studio, and note it for a person, who may want it rebuilt.

    Its tasks are gone with it, so that what waited in it is to be sent anew; what people decided stays in the ledger.
    """
    logger.warning("project %s of %s is gone from Label Studio", project.project_id, project.queue)
    with transaction.atomic():
        project.queue.items.waiting().filter(state=ReviewItem.State.OPEN).update(state=ReviewItem.State.CHOSEN)
        LostProject.objects.update_or_create(queue=project.queue, defaults={"project_id": project.project_id})
        project.delete()


def stands(project: Project, label_studio: LabelStudio) -> bool:
    """Say whether the project is still there, and still the queue's."""
    seen = label_studio.project(project.project_id)
    return seen is not None and _is_ours(project.queue, seen)


def config_of(queue: ReviewQueue) -> str:
    """Return the labeling config that the queue's library and catalog ask for today, in the queue's language."""
    catalog = queue.catalog
    asks = catalog.asks_for_category or Project.objects.filter(queue=queue, asks_for_category=True).exists()
    paths = taxonomy_paths(catalog) if asks else ()
    with override(queue.language):
        return label_config(
            published(catalog.library).tags if catalog.library else (),
            is_tree=Project.is_tree(queue),
            categories=paths or None,
            limit=_limit_to_show(catalog),
        )


def _limit_to_show(catalog: Catalog) -> int | None:
    """Return how many characters the channel allows, where every character is as wide: not in Chinese or Japanese."""
    policy = catalog.channel.policy_on(timezone.localdate())
    is_even = policy is not None and policy.length_unit == "characters" and catalog.language not in _HAN_LANGUAGES
    return policy.max_length if policy is not None and is_even else None


def _project_row(queue: ReviewQueue, label_studio: LabelStudio, config: str) -> tuple[Project, ProjectSeen]:
    known = Project.objects.filter(queue=queue).select_related("queue__catalog__library").first()
    seen = label_studio.project(known.project_id) if known else None
    if known and seen and _is_ours(queue, seen):
        return known, seen
    if known:
        lose_project(known)
    if loss := LostProject.objects.filter(queue=queue).first():
        raise ProjectLost(f"{queue}: {loss}.")
    made = _made_or_adopted(queue, label_studio, config)
    # A Label Studio that lost its data counts from 1 again: a row with this id speaks of a project before that.
    for stale in Project.objects.filter(project_id=made.id):
        lose_project(stale)
    return Project.objects.create(queue=queue, project_id=made.id), made


def _made_or_adopted(queue: ReviewQueue, label_studio: LabelStudio, config: str) -> ProjectSeen:
    """Adopt the project of a run that died between Label Studio's answer and our row."""
    orphans = [p for p in label_studio.projects_named(queue.name) if p.description.startswith(_mark(queue))]
    if orphans:
        return orphans[0]
    description = f"{_mark(queue)} {settings.TITLELAB_URL}"
    made = label_studio.create_project(title=queue.name, description=description, label_config=config)
    return ProjectSeen(id=made, title=queue.name, description=description, model_version="", label_config=config)


def _mark(queue: ReviewQueue) -> str:
    """Return what a project's description begins with, so that it is known again without our row."""
    return f"{MARK}{queue.pk} of"


def _is_ours(queue: ReviewQueue, seen: ProjectSeen) -> bool:
    """Say whose a project is: a person may write another description, but not one that names another queue."""
    return seen.description.startswith(_mark(queue)) or not seen.description.startswith(MARK)


def _connected_ml_backend(project: Project, label_studio: LabelStudio) -> int:
    """Keep one connected backend of ours; Label Studio leaves half-made ones behind when a connection fails."""
    catalog = project.queue.catalog
    extra = {"catalog": catalog.key, "library": catalog.library.key if catalog.library else ""}
    backends = label_studio.ml_backends(project.project_id)
    ours = [b for b in backends if b.url == settings.ML_BACKEND_URL or b.title == ML_BACKEND_TITLE]
    right = [b.id for b in ours if is_connected(b) and dict(b.extra) == extra]
    for backend in ours:
        if backend.id not in right[:1]:
            label_studio.disconnect_ml_backend(backend.id)
    return right[0] if right else label_studio.connect_ml_backend(project.project_id, extra=extra)


def mend_webhooks(project_id: int, label_studio: LabelStudio) -> None:
    """Keep one active webhook with our header; a changed one is replaced, since updating erases its actions.

    Label Studio gives each ML backend a webhook without any secret; ours replaces it. One of ours with another address
    is from before ours was changed: each event would wait for it in vain.
    """
    webhooks = label_studio.webhooks(project_id)
    right = [w.id for w in webhooks if is_right(w)][:1]
    for webhook in webhooks:
        is_ours = webhook.url == webhook_url() or SECRET_HEADER in dict(webhook.headers)
        if webhook.id not in right and (is_ours or webhook.url.startswith(settings.ML_BACKEND_URL)):
            label_studio.delete_webhook(webhook.id)
    if not right:
        headers = {SECRET_HEADER: settings.WEBHOOK_SECRET}
        label_studio.create_webhook(project_id, url=webhook_url(), headers=headers, actions=ACTIONS)


def is_connected(backend: MLBackendSeen) -> bool:
    """Say whether Label Studio reaches our ML backend."""
    return backend.url == settings.ML_BACKEND_URL and backend.state == "CO"


def is_right(webhook: WebhookSeen) -> bool:
    """Say whether a webhook is ours and does what it should."""
    return (
        webhook.url == webhook_url()
        and webhook.is_active
        and webhook.sends_payload
        and set(ACTIONS) <= webhook.actions
        and dict(webhook.headers).get(SECRET_HEADER) == settings.WEBHOOK_SECRET
    )
