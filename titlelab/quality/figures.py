"""Figures of many Decisions with their 95 % intervals, from sums that a database counts. Computes only; see sums.py.

Intervals take Decisions for independent, which those of one person or product are only roughly.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Literal, get_args

from titlelab.quality.rates import Z_95, rate

FigureName = Literal[
    "acceptance", "edit", "chrf", "rouge_l", "tag_precision", "tag_recall", "tag_f1", "category", "seconds"
]
FIGURE_NAMES: tuple[FigureName, ...] = get_args(FigureName)
LEAST = 5  # below so many Decisions a spread is not worth telling


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure over n Decisions, or days, with its interval; without one where too few or all alike."""

    value: float
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How much a figure has risen, with the interval of that; is_clear when it does not hold 0."""

    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What is counted and summed up over Decisions; adding two counts the Decisions of both.

    n_shown saw a drafted title, and n_titles of these say how far it was from theirs: sums and sums of squares of that
    and of the seconds of those who saw one. Of tags: over the n_tagged Decisions that say something of them, sums,
    squares and products of the numbers proposed, final and kept.
    """

    n: float = 0
    n_shown: float = 0
    n_accepted: float = 0
    n_rejected: float = 0
    n_titles: float = 0
    edit: float = 0
    edit_edit: float = 0
    chrf: float = 0
    chrf_chrf: float = 0
    rouge: float = 0
    rouge_rouge: float = 0
    n_seconds: float = 0
    seconds: float = 0
    seconds_seconds: float = 0
    n_tagged: float = 0
    proposed: float = 0
    final: float = 0
    kept: float = 0
    proposed_proposed: float = 0
    final_final: float = 0
    kept_kept: float = 0
    proposed_final: float = 0
    proposed_kept: float = 0
    final_kept: float = 0
    n_category: float = 0
    category: float = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(**{name: getattr(self, name) + getattr(other, name) for name in NAMES})


NAMES = tuple(field.name for field in fields(Sums))


def figure(name: FigureName, sums: Sums) -> Figure | None:
    """Return a figure of the Decisions that were summed up; None where none of them tells it."""
    return _FIGURES[name](sums)


def share(n_hits: float, n: float) -> Figure | None:
    """Return a share with Wilson's interval, see rates.py; None of nothing."""
    found = rate(round(n_hits), round(n))
    return Figure(value=found.share, low=found.low, high=found.high, n=found.n) if found else None


def mean(n: float, total: float, squares: float, *, most: float = math.inf) -> Figure | None:
    """Return the mean of n values between 0 and `most`, told by their sum and sum of squares; None of nothing.

    Student's interval: Gosset 1908, "The Probable Error of a Mean".
    """
    if n <= 0:
        return None
    value = total / n
    variance = (squares - total * value) / (n - 1) / n if n > 1 else 0.0
    return _figure(value, variance, n, most)


def ratio(n: float, y: float, x: float, *, yy: float, xy: float, xx: float) -> Figure | None:
    """Return the ratio of two sums over n Decisions, at most 1; None where x is 0. yy, xy, xx: sums of products.

    Its variance is linearised: n / (n - 1) times the sum of (y - R x)², over the square of x. Cochran 1977, "Sampling
    Techniques", 3rd edition, section 6.4, without his finite population correction.
    """
    if x <= 0:
        return None
    value = y / x
    variance = (yy - 2 * value * xy + value * value * xx) * n / (n - 1) / (x * x) if n > 1 else 0.0
    return _figure(value, variance, n, 1.0)


def difference(before: Figure | None, after: Figure | None) -> Difference | None:
    """Return how much a figure rose between two sets of Decisions; None where either has no interval.

    Newcombe 1998, "Interval estimation for the difference between independent proportions", method 10: squares of the
    distances from each figure to its interval's end add up. Zou and Donner 2008, "Construction of confidence limits
    about effect measures", show that it holds for any two independent figures; means and ratios go the same way here.
    """
    if before is None or after is None:
        return None
    if before.low is None or before.high is None or after.low is None or after.high is None:
        return None
    value = after.value - before.value
    down = math.hypot(after.value - after.low, before.high - before.value)
    up = math.hypot(after.high - after.value, before.value - before.low)
    return Difference(value=value, low=value - down, high=value + up)


def student(degrees: float, z: float = Z_95) -> float:
    """Return the quantile of Student's distribution that belongs to the normal one's z, for 4 degrees and more.

    Abramowitz and Stegun 1964, "Handbook of Mathematical Functions", 26.7.5, to its third term: within 1 %.
    """
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / degrees + second / degrees**2 + third / degrees**3


def _figure(value: float, variance: float, n: float, most: float) -> Figure:
    if n < LEAST or variance <= _ROUNDING * value * value:
        return Figure(value=value, low=None, high=None, n=round(n))
    half = student(n - 1) * math.sqrt(variance)
    return Figure(value=value, low=max(value - half, 0.0), high=min(value + half, most), n=round(n))


def _f1(sums: Sums) -> Figure | None:
    """Return 2 kept / (proposed + final)."""
    return ratio(
        sums.n_tagged,
        2 * sums.kept,
        sums.proposed + sums.final,
        yy=4 * sums.kept_kept,
        xy=2 * (sums.proposed_kept + sums.final_kept),
        xx=sums.proposed_proposed + 2 * sums.proposed_final + sums.final_final,
    )


_ROUNDING = 1e-12  # of a variance that is the difference of large sums
_FIGURES: Mapping[FigureName, Callable[[Sums], Figure | None]] = {
    "acceptance": lambda s: share(s.n_accepted, s.n_shown),
    "edit": lambda s: mean(s.n_titles, s.edit, s.edit_edit, most=1.0),
    "chrf": lambda s: mean(s.n_titles, s.chrf, s.chrf_chrf, most=1.0),
    "rouge_l": lambda s: mean(s.n_titles, s.rouge, s.rouge_rouge, most=1.0),
    "tag_precision": lambda s: ratio(
        s.n_tagged, s.kept, s.proposed, yy=s.kept_kept, xy=s.proposed_kept, xx=s.proposed_proposed
    ),
    "tag_recall": lambda s: ratio(s.n_tagged, s.kept, s.final, yy=s.kept_kept, xy=s.final_kept, xx=s.final_final),
    "tag_f1": _f1,
    "category": lambda s: share(s.category, s.n_category),
    "seconds": lambda s: mean(s.n_seconds, s.seconds, s.seconds_seconds),
}
