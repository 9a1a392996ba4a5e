"""The catalogs that arms are played on: copies without a past, files with hidden titles, a control asked the same."""

import pytest

from tests.factories import (
    make_catalog,
    make_channel,
    make_decision,
    make_item,
    make_library,
    make_product,
    make_queue,
)
from titlelab.catalog.models import Catalog
from titlelab.errors import NotPossibleNow
from titlelab.review.filling import askable, unwanted
from titlelab.review.models import Decision, ReviewQueue
from titlelab.web.simulating.arms import free_key
from titlelab.web.simulating.catalog_file import Parts
from titlelab.web.simulating.copying import copy_queue, freeze, queue_of_parts
from titlelab.web.simulating.repeating import ask
from titlelab.web.simulating.report import Asked

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue() -> ReviewQueue:
    library = make_library(tags=["gift", {"name": "old", "state": "retired"}])
    catalog = make_catalog(key="shop", library=library)
    make_product(catalog=catalog, sku="good", title="Norvik Steel Bottle 750 ml", has_good_title=True)
    for n in range(3):
        make_product(catalog=catalog, sku=f"P-{n}")
    queue = make_queue(catalog=catalog, working_set=7, reserved_skus=["P-2"])
    make_decision(item=make_item(product=catalog.products.get(sku="P-0"), queue=queue))
    return queue


def make_parts(*, known_title: str = "Norvik Steel Bottle 750 ml") -> Parts:
    described = {"brand": "Norvik", "description": "A steel bottle, 750 ml."}
    return Parts(
        language="en",
        known=({"sku": "K", "title": known_title, **described}, {"sku": "bad", "title": "BOTTLE!!", **described}),
        hidden=({"sku": "H", "title": "", **described}, {"sku": "T", "title": "", **described}),
        probe=("T",),
    )


def test_a_copy_has_the_products_and_active_tags_and_no_past(queue: ReviewQueue) -> None:
    copy = copy_queue(queue, "shop-sim1-s0-learning")

    fields = ("sku", "title", "description", "attributes", "content_hash", "has_good_title")
    assert list(copy.catalog.products.values_list(*fields)) == list(queue.catalog.products.values_list(*fields))
    assert copy.catalog.library is not None
    assert copy.catalog.library.pk != queue.catalog.library.pk
    assert list(copy.catalog.library.tags.values_list("name", flat=True)) == ["gift"]
    assert (copy.working_set, copy.reserved_skus, copy.items.count()) == (7, [], 0)
    assert queue.catalog.products.count() == 4


def test_a_copy_asks_as_its_queue_does_but_nobody_answers_twice_or_looks_again(queue: ReviewQueue) -> None:
    ways = {"working_set": 7, "random_share": 0.3, "blind_share": 0.4, "patience_days": 3.0, "page_language": "zh-hans",
            "asks_about_good_titles": True}  # fmt: skip
    alone = {"asked_twice_share": 0.0, "second_look_share": 0.0}
    own = {"id", "name", "catalog", "state", "reserved_skus", "created_at"}
    assert {field.name for field in ReviewQueue._meta.concrete_fields} == {*ways, *alone, *own}, "a new way of asking"
    ReviewQueue.objects.filter(pk=queue.pk).update(**ways)
    queue.refresh_from_db()

    copy = copy_queue(queue, "shop-sim1-s0-learning")

    assert ReviewQueue.objects.filter(pk=copy.pk).values(*ways, *alone).get() == {**ways, **alone}


def test_a_copy_of_a_catalog_that_promotes_by_hand_promotes_by_itself(queue: ReviewQueue) -> None:
    Catalog.objects.filter(pk=queue.catalog_id).update(promotes_by_hand=True, asks_for_category=True)

    copy = copy_queue(ReviewQueue.objects.get(pk=queue.pk), "shop-sim1-s0-learning").catalog

    assert (copy.promotes_by_hand, copy.asks_for_category) == (False, False)


def test_a_copy_of_a_copied_catalog_has_a_key_of_its_own(queue: ReviewQueue) -> None:
    assert free_key("shop") == "shop-sim1"
    copy_queue(queue, "shop-sim1-s0-learning")

    assert free_key("shop") == "shop-sim2"


def test_of_a_file_good_known_titles_are_told_and_hidden_ones_are_asked() -> None:
    make_channel(key="google")

    queue = queue_of_parts(make_parts(), "file", "google")

    assert dict(queue.catalog.products.values_list("sku", "title")) == {
        "K": "Norvik Steel Bottle 750 ml",
        "H": "",
        "T": "",
    }
    assert [product.sku for product in askable(queue)] == ["H"]
    assert (queue.asked_twice_share, queue.second_look_share) == (0.0, 0.0)


def test_a_file_for_an_unknown_channel_is_refused() -> None:
    make_channel(key="google")

    with pytest.raises(NotPossibleNow, match="there are google"):
        queue_of_parts(make_parts(), "file", "gogle")


def test_a_frozen_catalog_and_its_tags_promote_by_hand_alone(queue: ReviewQueue) -> None:
    freeze(queue.catalog)

    catalog = Catalog.objects.select_related("library").get(key="shop")
    assert catalog.promotes_by_hand
    assert catalog.library is not None
    assert catalog.library.promotes_by_hand


def test_a_control_is_asked_what_the_other_arm_was_and_nothing_else(queue: ReviewQueue) -> None:
    copy = copy_queue(queue, "shop-sim1-s0-control")
    ask(copy, ())
    assert not askable(copy).exists()

    ask(
        copy,
        [Asked(sku="P-1", chosen_by="random", is_blind=True), Asked(sku="P-0", chosen_by="uncertain", is_blind=False)],
    )

    items = copy.items.order_by("rank").values_list("product__sku", "arm", "is_blind")
    assert list(items) == [("P-1", "random", True), ("P-0", "uncertain", False)]
    assert not askable(copy).exists()
    assert not unwanted(copy).exists()


def test_later_rounds_of_a_control_come_after_the_earlier_and_keep_what_was_decided(queue: ReviewQueue) -> None:
    copy = copy_queue(queue, "shop-sim1-s0-control")
    ask(copy, [Asked(sku="P-1", chosen_by="random", is_blind=False)])
    item = copy.items.get()
    item.state = "decided"
    item.save()

    ask(copy, [Asked(sku="P-2", chosen_by="uncertain", is_blind=False)])

    assert list(copy.items.order_by("rank").values_list("product__sku", flat=True)) == ["P-1", "P-2"]
    assert copy.reserved_skus == ["P-0"]
    assert Decision.objects.filter(item__queue=copy).count() == 0
