"""How queues are filled, and how stale items leave them."""

import datetime as dt

import numpy as np
import pytest
from django.db import IntegrityError
from pytest_django import Settings

from ml_backend.errors import BackendUnreachable
from tests.factories import NOW, make_decision, make_draft, make_item, make_product, make_queue
from tests.fakes import FakeDraftSource
from titlelab.catalog.models import Product
from titlelab.review.drafting import draft_products
from titlelab.review.filling import askable, fill_queue, is_due, renew_stale, room_in, withdraw_stale
from titlelab.review.models import Draft, ReviewItem, ReviewQueue

pytestmark = pytest.mark.django_db
State, Arm = ReviewItem.State, ReviewItem.Arm
LATER = NOW + dt.timedelta(days=1)


@pytest.fixture
def queue() -> ReviewQueue:
    return make_queue(working_set=10, random_share=0.2)


def fill(queue: ReviewQueue, source: FakeDraftSource | None = None, *, now: dt.datetime = NOW) -> int:
    return fill_queue(queue, source or FakeDraftSource(), rng=np.random.default_rng(1), now=now)


def products_of(queue: ReviewQueue, n: int) -> list[Product]:
    """Make products that say different things of themselves, waiting since NOW."""
    products = [make_product(catalog=queue.catalog, sku=f"P{i}", description=f"word{i}") for i in range(n)]
    Product.objects.update(changed_at=NOW)
    return products


def skus(queue: ReviewQueue) -> set[str]:
    return set(queue.items.waiting().values_list("product__sku", flat=True))


def test_a_queue_is_filled_to_its_working_set_with_its_share_of_random_items(queue: ReviewQueue) -> None:
    products_of(queue, 30)

    assert fill(queue) == 10
    assert queue.items.unsent().count() == 10
    assert queue.items.filter(arm=Arm.RANDOM).count() == 2


def test_an_item_says_why_it_was_chosen_and_of_what_content(queue: ReviewQueue) -> None:
    products_of(queue, 30)

    fill(queue)

    assert {item.why for item in queue.items.filter(arm=Arm.RANDOM)} == {"drawn at random"}
    assert {item.why for item in queue.items.filter(arm=Arm.UNCERTAIN)} == {"unsure of the title 50%, of the tags 50%"}
    assert all(item.content_hash == item.product.content_hash for item in queue.items.all())


def test_the_least_certain_come_first_with_a_random_one_every_fifth(queue: ReviewQueue) -> None:
    products_of(queue, 30)
    uncertainty = {f"P{i}": i / 30 for i in range(30)}

    fill(queue, FakeDraftSource(uncertainty=uncertainty))

    items = list(queue.items.unsent())
    assert [item.arm for item in items] == ([Arm.UNCERTAIN] * 4 + [Arm.RANDOM]) * 2
    chosen = [uncertainty[item.product.sku] for item in items if item.arm == Arm.UNCERTAIN]
    assert chosen == sorted(chosen, reverse=True)
    assert min(chosen) > 0.6


def test_a_refill_keeps_the_random_share_and_comes_after_what_waits(queue: ReviewQueue) -> None:
    products_of(queue, 60)
    fill(queue)
    make_decision(item=queue.items.get(arm=Arm.UNCERTAIN, rank=0), draft=None)

    assert fill(queue) == 1
    newest = queue.items.latest("pk")
    assert newest.arm == Arm.UNCERTAIN
    assert newest.rank == max(queue.items.values_list("rank", flat=True)) < 1


def test_a_decided_random_item_is_followed_by_another(queue: ReviewQueue) -> None:
    products_of(queue, 60)
    fill(queue)
    decided = queue.items.filter(arm=Arm.RANDOM)[0]
    make_decision(item=decided, draft=None)

    fill(queue)

    assert queue.items.latest("pk").arm == Arm.RANDOM


def test_about_half_of_the_random_items_and_no_other_show_no_drafted_title(queue: ReviewQueue) -> None:
    ReviewQueue.objects.filter(pk=queue.pk).update(working_set=200, random_share=1.0)
    queue.refresh_from_db()
    products_of(queue, 200)

    fill(queue)

    n_blind = queue.items.filter(is_blind=True).count()
    assert 70 < n_blind < 130
    assert not queue.items.exclude(arm=Arm.RANDOM).filter(is_blind=True).exists()


