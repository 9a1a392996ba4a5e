import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import TestCase

import tasks.label_studio
import tasks.quality
import tasks.training
from tests.factories import make_catalog, make_decision, make_draft, make_item, make_product, make_queue, make_run
from titlelab.celery import app
from titlelab.review.models import ReviewQueue
from titlelab.training.models import TrainingRun

pytestmark = pytest.mark.django_db
Rung = list[tuple[str, tuple[int, ...]]]


def test_a_run_trains_in_the_training_queue() -> None:
    task = tasks.training.execute_training_run

    route = app.amqp.router.route({}, task.name)

    assert task.name == "tasks.training.execute_training_run"
    assert route["queue"].name == "training"


@pytest.mark.parametrize("name", ["tasks.training.start_due_runs", "tasks.quality.take_snapshots"])
def test_what_the_schedule_names_exists(name: str, settings: LazySettings) -> None:
    assert name in {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert name in app.tasks


def test_due_runs_are_rung_for_after_the_commit(rung: Rung, settings: LazySettings) -> None:
    settings.RETRAIN_AFTER_DECISIONS = 1
    catalog = make_catalog(library=None, language="zh")
    make_decision(item=make_item(draft=make_draft(product=make_product(catalog=catalog))))

    with TestCase.captureOnCommitCallbacks(execute=True):
        n_started = tasks.training.start_due_runs()

    assert n_started == 1
    assert rung == [("tasks.training.execute_training_run", (TrainingRun.objects.get().pk,))]


def test_a_promotion_refreshes_the_open_queues_of_its_catalog(rung: Rung) -> None:
    catalog = make_catalog(key="shop")
    queue = make_queue(catalog=catalog)
    make_queue(catalog=catalog, state=ReviewQueue.State.PAUSED)
    make_queue()
    promoted = make_run(scope="shop", state=TrainingRun.State.PROMOTED)

    tasks.training.execute_training_run(promoted.pk)

    assert rung == [("tasks.label_studio.refresh_open_tasks", (queue.pk,))]


def test_a_tagger_refreshes_all_catalogs_of_its_library(rung: Rung) -> None:
    queue = make_queue()
    library = queue.catalog.library
    sister = make_queue(catalog=make_catalog(library=library))
    promoted = make_run(kind="tagger", method="tagger", scope=library.key if library else "")

    tasks.training.execute_training_run(promoted.pk)

    assert [arguments for _, arguments in rung] == [(queue.pk,), (sister.pk,)]


def test_a_refused_version_refreshes_nothing(rung: Rung) -> None:
    make_queue(catalog=make_catalog(key="shop"))

    tasks.training.execute_training_run(make_run(scope="shop", state=TrainingRun.State.REFUSED).pk)

    assert rung == []


def test_the_snapshot_task_measures_every_catalog() -> None:
    make_decision()
    make_decision()

    assert tasks.quality.take_snapshots() == 2


@pytest.mark.parametrize("first", ["tasks.training", "tasks.label_studio", "tasks.sweeping"])
def test_the_tasks_load_in_any_order(first: str) -> None:
    root = Path(__file__).parents[3]
    code = f"import django; django.setup(); import {first}"
    environment = {"DJANGO_SETTINGS_MODULE": "titlelab.settings", "TITLELAB_SECRET_KEY": "for-tests-only"}

    done = subprocess.run([sys.executable, "-c", code], cwd=root, env=environment, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
