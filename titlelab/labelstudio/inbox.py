"""Keeps what Label Studio tells until it is read, and closes it then; one worker at a time reads."""

import datetime as dt
import uuid

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone

from titlelab.labelstudio.events import START_TRAINING, Hint
from titlelab.labelstudio.models import InboxEvent, InboxHold, Project

State = InboxEvent.State
MOST_ATTEMPTS = 5
THE_ROW = 1
LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
RUNG = dt.timedelta(seconds=5)  # for so long a bell is believed to be on its way; after it the next event rings again


class Reader:
    """The right to read the inbox until it runs out: two that read the same events would only do it twice."""

    def __init__(self) -> None:
        self._holder = uuid.uuid4().hex

    def takes(self) -> bool:
        """Take the inbox if nobody reads it, or who did is dead."""
        InboxHold.objects.get_or_create(pk=THE_ROW, defaults={"until": LONG_AGO})
        free = InboxHold.objects.filter(pk=THE_ROW, until__lt=timezone.now())
        return free.update(holder=self._holder, until=self._end()) == 1

    def renews(self) -> bool:
        """Make it last again; False when another worker has taken over."""
        return self._mine().update(until=self._end()) == 1

    def leaves(self) -> None:
        self._mine().update(until=LONG_AGO)

    def _mine(self) -> QuerySet[InboxHold]:
        return InboxHold.objects.filter(pk=THE_ROW, holder=self._holder)

    @staticmethod
    def _end() -> dt.datetime:
        return timezone.now() + dt.timedelta(seconds=2 * settings.LABEL_STUDIO_TIMEOUT_S)


def store_event(hint: Hint) -> InboxEvent:
    """Keep a hint until it is processed; this is all that happens within the annotator's request."""
    body = {"project": hint.project_id, "tasks": list(hint.task_ids), "annotations": list(hint.annotation_ids)}
    return InboxEvent.objects.create(action=hint.action, body=body)


def waiting_events() -> QuerySet[InboxEvent]:
    """Return the events whose tasks are to be read, oldest first."""
    return InboxEvent.objects.filter(state=State.NEW).exclude(action=START_TRAINING).order_by("pk")


def is_rung_for(event: InboxEvent) -> bool:
    """Say whether the bell of an event just before this one will bring this one too.

    A reader goes on until nothing waits, so that one bell does for a storm: a thousand would keep the workers from
    everything else.
    """
    before = waiting_events().filter(pk__lt=event.pk, received_at__gt=event.received_at - RUNG)
    return before.exists()


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