@pytest.mark.parametrize(("share", "expected"), [(0.0, {False}), (1.0, {True})])
def test_the_share_of_items_without_a_title_is_the_queues(
    share: float, expected: set[bool], queue: ReviewQueue
) -> None:
    ReviewQueue.objects.filter(pk=queue.pk).update(blind_share=share)
    queue.refresh_from_db()
    products_of(queue, 30)

    fill(queue)

    assert set(queue.items.filter(arm=Arm.RANDOM).values_list("is_blind", flat=True)) == expected


def test_filling_a_full_queue_asks_nobody(queue: ReviewQueue) -> None:
    products_of(queue, 30)
    fill(queue)

    assert fill(queue, FakeDraftSource(is_down=True)) == 0


def test_a_paused_queue_stays_as_it_is() -> None:
    queue = make_queue(state=ReviewQueue.State.PAUSED)
    products_of(queue, 3)

    assert fill(queue) == 0
    assert room_in(queue) == 0


def test_a_small_catalog_is_asked_about_whole(queue: ReviewQueue) -> None:
    products_of(queue, 4)

    assert fill(queue) == 4
    assert fill(queue) == 0


def test_only_a_pool_is_drafted(queue: ReviewQueue, settings: Settings) -> None:
    settings.SCORING_POOL = 15
    products_of(queue, 30)
    source = FakeDraftSource()

    fill(queue, source)

    assert [len(asked) for asked in source.asked] == [15]
    assert Draft.objects.count() == 15


def test_what_is_drafted_already_is_weighed_too(queue: ReviewQueue, settings: Settings) -> None:
    settings.SCORING_POOL = 10
    products = products_of(queue, 60)
    source = FakeDraftSource(uncertainty={f"P{i}": 0.9 if i >= 50 else 0.1 for i in range(60)})
    draft_products(queue.catalog, products, source, today=NOW.date())

    fill(queue, source)

    chosen = queue.items.filter(arm=Arm.UNCERTAIN)
    assert {item.product.sku for item in chosen} <= {f"P{i}" for i in range(50, 60)}
    assert queue.items.filter(arm=Arm.RANDOM).count() == 2


def test_the_longest_waiting_are_asked_though_chance_did_not_draw_them(queue: ReviewQueue, settings: Settings) -> None:
    settings.SCORING_POOL = 10
    products_of(queue, 30)
    Product.objects.filter(sku__in=["P7", "P8"]).update(changed_at=NOW - dt.timedelta(days=41))

    fill(queue)

    asked = {item.product.sku: item for item in queue.items.exclude(arm=Arm.RANDOM)}
    assert asked["P7"].why == asked["P8"].why == "waiting for 41 days"
    assert asked["P7"].arm == Arm.OVERDUE


def test_good_titles_are_asked_about_only_where_the_queue_says_so(queue: ReviewQueue) -> None:
    products_of(queue, 2)
    Product.objects.filter(sku="P0").update(has_good_title=True)

    assert set(askable(queue).values_list("sku", flat=True)) == {"P1"}
    queue.asks_about_good_titles = True
    assert set(askable(queue).values_list("sku", flat=True)) == {"P0", "P1"}


def test_what_waits_in_another_queue_is_left_to_it(queue: ReviewQueue) -> None:
    product, _ = products_of(queue, 2)
    make_item(product=product, queue=make_queue(catalog=queue.catalog))

    fill(queue)

    assert skus(queue) == {"P1"}


def test_another_catalogs_products_are_not_asked_about(queue: ReviewQueue) -> None:
    make_product()

    assert fill(queue) == 0


def test_what_was_decided_is_asked_again_only_when_it_has_changed(queue: ReviewQueue) -> None:
    product, _ = products_of(queue, 2)
    make_decision(item=make_item(product=product, queue=queue, draft=make_draft(product=product)))

    assert set(askable(queue).values_list("sku", flat=True)) == {"P1"}
    Product.objects.filter(pk=product.pk).update(content_hash="another")
    assert set(askable(queue).values_list("sku", flat=True)) == {"P0", "P1"}


