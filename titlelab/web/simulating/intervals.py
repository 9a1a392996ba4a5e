"""Bootstrap intervals over repetitions and the products that each was measured on. Computes only."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

DRAWS = 2000
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A mean with its 95 % interval."""

    mean: float
    low: float
    high: float


def interval(values: Sequence[Sequence[float]], *, seed: int = 0, draws: int = DRAWS) -> Interval:
    """Return the mean of the repetitions' means, and where it may lie.

    values: one list for each repetition, of one value a product, at least one each. A draw takes as many repetitions
    as there are, with replacement, and of each as many products: so both what differs from product to product and
    from repetition to repetition widens the interval. With one repetition it is over products alone. Of values that
    are differences between two arms it is the paired interval. The same values have the same interval.

    Source: Davison & Hinkley 1997, "Bootstrap Methods and their Application", 3.8 (hierarchical data).
    """
    rng = np.random.default_rng(seed)
    n = len(values)
    chosen = rng.integers(0, n, size=(draws, n))
    means = np.stack([_resampled_means(np.asarray(own, dtype=float), (draws, n), rng) for own in values])
    drawn = np.take_along_axis(means, chosen[np.newaxis], axis=0)[0].mean(axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Interval(mean=float(np.mean([np.mean(own) for own in values])), low=float(low), high=float(high))


def _resampled_means(values: FloatArray, shape: tuple[int, int], rng: np.random.Generator) -> FloatArray:
    """Return an array of the shape, each the mean of as many values as there are, drawn with replacement."""
    means: FloatArray = values[rng.integers(0, len(values), size=(*shape, len(values)))].mean(axis=2)
    return means
