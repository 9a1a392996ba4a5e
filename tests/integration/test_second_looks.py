"""A reviewer's second look and the real Label Studio: what is sent back comes as a new task, and is decided anew."""

import contextlib
import datetime as dt
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from tasks.label_studio import reconcile_all
from tasks.scoring import fill_queue
from tests.integration.annotating import Annotator
from tests.integration.rows import imported_catalog
from tests.integration.stack import wait_for
from tests.unit.web.worlds import client_of, make_person
from titlelab.labelstudio.client import LabelStudioClient
from titlelab.people.roles import REVIEWER
from titlelab.review.models import Decision, ReviewItem, ReviewQueue

HOST = {"HTTP_HOST": "127.0.0.1"}


@pytest.fixture(scope="module")
def queue(stack: None, tmp_path_factory: pytest.TempPathFactory) -> ReviewQueue:
    catalog = imported_catalog("second-looks", tmp_path_factory.mktemp("files"))
    queue = ReviewQueue.objects.create(name="Second looks", catalog=catalog, working_set=4, blind_share=0)
    fill_queue.delay(queue.pk)
    wait_for(lambda: queue.items.filter(state="open").count() == 4, "four open tasks")
    return queue


@pytest.fixture
def annotator(queue: ReviewQueue, studio: LabelStudioClient) -> Iterator[Annotator]:
    with contextlib.closing(Annotator(queue, studio)) as annotator:
        yield annotator


@pytest.fixture(scope="module")
def reviewer(queue: ReviewQueue) -> Client:
    return client_of(make_person(REVIEWER, [queue.catalog], name="looks-again@shop.example"))


def decided(annotation_id: int) -> Decision:
    found = Decision.objects.filter(annotation_id=annotation_id, mends=None)
    wait_for(found.exists, "the Decision")
    return found.get()


def answer(reviewer: Client, decision: Decision, verdict: str, **fields: object) -> None:
    at = reverse("admin:review_second_pass")
    response = reviewer.post(at, {"decision": decision.pk, "verdict": verdict, **fields}, **HOST)
    assert response.status_code == 302, response.content


def test_what_is_sent_back_is_a_new_task_with_the_reason_above_it_and_is_decided(
    queue: ReviewQueue, annotator: Annotator, reviewer: Client
) -> None:
    decision = decided(annotator.accept())

    answer(reviewer, decision, "sent_back", reason="It is a <flask>.")
    again = ReviewItem.objects.get(again_of=decision.item)
    wait_for(lambda: ReviewItem.objects.get(pk=again.pk).state == "open", "the new task")
    again.refresh_from_db()
    made = decided(annotator.edit(title="A flask, as the reviewer says", tags=[], item=again))

    assert again.task.task_id != decision.item.task.task_id
    assert "sent back by a reviewer: It is a &lt;flask&gt;." in annotator.header(again)
    assert list(Decision.objects.current().filter(item__product=decision.item.product)) == [made]


def test_what_was_mended_outlives_reading_it_again_and_yields_to_what_the_annotator_changes(
    queue: ReviewQueue, annotator: Annotator, reviewer: Client
) -> None:
    annotation = annotator.accept()
    decision = decided(annotation)
    answer(reviewer, decision, "mended", title="Mended by hand", tags=decision.tags, reason="It was too long.")
    mended = Decision.objects.get(mends=decision)
    current = Decision.objects.current().filter(item=decision.item)

    annotator.update(annotation, title=decision.title)  # Update is pressed, and nothing was changed
    reconcile_all.delay()
    wait_for(lambda: _revision(decision) > decision.annotation_updated_at, "the new revision to be read")
    assert list(current) == [mended]

    annotator.update(annotation, title="Changed by the annotator")
    wait_for(lambda: [d.title for d in current.all()] == ["Changed by the annotator"], "the annotator's newer word")


def _revision(decision: Decision) -> dt.datetime:
    return Decision.objects.get(pk=decision.pk).annotation_updated_at