def test_a_withdrawn_decision_counts_for_nothing(queue: ReviewQueue) -> None:
    [product] = products_of(queue, 1)
    make_decision(item=make_item(product=product, queue=queue), draft=None, withdrawn_at=NOW)

    assert askable(queue).exists()


def test_what_any_queue_of_the_catalog_reserves_is_never_asked_about(queue: ReviewQueue) -> None:
    products_of(queue, 3)
    make_queue(catalog=queue.catalog, reserved_skus=["P0", "P2"])

    fill(queue)

    assert skus(queue) == {"P1"}


def test_two_workers_that_fill_at_once_fill_it_once(queue: ReviewQueue) -> None:
    products_of(queue, 40)

    class Overtaken(FakeDraftSource):
        def version(self, catalog: str, library: str) -> str:
            fill(queue)
            return super().version(catalog, library)

    assert fill(queue, Overtaken()) == 0
    assert queue.items.count() == 10


def test_a_product_that_another_queue_takes_meanwhile_is_left_to_it(queue: ReviewQueue) -> None:
    products_of(queue, 2)
    other = make_queue(catalog=queue.catalog, working_set=1)

    class Overtaken(FakeDraftSource):
        def version(self, catalog: str, library: str) -> str:
            fill(other)
            return super().version(catalog, library)

    assert fill(queue, Overtaken()) == 1
    assert skus(queue) | skus(other) == {"P0", "P1"}


def test_an_unreachable_backend_adds_nothing(queue: ReviewQueue) -> None:
    products_of(queue, 3)

    with pytest.raises(BackendUnreachable):
        fill(queue, FakeDraftSource(is_down=True))
    assert not queue.items.exists()


def test_the_database_itself_refuses_to_ask_about_a_product_in_two_places(queue: ReviewQueue) -> None:
    item = make_item(queue=queue)

    with pytest.raises(IntegrityError):
        make_item(product=item.product, queue=make_queue(catalog=queue.catalog))


def test_items_of_changed_products_are_withdrawn_and_asked_anew(queue: ReviewQueue) -> None:
    products_of(queue, 1)
    fill(queue)
    Product.objects.update(content_hash="another")

    assert is_due(queue)
    assert withdraw_stale(queue, LATER) == 1
    assert fill(queue, now=LATER) == 1
    old, new = queue.items.order_by("pk")
    assert (old.state, old.closed_at) == (State.WITHDRAWN, LATER)
    assert (new.state, new.content_hash) == (State.CHOSEN, "another")


def test_decided_items_of_changed_products_stay_decided(queue: ReviewQueue) -> None:
    item = make_item(queue=queue, draft=make_draft(product=make_product(catalog=queue.catalog)))
    make_decision(item=item)
    Product.objects.update(content_hash="another")

    assert withdraw_stale(queue, LATER) == 0


def test_an_item_whose_product_was_reserved_since_is_withdrawn(queue: ReviewQueue) -> None:
    kept, reserved = [make_item(product=product, queue=queue) for product in products_of(queue, 2)]
    ReviewQueue.objects.filter(pk=queue.pk).update(reserved_skus=[reserved.product.sku], working_set=2)

    assert withdraw_stale(queue, LATER) == 1

    reserved.refresh_from_db()
    assert reserved.state == State.WITHDRAWN
    assert list(queue.items.waiting()) == [kept]


def test_a_changed_product_is_asked_about_again_in_its_place(queue: ReviewQueue) -> None:
    products_of(queue, 40)
    fill(queue)
    old = queue.items.waiting().order_by("rank")[3]
    Product.objects.filter(pk=old.product_id).update(content_hash="another")

    assert renew_stale(queue, LATER) == 1

    new = queue.items.waiting().get(product=old.product_id)
    assert (new.rank, new.arm, new.why, new.content_hash) == (old.rank, old.arm, old.why, "another")
    assert (new.state, room_in(queue), is_due(queue)) == (State.CHOSEN, 0, False)


def test_a_changed_product_is_not_asked_about_again_where_it_should_not_be(queue: ReviewQueue) -> None:
    products_of(queue, 2)
    fill(queue)
    Product.objects.update(content_hash="another", has_good_title=True)

    assert renew_stale(queue, LATER) == 2
    assert not queue.items.waiting().exists()
