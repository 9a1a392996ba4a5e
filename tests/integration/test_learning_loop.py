"""Decisions become a version that serves, and only a version that is no worse; told in the order of a real day."""

import contextlib
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.urls import reverse

from ml_backend.labelstudio.annotations import final_values
from tasks.scoring import fill_queue
from tasks.training import execute_training_run
from tests.integration.annotating import Annotator
from tests.integration.page_reading import Reader
from tests.integration.rows import gold, imported_catalog
from tests.integration.stack import running, wait_for
from tests.unit.web.worlds import make_person
from titlelab.catalog.importing import import_file
from titlelab.labelstudio.client import LabelStudioClient
from titlelab.review.models import Decision, ReviewQueue
from titlelab.training.models import ModelVersion, TrainingRun
from titlelab.training.running import cancel_run
from titlelab.training.starting import start_run

LONGEST_UNTIL_CANCELLED_S = 5  # the run reads Decisions, loads libraries or trains by then
TRAINING_S = 900  # a language model's run on two busy cores, its base model's conversion included


def open_queue(key: str, name: str, folder: Path, n: int, *, language: str = "en") -> ReviewQueue:
    """Make a queue of a fresh catalog with n open tasks."""
    catalog = imported_catalog(key, folder, language=language)
    queue = ReviewQueue.objects.create(name=name, catalog=catalog, working_set=n, random_share=0.4)
    fill_queue.delay(queue.pk)
    wait_for(lambda: queue.items.filter(state="open").count() == n, f"{n} open tasks")
    return queue


def train(method: str, scope: str) -> TrainingRun:
    """Start a run by hand and return it when the worker has ended it."""
    run = start_run(method, scope)
    execute_training_run.delay(run.pk)
    return ended(run.pk)


def ended(run_id: int) -> TrainingRun:
    """Return a run's row once it has come to its end."""
    states = ("queued", "running")
    wait_for(lambda: TrainingRun.objects.exclude(state__in=states).filter(pk=run_id), "the run", within_s=TRAINING_S)
    return TrainingRun.objects.get(pk=run_id)


def predicted(queue: ReviewQueue) -> dict[str, Any]:
    """Ask /predict for one of the queue's tasks, as Label Studio does."""
    answer = httpx.get(
        f"{settings.LABEL_STUDIO_URL}/api/tasks/{queue.items.filter(state='open').first().task.task_id}/",
        headers={"Authorization": f"Token {settings.LABEL_STUDIO_TOKEN}"},
    )
    task = answer.raise_for_status().json()
    predictions = httpx.post(
        f"{settings.ML_BACKEND_URL}/predict",
        json={"tasks": [task], "project": "1.1", "label_config": "<View/>", "params": {}},
        auth=(settings.ML_BACKEND_USERNAME, settings.ML_BACKEND_PASSWORD),
        timeout=120,
    )
    return dict(predictions.raise_for_status().json()["results"][0])


def shown_to_annotators(queue: ReviewQueue, studio: LabelStudioClient) -> set[str]:
    """Return the versions whose drafts stand newest on the queue's open tasks."""
    tasks = [studio.task(item.task.task_id) for item in queue.items.filter(state="open")]
    return {max(task.predictions, key=lambda p: p.id).model_version for task in tasks if task}


@pytest.fixture(scope="module")
def queue(stack: None, tmp_path_factory: pytest.TempPathFactory) -> ReviewQueue:
    # No base model is set for Chinese, so no language model is trained here.
    return open_queue("learning", "Learning", tmp_path_factory.mktemp("files"), 36, language="zh")


@pytest.fixture
def annotator(queue: ReviewQueue, studio: LabelStudioClient) -> Iterator[Annotator]:
    with contextlib.closing(Annotator(queue, studio)) as annotator:
        yield annotator


def decide(queue: ReviewQueue, annotator: Annotator, n: int) -> None:
    """Type the right title and tags into the next n tasks, and wait for the ledger."""
    before = Decision.objects.current().filter(item__queue=queue).count()
    items = queue.items.filter(state="open").order_by("rank")[:n]
    for item in list(items):
        title, tags = gold(item.product.sku)
        annotator.edit(title=title, tags=tags, item=item)
    wait_for(lambda: Decision.objects.current().filter(item__queue=queue).count() == before + n, f"{n} more Decisions")


def test_an_honest_run_passes_the_gate_serves_and_refreshes_open_tasks(
    queue: ReviewQueue, annotator: Annotator, studio: LabelStudioClient
) -> None:
    decide(queue, annotator, 24)

    run = train("ensemble", queue.catalog.key)

    assert run.state == "promoted", run.message
    assert run.verdict["mean_candidate"] > run.verdict["mean_serving"]
    version = f"t{run.number}-g0.{queue.catalog.library.revision}"
    assert predicted(queue)["model_version"] == version
    wait_for(lambda: shown_to_annotators(queue, studio) == {version}, "open tasks to show the new version")
    seen = studio.project(queue.project.project_id)
    assert seen is not None
    assert seen.model_version == version


