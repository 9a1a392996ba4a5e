"""Brings what people did in Label Studio into the ledger.

A webhook is only a hint: whichever way a change is noticed, the task is read from Label Studio and its whole state is
recorded, so that events may come twice, late, out of order or not at all.
"""

import datetime as dt
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property

from django.db import transaction
from django.utils import timezone

from ml_backend.contract import Candidate, CategoryScore, TagScore, to_json
from ml_backend.errors import BadAnnotation
from ml_backend.labelstudio.annotations import final_values
from ml_backend.tracing import traced
from titlelab.errors import LabelStudioRefused
from titlelab.labelstudio.adopting import ADOPTED, adopt_strays, strays
from titlelab.labelstudio.client import LabelStudio
from titlelab.labelstudio.events import AnnotationSeen, BadEvent, Hint, PredictionSeen, TaskSeen
from titlelab.labelstudio.holding import held
from titlelab.labelstudio.inbox import Reader, close_event, hint_of, note_failure, waiting_events
from titlelab.labelstudio.models import InboxEvent, Project, Task
from titlelab.labelstudio.provisioning import lose_project, stands
from titlelab.labelstudio.watching import announced_tasks, is_unannounced, note_event, note_missed, watch_webhook
from titlelab.review.categories import without_branches
from titlelab.review.classifying import Final, Judgement, judge
from titlelab.review.deciding import record_decision, withdraw_decision
from titlelab.review.models import Draft, ReviewItem, Showing
from titlelab.review.shown import shown_values
from titlelab.tags.names import PresentNames, without_groups

logger = logging.getLogger(__name__)
# Rows whose change was committed after a later one was read would be missed by a cursor without overlap.
OVERLAP = dt.timedelta(minutes=2)
# What a Decision's row holds; a longer title is no title, and the reasons are ours.
LONGEST_TITLE, LONGEST_REASON, LONGEST_PERSON = 1000, 100, 200
LONGEST_SUGGESTION, MOST_SUGGESTIONS = 100, 20  # a tag's name is no longer, and more is a pasted text


class People:
    """The accounts' e-mail addresses, asked for once, when the first is needed."""

    def __init__(self, label_studio: LabelStudio) -> None:
        self._label_studio = label_studio

    def name(self, account: int | None) -> str:
        return self._addresses.get(account or 0, "unknown")[:LONGEST_PERSON]

    @cached_property
    def _addresses(self) -> dict[int, str]:
        return self._label_studio.people()


def pull_task(project: Project, seen: TaskSeen, people: People) -> int:
    """Record a task's annotations, and withdraw the Decisions whose annotation is gone; returns how many were new."""
    task = project.tasks.filter(task_id=seen.id).select_related("item__queue__catalog__library").first()
    if task is None:
        # Not ours, or a stray: adopting.py adopts or deletes that.
        return 0
    with traced(item=task.item_id):
        project.tasks.filter(pk=task.pk, deleted_at__lt=seen.read_at).update(deleted_at=None)
        n_new = sum(_record(task.item, seen, annotation, people) for annotation in seen.annotations)
        gone = task.item.decisions.standing().exclude(annotation_id__in=[a.id for a in seen.annotations])
        for decision in gone:
            withdraw_decision(task.item, decision.annotation_id, seen.read_at)
            logger.info("the Decision on annotation %d is withdrawn: it is gone", decision.annotation_id)
        return n_new


def _record(item: ReviewItem, seen: TaskSeen, annotation: AnnotationSeen, people: People) -> bool:
    draft = _draft_shown(item, seen, annotation)
    decision = record_decision(
        item,
        draft,
        _judgement(draft, annotation, item),
        annotation_id=annotation.id,
        annotation_updated_at=annotation.updated_at,
        person=people.name(annotation.completed_by),
        seconds=annotation.seconds,
        decided_at=annotation.updated_at,
        read_at=seen.read_at,
    )
    if decision is not None:
        logger.info("a Decision on annotation %d: %s", annotation.id, decision.outcome)
    return decision is not None


def _judgement(draft: Draft | None, annotation: AnnotationSeen, item: ReviewItem) -> Judgement:
    """Classify by value; an annotation that does not fit the config is a rejection that says so, never a crash.

    Tags are compared and kept by their names of today: a tag may be renamed between the draft and the annotation.
    """
    catalog = item.queue.catalog
    names = PresentNames(catalog.library)
    shown = shown_values(draft, names, is_blind=item.is_blind)
    final = _final(annotation)
    category = final.category
    if shown is None or category != shown.category:
        category = without_branches(category, catalog)
    tags = names.of(without_groups(final.tags, catalog.library))
    return judge(shown, replace(final, tags=tuple(tags), category=category))


