"""How good versions were on the golden items, with intervals. Computes only; the gate's own verdict is gate.py's."""

import math
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from ml_backend.contract import GoldenScore

Z_95 = 1.959964  # two-sided 95 % of the normal distribution


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """A mean of n values in [0, 1] with its 95 % interval, which is cut at 0 and 1."""

    mean: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of both versions; a rising violation is no gain, so no figure says of itself what is better."""

    name: str
    candidate: Mean
    serving: Mean


def mean(values: Sequence[float]) -> Mean | None:
    """Return the mean with its interval by the values' own spread; None of none.

    All alike, they still are few: their spread is then taken for that of one that differs by as much as it can.
    """
    n = len(values)
    if n == 0:
        return None
    centre = math.fsum(values) / n
    is_alike = min(values) == max(values)
    variance = 1 / n if is_alike else math.fsum((value - centre) ** 2 for value in values) / (n - 1)
    half = Z_95 * math.sqrt(variance / n)
    return Mean(mean=centre, low=max(centre - half, 0.0), high=min(centre + half, 1.0), n=n)


def golden_figures(report: Mapping[str, Any], frozen: AbstractSet[str] = frozenset()) -> list[Figure]:
    """Return quality, the share left unedited and that which breaks a rule, as a kept report tells them.

    frozen: skus of the golden set's frozen part, on which versions compare over time; its quality is told apart.
    """
    candidate, serving = report.get("candidate") or [], report.get("serving") or []
    found = [
        _figure(name, [value(score) for score in candidate], [value(score) for score in serving])
        for name, value in _TOLD.items()
    ]
    if frozen:
        parts = [[_quality(s) for s in scores if s["sku"] in frozen] for scores in (candidate, serving)]
        found.insert(1, _figure("quality_frozen", *parts))
    return [figure for figure in found if figure]


def quality_metrics(scores: Sequence[GoldenScore]) -> dict[str, float]:
    """Return the bounds of a version's mean quality, and on how many items it was measured; {} on none."""
    found = mean([score.quality for score in scores])
    return {"quality_low": found.low, "quality_high": found.high, "n_golden": float(found.n)} if found else {}


Score = Mapping[str, Any]


def _quality(score: Score) -> float:
    return float(score["quality"])


def _unedited(score: Score) -> float:
    return float(score.get("unedited", False))


def _breaks_a_rule(score: Score) -> float:
    return float(score.get("n_violations", 0) > 0)


_TOLD: Mapping[str, Callable[[Score], float]] = {
    "quality": _quality,
    "unedited": _unedited,
    "breaks a rule": _breaks_a_rule,
}


def _figure(name: str, candidate: Sequence[float], serving: Sequence[float]) -> Figure | None:
    means = mean(candidate), mean(serving)
    return Figure(name=name, candidate=means[0], serving=means[1]) if means[0] and means[1] else None
