"""Brings what people did in Label Studio into the ledger.

A webhook is only a hint: whichever way a change is noticed, the task is read from Label Studio and its whole state is
recorded, so that events may come twice, late, out of order or not at all.
"""

import datetime as dt
import logging
from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from ml_backend.contract import Candidate, TagScore, to_json
from ml_backend.errors import BadAnnotation
from ml_backend.labelstudio.annotations import final_values
from titlelab.errors import LabelStudioRefused
from titlelab.labelstudio.client import LabelStudio
from titlelab.labelstudio.events import START_TRAINING, AnnotationSeen, BadEvent, Hint, PredictionSeen, TaskSeen
from titlelab.labelstudio.models import InboxEvent, Project, Task
from titlelab.review.classifying import Final, Judgement, Shown, judge
from titlelab.review.deciding import record_decision, withdraw_decision
from titlelab.review.models import Draft, ReviewItem, Showing

logger = logging.getLogger(__name__)
# Rows whose change was committed after a later one was read would be missed by a cursor without overlap.
OVERLAP = dt.timedelta(minutes=2)
MOST_ATTEMPTS = 5


def pull_task(project: Project, seen: TaskSeen, people: Mapping[int, str]) -> int:
    """Record a task's annotations, and withdraw the Decisions whose annotation is gone; returns how many were new."""
    task = project.tasks.filter(task_id=seen.id).select_related("item").first()
    if task is None:
        # Not ours, or a twin whose import was never confirmed: pushing.py adopts or deletes that.
        return 0
    n_new = sum(_record(task.item, seen, annotation, people) for annotation in seen.annotations)
    gone = task.item.decisions.current().exclude(annotation_id__in=[a.id for a in seen.annotations])
    for decision in gone:
        withdraw_decision(task.item, decision.annotation_id, seen.read_at)
    return n_new


def _record(item: ReviewItem, seen: TaskSeen, annotation: AnnotationSeen, people: Mapping[int, str]) -> bool:
    draft = _draft_shown(item, seen, annotation)
    decision = record_decision(
        item,
        draft,
        _judgement(draft, annotation),
        annotation_id=annotation.id,
        annotation_updated_at=annotation.updated_at,
        person=people.get(annotation.completed_by or 0, "unknown"),
        seconds=annotation.seconds,
        decided_at=annotation.updated_at,
        read_at=seen.read_at,
    )
    return decision is not None


def _judgement(draft: Draft | None, annotation: AnnotationSeen) -> Judgement:
    """Classify by value; an annotation that does not fit the config is a rejection that says so, never a crash."""
    shown = None
    if draft is not None:
        shown = Shown(
            title=draft.title,
            tags=tuple(draft.proposed_tags),
            candidates=tuple(c["title"] for c in draft.candidates),
        )
    try:
        final = final_values(annotation.result)
    except BadAnnotation as e:
        return judge(
            shown,
            Final(title=None, candidate=None, tags=(), reject_reason=f"unreadable: {e}"[:100], was_cancelled=False),
        )
    return judge(
        shown,
        Final(
            title=final.title,
            candidate=final.candidate,
            tags=final.tags,
            reject_reason=final.reject_reason,
            was_cancelled=annotation.was_cancelled,
        ),
    )


def _draft_shown(item: ReviewItem, seen: TaskSeen, annotation: AnnotationSeen) -> Draft | None:
    """Return the draft behind an annotation: by its prediction, else the last that was sent before it was made."""
    showings = list(Showing.objects.filter(item=item).exclude(sent_at=None).select_related("draft").order_by("sent_at"))
    by_version = {showing.draft.version: showing.draft for showing in showings}
    parent = next((p for p in seen.predictions if p.id == annotation.parent_prediction), None)
    if parent is not None:
        return by_version.get(parent.model_version) or _copied(item, parent, showings)
    before = [s.draft for s in showings if s.sent_at and s.sent_at <= annotation.created_at]
    return before[-1] if before else None


def _copied(item: ReviewItem, prediction: PredictionSeen, showings: Sequence[Showing]) -> Draft | None:
    """Keep a prediction that Label Studio fetched by itself; what was shown must stand in the ledger."""
    try:
        values = final_values(prediction.result)
    except BadAnnotation:
        return None
    if not showings or values.title is None:
        return None
    model = showings[-1].draft
    draft, _ = Draft.objects.get_or_create(
        product=item.product,
        version=prediction.model_version[:60],
        brief_hash=model.brief_hash,
        defaults={
            "titler_version": model.titler_version,
            "tagger_version": model.tagger_version,
            "brief": model.brief,
            "title": values.title,
            "candidates": [to_json(Candidate(title=values.title, score=0.0))],
            "tags": [to_json(TagScore(name=name, proba=1.0, threshold=0.5)) for name in values.tags],
            "title_uncertainty": 0.0,
            "tag_uncertainty": 0.0,
        },
    )
    Showing.objects.get_or_create(item=item, draft=draft, defaults={"sent_at": timezone.now()})
    return draft


