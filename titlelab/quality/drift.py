"""How far a population has moved from an earlier one, and whether chance could have moved it. Computes only.

See populations.py for what is compared, and titlelab/alerts for what becomes of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST = 30  # products or drafts on either side; fewer say nothing that a shop should act on
LEAST_EXPECTED = 5  # in the smaller population; rarer labels count together. Cochran 1954, Biometrics 10(4)
MOST_LABELS = 100  # of one feature, the most frequent; what shuffling them takes grows with their number
N_SHUFFLES = 1999  # so that (1 + the shuffles that reach it) / 2000 can be ALPHA
ALPHA = 0.001  # a dozen features of each catalog are looked at every day
SMOOTHING = 0.5  # is added to each count, so that a label that is new or gone has a finite share; Jeffreys' prior
N_MOVED = 5  # labels that are told
OTHERS = "…"  # the label of what is too rare to stand alone

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """How many of n have each label: exactly one each (a category) if exclusive, else any number (tags)."""

    n: int
    counts: Mapping[str, int]
    is_exclusive: bool = True

    def __post_init__(self) -> None:
        if self.is_exclusive and sum(self.counts.values()) != self.n:
            raise ValueError(f"{sum(self.counts.values())} labels of {self.n} that have one each")
        if any(not 0 <= count <= self.n for count in self.counts.values()):
            raise ValueError(f"a label is counted more often than the {self.n} there are")


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A label's share before and now, both in [0, 1]."""

    label: str
    before: float
    now: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How far one feature has moved.

    psi is 0 for equal shares and has no upper end; js is in [0, 1]. by_chance is the psi that chance reaches once in
    1/ALPHA times in populations of these sizes; moved names the labels that moved, those that add most to psi first.
    """

    psi: float
    js: float
    by_chance: float
    n_before: int
    n_now: int
    moved: tuple[Move, ...]


def is_beyond(psi: float, by_chance: float, *, threshold: float) -> bool:
    """Say whether a drift is both worth telling and more than chance."""
    return psi >= threshold and psi > by_chance


def drift(before: Histogram, now: Histogram, *, rng: np.random.Generator) -> Drift | None:
    """Return how far the labels have moved; None where there are fewer than LEAST on a side, or no frequent label.

    Exclusive labels are measured together. Of others the one that moved most is measured, each as having it or not,
    and held against the most that any of as many labels moves by chance.

    Sources: Siddiqi 2006, "Credit Risk Scorecards" (population stability index: below 0.1 no change, above 0.25 a
    major one). That such fixed limits cry wolf in small samples: Yurdakul & Naranjo 2020, "Statistical Properties of
    the Population Stability Index", J. Risk Model Validation 14(4). They use the chi-square limit; we share out the
    pooled labels anew instead, which is exact in small populations too: Phipson & Smyth 2010, "Permutation P-values
    Should Never Be Zero". Jensen–Shannon divergence: Lin 1991, IEEE Trans. Information Theory 37(1).
    """
    if before.is_exclusive != now.is_exclusive:
        raise ValueError("labels that are exclusive on one side alone can't be compared")
    if min(before.n, now.n) < LEAST:
        return None
    if before.is_exclusive:
        return _drift_of_all(before, now, rng)
    return _drift_of_each(before, now, rng)


def psi(before: FloatArray | IntArray, now: FloatArray | IntArray) -> FloatArray:
    """Return the population stability index of counts over the same labels.

    before, now: (…, k), counts of k exclusive labels. Returns (…), at least 0.
    """
    p, q = _smoothed(before), _smoothed(now)
    found: FloatArray = ((q - p) * np.log(q / p)).sum(axis=-1)
    return found


def jensen_shannon(before: FloatArray | IntArray, now: FloatArray | IntArray) -> float:
    """Return the Jensen–Shannon divergence in bits: 0 for equal shares, 1 for no label in common.

    before, now: (k,), counts of k exclusive labels, not all 0.
    """
    p, q = before / before.sum(), now / now.sum()
    return float((_relative_entropy(p, (p + q) / 2) + _relative_entropy(q, (p + q) / 2)) / 2)


def _drift_of_all(before: Histogram, now: Histogram, rng: np.random.Generator) -> Drift | None:
    labels = _frequent(before, now)
    if not labels:
        return None
    b, c = _with_others(before, labels), _with_others(now, labels)
    shuffled = rng.multivariate_hypergeometric(b + c, now.n, size=N_SHUFFLES, method="marginals")
    p, q = _smoothed(b), _smoothed(c)
    order = np.argsort(-(q - p) * np.log(q / p), kind="stable")
    named = [*labels, OTHERS]
    return Drift(
        psi=float(psi(b, c)),
        js=jensen_shannon(b, c),
        by_chance=_rarely_reached(psi(b + c - shuffled, shuffled)),
        n_before=before.n,
        n_now=now.n,
        moved=tuple(_move(named[i], b[i] / before.n, c[i] / now.n) for i in order[:N_MOVED] if b[i] + c[i]),
    )


def _drift_of_each(before: Histogram, now: Histogram, rng: np.random.Generator) -> Drift | None:
    labels = _frequent(before, now)
    if not labels:
        return None
    b, c = _counted(before, labels), _counted(now, labels)
    measured = psi(_or_not(b, before.n), _or_not(c, now.n))
    n_all = before.n + now.n
    shuffled = rng.hypergeometric(b + c, n_all - (b + c), now.n, size=(N_SHUFFLES, len(labels)))
    by_chance = psi(_or_not(b + c - shuffled, before.n), _or_not(shuffled, now.n))
    order = np.argsort(-measured, kind="stable")
    worst = int(order[0])
    return Drift(
        psi=float(measured[worst]),
        js=jensen_shannon(_or_not(b, before.n)[worst], _or_not(c, now.n)[worst]),
        # As if labels were independent: those that go together move further together, but no further each.
        by_chance=_rarely_reached(by_chance.max(axis=1)),
        n_before=before.n,
        n_now=now.n,
        moved=tuple(_move(labels[i], b[i] / before.n, c[i] / now.n) for i in order[:N_MOVED]),
    )


def _frequent(before: Histogram, now: Histogram) -> list[str]:
    """Return the labels of which the smaller population should have enough, the most frequent first.

    They are chosen by both populations together, so that shuffling would choose the same.
    """
    pooled = {
        label: before.counts.get(label, 0) + now.counts.get(label, 0) for label in {**before.counts, **now.counts}
    }
    share = min(before.n, now.n) / (before.n + now.n)
    enough = [label for label, count in pooled.items() if count * share >= LEAST_EXPECTED and label != OTHERS]
    return sorted(enough, key=lambda label: (-pooled[label], label))[:MOST_LABELS]


def _counted(histogram: Histogram, labels: Sequence[str]) -> IntArray:
    return np.array([histogram.counts.get(label, 0) for label in labels], dtype=np.int64)


def _with_others(histogram: Histogram, labels: Sequence[str]) -> IntArray:
    counts = _counted(histogram, labels)
    return np.append(counts, histogram.n - counts.sum())


def _or_not(counts: IntArray, n: int) -> IntArray:
    """Return (…, k, 2) of counts (…, k): how many have each label, and how many have it not."""
    return np.stack([counts, n - counts], axis=-1)


def _smoothed(counts: FloatArray | IntArray) -> FloatArray:
    padded = counts + SMOOTHING
    shares: FloatArray = padded / padded.sum(axis=-1, keepdims=True)
    return shares


def _relative_entropy(p: FloatArray, q: FloatArray) -> float:
    has = p > 0
    return float((p[has] * np.log2(p[has] / q[has])).sum())


def _rarely_reached(drawn: FloatArray) -> float:
    """Return what a measure must exceed for (1 + how many shuffles reach it) / (1 + N_SHUFFLES) to be ALPHA or less."""
    n_allowed = int(ALPHA * (len(drawn) + 1)) - 1
    return float(np.sort(drawn)[-1 - n_allowed])


def _move(label: str, before: float, now: float) -> Move:
    return Move(label=label, before=float(before), now=float(now))
