"""A small storm over the webhook while people work; the whole one is `python -m benchmarks.webhook_storm`."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from benchmarks.storm import Plan, storm
from benchmarks.unreliable_post import UnreliablePost, Weather, running_post
from tasks.label_studio import reconcile
from tasks.scoring import fill_queue
from tests.integration.rows import imported_catalog
from tests.integration.stack import wait_for
from titlelab.labelstudio.client import LabelStudioClient
from titlelab.labelstudio.models import Project
from titlelab.labelstudio.provisioning import provision
from titlelab.launching.ports import free_port
from titlelab.review.models import ReviewQueue
from titlelab.web.simulating.annotating import Annotator

PASSWORD = "for-a-storm-on-loopback"  # noqa: S105


@pytest.fixture
def queue(stack: None, tmp_path: Path) -> ReviewQueue:
    catalog = imported_catalog("storm", tmp_path)
    queue = ReviewQueue.objects.create(name="Storm", catalog=catalog, working_set=40, asks_about_good_titles=True)
    fill_queue.delay(queue.pk)
    wait_for(lambda: queue.items.filter(state="open").count() == 40, "forty open tasks")
    return queue


@pytest.fixture
def post(queue: ReviewQueue, studio: LabelStudioClient) -> Iterator[UnreliablePost]:
    """Bad weather between Label Studio's webhook and the web process."""
    port = free_port()
    with running_post(port, settings.TITLELAB_URL, Weather(held_s=2.0), seed=3) as post:
        with override_settings(TITLELAB_URL=f"http://127.0.0.1:{port}"):
            provision(queue, studio)
        yield post


def test_after_a_storm_the_ledger_equals_label_studio(
    queue: ReviewQueue, studio: LabelStudioClient, post: UnreliablePost
) -> None:
    project = Project.objects.get(queue=queue)
    with ExitStack() as exits:
        annotators = []
        for email in ("storm-1@shop.example", "storm-2@shop.example"):
            studio.make_account(email, PASSWORD)
            annotators.append(exits.enter_context(Annotator(settings.LABEL_STUDIO_URL)))
            annotators[-1].log_in(email, PASSWORD)

        counts = storm(
            queue,
            studio,
            post,
            annotators,
            Plan(deliveries=60, outage_s=3.0, pause_s=0.05, patience_s=60.0),
            nudge=lambda: reconcile.apply(args=[project.pk]),  # as the schedule would
        )

    assert counts["differences"] == 0, counts
    assert counts["annotations"] == counts["current_decisions"] > 0
    told = counts["webhook"]
    assert told["delivered"] >= 60
    assert min(told["dropped"], told["doubled"], told["out of order"], told["lost in the outage"]) > 0
