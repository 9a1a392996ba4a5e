"""Keeps the review queues full of what is most worth asking."""

from functools import partial

import numpy as np
from django.db import transaction
from django.utils import timezone

from ml_backend.errors import BackendUnreachable
from tasks.label_studio import push_queue
from titlelab.celery import app
from titlelab.review import filling, holding
from titlelab.review.asking_twice import ask_twice
from titlelab.review.backend import draft_client
from titlelab.review.categories import follow_categories
from titlelab.review.models import ReviewQueue


@app.task
def refill_all() -> int:
    """Ring for every open queue that lacks items or holds stale ones; return how many.

    What products and people say of categories is followed first: a new path is drafted and asked with the rest.
    """
    follow_categories()
    queues = [queue for queue in ReviewQueue.objects.is_open() if filling.is_due(queue)]
    for queue in queues:
        fill_queue.delay(queue.pk)
    return len(queues)


@app.task(autoretry_for=(BackendUnreachable,), retry_backoff=True, max_retries=6)
def fill_queue(queue_id: int) -> int:
    """Renew a queue's stale items, ask some once more, fill it, and have it pushed if it changed or owes something.

    Safe to repeat: a full queue gets nothing, sent items are not sent again, and where another worker is filling the
    queue, it looks for places that came free meanwhile. Returns how many items were added.
    """
    queue = ReviewQueue.objects.select_related("catalog__library", "catalog__channel").get(pk=queue_id)
    now = timezone.now()
    n_withdrawn = filling.renew_stale(queue, now)
    n_added = ask_twice(queue, now=now)
    with holding.filling(queue, now) as is_ours:
        n_filled = filling.fill_queue(queue, draft_client(), rng=np.random.default_rng(), now=now) if is_ours else 0
    if n_filled and filling.is_due(queue):
        fill_queue.delay(queue_id)
    if n_withdrawn or n_added or n_filled or queue.items.unsent().exists():
        transaction.on_commit(partial(push_queue.delay, queue_id))
    return n_added + n_filled
