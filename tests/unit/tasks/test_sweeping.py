"""The sweep rings for what waits, and for nothing else."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from tasks.sweeping import sweep
from tests.factories import make_catalog, make_run, make_version
from tests.unit.labelstudio.scenes import Scene, State
from titlelab.catalog.models import ImportRun
from titlelab.labelstudio.events import Hint
from titlelab.labelstudio.inbox import close_event, store_event
from titlelab.labelstudio.models import Task
from titlelab.people.models import LabelStudioAccount
from titlelab.review.models import ReviewQueue
from titlelab.training.models import TrainingRun

pytestmark = pytest.mark.django_db
Rung = list[tuple[str, tuple[Any, ...]]]
PUSH, REFRESH = "tasks.label_studio.push_queue", "tasks.label_studio.refresh_open_tasks"
SETTLE = "tasks.people.settle_account"
CHECK, IMPORT = "tasks.importing.check_upload", "tasks.importing.import_upload"
INBOX, TRAIN = "tasks.label_studio.process_inbox", "tasks.training.execute_training_run"


def pause(scene: Scene) -> None:
    ReviewQueue.objects.filter(pk=scene.queue.pk).update(state="paused")


def test_nothing_waits_and_nothing_rings(rung: Rung) -> None:
    assert sweep() == 0
    assert rung == []


def test_unsent_items_ring_for_a_push_unless_the_queue_is_paused(rung: Rung) -> None:
    scene, paused = Scene(), Scene()
    pause(paused)

    assert sweep() == 1
    assert rung == [(PUSH, (scene.queue.pk,))]


def test_open_tasks_ring_for_a_refresh(rung: Rung) -> None:
    scene = Scene()
    scene.push()

    sweep()

    assert rung == [(REFRESH, (scene.queue.pk,))]


def test_tasks_to_take_back_ring_even_where_the_queue_is_paused(rung: Rung) -> None:
    scene = Scene()
    scene.push()
    scene.queue.items.update(state=State.WITHDRAWN)
    pause(scene)

    sweep()
    assert rung == [(PUSH, (scene.queue.pk,))]

    rung.clear()
    Task.objects.update(deleted_at=timezone.now())
    assert sweep() == 0
    assert rung == []


def test_stored_events_ring_until_they_are_closed(rung: Rung) -> None:
    event = store_event(Hint(action="ANNOTATION_CREATED", project_id=1))

    sweep()
    assert rung == [(INBOX, ())]

    rung.clear()
    close_event(event)
    sweep()
    assert rung == []


def test_runs_that_nobody_executes_ring(rung: Rung) -> None:
    run = make_run(state=TrainingRun.State.QUEUED)
    TrainingRun.objects.update(created_at=timezone.now() - dt.timedelta(hours=1))

    sweep()

    assert rung == [(TRAIN, (run.pk,))]


def test_accounts_ring_until_label_studio_has_them_as_their_people_are(rung: Rung) -> None:
    anna = User.objects.create(username="anna@shop.example", is_active=False)
    account = LabelStudioAccount.objects.create(user=anna, email="anna@shop.example", state="open")

    sweep()
    assert rung == [(SETTLE, (account.pk,))]

    rung.clear()
    LabelStudioAccount.objects.update(state="closed")
    assert sweep() == 0
    assert rung == []


@pytest.mark.parametrize(("state", "bell"), [("checking", CHECK), ("running", IMPORT)])
def test_imports_of_dead_workers_ring(state: str, bell: str, rung: Rung) -> None:
    run = ImportRun.objects.create(catalog=make_catalog(), file_name="goods.csv", state=state)
    ImportRun.objects.update(lease_token="held", lease_until=timezone.now() + dt.timedelta(minutes=1))  # noqa: S106

    assert sweep() == 0
    ImportRun.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    assert sweep() == 1

    assert rung == [(bell, (run.pk,))]


def test_a_disk_that_takes_nothing_keeps_no_message_from_being_rung_for_again(
    rung: Rung, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    make_version(scope="shop", number=1)  # whose pointer is yet to be written
    run = make_run(state=TrainingRun.State.QUEUED)
    TrainingRun.objects.update(created_at=timezone.now() - dt.timedelta(hours=1))
    settings.MODELS_FOLDER = settings.MODELS_FOLDER / "a file"
    settings.MODELS_FOLDER.touch()

    sweep()

    assert (TRAIN, (run.pk,)) in rung
    assert "publish_pointers could not be done" in caplog.text


@pytest.mark.parametrize("state", ["promoted", "done", "refused", "nothing", "failed", "cancelled"])
def test_a_run_that_has_ended_never_rings_again(state: str, rung: Rung) -> None:
    run = make_run(state=state)
    long_ago = timezone.now() - dt.timedelta(hours=1)
    TrainingRun.objects.filter(pk=run.pk).update(created_at=long_ago, lease_until=long_ago, finished_at=None)

    assert sweep() == 0
    assert rung == []
