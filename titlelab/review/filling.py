"""Fills review queues with the products that are most worth asking about, and withdraws what no longer holds."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from ml_backend.rules.text import words
from titlelab.catalog.models import Product
from titlelab.review.drafting import DraftSource, draft_products, serving_version
from titlelab.review.models import Decision, Draft, ReviewItem, ReviewQueue
from titlelab.review.priority import (
    MOST_WEIGHED,
    Candidate,
    Choice,
    interleaved,
    most_useful,
    random_places,
    rank,
)

# A language model drafts about 5 products a second, so a refill of one place should not wait for a pool of hundreds.
POOL_PER_PLACE = 10
# What is drafted already costs no model; the more is weighed, the better the choice, up to what is weighed at once.
DRAFTED_PER_PLACE = 100
# What the last Decisions were about tells what is known; older ones hardly change the choice.
MOST_REMEMBERED = 1000


def fill_queue(queue: ReviewQueue, source: DraftSource, *, rng: np.random.Generator, now: dt.datetime) -> int:
    """Add items until the queue's working set is full; return how many were added.

    Safe to repeat and to run twice at once, which holding.py keeps rare: room is counted again when the items are made,
    and a product that another queue has taken meanwhile is left to it. A paused queue stays as it is. Raises as
    draft_products does.
    """
    room = room_in(queue)
    by_chance = set(_pool(queue, room, rng)) if room else set()
    if not by_chance:
        return 0
    version = serving_version(queue.catalog, source)
    looked_at = by_chance.union(_drafted(queue, room, version, rng), _overdue(queue, room, now))
    pool = Product.objects.filter(pk__in=looked_at)
    products = {product.pk: product for product in pool.order_by("pk")}
    drafts = draft_products(queue.catalog, list(products.values()), source, today=now.date())
    choices = most_useful(
        [
            _candidate(product, draft, now, is_by_chance=product.pk in by_chance)
            for product, draft in zip(products.values(), drafts, strict=True)
        ],
        room,
        n_random=_random_places(queue, room),
        patience_days=queue.patience_days,
        rng=rng,
        asked=[_words(product) for product in _asked(queue)],
    )
    return _add_items(queue, interleaved(choices), products, rng)


def withdraw_stale(queue: ReviewQueue, now: dt.datetime) -> int:
    """Withdraw waiting items whose product has changed, so that it can be asked about anew, or is reserved by now.

    Return how many.
    """
    item_ids = list(unwanted(queue).values_list("pk", flat=True))
    # Guarded: an item that was decided since it was listed stays decided.
    return queue.items.waiting().filter(pk__in=item_ids).update(state=ReviewItem.State.WITHDRAWN, closed_at=now)


def renew_stale(queue: ReviewQueue, now: dt.datetime) -> int:
    """Withdraw what is stale, and ask about each changed product anew in the same place, with fresh titles and tags.

    Return how many items were withdrawn. A changed product that is no longer to be asked about is left to chance.
    """
    with transaction.atomic():
        changed = {item.product_id: item for item in queue.items.stale()}
        n_withdrawn = withdraw_stale(queue, now)
        products = askable(queue).filter(pk__in=changed) if queue.state == ReviewQueue.State.OPEN else []
        again = [
            ReviewItem(
                queue=queue,
                product=product,
                arm=changed[product.pk].arm,
                is_blind=changed[product.pk].is_blind,
                rank=changed[product.pk].rank,
                why=changed[product.pk].why,
                content_hash=product.content_hash,
            )
            for product in products
        ]
        ReviewItem.objects.bulk_create(again, ignore_conflicts=True)
    return n_withdrawn


def room_in(queue: ReviewQueue) -> int:
    """Return how many items an open queue lacks; a paused one lacks none."""
    if queue.state != ReviewQueue.State.OPEN:
        return 0
    return max(queue.working_set - queue.items.waiting().count(), 0)


def is_due(queue: ReviewQueue) -> bool:
    """Say whether filling the queue, or withdrawing what is stale in it, may change it."""
    return room_in(queue) > 0 or unwanted(queue).exists()


def askable(queue: ReviewQueue) -> QuerySet[Product]:
    """Products that the queue may ask about.

    Those of its catalog that are not reserved, do not wait in any queue, and were not decided as they are now. A good
    title is asked about only where the queue says so.
    """
    waiting = ReviewItem.objects.waiting().filter(product=OuterRef("pk"))
    decided = Decision.objects.current().filter(
        item__product=OuterRef("pk"), item__content_hash=OuterRef("content_hash")
    )
    reserved = ReviewQueue.objects.reserved_skus(queue.catalog_id)
    products = Product.objects.filter(~Exists(waiting), ~Exists(decided), catalog=queue.catalog_id)
    products = products.exclude(sku__in=reserved)
    return products if queue.asks_about_good_titles else products.filter(has_good_title=False)


def unwanted(queue: ReviewQueue) -> QuerySet[ReviewItem]:
    """Return the waiting items to be withdrawn: stale ones, and those of products that are reserved by now."""
    reserved = ReviewQueue.objects.reserved_skus(queue.catalog_id)
    return queue.items.stale() | queue.items.waiting().filter(product__sku__in=reserved)


def _pool(queue: ReviewQueue, room: int, rng: np.random.Generator) -> list[int]:
    """Draw the products that are looked at, whatever is known of them: the random arm is drawn from these."""
    return _some(askable(queue), min(settings.SCORING_POOL, POOL_PER_PLACE * room), rng)


def _drafted(queue: ReviewQueue, room: int, version: str, rng: np.random.Generator) -> list[int]:
    """Draw from those that the serving version has drafted before, as drafting a whole catalog ahead does."""
    stored = Draft.objects.filter(product=OuterRef("pk"), version=version)
    return _some(askable(queue).filter(Exists(stored)), min(DRAFTED_PER_PLACE * room, MOST_WEIGHED), rng)


def _some(products: QuerySet[Product], most: int, rng: np.random.Generator) -> list[int]:
    product_ids = list(products.order_by("pk").values_list("pk", flat=True))
    return [product_ids[i] for i in rng.choice(len(product_ids), size=min(most, len(product_ids)), replace=False)]


def _overdue(queue: ReviewQueue, room: int, now: dt.datetime) -> list[int]:
    """Find the longest waiting, whom chance might never reach."""
    late = askable(queue).filter(changed_at__lte=now - dt.timedelta(days=queue.patience_days))
    return list(late.order_by("changed_at", "pk").values_list("pk", flat=True)[:room])


def _asked(queue: ReviewQueue) -> list[Product]:
    """Return the products that wait or were decided last, of all queues of the catalog."""
    items = ReviewItem.objects.filter(product__catalog=queue.catalog_id)
    waiting = items.waiting().select_related("product")
    decided = items.filter(state=ReviewItem.State.DECIDED).order_by("-closed_at", "-pk").select_related("product")
    return [item.product for item in (*waiting, *decided[:MOST_REMEMBERED])]


def _candidate(product: Product, draft: Draft, now: dt.datetime, *, is_by_chance: bool) -> Candidate:
    return Candidate(
        product_id=product.pk,
        title_uncertainty=draft.title_uncertainty,
        tag_uncertainty=draft.tag_uncertainty,
        words=_words(product),
        age_days=(now - product.changed_at) / dt.timedelta(days=1),
        is_by_chance=is_by_chance,
    )


def _words(product: Product) -> frozenset[str]:
    values = " ".join(value for _, value in product.attributes)
    return frozenset(words(f"{product.brand} {' '.join(product.category)} {values} {product.description}"))


def _random_places(queue: ReviewQueue, room: int) -> int:
    waiting = queue.items.waiting()
    n_waiting_random = waiting.filter(arm=ReviewItem.Arm.RANDOM).count()
    return random_places(queue.random_share, n_waiting=waiting.count(), n_waiting_random=n_waiting_random, room=room)


def _add_items(
    queue: ReviewQueue, choices: Sequence[Choice], products: dict[int, Product], rng: np.random.Generator
) -> int:
    """Make the items, best first; those that were taken elsewhere meanwhile are left out.

    Chance alone says which of the random ones are blind.
    """
    with transaction.atomic():
        # One worker at a time fills a queue; on SQLite the transaction itself holds the write lock.
        ReviewQueue.objects.select_for_update().get(pk=queue.pk)
        room, n_before = room_in(queue), queue.items.count()
        taken = set(ReviewItem.objects.waiting().filter(product__in=products).values_list("product_id", flat=True))
        free = [choice for choice in choices if choice.product_id not in taken][:room]
        items = [
            ReviewItem(
                queue=queue,
                product_id=choice.product_id,
                arm=choice.arm,
                is_blind=choice.arm == "random" and bool(rng.random() < queue.blind_share),
                why=choice.why,
                rank=rank(n_before + place),
                content_hash=products[choice.product_id].content_hash,
            )
            for place, choice in enumerate(free)
        ]
        ReviewItem.objects.bulk_create(items, ignore_conflicts=True)
        return queue.items.count() - n_before
