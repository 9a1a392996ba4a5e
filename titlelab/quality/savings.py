"""What choosing the items has saved so far, and when asking about more no longer pays. Computes only.

Both are read from the live random arm: its items are a true random sample of what was unasked, so what had to be
mended on them is what the catalog needs, and what any random item would have needed.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
# Below these an interval would be wider than anything it could tell.
LEAST_RANDOM = 30
LEAST_CHOSEN = 30
LEAST_STAGES = 3  # numbers of labels at which models were shown: a fall needs more than two points
_DRAWS = 1000
_STEPS = 25  # of Newton's method; it settles in about eight
_SETTLED = 1e-9  # a step of that size changes no figure that is shown
_STEEPEST = 3.0  # errors that fall faster than the cube of the labels are noise


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One decided item.

    stage names the pair of models that drafted it. n_labels is how many chosen items had been decided when that pair
    was first shown. n_corrections: tags added and removed, and 1 for a title that was edited or rejected.
    """

    stage: str
    is_random: bool
    n_labels: int
    n_corrections: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What the choosing has saved.

    yield_ratio: corrections on a chosen item, as a multiple of those on a random item shown by the same models.
    labels: how many more random items people would have had to decide for as many corrections; negative if fewer.
    """

    n_random: int
    n_chosen: int
    yield_ratio: Estimate
    labels: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What more labels are worth.

    mending: the share of random items that need mending, at the present number of labels, by the fitted fall. spared:
    how many of the products that nobody was asked about the next label is expected to spare a mending. pays_until:
    the number of labels from which that is less than one; 0 where errors have not been seen to fall.
    """

    n_labels: int
    n_left: int
    mending: Estimate
    spared: Estimate
    pays_until: Estimate

    @property
    def pays(self) -> bool | None:
        """Say whether another label pays; None where the interval does not tell."""
        if self.spared.low >= 1:
            return True
        return False if self.spared.high < 1 else None


def saved(asked: Sequence[Asked], *, seed: int = 0) -> Saved | None:
    """Estimate what the choosing has saved; None with too few items of either arm.

    A model learns where it was wrong, so labels are counted by the corrections they brought. Within each stage (one
    pair of models, which drew both arms from the same products at the same time) the chosen items' corrections are
    compared with those expected of as many random ones: ratio = sum of corrections on chosen / sum over stages of
    n chosen x mean corrections on random. labels = n chosen x (ratio - 1). Stages that lack either arm are left out.
    The interval is a percentile bootstrap over items, within stage and arm.

    What it does not tell: whether a correction on a chosen item teaches as much as one on a random item.
    `benchmarks.active_learning` measures that, with the truth at hand; here no model was ever learnt from a random
    selection to compare with.
    """
    stages = _stages(asked)
    n_chosen, n_random = (
        (int(sum(arm.sum() for arm in arms)) for arms in zip(*stages, strict=True)) if stages else (0, 0)
    )
    if n_chosen < LEAST_CHOSEN or n_random < LEAST_RANDOM or not any(_total(random) for _, random in stages):
        return None
    ratio = _yield_ratio(stages)
    rng = np.random.default_rng(seed)
    ratios = [_yield_ratio([(_redrawn(c, rng), _redrawn(r, rng)) for c, r in stages]) for _ in range(_DRAWS)]
    estimate = _estimate(ratio, np.array(ratios))
    return Saved(
        n_random=n_random,
        n_chosen=n_chosen,
        yield_ratio=estimate,
        labels=Estimate(
            value=n_chosen * (estimate.value - 1),
            low=n_chosen * (estimate.low - 1),
            high=n_chosen * (estimate.high - 1),
        ),
    )