def process_hint(hint: Hint, label_studio: LabelStudio) -> int:
    """Read what a hint points at and record it; returns how many Decisions are new."""
    project = Project.objects.filter(project_id=hint.project_id).first()
    if project is None:
        return 0
    Project.objects.filter(pk=project.pk).update(last_event_at=timezone.now())
    task_ids = set(hint.task_ids) | _tasks_of(project, hint.annotation_ids)
    people = label_studio.people() if task_ids else {}
    return sum(_pull_one(project, task_id, label_studio, people) for task_id in sorted(task_ids))


def _tasks_of(project: Project, annotation_ids: Iterable[int]) -> set[int]:
    """Find the tasks of annotations whose deletion is told without them."""
    found = Task.objects.filter(project=project, item__decisions__annotation_id__in=list(annotation_ids))
    return set(found.values_list("task_id", flat=True))


def _pull_one(project: Project, task_id: int, label_studio: LabelStudio, people: Mapping[int, str]) -> int:
    seen = label_studio.task(task_id)
    if seen is None:
        forget_task(project, task_id)
        return 0
    return pull_task(project, seen, people)


@transaction.atomic
def forget_task(project: Project, task_id: int) -> None:
    """Withdraw what stood on a task that is gone from Label Studio; the ledger keeps the rows."""
    now = timezone.now()
    task = project.tasks.filter(task_id=task_id, deleted_at=None).select_related("item").first()
    if task is None:
        return
    project.tasks.filter(pk=task.pk).update(deleted_at=now)
    for decision in task.item.decisions.current():
        withdraw_decision(task.item, decision.annotation_id, now)
    ReviewItem.objects.filter(pk=task.item_id).exclude(state="withdrawn").update(state="withdrawn", closed_at=now)


def reconcile(project: Project, label_studio: LabelStudio) -> int:
    """Read every task that changed since the cursor, then find deleted tasks by difference; returns new Decisions.

    The record is Label Studio's state: with the webhook off, this alone makes the ledger equal to it.
    """
    people = label_studio.people()
    since = project.cursor - OVERLAP if project.cursor else None
    n_new, newest = 0, project.cursor
    for seen in label_studio.tasks_changed_since(project.project_id, since):
        n_new += pull_task(project, seen, people)
        newest = max(newest, seen.updated_at) if newest else seen.updated_at
    _forget_deleted(project, label_studio)
    Project.objects.filter(pk=project.pk).update(cursor=newest, reconciled_at=timezone.now())
    return n_new


def _forget_deleted(project: Project, label_studio: LabelStudio) -> None:
    standing = label_studio.task_items(project.project_id)
    if not standing and label_studio.project(project.project_id) is None:
        # Nobody took back their decisions: the project itself is gone, which provisioning mends.
        Project.objects.filter(pk=project.pk).update(problem="the project is gone from Label Studio")
        return
    for task_id in (
        project.tasks.filter(deleted_at=None).exclude(task_id__in=standing).values_list("task_id", flat=True)
    ):
        forget_task(project, task_id)


def store_event(hint: Hint) -> InboxEvent:
    """Keep a hint until it is processed; this is all that happens within the annotator's request."""
    body = {"project": hint.project_id, "tasks": list(hint.task_ids), "annotations": list(hint.annotation_ids)}
    return InboxEvent.objects.create(action=hint.action, body=body)


def process_inbox(label_studio: LabelStudio) -> int:
    """Process the stored events, oldest first; returns how many Decisions are new.

    An event that can't be processed is tried MOST_ATTEMPTS times and then left as failed, for an admin to see.
    LabelStudioUnreachable leaves it untouched and rises to the caller, who retries.
    """
    n_new = 0
    for event in InboxEvent.objects.filter(state=InboxEvent.State.NEW).exclude(action=START_TRAINING).order_by("pk"):
        try:
            n_new += process_hint(hint_of(event), label_studio)
        except (LabelStudioRefused, BadEvent) as e:
            _note_failure(event, str(e))
        else:
            close_event(event)
    return n_new


def _note_failure(event: InboxEvent, problem: str) -> None:
    attempts = event.attempts + 1
    state = InboxEvent.State.FAILED if attempts >= MOST_ATTEMPTS else InboxEvent.State.NEW
    InboxEvent.objects.filter(pk=event.pk).update(attempts=attempts, state=state, problem=problem[:500])


def hint_of(event: InboxEvent) -> Hint:
    return Hint(
        action=event.action,
        project_id=event.body["project"],
        task_ids=tuple(event.body["tasks"]),
        annotation_ids=tuple(event.body["annotations"]),
    )


def close_event(event: InboxEvent) -> None:
    InboxEvent.objects.filter(pk=event.pk).update(state=InboxEvent.State.DONE, processed_at=timezone.now())


def training_wishes() -> list[tuple[InboxEvent, Project]]:
    """Return unanswered clicks on Label Studio's Start Training with the project they were made in."""
    events = InboxEvent.objects.filter(state=InboxEvent.State.NEW, action=START_TRAINING).order_by("pk")
    projects = {p.project_id: p for p in Project.objects.select_related("queue__catalog__library")}
    return [(e, projects[e.body["project"]]) for e in events if e.body["project"] in projects]