def test_nothing_new_to_learn_is_an_end_that_says_so(queue: ReviewQueue) -> None:
    run = train("ensemble", queue.catalog.key)

    assert run.state == "nothing"
    assert "Nothing new to learn" in run.message


def test_start_training_in_label_studio_starts_runs(queue: ReviewQueue, studio: LabelStudioClient) -> None:
    url = f"{settings.LABEL_STUDIO_URL}/api/ml/{queue.project.ml_backend_id}/train"

    httpx.post(
        url, headers={"Authorization": f"Token {settings.LABEL_STUDIO_TOKEN}"}, json={}, timeout=60
    ).raise_for_status()

    runs = TrainingRun.objects.filter(trigger="label_studio", scope=queue.catalog.library.key, method="tagger")
    wait_for(runs.exists, "a tagger run")
    assert ended(runs.get().pk).state in ("promoted", "refused")


def test_beat_alone_starts_a_retraining(queue: ReviewQueue, annotator: Annotator) -> None:
    latest = TrainingRun.objects.latest("pk").pk
    decide(queue, annotator, settings.RETRAIN_AFTER_DECISIONS)

    with running("beat", environment={"TITLELAB_RETRAIN_EVERY_S": "3"}):
        started = TrainingRun.objects.filter(pk__gt=latest, trigger="schedule", scope=queue.catalog.key)
        wait_for(started.exists, "a run that nobody asked for")

    assert ended(started.earliest("pk").pk).state in ("promoted", "refused")


def test_the_gate_refuses_a_poisoned_model(queue: ReviewQueue, tmp_path: Path) -> None:
    serving = ModelVersion.objects.serving().get(kind="titler", scope=queue.catalog.key)
    poisoned = tmp_path / "poisoned.jsonl"
    products = queue.catalog.products.filter(has_good_title=True)
    rows = [
        {
            "sku": f"{p.sku}{copy}",
            "title": f"Lantern of {p.brand} in the night",
            "description": p.description,
            "brand": p.brand,
            "category": p.category,
            "attributes": dict(p.attributes),
        }
        for p in products
        for copy in ("", "-b", "-c", "-d")  # enough to drown the Decisions
    ]
    poisoned.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    import_file(queue.catalog, poisoned, file_name=poisoned.name)

    # An ensemble hears the Decisions through the noise, and rightly passes.
    run = train("template", queue.catalog.key)

    assert run.state == "refused", run.message
    assert ModelVersion.objects.serving().get(kind="titler", scope=queue.catalog.key) == serving


def test_the_worker_ends_a_cancelled_run_within_ten_seconds_and_takes_the_next(queue: ReviewQueue) -> None:
    run = start_run("full_ensemble", queue.catalog.key)
    execute_training_run.delay(run.pk)
    this = TrainingRun.objects.filter(pk=run.pk)
    wait_for(this.filter(state="running").exists, "the worker to begin")
    time.sleep(random.uniform(0, LONGEST_UNTIL_CANCELLED_S))

    cancel_run(run)

    wait_for(this.filter(state="cancelled").exists, "the run to end", within_s=10)
    assert train("tagger", queue.catalog.library.key).state in ("promoted", "refused", "nothing")


def test_a_language_model_trains_passes_the_gate_and_answers(
    stack: None, studio: LabelStudioClient, tmp_path_factory: pytest.TempPathFactory
) -> None:
    queue = open_queue("speaking", "Speaking", tmp_path_factory.mktemp("files"), 5)

    run = train("language_model", queue.catalog.key)

    assert run.state == "promoted", run.message
    answer = predicted(queue)
    assert answer["model_version"].startswith(f"t{run.number}-")
    assert final_values(answer["result"]).title
    wait_for(lambda: shown_to_annotators(queue, studio) == {answer["model_version"]}, "its drafts on open tasks")
    assert curves_shown(queue, run) == [
        ("step", "training loss", "validation loss"),
        ("step", "words foretold", "whole titles foretold"),
    ]


def curves_shown(queue: ReviewQueue, run: TrainingRun) -> list[tuple[str, ...]]:
    """Return what the tables behind the curves on a run's page hold, each with a figure at the last step at least."""
    reader = Reader(make_person("ML admin", [queue.catalog], name="reads-the-curves@shop.example"))
    page = reader.page(reverse("admin:training_trainingrun_change", args=[run.pk]))
    tables = [table for table in page.tables() if table.headings[0] == "step"]
    assert all(cell.text != "–" for table in tables for cell in table.rows[-1])
    return [table.headings for table in tables]
