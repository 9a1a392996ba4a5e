"""Records Decisions, supersedes them when an annotation is changed and withdraws them when it is deleted.

What a reviewer made of a Decision, see looking.py, stays until the annotator says something else or deletes it.
"""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils import timezone

from titlelab.review.classifying import Judgement
from titlelab.review.models import Decision, Draft, ReviewItem, SecondLook
from titlelab.review.querysets import DecisionQuerySet

State = ReviewItem.State


def record_decision(
    item: ReviewItem,
    shown_draft: Draft | None,
    judgement: Judgement,
    *,
    annotation_id: int,
    annotation_updated_at: dt.datetime,
    person: str,
    seconds: float | None,
    decided_at: dt.datetime,
    read_at: dt.datetime,
) -> Decision | None:
    """Record one revision of an annotation as Label Studio showed it at read_at; None if it says nothing new.

    Safe to repeat and in any order: a revision that is known, older than the current one, or read before the
    annotation was found to be gone is ignored; one that is read again after that stands again. A newer one
    supersedes the current one. A newer revision with the same final values keeps the current Decision, whose
    annotation_updated_at alone moves on, so that a late revision from in between is still seen to be old; likewise one
    that says again what a reviewer has mended or sent back. The item is closed; a withdrawn one stays withdrawn.
    """
    decision = Decision(
        item=item,
        draft=shown_draft,
        outcome=judgement.outcome,
        title=judgement.title,
        tags=list(judgement.tags),
        title_edit=judgement.title_edit,
        tags_added=list(judgement.tags_added),
        tags_removed=list(judgement.tags_removed),
        suggested_tags=list(judgement.suggested_tags),
        category=list(judgement.category),
        category_changed=judgement.category_changed,
        picked_candidate=judgement.picked_candidate,
        reject_reason=judgement.reject_reason,
        person=person,
        seconds=seconds,
        annotation_id=annotation_id,
        annotation_updated_at=annotation_updated_at,
        decided_at=decided_at,
        read_at=read_at,
    )
    try:
        with transaction.atomic():
            return decision if _is_recorded(decision) else None
    except IntegrityError:
        # Another worker was first; the constraints are the net, and what it recorded stands.
        return None


def withdraw_decision(item: ReviewItem, annotation_id: int, read_at: dt.datetime) -> bool:
    """Withdraw what stands for an annotation that was gone at read_at; False if there was nothing by then.

    That is its current Decision, a reviewer's too, and what was sent back. A Decision that was read later is not
    contradicted: two workers may read a task before and after somebody decides. Without any Decision left the item
    waits again; or is withdrawn, if its product is by now asked about elsewhere.
    """
    with transaction.atomic():
        lock(item)
        of_item = Decision.objects.filter(item=item)
        of_annotation = of_item.standing().filter(annotation_id=annotation_id, read_at__lt=read_at)
        if of_annotation.update(withdrawn_at=read_at, changed_at=timezone.now()) == 0:
            return False
        if not of_item.current().exists():
            _reopen(item, read_at)
        return True


def _is_recorded(decision: Decision) -> bool:
    lock(decision.item)
    revisions = Decision.objects.filter(item=decision.item, annotation_id=decision.annotation_id)
    revision = decision.annotation_updated_at
    if revisions.filter(withdrawn_at__gte=decision.read_at).exists():
        return False
    withdrawn = revisions.filter(annotation_updated_at=revision, withdrawn_at__lt=decision.read_at)
    if withdrawn.update(withdrawn_at=None, changed_at=timezone.now()):
        _close(decision)
        return False
    if revisions.filter(annotation_updated_at__gte=revision).exists():
        return False
    known = _last_told(revisions)
    if known is not None and _finals(known) == _finals(decision):
        same = revisions.filter(annotation_updated_at=known.annotation_updated_at)
        same.update(annotation_updated_at=revision, read_at=decision.read_at)
        return False
    revisions.current().update(superseded_at=decision.decided_at, changed_at=timezone.now())
    decision.save(force_insert=True)
    _close(decision)
    return True


def _last_told(revisions: DecisionQuerySet) -> Decision | None:
    """Return the annotator's own words behind what stands for the annotation; None where nothing does."""
    standing = revisions.standing().order_by("annotation_updated_at", "pk").last()
    return standing.told if standing else None


def _close(decision: Decision) -> None:
    waiting = ReviewItem.objects.waiting().filter(pk=decision.item_id)
    waiting.update(state=State.DECIDED, closed_at=decision.decided_at)


def _reopen(item: ReviewItem, at: dt.datetime) -> None:
    decided = ReviewItem.objects.filter(pk=item.pk, state=State.DECIDED)
    sent_back = SecondLook.objects.filter(decision__item=item, verdict=SecondLook.Verdict.SENT_BACK)
    if sent_back.exists() or ReviewItem.objects.waiting().filter(product=item.product_id).exists():
        decided.update(state=State.WITHDRAWN, closed_at=at)
    else:
        decided.update(state=State.OPEN, closed_at=None)


def lock(item: ReviewItem) -> None:
    """Let one worker at a time decide an item; on SQLite the transaction itself holds the write lock."""
    ReviewItem.objects.select_for_update().get(pk=item.pk)


def _finals(decision: Decision) -> tuple[object, ...]:
    tags = sorted(decision.tags), sorted(decision.suggested_tags)
    return decision.title, *tags, list(decision.category), decision.reject_reason
