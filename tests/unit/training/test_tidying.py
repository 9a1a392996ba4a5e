"""Folders that nobody needs are deleted, and no other."""

from pathlib import Path

import pytest
from django.conf import LazySettings, settings
from django.utils import timezone

from ml_backend.contract import version_folder
from tests.factories import make_run, make_version
from titlelab.errors import NotPossibleNow
from titlelab.training.models import ModelVersion, TrainingRun
from titlelab.training.promoting import promote, retire, roll_back
from titlelab.training.tidying import tidy

pytestmark = pytest.mark.django_db
State = ModelVersion.State


@pytest.fixture(autouse=True)
def keep_two(settings: LazySettings) -> None:
    settings.KEPT_VERSIONS, settings.KEPT_RUN_FOLDERS = 2, 2


def version(number: int, *, state: str = State.RETIRED, served: bool = True, passed: bool = True) -> ModelVersion:
    folder(number)
    return make_version(number=number, state=state, promoted_at=timezone.now() if served else None, passed_gate=passed)


def folder(number: int) -> Path:
    made = version_folder(settings.MODELS_FOLDER, "titler", "shop", number)
    made.mkdir(parents=True)
    (made / "manifest.json").touch()
    return made


def left() -> list[str]:
    return sorted(path.name for path in (Path(settings.MODELS_FOLDER) / "titler" / "shop").iterdir())


def test_what_serves_what_served_last_and_what_is_newest_stay() -> None:
    for number in (1, 2, 3):
        version(number)
    version(4, state=State.SERVING)
    for number in (5, 6):
        version(number, state=State.CANDIDATE, served=False, passed=False)

    assert tidy() == 2
    assert left() == ["v2", "v3", "v4", "v6"]
    assert ModelVersion.objects.count() == 6


def test_a_rollback_finds_the_folder_of_what_served_before() -> None:
    for number in (1, 2, 3):
        version(number)
    version(4, state=State.SERVING)

    tidy()

    assert [roll_back("titler", "shop"), roll_back("titler", "shop"), roll_back("titler", "shop")] == [
        ModelVersion.objects.get(number=3),
        ModelVersion.objects.get(number=2),
        None,
    ]


def test_the_newest_that_wait_for_promotion_stay_until_they_are_retired() -> None:
    waiting = [version(n, state=State.CANDIDATE, served=False) for n in (1, 2, 3)]
    version(4, state=State.SERVING)

    tidy()
    assert left() == ["v2", "v3", "v4"]

    retire(waiting[2])
    tidy()
    assert left() == ["v2", "v4"]


def test_a_version_whose_folder_was_deleted_can_not_be_promoted() -> None:
    refused = version(1, state=State.RETIRED, served=False)
    version(2, state=State.SERVING)
    tidy()

    with pytest.raises(NotPossibleNow, match="folder"):
        promote(refused)
    assert ModelVersion.objects.serving().get().number == 2


def test_a_serving_version_can_not_be_retired() -> None:
    with pytest.raises(NotPossibleNow, match="rolled back"):
        retire(version(1, state=State.SERVING))


def test_what_a_run_under_way_writes_is_left_alone() -> None:
    make_run(state=TrainingRun.State.RUNNING, number=3)
    version(4, state=State.SERVING)
    folder(3)
    folder(2)
    (Path(settings.MODELS_FOLDER) / "titler" / "shop" / ".v3-half").mkdir()

    tidy()

    assert left() == [".v3-half", "v3", "v4"]


def test_what_a_killed_child_left_half_written_goes() -> None:
    version(4, state=State.SERVING)
    (Path(settings.MODELS_FOLDER) / "titler" / "shop" / ".v5-half").mkdir()

    assert tidy() == 1
    assert left() == ["v4"]


def test_the_last_run_folders_of_a_scope_stay_and_checkpoints_only_under_way() -> None:
    done = [make_run(number=n) for n in (1, 2, 3)]
    working = make_run(method="neighbour", state=TrainingRun.State.RUNNING)
    other = make_run(scope="other")
    runs = Path(settings.RUNS_FOLDER)
    for run in (*done, working, other):
        (runs / f"{run.pk}-1").mkdir(parents=True)
        (runs / f"{run.pk}-checkpoints").mkdir()
    (runs / "notes").mkdir()

    tidy()

    assert {path.name for path in runs.iterdir()} == {
        "notes",
        f"{done[2].pk}-1",
        f"{working.pk}-1",
        f"{working.pk}-checkpoints",
        f"{other.pk}-1",
    }
