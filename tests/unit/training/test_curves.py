"""What a training told of its course is read with distrust, thinned and kept."""

import json
from pathlib import Path

import pytest
from django.conf import settings

from ml_backend.contract import CurvePoint
from tests.factories import make_run
from titlelab.training.curves import FILE, MOST_BYTES, MOST_CURVES, read_curves, thinned
from titlelab.training.keeping_curves import curves_of, keep_curves


def line(step: int, value: float, name: str = "training_loss") -> str:
    return json.dumps({"name": name, "step": step, "seconds": step / 2, "value": value}) + "\n"


def written(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(text, encoding="utf-8")
    return folder


def steps_and_values(points: tuple[CurvePoint, ...]) -> list[tuple[int, float]]:
    return [(point.step, point.value) for point in points]


def test_curves_are_told_in_the_order_in_which_they_began(tmp_path: Path) -> None:
    told = read_curves([written(tmp_path, line(1, 3.0) + line(1, 2.5, "validation_loss") + line(2, 2.0))])

    assert list(told.curves) == ["training_loss", "validation_loss"]
    assert steps_and_values(told.curves["training_loss"]) == [(1, 3.0), (2, 2.0)]


@pytest.mark.parametrize(
    "damaged",
    [
        "half a li\n",
        "{}\n",
        "[" * 5000 + "\n",
        line(-1, 2.0),
        line(2, float("nan")),
        line(2, float("inf")),
        line(2, -0.5),
        line(2, 2.0, "<b>loss</b>"),
        line(2, 2.0, "loss" * 30),
        '{"name": "loss", "step": "two", "seconds": 1, "value": 1}\n',
        "\x00\x00\n",
    ],
)
def test_a_damaged_line_is_refused_and_the_rest_is_read(tmp_path: Path, damaged: str) -> None:
    told = read_curves([written(tmp_path, line(1, 3.0) + damaged + line(3, 2.0))])

    assert steps_and_values(told.curves["training_loss"]) == [(1, 3.0), (3, 2.0)]
    assert told.n_refused == 1


def test_a_line_that_is_still_on_its_way_is_no_damage(tmp_path: Path) -> None:
    told = read_curves([written(tmp_path, line(1, 3.0) + line(2, 2.0)[:20])])

    assert (steps_and_values(told.curves["training_loss"]), told.n_refused) == ([(1, 3.0)], 0)


def test_a_file_larger_than_any_of_ours_is_read_to_its_bound(tmp_path: Path) -> None:
    told = read_curves([written(tmp_path, line(1, 3.0) + " " * MOST_BYTES + line(2, 2.0))])

    assert steps_and_values(told.curves["training_loss"]) == [(1, 3.0)]


def test_no_more_curves_are_read_than_any_training_has(tmp_path: Path) -> None:
    names = [f"loss_{'a' * n}" for n in range(1, MOST_CURVES + 4)]

    told = read_curves([written(tmp_path, "".join(line(1, 1.0, name) for name in names))])

    assert (len(told.curves), told.n_refused) == (MOST_CURVES, 3)


def test_an_attempt_that_goes_on_continues_the_curve_and_one_that_begins_anew_replaces_it(tmp_path: Path) -> None:
    first = written(tmp_path / "1", line(1, 3.0) + line(2, 2.0) + line(3, 1.0))
    went_on = written(tmp_path / "2", line(3, 1.5) + line(4, 1.0))
    anew = written(tmp_path / "3", line(1, 9.0))

    assert steps_and_values(read_curves([first, went_on]).curves["training_loss"]) == [
        (1, 3.0), (2, 2.0), (3, 1.5), (4, 1.0),
    ]  # fmt: skip
    assert steps_and_values(read_curves([first, went_on, anew]).curves["training_loss"]) == [(1, 9.0)]


def test_a_long_curve_is_thinned_to_means_and_a_short_one_stays() -> None:
    points = [CurvePoint(name="loss", step=step, seconds=step, value=float(step % 2)) for step in range(1, 1001)]

    thin = thinned(points, most=200)

    assert len(thin) == 200
    assert (thin[0].step, thin[-1].step) == (5, 1000)
    assert 0.4 <= thin[0].value <= 0.6
    assert thinned(points[:150]) == tuple(points[:150])
    assert thinned([]) == ()


@pytest.mark.django_db
def test_kept_curves_outlive_the_run_folder() -> None:
    run = make_run(attempts=2)
    folder = written(Path(settings.RUNS_FOLDER) / f"{run.pk}-1", line(1, 3.0) + line(2, 2.0))
    written(Path(settings.RUNS_FOLDER) / f"{run.pk}-2", line(2, 1.0) + "damaged\n")
    live = curves_of(run)

    n = keep_curves(run)
    (folder / FILE).unlink()

    assert live.n_refused == 1
    assert n == 1
    assert steps_and_values(curves_of(run).curves["training_loss"]) == [(1, 3.0), (2, 1.0)]


@pytest.mark.django_db
def test_a_run_without_curves_keeps_none() -> None:
    run = make_run(attempts=1)

    assert keep_curves(run) == 0
    assert curves_of(run).curves == {}
