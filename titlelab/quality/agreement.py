"""How far people agree who decided on the same products: tags by Krippendorff's alpha, titles by chrF.

Computes only.
"""

import itertools
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Tags = frozenset[str]
V = TypeVar("V", bound=Hashable)
# Five products or fewer have so few resamples that their percentiles would feign a certainty that nobody has.
LEAST_UNITS = 6
DRAWS = 1000
# The weight of how two sets lie to each other. Source: Passonneau 2006, "Measuring Agreement on Set-valued Items (MASI)
# for Semantic and Pragmatic Annotation", section 3.
_SAME, _WITHIN, _CROSSING = 1.0, 2 / 3, 1 / 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A figure over n products that several people decided on, with its 95 % interval where n allows one.

    n_values: the answers it rests on. For alpha 1 is perfect, 0 what chance brings, below 0 worse than chance.
    """

    value: float
    n: int
    n_values: int
    low: float | None = None
    high: float | None = None


def masi_distances(sets: Sequence[Tags]) -> FloatArray:
    """Return (v, v), the MASI distance between each two of v sets, in [0, 1].

    It is 1 - J x M: J the Jaccard index of two sets, M how they lie to each other: 1 for equal sets, 2/3 where one
    holds the other, 1/3 where they cross, 0 where they share nothing. Two empty sets are equal; an empty and another
    one share nothing. Source: Passonneau 2006, as above.
    """
    names = sorted(set().union(*sets)) if sets else []
    place = {name: i for i, name in enumerate(names)}
    holds = np.zeros((len(sets), len(names)))
    for row, tags in enumerate(sets):
        holds[row, [place[tag] for tag in tags]] = 1.0
    both = holds @ holds.T
    sizes = holds.sum(axis=1)
    either = sizes[:, None] + sizes[None, :] - both
    smaller, larger = np.minimum.outer(sizes, sizes), np.maximum.outer(sizes, sizes)
    weight = np.select([both == larger, both == smaller, both > 0], [_SAME, _WITHIN, _CROSSING], 0.0)
    overlap = np.divide(both, either, out=np.ones_like(both), where=either > 0)
    distances: FloatArray = 1.0 - overlap * weight
    return distances


def tag_agreement(units: Sequence[Sequence[Tags]], *, seed: int = 0) -> Agreement | None:
    """Return Krippendorff's alpha of the sets of tags that people gave to the same products, with MASI distances."""
    return alpha(units, masi_distances, seed=seed)


def alpha(
    units: Sequence[Sequence[V]], distances: Callable[[Sequence[V]], FloatArray], *, seed: int = 0
) -> Agreement | None:
    """Return Krippendorff's alpha, 1 - observed / expected disagreement; None where it is not defined.

    units: for each product the answers of those who decided on it, in any number and order; one with fewer than two
    says nothing and is left out, so that data may be missing. It is not defined without a product that two people
    decided on, or when all answers are the same: nothing could have been disagreed on. distances: (v, v) of v answers,
    symmetric, 0 on the diagonal. The interval is a percentile bootstrap over products, expected disagreement included.

    Source: Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", section E (any metric, any number of
    observers, missing data), where his coincidences are summed before they are tabulated: the same sums.
    """
    told = [unit for unit in units if len(unit) > 1]
    answers = list(dict.fromkeys(itertools.chain.from_iterable(told)))
    apart = distances(answers)
    counts = _counts(told, answers)
    # Each product's disagreement: over its ordered pairs, divided by one less than its answers.
    within = np.einsum("ui,ij,uj->u", counts, apart, counts, optimize=True) / np.maximum(counts.sum(axis=1) - 1, 1)
    value = _alphas(np.ones((1, len(told))), counts, within, apart)[0] if told else np.nan
    if not np.isfinite(value):
        return None
    low, high = _percentiles(_alphas(_weights(len(told), seed), counts, within, apart), len(told))
    return Agreement(value=float(value), n=len(told), n_values=sum(map(len, told)), low=low, high=high)


def title_agreement(
    units: Sequence[Sequence[str]], likeness: Callable[[str, str], float], *, seed: int = 0
) -> Agreement | None:
    """Return the mean over products of how alike each two of their titles are; None where nobody met.

    likeness: as chrF, in [0, 1]; it may favour the first or the second title, so both orders are taken. The interval
    is a percentile bootstrap over products.
    """
    told = [unit for unit in units if len(unit) > 1]
    if not told:
        return None
    means = np.array([_mean_likeness(unit, likeness) for unit in told])
    draws = _weights(len(told), seed) @ means / len(told)
    low, high = _percentiles(draws, len(told))
    return Agreement(value=float(means.mean()), n=len(told), n_values=sum(map(len, told)), low=low, high=high)


def _mean_likeness(titles: Sequence[str], likeness: Callable[[str, str], float]) -> float:
    pairs = list(itertools.permutations(titles, 2))
    return sum(likeness(one, other) for one, other in pairs) / len(pairs)


def _counts(units: Sequence[Sequence[V]], answers: Sequence[V]) -> FloatArray:
    """Return (u, v), how often each product was given each answer."""
    place = {answer: i for i, answer in enumerate(answers)}
    counts = np.zeros((len(units), len(answers)))
    for row, unit in enumerate(units):
        for answer in unit:
            counts[row, place[answer]] += 1
    return counts


def _alphas(weights: FloatArray, counts: FloatArray, within: FloatArray, apart: FloatArray) -> FloatArray:
    """Return (draws,) alphas; weights: (draws, u), how often each draw holds each product. NaN where not defined."""
    pooled = weights @ counts
    n = pooled.sum(axis=1)
    observed = (weights @ within) / n
    expected = ((pooled @ apart) * pooled).sum(axis=1) / (n * (n - 1))
    defined = expected > 0
    ratio = np.divide(observed, expected, out=np.full_like(observed, np.nan), where=defined)
    alphas: FloatArray = 1.0 - ratio
    return alphas


def _weights(n: int, seed: int) -> FloatArray:
    """Return (draws, n), how often each of n products stands in each resample."""
    weights: FloatArray = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=DRAWS).astype(np.float64)
    return weights


def _percentiles(draws: FloatArray, n: int) -> tuple[float | None, float | None]:
    known = draws[np.isfinite(draws)]
    if n < LEAST_UNITS or not len(known):
        return None, None
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)
