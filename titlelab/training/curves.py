"""Reads the curves that a training tells, with distrust, and thins them for keeping and drawing. Computes only.

ml_backend/telling.py writes them, a line at a time, and may be killed within one; see keeping_curves.py for the writes.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ml_backend.contract import CurvePoint, from_json
from ml_backend.errors import BadRequest

FILE = "curves.jsonl"
MOST_BYTES = 4_000_000  # a training of a million steps leaves a quarter of that; what is larger is none of ours
MOST_CURVES = 20
MOST_KEPT = 200  # points of a curve; a chart is 640 units wide
NAME = re.compile(r"([a-z_]{1,40}/)?[a-z_]{1,40}")

Points = tuple[CurvePoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a training told, by the curves' names in the order in which they began; n_refused counts damaged lines."""

    curves: Mapping[str, Points]
    n_refused: int = 0


def read_curves(folders: Iterable[Path]) -> Told:
    """Read what the attempts of a run told, the first attempt first: one that went on from a checkpoint continues.

    An attempt that began anew takes the place of what was told before. A folder without curves has none.
    """
    curves: dict[str, list[CurvePoint]] = {}
    n_refused = 0
    for line in (line for folder in folders for line in _lines(folder / FILE)):
        point = _point(line)
        if point is None or (point.name not in curves and len(curves) == MOST_CURVES):
            n_refused += 1
            continue
        own = curves.setdefault(point.name, [])
        while own and own[-1].step >= point.step:
            own.pop()
        own.append(point)
    return Told(curves={name: tuple(own) for name, own in curves.items()}, n_refused=n_refused)


def thinned(points: Sequence[CurvePoint], most: int = MOST_KEPT) -> Points:
    """Return at most so many points: each the mean of some that follow one another, at the last one's step."""
    size = -(-len(points) // most)
    parts = [points[start : start + size] for start in range(0, len(points), max(size, 1))]
    return tuple(
        CurvePoint(
            name=part[-1].name,
            step=part[-1].step,
            seconds=part[-1].seconds,
            value=sum(point.value for point in part) / len(part),
        )
        for part in parts
    )


def _lines(file: Path) -> list[str]:
    """Return the whole lines of a file; the last one may still be on its way."""
    try:
        with file.open("rb") as content:
            text = content.read(MOST_BYTES).decode(errors="replace")
    except OSError:
        return []
    return [line for line in text.split("\n")[:-1] if line.strip()]


def _point(line: str) -> CurvePoint | None:
    """Return a line's point; None for one that is damaged or no point of a curve."""
    try:
        point = from_json(CurvePoint, json.loads(line))
    except (ValueError, RecursionError, BadRequest):
        return None
    is_finite = math.isfinite(point.seconds + point.value)
    is_sound = NAME.fullmatch(point.name) and point.step >= 0 and is_finite and min(point.seconds, point.value) >= 0
    return point if is_sound else None
