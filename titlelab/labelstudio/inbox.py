"""Keeps what Label Studio tells until it is read, and closes it then."""

from django.db.models import F, QuerySet
from django.utils import timezone

from titlelab.labelstudio.events import START_TRAINING, Hint
from titlelab.labelstudio.models import InboxEvent, Project

State = InboxEvent.State
MOST_ATTEMPTS = 5


def store_event(hint: Hint) -> InboxEvent:
    """Keep a hint until it is processed; this is all that happens within the annotator's request."""
    body = {"project": hint.project_id, "tasks": list(hint.task_ids), "annotations": list(hint.annotation_ids)}
    return InboxEvent.objects.create(action=hint.action, body=body)


def waiting_events() -> QuerySet[InboxEvent]:
    """Return the events whose tasks are to be read, oldest first."""
    return InboxEvent.objects.filter(state=State.NEW).exclude(action=START_TRAINING).order_by("pk")


def hint_of(event: InboxEvent) -> Hint:
    return Hint(
        action=event.action,
        project_id=event.body["project"],
        task_ids=tuple(event.body["tasks"]),
        annotation_ids=tuple(event.body["annotations"]),
    )


def close_event(event: InboxEvent, state: InboxEvent.State = State.DONE) -> None:
    _new(event).update(state=state, processed_at=timezone.now())


def note_failure(event: InboxEvent, problem: str) -> None:
    """Count a failed attempt; after MOST_ATTEMPTS the event is left as failed, for an admin to see."""
    _new(event).update(attempts=F("attempts") + 1, problem=problem[:500])
    _new(event).filter(attempts__gte=MOST_ATTEMPTS).update(state=State.FAILED)


def training_wishes() -> list[tuple[InboxEvent, Project]]:
    """Return unanswered clicks on Label Studio's Start Training with the project they were made in."""
    events = InboxEvent.objects.filter(state=State.NEW, action=START_TRAINING).order_by("pk")
    projects = {p.project_id: p for p in Project.objects.select_related("queue__catalog__library")}
    for event in events:
        if event.body["project"] not in projects:
            close_event(event, State.IGNORED)
    return [(e, projects[e.body["project"]]) for e in events if e.body["project"] in projects]


def _new(event: InboxEvent) -> QuerySet[InboxEvent]:
    """Guarded: another worker may have closed the event meanwhile, and its word stands."""
    return InboxEvent.objects.filter(pk=event.pk, state=State.NEW)
