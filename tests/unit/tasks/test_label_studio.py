"""What the worker does with Label Studio, and what it rings for."""

from collections.abc import Callable
from typing import Any

import pytest
from celery import Task
from celery.exceptions import Retry
from django.db import OperationalError
from pytest_django import Settings

import tasks.label_studio as worker
from tasks.training import answer_training_wishes
from tests.unit.labelstudio.scenes import NEW, Scene
from titlelab.celery import app
from titlelab.errors import LabelStudioRefused
from titlelab.labelstudio import holding
from titlelab.labelstudio.events import START_TRAINING, Hint, hint
from titlelab.labelstudio.holding import Hold
from titlelab.labelstudio.inbox import store_event
from titlelab.labelstudio.models import InboxEvent, Project
from titlelab.training.models import TrainingRun
from titlelab.training.scopes import methods_of

pytestmark = pytest.mark.django_db
Rung = list[tuple[str, tuple[Any, ...]]]
TRAIN = "tasks.training.execute_training_run"


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A queue whose worker finds the fakes at the addresses of the settings."""
    scene = Scene()
    monkeypatch.setattr(worker, "label_studio", lambda: scene.studio)
    monkeypatch.setattr(worker, "draft_client", lambda: scene.source)
    return scene


def as_worker(task: Task, *args: Any) -> Any:
    """Run a task as a worker does, so that it may retry."""
    task.push_request(args=list(args), kwargs={}, called_directly=False, id="1")
    try:
        return task.run(*args)
    finally:
        task.pop_request()


@pytest.mark.parametrize("name", ["reconcile_all", "process_inbox", "push_queue", "refresh_open_tasks"])
def test_tasks_are_known_by_their_names(name: str) -> None:
    assert f"tasks.label_studio.{name}" in app.tasks


def test_reconciliation_is_on_the_schedule(settings: Settings) -> None:
    assert worker.reconcile_all.name in {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}


def test_a_push_sends_and_shows_what_serves_now(scene: Scene) -> None:
    assert worker.push_queue(scene.queue.pk) == 3
    scene.source.serving = NEW

    assert worker.push_queue(scene.queue.pk) == 0
    scene.check()
    assert Project.objects.get(queue=scene.queue).model_version == NEW


def test_open_tasks_are_refreshed(scene: Scene) -> None:
    worker.push_queue(scene.queue.pk)
    scene.source.serving = NEW

    assert worker.refresh_open_tasks(scene.queue.pk) == 3


def test_provisioning_tells_the_projects_id(scene: Scene) -> None:
    assert worker.provision_queue(scene.queue.pk) in scene.studio.projects


def test_every_project_is_rung_for_and_a_deleted_one_is_nothing_to_do(scene: Scene, rung: Rung) -> None:
    scene.push()
    project = Project.objects.get()
    scene.studio.annotate(scene.task())

    assert worker.reconcile_all() == 1
    assert rung == [(worker.reconcile.name, (project.pk,))]
    assert worker.reconcile(project.pk) == 1
    assert worker.reconcile(project.pk + 1) == 0


def test_the_inbox_is_processed(scene: Scene) -> None:
    scene.push()
    scene.studio.annotate(scene.task())
    for body in scene.studio.heard:
        store_event(hint(body))

    assert worker.process_inbox() == 1
    assert scene.ledger() == scene.truth()


def test_start_training_starts_what_learns_from_the_queue_once(scene: Scene, rung: Rung) -> None:
    scene.push()
    for _ in range(2):
        store_event(Hint(action=START_TRAINING, project_id=Project.objects.get().project_id))

    answer_training_wishes()

    runs = TrainingRun.objects.order_by("pk")
    assert [(run.method, run.scope) for run in runs] == methods_of(scene.queue.catalog)
    assert rung == [(TRAIN, (run.pk,)) for run in runs]
    assert set(InboxEvent.objects.values_list("state", flat=True)) == {"done"}


def hold_elsewhere(scene: Scene) -> None:
    assert Hold(scene.queue).taken()


def lock_database(scene: Scene) -> None:
    def locked() -> None:
        raise OperationalError("database is locked")

    scene.studio.meanwhile = locked


@pytest.mark.parametrize(
    "break_it",
    [
        lambda scene: setattr(scene.studio, "is_down", True),
        lambda scene: setattr(scene.source, "is_down", True),
        hold_elsewhere,
        lock_database,
    ],
)
def test_what_may_be_better_later_is_tried_again(
    scene: Scene, rung: Rung, break_it: Callable[[Scene], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "PATIENCE_S", 0)
    break_it(scene)
    with pytest.raises(Retry):
        as_worker(worker.push_queue, scene.queue.pk)

    assert rung == [(worker.push_queue.name, (scene.queue.pk,))]


def test_a_refusal_is_not_tried_again(scene: Scene, rung: Rung) -> None:
    def refuse() -> None:
        raise LabelStudioRefused("no such tag")

    scene.studio.meanwhile = refuse
    with pytest.raises(LabelStudioRefused):
        as_worker(worker.push_queue, scene.queue.pk)

    assert rung == []
