"""Rates of acceptance, edits and tags over Decisions. Computes only; see measuring.py for the writes."""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

Z_95 = 1.959964  # two-sided 95 % of the normal distribution


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share of n with its 95 % interval, all in [0, 1]."""

    share: float
    low: float
    high: float
    n: int


def rate(n_hits: int, n: int, *, z: float = Z_95) -> Rate | None:
    """Return the share of hits with Wilson's interval; None when n is 0.

    Source: Wilson 1927, "Probable Inference, the Law of Succession, and Statistical Inference", the score interval;
    it stays inside [0, 1] and holds at the ten or twenty Decisions that a new version has.
    """
    if not 0 <= n_hits <= n:
        raise ValueError(f"{n_hits} hits of {n}")
    if n == 0:
        return None
    share = n_hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Rate(share=share, low=max(centre - half, 0.0), high=min(centre + half, 1.0), n=n)


def mean(values: Iterable[float | None]) -> float | None:
    """Return the mean of what is known; None when nothing is."""
    known: Sequence[float] = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def micro_f1(pairs: Iterable[tuple[Collection[str], Collection[str]]]) -> float | None:
    """Return the F1 of all (proposed, final) tags counted together; None when there is no tag on either side."""
    n_both = n_either = 0
    for proposed, final in pairs:
        n_both += len(set(proposed) & set(final))
        n_either += len(set(proposed)) + len(set(final))
    return 2 * n_both / n_either if n_either else None
