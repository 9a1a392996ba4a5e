"""Draws the Decisions that reviewers look at a second time: a share by chance, and those that a sign points at."""

import datetime as dt
from collections.abc import Collection, Mapping
from itertools import islice

from django.db.models import Exists, OuterRef
from django.utils.crypto import salted_hmac

from titlelab.quality.answers import answers, signs_by_person
from titlelab.review.models import Decision, DueLook, ReviewQueue
from titlelab.review.querysets import DecisionQuerySet

Cause = DueLook.Cause
# A look that comes later teaches nobody anything: what nobody drew by then is let be.
WITHIN = dt.timedelta(days=14)
MOST_BY_SIGNS = 30  # that wait in a queue at once: a reviewer's half hour; what chance drew must not drown in them
_CAUSES = {"hurries": Cause.HURRIED, "long_run": Cause.RUN, "passes_warnings": Cause.WARNED}


def draw_looks(*, now: dt.datetime) -> int:
    """Draw from every queue's latest Decisions; return how many looks are newly due. Safe to repeat."""
    signed: dict[int, Mapping[int, str]] = {}
    n_new = 0
    for queue in ReviewQueue.objects.order_by("pk"):
        if queue.catalog_id not in signed:
            signed[queue.catalog_id] = _signed(queue.catalog_id, now)
        n_new += _draw(queue, signed[queue.catalog_id], now)
    return n_new


def is_drawn(decision_id: int, share: float) -> bool:
    """Say whether chance draws a Decision: once and for all, and foreseen by nobody who lacks the secret key."""
    digest = salted_hmac("titlelab.quality.drawing", str(decision_id), algorithm="sha256").digest()
    return int.from_bytes(digest[:8]) < share * 2**64


def _draw(queue: ReviewQueue, signed: Mapping[int, str], now: dt.datetime) -> int:
    """Draw by chance first, whatever the signs say: so what chance drew is a fair sample of everybody's work."""
    ids = list(_undrawn(queue, now).order_by("-decided_at", "-pk").values_list("pk", flat=True))
    causes: dict[int, str] = {pk: Cause.CHANCE for pk in ids if is_drawn(pk, queue.second_look_share)}
    room = MOST_BY_SIGNS - _n_waiting_by_signs(queue)
    pointed_at = (pk for pk in ids if pk in signed and pk not in causes)
    causes |= {pk: signed[pk] for pk in islice(pointed_at, max(room, 0))}
    causes |= {pk: Cause.CHANGED for pk in _changed_after_a_look(ids) if pk not in causes}
    due = [DueLook(decision_id=pk, cause=cause, wanted_at=now) for pk, cause in causes.items()]
    before = DueLook.objects.count()
    DueLook.objects.bulk_create(due, ignore_conflicts=True)
    return DueLook.objects.count() - before


def _undrawn(queue: ReviewQueue, now: dt.datetime) -> DecisionQuerySet:
    """Return the late Decisions of annotators that nobody was asked to look at; a reviewer's own need no look."""
    late = Decision.objects.current().filter(item__queue=queue, decided_at__gt=now - WITHIN)
    return late.filter(mends=None, second_look=None, due_look=None)


def _n_waiting_by_signs(queue: ReviewQueue) -> int:
    waiting = DueLook.objects.waiting().filter(decision__item__queue=queue)
    return waiting.exclude(cause__in=[Cause.CHANCE, Cause.CHANGED]).count()


def _changed_after_a_look(ids: Collection[int]) -> list[int]:
    """Return the Decisions whose annotation was changed after a reviewer had looked at it."""
    earlier = Decision.objects.filter(
        item=OuterRef("item"), annotation_id=OuterRef("annotation_id"), second_look__isnull=False
    )
    return list(Decision.objects.filter(Exists(earlier), pk__in=ids).values_list("pk", flat=True))


def _signed(catalog_id: int, now: dt.datetime) -> dict[int, str]:
    """Return what a sign points at: of people with one, and whatever was accepted though a hard warning stood there."""
    by_person = answers(catalog_id, now=now)
    all_answers = [answer for own in by_person.values() for answer in own]
    found: dict[int, str] = {a.decision_id: Cause.WARNED for a in all_answers if a.is_warned and a.is_accepted}
    for told in signs_by_person(by_person).values():
        for sign in told:
            if sign.kind in _CAUSES:
                found |= dict.fromkeys(sign.decision_ids, _CAUSES[sign.kind])
    return found