def _final(annotation: AnnotationSeen) -> Final:
    try:
        values = final_values(annotation.result)
        if values.title and len(values.title) > LONGEST_TITLE:
            raise BadAnnotation(f"a title of {len(values.title)} characters")
    except BadAnnotation as e:
        return Final(title=None, reject_reason=f"unreadable: {e}"[:LONGEST_REASON])
    return Final(
        title=values.title,
        candidate=values.candidate,
        tags=values.tags,
        suggested_tags=tuple(word[:LONGEST_SUGGESTION] for word in values.suggested_tags[:MOST_SUGGESTIONS]),
        category=values.category,
        picked_category=values.picked_category,
        reject_reason=(values.reject_reason or "")[:LONGEST_REASON],
        was_cancelled=annotation.was_cancelled,
    )


def _draft_shown(item: ReviewItem, seen: TaskSeen, annotation: AnnotationSeen) -> Draft | None:
    """Return the draft behind an annotation: by its prediction, else the last that was sent before it was made.

    A prediction that stands was sent, though its sending may not be confirmed yet.
    """
    showings = list(Showing.objects.filter(item=item).select_related("draft").order_by("created_at"))
    by_version = {showing.draft.version: showing.draft for showing in showings}
    parent = next((p for p in seen.predictions if p.id == annotation.parent_prediction), None)
    if parent is not None and parent.model_version in by_version:
        return by_version[parent.model_version]
    if parent is not None and not item.is_blind:
        return _copied(item, parent, showings)
    before = [(s.sent_at, s.pk, s.draft) for s in showings if s.sent_at and s.sent_at <= annotation.created_at]
    return max(before)[2] if before else None


def _copied(item: ReviewItem, prediction: PredictionSeen, showings: Sequence[Showing]) -> Draft | None:
    """Keep a prediction that Label Studio fetched by itself; what was shown must stand in the ledger."""
    try:
        values = final_values(prediction.result)
    except BadAnnotation:
        return None
    if not showings or values.title is None or len(values.title) > LONGEST_TITLE:
        return None
    model = showings[-1].draft
    draft, _ = Draft.objects.get_or_create(
        product=item.product,
        version=prediction.model_version[:60],
        brief_hash=model.brief_hash,
        defaults={
            "titler_version": model.titler_version,
            "tagger_version": model.tagger_version,
            "categorizer_version": model.categorizer_version,
            "brief": model.brief,
            "title": values.title,
            "candidates": [to_json(Candidate(title=values.title, score=0.0))],
            "tags": [to_json(TagScore(name=name, proba=1.0, threshold=0.5)) for name in values.tags],
            "categories": [to_json(CategoryScore(path=values.category, proba=1.0))] if values.category else [],
            "title_uncertainty": 0.0,
            "tag_uncertainty": 0.0,
        },
    )
    Showing.objects.get_or_create(item=item, draft=draft, defaults={"sent_at": timezone.now()})
    return draft


def process_hint(project: Project, told: Hint, label_studio: LabelStudio, people: People, read: set[int]) -> int:
    """Read what a hint points at and record it; returns how many Decisions are new.

    Tasks in `read` were read since the hint came, so that they tell nothing new; those read now are added.
    """
    if told.action != ADOPTED:
        note_event(project)
    n_new = 0
    for task_id in sorted((set(told.task_ids) | _tasks_of(project, told.annotation_ids)) - read):
        n_new += _pull_one(project, task_id, label_studio, people)
        read.add(task_id)
    return n_new


def _tasks_of(project: Project, annotation_ids: Iterable[int]) -> set[int]:
    """Find the tasks of annotations whose deletion is told without them."""
    found = Task.objects.filter(project=project, item__decisions__annotation_id__in=list(annotation_ids))
    return set(found.values_list("task_id", flat=True))


def _pull_one(project: Project, task_id: int, label_studio: LabelStudio, people: People) -> int:
    asked_at = timezone.now()
    seen = label_studio.task(task_id)
    if seen is not None:
        return pull_task(project, seen, people)
    if stands(project, label_studio):
        forget_task(project, task_id, asked_at)
    return 0


