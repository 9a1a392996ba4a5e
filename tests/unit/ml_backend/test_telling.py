"""A training's curves are written while it trains, and never grow large."""

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import pytest

from ml_backend.learning.curves import of_part
from ml_backend.telling import CURVES, EVENTS, CurveFiles


def lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / CURVES).read_text().splitlines()]


def test_a_point_can_be_read_as_soon_as_it_is_told(tmp_path: Path) -> None:
    with CurveFiles(tmp_path) as curve:
        of_part(curve, "pointer")("training_loss", 1, 2.5)

        told = lines(tmp_path)

    assert [(line["name"], line["step"], line["value"]) for line in told] == [("pointer/training_loss", 1, 2.5)]


def test_a_long_curve_is_thinned_to_means_and_a_short_one_beside_it_is_not(tmp_path: Path) -> None:
    with CurveFiles(tmp_path) as curve:
        for step in range(1, 1201):
            curve("training_loss", step, float(step % 2))
            if step % 100 == 0:
                curve("validation_loss", step, 1.0)

    training = [line for line in lines(tmp_path) if line["name"] == "training_loss"]
    assert len(training) == 400 + 400  # each step, then every other one
    assert (training[0]["value"], training[-1]["value"], training[-1]["step"]) == (1.0, 0.5, 1200)
    assert sum(line["name"] == "validation_loss" for line in lines(tmp_path)) == 12


def test_what_is_no_finite_number_makes_no_point(tmp_path: Path) -> None:
    with CurveFiles(tmp_path) as curve:
        curve("training_loss", 1, float("nan"))
        curve("training_loss", 2, float("inf"))

    assert lines(tmp_path) == []


class FakeSummaryWriter:
    """Remembers what TensorBoard's writer would write; breaks when told to."""

    made: ClassVar[list["FakeSummaryWriter"]] = []
    is_broken: ClassVar[bool] = False

    def __init__(self, folder: str) -> None:
        self.folder, self.points, self.is_closed = folder, [], False
        FakeSummaryWriter.made.append(self)

    def add_scalar(self, name: str, value: float, step: int) -> None:
        if FakeSummaryWriter.is_broken:
            raise RuntimeError("its thread died")
        self.points.append((name, value, step))

    def flush(self) -> None:
        """Write at once."""

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def tensorboard(monkeypatch: pytest.MonkeyPatch) -> type[FakeSummaryWriter]:
    """Stands for the installed package and for torch's door to it."""
    module = ModuleType("torch.utils.tensorboard")
    module.SummaryWriter = FakeSummaryWriter  # type: ignore[attr-defined] # as the real one
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", module)
    monkeypatch.setattr("ml_backend.telling.find_spec", lambda _name: object())
    monkeypatch.setattr(FakeSummaryWriter, "made", [])
    monkeypatch.setattr(FakeSummaryWriter, "is_broken", False)
    return FakeSummaryWriter


def test_event_files_stand_beside_where_tensorboard_is_installed(
    tmp_path: Path, tensorboard: type[FakeSummaryWriter]
) -> None:
    with CurveFiles(tmp_path) as curve:
        curve("training_loss", 3, 2.5)

    (writer,) = tensorboard.made
    assert (writer.folder, writer.points, writer.is_closed) == (
        str(tmp_path / EVENTS),
        [("training_loss", 2.5, 3)],
        True,
    )


def test_a_training_goes_on_when_its_event_files_can_not_be_written(
    tmp_path: Path, tensorboard: type[FakeSummaryWriter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tensorboard, "is_broken", True)

    with CurveFiles(tmp_path) as curve:
        curve("training_loss", 1, 2.5)
        curve("training_loss", 2, 2.4)

    assert len(lines(tmp_path)) == 2
    assert len(tensorboard.made) == 1


def test_without_tensorboard_there_are_no_event_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ml_backend.telling.find_spec", lambda _name: None)

    with CurveFiles(tmp_path) as curve:
        curve("training_loss", 1, 2.5)

    assert [path.name for path in tmp_path.iterdir()] == [CURVES]
