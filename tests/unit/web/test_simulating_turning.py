"""The probe's reservation, and when a queue stands as it should before anybody annotates."""

import datetime as dt

import pytest

from tests.factories import NOW, make_catalog, make_decision, make_draft, make_item, make_product, make_queue
from tests.fakes import FakeDraftSource
from titlelab.errors import NotPossibleNow
from titlelab.labelstudio.models import Project, Task
from titlelab.review.models import ReviewItem, ReviewQueue, Showing
from titlelab.web.simulating.gold import Gold
from titlelab.web.simulating.report import NewDraft, Trained
from titlelab.web.simulating.turning import Plan, is_settled, new_drafts, reserve_probe, wait_until

pytestmark = pytest.mark.django_db
SERVING = "t0-g0.1"
PLAN = Plan(n_rounds=1, per_round=5, n_probe=4, seed=0, methods=())


@pytest.fixture
def queue() -> ReviewQueue:
    return make_queue(catalog=make_catalog(), working_set=1)


def answers(*skus: str) -> dict[str, Gold]:
    return {sku: Gold(title=f"Title of {sku}", tags=()) for sku in skus}


def shown_item(queue: ReviewQueue, version: str = SERVING) -> ReviewItem:
    """Make an open item whose task stands in Label Studio with a draft of the version."""
    item = make_item(draft=make_draft(product=make_product(catalog=queue.catalog), version=version), queue=queue)
    project, _ = Project.objects.get_or_create(queue=queue, project_id=1, defaults={"model_version": version})
    Task.objects.create(item=item, project=project, task_id=item.pk)
    return item


def test_the_probe_is_drawn_of_what_would_be_asked_and_was_never_decided(queue: ReviewQueue) -> None:
    asked = {make_product(catalog=queue.catalog, sku=f"P-{n}").sku for n in range(2)}
    asked.add(make_item(product=make_product(catalog=queue.catalog, sku="waits"), queue=queue).product.sku)
    make_product(catalog=queue.catalog, sku="good", has_good_title=True)
    make_decision(item=make_item(product=make_product(catalog=queue.catalog, sku="decided"), queue=queue))
    make_product(catalog=queue.catalog, sku="unknown")

    probe = reserve_probe(queue, answers(*asked, "good", "decided"), PLAN)

    queue.refresh_from_db()
    assert {product.sku for product in probe} == set(queue.reserved_skus) == asked


def test_a_probe_once_drawn_stays(queue: ReviewQueue) -> None:
    for n in range(20):
        make_product(catalog=queue.catalog, sku=f"P-{n}")
    gold = answers(*(f"P-{n}" for n in range(20)))
    first = reserve_probe(queue, gold, PLAN)

    assert reserve_probe(queue, gold, Plan(n_rounds=1, per_round=5, n_probe=9, seed=1, methods=())) == first


def test_a_catalog_without_answers_has_no_probe(queue: ReviewQueue) -> None:
    make_product(catalog=queue.catalog)

    with pytest.raises(NotPossibleNow, match="no product with an answer"):
        reserve_probe(queue, {}, PLAN)


def test_a_full_queue_that_shows_the_serving_version_is_settled(queue: ReviewQueue) -> None:
    shown_item(queue)

    assert is_settled(queue, FakeDraftSource(serving=SERVING))


def test_a_queue_is_not_settled_while_anything_is_to_be_done(queue: ReviewQueue) -> None:
    source = FakeDraftSource(serving=SERVING)
    product = make_product(catalog=queue.catalog)
    assert not is_settled(queue, source)  # nothing asked yet

    item = shown_item(queue)
    assert not is_settled(queue, FakeDraftSource(serving="t1-g0.1"))  # another version's drafts

    ReviewQueue.objects.filter(pk=queue.pk).update(reserved_skus=[item.product.sku])
    assert not is_settled(queue, source)  # to be withdrawn

    item.state, item.closed_at = ReviewItem.State.WITHDRAWN, NOW
    item.save()
    make_item(product=product, queue=queue, state=ReviewItem.State.CHOSEN)
    assert not is_settled(queue, source)  # to be sent

    ReviewItem.objects.filter(product=product).delete()
    shown_item(queue)
    assert not is_settled(queue, source)  # to be taken back

    Task.objects.filter(item=item).update(deleted_at=NOW)
    assert is_settled(queue, source)


def test_an_empty_queue_with_nothing_left_to_ask_is_settled(queue: ReviewQueue) -> None:
    assert is_settled(queue, FakeDraftSource(serving=SERVING))


def test_what_never_comes_is_named() -> None:
    with pytest.raises(NotPossibleNow, match="in vain for godot"):
        wait_until(lambda: False, "godot", 0.0)


def test_a_new_draft_counts_from_the_last_decision_to_the_first_task_that_got_it(queue: ReviewQueue) -> None:
    for seconds, tagger in ((5, 1), (12, 2), (14, 2)):
        draft = make_draft(
            product=make_product(catalog=queue.catalog), version=f"t0-g{tagger}.1", tagger_version=tagger
        )
        item = make_item(draft=draft, queue=queue)
        Showing.objects.filter(item=item).update(sent_at=NOW + dt.timedelta(seconds=seconds))
    runs = [
        Trained(method=method, scope="s", state=state, sentence="", number=number, n_examples=9, seconds=7.0)
        for method, state, number in (
            ("tagger", "promoted", 2),
            ("ensemble", "refused", 3),
            ("template", "failed", None),
        )
    ]

    found = new_drafts(queue, runs, NOW)

    assert found == (NewDraft(kind="tagger", number=2, seconds=12.0, run_seconds=7.0),)