def outlook(asked: Sequence[Asked], *, n_labels: int, n_left: int, seed: int = 0) -> Outlook | None:
    """Estimate what the next labels are worth; None with too few random items or stages.

    n_labels: chosen items decided by now. n_left: products that nobody was asked about. The share of random items that
    need mending is fitted as e(n) = a (n + 1)^-b over the labels n known when each was drafted, by Poisson regression
    of "needs mending" on log(n + 1) (learning curves fall as powers: Cortes et al. 1993, "Learning Curves: Asymptotic
    Values and Rate of Convergence"; we leave the asymptote out, which a live arm is too small to tell, and so take
    what is still to be gained rather too high). A label costs a person one look, a product spared saves one: it pays
    while n_left x -e'(n) >= 1. Intervals are a percentile bootstrap over the random items.
    """
    cells = Counter((item.n_labels, item.n_corrections > 0) for item in asked if item.is_random)
    labels = sorted({known for known, _ in cells})
    counts = np.array([[cells[known, False], cells[known, True]] for known in labels], dtype=np.int64).reshape(-1, 2)
    n = int(counts.sum())
    if n < LEAST_RANDOM or len(labels) < LEAST_STAGES or not counts[:, 1].any():
        return None
    rng = np.random.default_rng(seed)
    x = np.log(np.array(labels, dtype=np.float64) + 1)
    draws = rng.multinomial(n, counts.ravel() / n, size=_DRAWS).reshape(_DRAWS, *counts.shape)
    fits = [_power_law(x, drawn) for drawn in (counts, *draws)]
    told = np.array([_told(a, b, n_labels, n_left) for a, b in fits])
    mending, spared, pays_until = (_estimate(float(own[0]), own[1:]) for own in told.T)
    return Outlook(n_labels=n_labels, n_left=n_left, mending=mending, spared=spared, pays_until=pays_until)


def _told(a: float, b: float, n_labels: int, n_left: int) -> tuple[float, float, float]:
    """Return the error now, products spared by the next label, and the labels at which that falls below one."""
    error = min(a * (n_labels + 1) ** -b, 1.0)
    until = (n_left * a * b) ** (1 / (b + 1)) - 1 if b > 0 else 0.0
    return error, n_left * b * error / (n_labels + 1), max(until, 0.0)


def _power_law(x: FloatArray, counts: IntArray) -> tuple[float, float]:
    """Return a and b of a (n + 1)^-b, b in [0, 3], by Poisson regression; b is 0 where there is no fall to see.

    x: (m,), log(n + 1). counts: (m, 2), how many items at each were right and how many wrong; some of both.
    """
    seen, wrong = counts.sum(axis=1).astype(np.float64), counts[:, 1].astype(np.float64)
    centre, share = float(seen @ x / seen.sum()), float(wrong.sum() / seen.sum())
    level, slope = float(np.log(max(share, 1e-9))), 0.0
    for _ in range(_STEPS):
        rate = seen * np.exp(np.clip(level + slope * (x - centre), -20, 1))
        residual = wrong - rate
        # A weak pull of the slope towards 0 keeps samples of a single stage, or without an error, from infinity.
        gradient = np.array([residual.sum(), residual @ (x - centre) - slope])
        across = rate @ (x - centre)
        hessian = np.array([[rate.sum() + 1e-6, across], [across, rate @ (x - centre) ** 2 + 1.0]])
        step = np.clip(np.linalg.solve(hessian, gradient), -1, 1)
        level, slope = level + float(step[0]), slope + float(step[1])
        if np.abs(step).max() < _SETTLED:
            break
    if slope >= 0:
        return share, 0.0
    b = min(-slope, _STEEPEST)
    return float(np.exp(level + b * centre)), b


def _stages(asked: Sequence[Asked]) -> list[tuple[IntArray, IntArray]]:
    """Return of each stage with both arms how many chosen and how many random items had 0, 1, 2 … corrections."""
    counts = Counter((item.stage, item.is_random, item.n_corrections) for item in asked)
    by_arm: dict[tuple[str, bool], IntArray] = {}
    most = max((n for _, _, n in counts), default=0)
    for (stage, is_random, n_corrections), n in counts.items():
        by_arm.setdefault((stage, is_random), np.zeros(most + 1, dtype=np.int64))[n_corrections] = n
    names = sorted({stage for stage, _ in by_arm})
    return [
        (by_arm[name, False], by_arm[name, True])
        for name in names
        if (name, False) in by_arm and (name, True) in by_arm
    ]


def _total(counts: IntArray) -> int:
    return int(counts @ np.arange(len(counts)))


def _yield_ratio(stages: Sequence[tuple[IntArray, IntArray]]) -> float:
    found = sum(_total(chosen) for chosen, _ in stages)
    expected = sum(chosen.sum() * _total(random) / random.sum() for chosen, random in stages)
    return float(found / expected) if expected else float("inf")


def _redrawn(counts: IntArray, rng: np.random.Generator) -> IntArray:
    """Draw as many items anew, with replacement; how many of each count is all that matters of them."""
    n = int(counts.sum())
    return rng.multinomial(n, counts / n)


def _estimate(value: float, draws: FloatArray) -> Estimate:
    known = draws[np.isfinite(draws)]
    low, high = np.percentile(known, [2.5, 97.5]) if len(known) else (value, value)
    return Estimate(value=value, low=float(low), high=float(high))
