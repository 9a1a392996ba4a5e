import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import TestCase

from ml_backend.contract import pointer_file, version_folder
from tests.factories import make_run, make_version
from titlelab.errors import NotPossibleNow
from titlelab.training.models import ModelVersion, TrainingRun
from titlelab.training.promoting import promote, publish_pointers, roll_back

pytestmark = pytest.mark.django_db


def test_promoting_retires_the_old_version_and_points_at_the_new() -> None:
    old, new = _version(1, state="serving"), _version(2)

    with TestCase.captureOnCommitCallbacks(execute=True):
        promoted = promote(new)

    old.refresh_from_db()
    assert (old.state, promoted.state) == ("retired", "serving")
    assert promoted.promoted_at is not None
    assert _pointed_at() == 2


def test_a_pointer_is_never_ahead_of_its_row() -> None:
    new = _version(2)

    with TestCase.captureOnCommitCallbacks(execute=False):
        promote(new)

    assert _pointed_at() is None


def test_a_run_that_waited_for_a_click_is_promoted_by_it() -> None:
    run = make_run(scope="shop", state=TrainingRun.State.DONE)

    promote(_version(1, run=run))

    run.refresh_from_db()
    assert run.state == TrainingRun.State.PROMOTED


def test_a_version_whose_folder_is_gone_is_not_promoted() -> None:
    serving, lost = _version(1, state="serving"), make_version(scope="shop", number=2, state="candidate")

    with pytest.raises(NotPossibleNow, match="folder of titler shop v2 is missing"):
        promote(lost)

    assert list(ModelVersion.objects.serving()) == [serving]


def test_a_version_that_the_gate_refused_is_not_promoted() -> None:
    with pytest.raises(NotPossibleNow, match="did not pass"):
        promote(_version(1, passed_gate=False))


def test_a_version_that_serves_is_not_promoted_again() -> None:
    with pytest.raises(NotPossibleNow, match="serves already"):
        promote(_version(1, state="serving"))


def test_two_rollbacks_go_two_steps_back() -> None:
    with TestCase.captureOnCommitCallbacks(execute=True):
        for number in (1, 2, 3):
            promote(_version(number))

    with TestCase.captureOnCommitCallbacks(execute=True):
        steps = [roll_back("titler", "shop"), roll_back("titler", "shop"), roll_back("titler", "shop")]

    assert [step.number if step else 0 for step in steps] == [2, 1, 0]
    assert _pointed_at() == 0
    assert not ModelVersion.objects.serving().exists()


def test_a_rollback_passes_over_versions_that_never_served_or_are_lost() -> None:
    promote(_version(1))
    promote(_version(2))
    _version(3)
    _manifest(2).unlink()
    promote(_version(4))

    version = roll_back("titler", "shop")

    assert version is not None
    assert version.number == 1


def test_below_the_built_in_model_there_is_nothing_to_roll_back_to() -> None:
    with pytest.raises(NotPossibleNow, match="built-in titler serves shop already"):
        roll_back("titler", "shop")


@pytest.mark.parametrize("left", [None, "", "[]", '{"number": 1}'])
def test_a_pointer_that_a_crash_left_behind_follows_its_row(left: str | None) -> None:
    _version(2, state="serving")
    if left is not None:
        pointer_file(settings.MODELS_FOLDER, "titler", "shop").write_text(left)

    assert publish_pointers() == 1
    assert publish_pointers() == 0
    assert _pointed_at() == 2


def _version(number: int, **fields: Any) -> ModelVersion:
    _manifest(number).parent.mkdir(parents=True)
    _manifest(number).write_text("{}")
    return make_version(**{"scope": "shop", "number": number, "state": "candidate", **fields})


def _manifest(number: int) -> Path:
    return version_folder(settings.MODELS_FOLDER, "titler", "shop", number) / "manifest.json"


def _pointed_at() -> int | None:
    path = pointer_file(settings.MODELS_FOLDER, "titler", "shop")
    return json.loads(path.read_text())["number"] if path.exists() else None
