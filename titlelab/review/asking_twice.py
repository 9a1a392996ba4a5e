"""Asks once more about some random items that were decided, so that it is seen how far people agree.

Label Studio's Community edition gives a task to one person, and to whom can't be said. So the second question is an
item of its own, a day or more after the first was decided: whoever takes it answers without sight of the first answer,
and where it is the same person, the two tell how far that one agrees with himself.

What chance drew for a second look and a reviewer has settled is always asked once more: it is a golden probe, whose
right answer is known.
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.crypto import salted_hmac

from titlelab.review.filling import room_in
from titlelab.review.models import Decision, DueLook, ReviewItem, ReviewQueue, SecondLook
from titlelab.review.priority import rank

LEAST_APART = dt.timedelta(days=1)  # who meets a product again within the hour remembers what he typed
WITHIN = dt.timedelta(days=28)  # agreement is of people as they work now
MOST_LOOKED_AT = 2000


def ask_twice(queue: ReviewQueue, *, now: dt.datetime) -> int:
    """Add the second items that chance wants and the queue has room for; return how many. Safe to repeat.

    Nothing is asked twice while one person alone decides. Arm and blindness are the first item's, so that both were
    asked alike; the product stays golden.
    """
    if queue.asked_twice_share <= 0 or not room_in(queue) or not _has_several_people(queue, now):
        return 0
    with transaction.atomic():
        # One worker at a time, as in filling.py.
        ReviewQueue.objects.select_for_update().get(pk=queue.pk)
        late = _decided_once(queue, now).select_related("product")[:MOST_LOOKED_AT]
        share = queue.asked_twice_share
        wanted = [item for item in late if item.is_settled or is_asked_twice(item.pk, share)][: room_in(queue)]
        n_before = queue.items.count()
        again = [
            ReviewItem(
                queue=queue,
                product=item.product,
                arm=item.arm,
                is_blind=item.is_blind,
                rank=rank(n_before + place),
                why=item.why,
                content_hash=item.content_hash,
                again_of=item,
            )
            for place, item in enumerate(wanted)
        ]
        ReviewItem.objects.bulk_create(again, ignore_conflicts=True)
        return queue.items.count() - n_before


def is_asked_twice(item_id: int, share: float) -> bool:
    """Say whether chance wants an item asked twice: once and for all, and foreseen by nobody who lacks the key."""
    digest = salted_hmac("titlelab.review.asking_twice", str(item_id), algorithm="sha256").digest()
    return int.from_bytes(digest[:8]) < share * 2**64


def _has_several_people(queue: ReviewQueue, now: dt.datetime) -> bool:
    late = Decision.objects.current().filter(item__queue=queue, mends=None, decided_at__gt=now - WITHIN)
    return late.order_by().values("person").distinct()[:2].count() > 1


def _decided_once(queue: ReviewQueue, now: dt.datetime) -> QuerySet[Any]:
    """Return the random items that were decided on the product as it is now, and asked about once.

    Each says whether chance drew it for a second look and a reviewer has settled it: is_settled.
    """
    reserved = ReviewQueue.objects.reserved_skus(queue.catalog_id)
    standing = Decision.objects.current().filter(item=OuterRef("pk"))
    waiting = ReviewItem.objects.waiting().filter(product=OuterRef("product"))
    again = ReviewItem.objects.filter(again_of=OuterRef("pk"))
    decided = queue.items.filter(
        state=ReviewItem.State.DECIDED,
        arm=ReviewItem.Arm.RANDOM,
        again_of=None,
        closed_at__gt=now - WITHIN,
        closed_at__lte=now - LEAST_APART,
        content_hash=F("product__content_hash"),
    )
    settled = DueLook.objects.filter(
        decision__item=OuterRef("pk"),
        cause=DueLook.Cause.CHANCE,
        decision__second_look__verdict__in=[SecondLook.Verdict.ACCEPTED, SecondLook.Verdict.MENDED],
    )
    found = decided.filter(Exists(standing), ~Exists(waiting), ~Exists(again)).annotate(is_settled=Exists(settled))
    return found.exclude(product__sku__in=reserved).order_by("closed_at", "pk")
