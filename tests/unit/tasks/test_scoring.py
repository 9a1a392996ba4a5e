"""When queues are refilled and pushed."""

from typing import Any

import pytest
from celery.exceptions import Retry
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from tasks.scoring import fill_queue, refill_all
from tests.factories import make_decision, make_item, make_product, make_queue
from titlelab.catalog.models import Product
from titlelab.review.holding import filling
from titlelab.review.models import ReviewItem, ReviewQueue

pytestmark = pytest.mark.django_db
Rung = list[tuple[str, tuple[Any, ...]]]
NOTHING_LISTENS = "http://127.0.0.1:1"
PUSH, FILL = "tasks.label_studio.push_queue", "tasks.scoring.fill_queue"


def test_open_queues_that_lack_items_are_rung_for(rung: Rung) -> None:
    short = make_queue()
    full = make_queue(working_set=1)
    make_item(queue=full)
    make_queue(state=ReviewQueue.State.PAUSED)

    assert refill_all() == 1
    assert rung == [(FILL, (short.pk,))]


def test_a_full_queue_with_a_stale_item_is_rung_for(rung: Rung) -> None:
    queue = make_queue(working_set=1)
    make_item(queue=queue)
    Product.objects.update(content_hash="another")

    assert refill_all() == 1
    assert rung == [(FILL, (queue.pk,))]


def test_a_queue_with_unsent_items_is_pushed(
    rung: Rung, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    queue = make_queue()
    make_item(queue=queue, state=ReviewItem.State.CHOSEN)

    with django_capture_on_commit_callbacks(execute=True):
        assert fill_queue(queue.pk) == 0
    assert rung == [(PUSH, (queue.pk,))]


def test_a_withdrawn_item_is_taken_back_from_label_studio(
    rung: Rung, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    queue = make_queue(state=ReviewQueue.State.PAUSED)
    item = make_item(queue=queue)
    Product.objects.update(content_hash="another")

    with django_capture_on_commit_callbacks(execute=True):
        fill_queue(queue.pk)
    item.refresh_from_db()
    assert item.state == ReviewItem.State.WITHDRAWN
    assert rung == [(PUSH, (queue.pk,))]


def test_a_queue_with_nothing_to_send_is_left_alone(
    rung: Rung, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    queue = make_queue()
    make_decision(item=make_item(queue=queue), draft=None)

    with django_capture_on_commit_callbacks(execute=True):
        assert fill_queue(queue.pk) == 0
    assert rung == []


def test_an_unreachable_backend_is_asked_again_later(rung: Rung, settings: Settings) -> None:
    settings.ML_BACKEND_URL = NOTHING_LISTENS
    product = make_product()
    queue = make_queue(catalog=product.catalog)

    fill_queue.push_request(args=[queue.pk], kwargs={}, called_directly=False, id="1")
    try:
        with pytest.raises(Retry):
            fill_queue.run(queue.pk)
    finally:
        fill_queue.pop_request()
    assert rung == [(FILL, (queue.pk,))]


def test_what_another_worker_fills_is_left_to_it(rung: Rung, settings: Settings) -> None:
    settings.ML_BACKEND_URL = NOTHING_LISTENS
    queue = make_queue(catalog=make_product().catalog)

    with filling(queue, timezone.now()):
        assert fill_queue(queue.pk) == 0
    assert rung == []


def test_places_that_came_free_while_a_queue_was_filled_are_filled_next(
    rung: Rung, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    product = make_product()
    queue = make_queue(catalog=product.catalog, working_set=2)
    make_product(catalog=product.catalog, sku="another")

    def first_place_alone(queue: ReviewQueue, *_: object, **__: object) -> int:
        make_item(queue=queue, product=product, state=ReviewItem.State.CHOSEN)
        return 1

    monkeypatch.setattr("titlelab.review.filling.fill_queue", first_place_alone)

    with django_capture_on_commit_callbacks(execute=True):
        assert fill_queue(queue.pk) == 1
    assert sorted(rung) == [(PUSH, (queue.pk,)), (FILL, (queue.pk,))]
