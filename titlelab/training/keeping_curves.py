"""Keeps a run's training curves in the database, where they outlive its folder."""

from pathlib import Path

from django.conf import settings
from django.db import transaction

from ml_backend.contract import CurvePoint
from titlelab.training.curves import Told, read_curves, thinned
from titlelab.training.models import TrainingCurve, TrainingRun

EVENTS = "tensorboard"


def keep_curves(run: TrainingRun) -> int:
    """Store the curves that the run's folders hold in place of what was stored; return how many. Safe to repeat."""
    rows = [
        TrainingCurve(run=run, name=name, points=[[p.step, p.seconds, p.value] for p in thinned(points)])
        for name, points in read_curves(_folders(run)).curves.items()
    ]
    with transaction.atomic():
        run.curves.all().delete()
        return len(TrainingCurve.objects.bulk_create(rows))


def curves_of(run: TrainingRun) -> Told:
    """Return the run's curves: the kept ones or, before the run has ended, what its folders hold by now."""
    kept = {row.name: tuple(_points(row)) for row in run.curves.order_by("pk")}
    if kept:
        return Told(curves=kept)
    told = read_curves(_folders(run))
    return Told(curves={name: thinned(points) for name, points in told.curves.items()}, n_refused=told.n_refused)


def events_folder(run: TrainingRun) -> Path | None:
    """Return where the event files for TensorBoard stand, of the last attempt that wrote some; None without any."""
    found = [folder / EVENTS for folder in _folders(run) if (folder / EVENTS).is_dir()]
    return found[-1] if found else None


def _points(row: TrainingCurve) -> list[CurvePoint]:
    return [CurvePoint(name=row.name, step=step, seconds=seconds, value=value) for step, seconds, value in row.points]


def _folders(run: TrainingRun) -> list[Path]:
    """Return the folders of the run's attempts, the first one first."""
    return [Path(settings.RUNS_FOLDER) / f"{run.pk}-{attempt}" for attempt in range(1, run.attempts + 1)]
