"""One product after another through the real Label Studio: item, task, annotation, Decision, whichever way it comes."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ml_backend.labelstudio.annotations import final_values
from tasks.label_studio import push_queue, reconcile_all
from tasks.scoring import fill_queue
from tests.integration.annotating import Annotator
from tests.integration.rows import imported_catalog
from tests.integration.stack import wait_for
from titlelab.labelstudio.checking import problems
from titlelab.labelstudio.client import LabelStudioClient
from titlelab.labelstudio.models import Project
from titlelab.labelstudio.provisioning import provision
from titlelab.review.models import Decision, ReviewItem, ReviewQueue


@pytest.fixture(scope="module")
def queue(stack: None, tmp_path_factory: pytest.TempPathFactory) -> ReviewQueue:
    """A queue of a freshly imported catalog whose working set the worker has filled and pushed."""
    catalog = imported_catalog("round-trip", tmp_path_factory.mktemp("files"))
    queue = ReviewQueue.objects.create(name="Round trip", catalog=catalog, working_set=12, blind_share=0)
    fill_queue.delay(queue.pk)
    wait_for(lambda: queue.items.filter(state="open").count() == 12, "twelve open tasks")
    return queue


@pytest.fixture
def annotator(queue: ReviewQueue, studio: LabelStudioClient) -> Iterator[Annotator]:
    with contextlib.closing(Annotator(queue, studio)) as annotator:
        yield annotator


@pytest.fixture
def webhook_off(queue: ReviewQueue, studio: LabelStudioClient) -> Iterator[None]:
    """No webhook while the test runs; provisioning mends it afterwards."""
    project = Project.objects.get(queue=queue)
    for webhook in studio.webhooks(project.project_id):
        studio.delete_webhook(webhook.id)
    yield
    provision(queue, studio)


def ledger(queue: ReviewQueue) -> dict[int, tuple[str, str, tuple[str, ...]]]:
    """Return what the ledger holds: annotation id to outcome, title, tags."""
    current = Decision.objects.current().filter(item__queue=queue)
    return {d.annotation_id: (d.outcome, d.title, tuple(sorted(d.tags))) for d in current}


def label_studio_holds(queue: ReviewQueue, studio: LabelStudioClient) -> dict[int, tuple[bool, str, tuple[str, ...]]]:
    """Return what Label Studio holds: annotation id to whether it is a rejection, title, tags."""
    held = {}
    for task in studio.tasks_changed_since(queue.project.project_id, None):
        for annotation in task.annotations:
            values = final_values(annotation.result)
            rejected = annotation.was_cancelled or bool(values.reject_reason)
            title = "" if rejected else (values.title or "")
            held[annotation.id] = (rejected, title, () if rejected else tuple(sorted(values.tags)))
    return held


def equal(queue: ReviewQueue, studio: LabelStudioClient) -> bool:
    """Say whether ledger and Label Studio tell the same story."""
    ours = {i: (outcome == "rejected", title, tags) for i, (outcome, title, tags) in ledger(queue).items()}
    return ours == label_studio_holds(queue, studio)


def test_a_pushed_queue_has_nothing_to_mend(queue: ReviewQueue, studio: LabelStudioClient) -> None:
    assert problems(queue, studio) == []
    assert queue.project.model_version == f"t0-g0.{queue.catalog.library.revision}"


def test_what_people_do_reaches_the_ledger_by_webhook(
    queue: ReviewQueue, annotator: Annotator, studio: LabelStudioClient
) -> None:
    accepted = annotator.accept()
    edited = annotator.edit(title="Typed by hand", tags=["gift"])
    skipped = annotator.skip()
    updated = annotator.accept()
    deleted = annotator.accept()
    wait_for(lambda: len(ledger(queue)) == 5, "five Decisions")

    annotator.update(updated, title="Typed on second thought")
    annotator.delete(deleted)
    wait_for(lambda: equal(queue, studio), "the ledger to equal Label Studio")

    outcomes = {annotation: values[0] for annotation, values in ledger(queue).items()}
    assert outcomes == {accepted: "accepted", edited: "edited", skipped: "rejected", updated: "edited"}
    assert ledger(queue)[edited][1:] == ("Typed by hand", ("gift",))
    assert Decision.objects.get(annotation_id=edited, item__queue=queue).title_edit > 0.3
    assert Decision.objects.filter(annotation_id=updated, item__queue=queue).count() == 2
    assert Decision.objects.get(annotation_id=deleted, item__queue=queue).withdrawn_at is not None


def test_with_the_webhook_off_reconciliation_alone_keeps_the_ledger(
    queue: ReviewQueue, annotator: Annotator, studio: LabelStudioClient, webhook_off: None
) -> None:
    before = ledger(queue)
    annotator.accept()
    annotator.edit(title="Nobody was told of this", tags=[])
    annotator.skip()
    annotator.delete(next(iter(before)))
    annotator.delete_task()

    reconcile_all.delay()
    wait_for(lambda: equal(queue, studio), "the ledger to equal Label Studio")

    assert len(ledger(queue)) == len(before) - 1 + 3
    wait_for(lambda: queue.items.filter(state=ReviewItem.State.WITHDRAWN).count() == 1, "the deleted task's item")


def test_pushing_again_sends_nothing_twice(queue: ReviewQueue, studio: LabelStudioClient) -> None:
    tasks = studio.task_items(queue.project.project_id)

    push_queue.apply(args=[queue.pk])

    assert studio.task_items(queue.project.project_id) == tasks


def test_a_task_sent_before_a_crash_is_found_again(
    queue: ReviewQueue, studio: LabelStudioClient, tmp_path: Path
) -> None:
    item = queue.items.filter(state="open", decisions=None).first()
    assert item is not None
    tasks = studio.task_items(queue.project.project_id)
    item.task.delete()
    item.showings.update(sent_at=None)
    ReviewItem.objects.filter(pk=item.pk).update(state="chosen")

    push_queue.apply(args=[queue.pk])

    item.refresh_from_db()
    assert item.state == "open"
    assert studio.task_items(queue.project.project_id) == tasks


def test_a_changed_product_gets_a_new_task(queue: ReviewQueue, studio: LabelStudioClient, tmp_path: Path) -> None:
    item = queue.items.filter(state="open", decisions=None).first()
    assert item is not None
    imported_catalog("round-trip", tmp_path, changed_sku=item.product.sku)

    fill_queue.delay(queue.pk)
    wait_for(lambda: studio.task(item.task.task_id) is None, "the old task to go")

    item.refresh_from_db()
    assert item.state == "withdrawn"
    wait_for(
        lambda: (
            queue.items.filter(product=item.product, state="open").exists()
            or queue.items.filter(state="open").count() == queue.working_set
        ),
        "the working set to be full again",
    )


def test_a_blind_task_is_taken_by_label_studio_without_a_region_and_comes_back_written(
    stack: None, studio: LabelStudioClient, tmp_path: Path
) -> None:
    catalog = imported_catalog("blind", tmp_path)
    catalog.library = None  # nor tags: the prediction has no region at all
    catalog.save()
    blind = ReviewQueue.objects.create(name="Blind", catalog=catalog, working_set=2, random_share=1.0, blind_share=1.0)
    fill_queue.delay(blind.pk)
    wait_for(lambda: blind.items.filter(state="open").count() == 2, "two open tasks")
    item = blind.items.order_by("rank").first()
    seen = studio.task(item.task.task_id)

    with contextlib.closing(Annotator(blind, studio)) as annotator:
        annotation = annotator.edit(title="Norvik Flask 750 ml", tags=[], item=item)
    wait_for(lambda: annotation in ledger(blind), "the Decision")

    assert seen is not None
    assert [p.result for p in seen.predictions] == [[]]
    assert ledger(blind)[annotation][:2] == ("written", "Norvik Flask 750 ml")