@transaction.atomic
def forget_task(project: Project, task_id: int, gone_at: dt.datetime) -> None:
    """Withdraw what stood on a task that was found to be gone; the ledger keeps the rows."""
    task = project.tasks.filter(task_id=task_id, deleted_at=None).select_related("item").first()
    if task is None:
        return
    project.tasks.filter(pk=task.pk).update(deleted_at=gone_at)
    for decision in task.item.decisions.standing():
        withdraw_decision(task.item, decision.annotation_id, gone_at)
    kept = ReviewItem.objects.exclude(state=ReviewItem.State.WITHDRAWN).filter(pk=task.item_id)
    kept.update(state=ReviewItem.State.WITHDRAWN, closed_at=gone_at)


def reconcile(project: Project, label_studio: LabelStudio) -> int:
    """Read every task that changed since the cursor, then find deleted tasks by difference; returns new Decisions.

    The record is Label Studio's state: with the webhook off, this alone makes the ledger equal to it. A project that
    is gone is forgotten: nobody took back the Decisions in it. The webhook is brought back where it is amiss.
    """
    if not stands(project, label_studio):
        with held(project.queue):
            if not stands(project, label_studio):
                lose_project(project)
        return 0
    n_new = _pull_changed(project, label_studio)
    _settle_differences(project, label_studio)
    watch_webhook(project, label_studio)
    Project.objects.filter(pk=project.pk).update(reconciled_at=timezone.now())
    return n_new


def _pull_changed(project: Project, label_studio: LabelStudio) -> int:
    people, announced = People(label_studio), announced_tasks(project)
    since = project.cursor - OVERLAP if project.cursor else None
    n_new, n_missed, newest = 0, 0, project.cursor
    try:
        for seen in label_studio.tasks_changed_since(project.project_id, since):
            n_of_task = pull_task(project, seen, people)
            n_new += n_of_task
            n_missed += n_of_task if is_unannounced(seen, announced) else 0
            newest = max(newest, seen.updated_at) if newest else seen.updated_at
    finally:
        # They come in the order of their change, so that a run which is cut off need not begin anew.
        Project.objects.filter(pk=project.pk).update(cursor=newest)
        if n_missed:
            note_missed(project, n_missed)
    return n_new


def _settle_differences(project: Project, label_studio: LabelStudio) -> None:
    """Forget tasks that are gone, and have those taken in that we know nothing of."""
    # Our rows first: a task that is sent while Label Studio lists its own must not seem to be gone.
    known = set(project.tasks.filter(deleted_at=None).values_list("task_id", flat=True))
    standing = label_studio.task_items(project.project_id)
    for task_id in sorted(known - standing.keys()):
        asked_at = timezone.now()
        # Rows slide between pages while others are deleted, so each one that is missing is asked for by its id.
        if label_studio.task(task_id) is None:
            forget_task(project, task_id, asked_at)
    if strays(project, standing):
        with held(project.queue):
            adopt_strays(project, label_studio)


def process_inbox(label_studio: LabelStudio) -> int:
    """Process the stored events, oldest first, until none waits; returns how many Decisions are new.

    While another worker is at it there is nothing to do here: it goes on until none waits. An event that can't be
    processed is tried once now, some times in all, and then left as failed, for an admin to see. One of a project that
    is not ours is ignored. LabelStudioUnreachable leaves it untouched and rises to the caller, who retries.
    """
    n_new, reader = 0, Reader()
    people, tried = People(label_studio), set[int]()
    # Looked for again after the inbox was left: what came meanwhile found it taken.
    while waiting_events().exclude(pk__in=tried).exists() and reader.takes():
        try:
            n_new += _read_inbox(reader, label_studio, people, tried)
        finally:
            reader.leaves()
    return n_new


def _read_inbox(reader: Reader, label_studio: LabelStudio, people: People, tried: set[int]) -> int:
    """Process the events that wait now; a task is read once for all of them, for they are older than the reading."""
    n_new, read = 0, set[int]()
    for event in waiting_events().exclude(pk__in=tried):
        if not reader.renews():
            break
        tried.add(event.pk)
        told = hint_of(event)
        project = Project.objects.filter(project_id=told.project_id).select_related("queue").first()
        if project is None:
            close_event(event, InboxEvent.State.IGNORED)
            continue
        try:
            n_new += process_hint(project, told, label_studio, people, read)
        except (LabelStudioRefused, BadEvent) as e:
            note_failure(event, str(e))
        else:
            close_event(event)
    return n_new
