"""Records reviewers' second looks: a Decision is accepted, mended, or sent back and its product asked about anew.

Each is one transaction that begins with the lock of the item, as recording does, so that a look and a new revision of
the annotation come one after the other. What is to be done in Label Studio stands in rows: a new item, chosen and not
yet sent.
"""

import datetime as dt
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from titlelab.errors import NotPossibleNow
from titlelab.review.classifying import Final, Judgement, judge
from titlelab.review.deciding import lock
from titlelab.review.models import Decision, DueLook, ReviewItem, ReviewQueue, SecondLook
from titlelab.review.querysets import DueLookQuerySet
from titlelab.review.shown import shown_values
from titlelab.tags.names import PresentNames

LONGEST_REASON = 200  # as the row holds; with what stands before it, it fits into an item's `why`
HELD_FOR = dt.timedelta(minutes=10)  # longer than anybody looks; a page that was left open keeps it from nobody
Verdict = SecondLook.Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewer:
    """Who looks: the e-mail address that stands in the ledger, and every name the person may have annotated under."""

    email: str
    names: frozenset[str] = frozenset()

    def has_decided(self, decision: Decision) -> bool:
        """Say whether it is a Decision of the reviewer's own, or one that mends one of them."""
        mine = {name.casefold() for name in (self.email, *self.names) if name}
        return not mine.isdisjoint({decision.person.casefold(), decision.told.person.casefold()})


def hold_next(due: DueLookQuerySet, *, by: Reviewer, now: dt.datetime, after: int | None = None) -> DueLook | None:
    """Return the next Decision that the reviewer may look at, held for him; None where none waits.

    The latest first, and after the one that is named, those before it; behind the last, the first comes again. Two who
    ask at once are given two: the hold is a guarded update. Who holds one already may ask for it again.
    """
    if after:
        DueLook.objects.filter(pk=after, held_by=by.email).update(held_by="", held_until=None)
    free = Q(held_until=None) | Q(held_until__lt=now) | Q(held_by=by.email)
    mine = Q()
    for name in {by.email, *by.names} - {""}:
        mine |= Q(decision__person__iexact=name)
    waiting = due.waiting().filter(free).exclude(mine).order_by("-pk") if mine else due.none()
    later = waiting.filter(pk__lt=after) if after else waiting
    for found in (later, waiting):
        while (each := found.first()) is not None:
            if DueLook.objects.filter(free, pk=each.pk).update(held_by=by.email, held_until=now + HELD_FOR):
                return each
    return None


def accept(decision: Decision, *, by: Reviewer, reason: str = "", now: dt.datetime) -> SecondLook:
    """Record that a Decision stands; raises NotPossibleNow as all of these do, see _look."""
    with transaction.atomic():
        return _look(decision, Verdict.ACCEPTED, by=by, reason=reason, now=now)


def mend(decision: Decision, final: Final, *, by: Reviewer, reason: str, now: dt.datetime) -> Decision:
    """Let the reviewer's own Decision stand in the annotator's place, for the same revision of the annotation.

    It is judged against the same draft. Words that the annotator missed among the tags stay. Also raises NotPossibleNow
    when there is no title left, or nothing was changed.
    """
    with transaction.atomic():
        _look(decision, Verdict.MENDED, by=by, reason=reason, now=now)
        names = PresentNames(decision.item.queue.catalog.library)
        shown = shown_values(decision.draft, names, is_blind=decision.item.is_blind)
        judgement = judge(shown, final)
        if judgement.outcome == "rejected":
            raise NotPossibleNow(_("A mended Decision needs a title: send it back if there can be none."))
        if _finals(judgement) == (decision.title, sorted(names.of(decision.tags)), decision.category):
            raise NotPossibleNow(_("Nothing was changed: accept it, or say what should be otherwise."))
        mended = Decision(
            item=decision.item,
            draft=decision.draft,
            outcome=judgement.outcome,
            title=judgement.title,
            tags=list(judgement.tags),
            title_edit=judgement.title_edit,
            tags_added=list(judgement.tags_added),
            tags_removed=list(judgement.tags_removed),
            suggested_tags=decision.suggested_tags,
            category=list(judgement.category),
            category_changed=judgement.category_changed,
            picked_candidate=judgement.picked_candidate,
            person=by.email[:200],
            mends=decision,
            annotation_id=decision.annotation_id,
            annotation_updated_at=decision.annotation_updated_at,
            decided_at=now,
            read_at=decision.read_at,  # so that an annotation found to be gone since takes this with it
        )
        _supersede(decision, now)
        mended.save(force_insert=True)
        return mended


def send_back(decision: Decision, *, by: Reviewer, reason: str, now: dt.datetime) -> SecondLook:
    """Take a Decision out of the current ones, and ask about its product anew in the same queue, saying why.

    The new item has the place and the arm of the old one: what chance drew stays golden, and what was blind, blind.
    A product that waits elsewhere already is left to that item; one that is reserved by now is asked of nobody.
    """
    with transaction.atomic():
        look = _look(decision, Verdict.SENT_BACK, by=by, reason=reason, now=now)
        _supersede(decision, now)
        look.asked_again = _asked_again(decision.item, look.reason)
        look.save(update_fields=["asked_again"])
        return look


def _look(decision: Decision, verdict: str, *, by: Reviewer, reason: str, now: dt.datetime) -> SecondLook:
    """Record a look; raises NotPossibleNow when the Decision stands no more, is one's own, or was looked at."""
    lock(decision.item)
    if not Decision.objects.current().filter(pk=decision.pk).exists():
        raise NotPossibleNow(_("This Decision was changed or taken back meanwhile."))
    if by.has_decided(decision):
        raise NotPossibleNow(_("Nobody takes the second look at a Decision of his own."))
    reason = " ".join(reason.replace("\x00", " ").split())
    if verdict != Verdict.ACCEPTED and not reason:
        raise NotPossibleNow(_("Say why: the annotator learns from the reason."))
    if len(reason) > LONGEST_REASON:
        raise NotPossibleNow(_("The reason is longer than %(n)s characters.") % {"n": LONGEST_REASON})
    try:
        with transaction.atomic():
            return SecondLook.objects.create(
                decision=decision, verdict=verdict, reason=reason, person=by.email[:200], looked_at=now
            )
    except IntegrityError as e:
        raise NotPossibleNow(_("Somebody else has looked at this Decision meanwhile.")) from e


def _supersede(decision: Decision, now: dt.datetime) -> None:
    Decision.objects.current().filter(pk=decision.pk).update(superseded_at=now, changed_at=timezone.now())


def _asked_again(item: ReviewItem, reason: str) -> ReviewItem | None:
    product = item.product
    if product.sku in ReviewQueue.objects.reserved_skus(item.queue.catalog_id):
        return None
    again = ReviewItem(
        queue=item.queue,
        product=product,
        arm=item.arm,
        is_blind=item.is_blind,
        rank=item.rank,
        why=f"sent back by a reviewer: {reason}",  # said in the annotator's language where it is shown
        content_hash=product.content_hash,
        again_of=item,
    )
    try:
        with transaction.atomic():
            again.save(force_insert=True)
    except IntegrityError:
        return ReviewItem.objects.waiting().filter(product=product).first()
    return again


def _finals(judgement: Judgement) -> tuple[object, ...]:
    return judgement.title, sorted(judgement.tags), list(judgement.category)
