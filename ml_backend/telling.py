"""Writes a training's curves into its run folder while it trains.

They are JSON Lines and, where the package `tensorboard` is installed, its event files beside them. A line is a
contract.CurvePoint. A curve of any length stays small: from so many points on, two become one, then four.
"""

import json
import logging
import math
import time
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

from ml_backend.contract import CurvePoint

logger = logging.getLogger(__name__)
CURVES, EVENTS = "curves.jsonl", "tensorboard"
_DENSE = 400  # points of a curve after which each stands for twice as many steps; a page draws 200


@dataclass(slots=True, kw_only=True)
class _Pace:
    """How a curve is thinned: every n_steps told values become one point, their mean."""

    n_steps: int = 1
    n_points: int = 0
    n_told: int = 0
    total: float = 0.0


class CurveFiles:
    """Takes (name, step, value) as learning.curves.Curve does; each line is readable as soon as it is written."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / CURVES).open("w", encoding="utf-8")
        self._events = Events(folder / EVENTS)
        self._paces: dict[str, _Pace] = {}
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._events.close()

    def __call__(self, name: str, step: int, value: float) -> None:
        """Tell a value; one that is no finite number makes no point."""
        if not math.isfinite(value):
            return
        pace = self._paces.setdefault(name, _Pace())
        pace.n_told, pace.total = pace.n_told + 1, pace.total + value
        if pace.n_told < pace.n_steps:
            return
        self._write(CurvePoint(name=name, step=step, seconds=self._seconds(), value=pace.total / pace.n_told))
        pace.n_told, pace.total, pace.n_points = 0, 0.0, pace.n_points + 1
        if pace.n_points % _DENSE == 0:
            pace.n_steps *= 2

    def _seconds(self) -> float:
        return round(time.monotonic() - self._began, 2)

    def _write(self, point: CurvePoint) -> None:
        self._file.write(f"{json.dumps(asdict(point))}\n")
        self._file.flush()
        self._events.write(point)


class Events:
    """TensorBoard's event files, begun with the first point; whatever goes wrong with them, the training goes on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._is_wanted = find_spec("tensorboard") is not None
        self._writer: Any = None

    def write(self, point: CurvePoint) -> None:
        """Add a point under its curve's name; nothing where the package is not installed."""
        if not self._is_wanted:
            return
        try:
            if self._writer is None:
                from torch.utils.tensorboard import SummaryWriter  # loads torch, and raises without tensorboard

                self._writer = SummaryWriter(str(self._folder))
            self._writer.add_scalar(point.name, point.value, point.step)
            self._writer.flush()
        except Exception as e:  # noqa: BLE001 - they are an extra, and their writer raises what it likes
            logger.warning("no event files for TensorBoard: %s", e)
            self._is_wanted = False

    def close(self) -> None:
        """End the files."""
        if self._writer is not None and self._is_wanted:
            self._writer.close()
