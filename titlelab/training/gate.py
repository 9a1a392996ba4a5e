"""The gate: may a candidate replace the serving version? Computes only; see running.py for the writes.

It asks for non-inferiority, not for a proof of gain: with the 50 to 200 golden items that a shop can afford, a true
gain of a point or two is seldom provable, and a gate that waits for proof would freeze the loop. So the candidate must
be shown to be at most `margin` worse. Small losses could add up over many promotions, each within the margin; the
quality snapshots by version show that, and a rollback mends it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml_backend.contract import GoldenScore, TrainingReport

FloatArray = npt.NDArray[np.float64]

LEAST_ITEMS = 5  # below this no interval means anything: a bootstrap of four items has only 35 different samples
CONFIDENCE = 0.90  # one-sided; the loss that slips through one time in ten is small, and a rollback is one click
FREQUENT = 10  # items of a category, or items that truly carry a tag, from which its own mean is looked at
GROUP_MARGIN = 0.10  # a category may lose a tenth of its quality: with 10 items that is one title gone wrong
VIOLATION_MARGIN = 0.02  # share of items that newly break a rule


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFall:
    """How far the mean quality of a category, or the F1 of a tag, falls from serving to candidate.

    at_least is the fall's one-sided lower bound; n counts the items, for a tag those that truly carry it.
    """

    name: str
    n: int
    fall: float
    at_least: float

    @property
    def is_too_far(self) -> bool:
        """Say whether the fall is larger than allowed, and larger than chance makes it in so few items."""
        return self.fall > GROUP_MARGIN and self.at_least > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the gate says, in a sentence, with the numbers that it rests on.

    lower_bound is the one-sided 90 % bound of difference (candidate - serving); worst_fall is None where no category
    or tag is frequent; violations count the items whose draft breaks a rule or claims an unsupported fact.
    """

    passed: bool
    reason: str
    golden_is: str
    n: int
    margin: float
    mean_candidate: float | None = None
    mean_serving: float | None = None
    difference: float | None = None
    lower_bound: float | None = None
    unedited_candidate: float | None = None
    unedited_serving: float | None = None
    worst_fall: GroupFall | None = None
    violations_candidate: int = 0
    violations_serving: int = 0


def verdict(
    report: TrainingReport, *, margin: float, golden_is: str, n_bootstrap: int = 2000, seed: int = 0
) -> Verdict:
    """Judge a candidate by its paired scores against the serving version's.

    Passes when the lower bound of the mean difference is at least -margin, no frequent category or tag falls by more
    than GROUP_MARGIN beyond chance, and violations do not rise by more than VIOLATION_MARGIN beyond chance. Scores
    that are not paired, or lie outside [0, 1], are refused.

    Source: Efron & Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13 (percentile intervals); the pairs
    are resampled together, so that an item's difficulty, shared by both versions, cancels out.
    """
    n = len(report.candidate)
    if not _are_paired(report):
        return refusal("The scores of both versions are not paired, or not shares.", n, margin, golden_is)
    if n < LEAST_ITEMS:
        return too_few(n, margin, golden_is)
    candidate, serving = _qualities(report.candidate), _qualities(report.serving)
    weights = _resampled_counts(n, n_bootstrap, seed)
    difference = candidate - serving
    lower_bound = _lower_bound(weights @ difference / n)
    falls = list(_category_falls(report, weights)) + list(_tag_falls(report, weights))
    worst = max(falls, key=lambda g: (g.is_too_far, g.fall), default=None)
    broken_before, broken_after = _broken(report.serving), _broken(report.candidate)
    objections = []
    if not lower_bound >= -margin:
        objections.append(
            f"mean quality may fall from {serving.mean():.3f} by {-lower_bound:.3f} ({margin:.3f} is allowed)"
        )
    if worst and worst.is_too_far:
        objections.append(
            f"{worst.name} falls by {worst.fall:.2f} over {worst.n} items ({GROUP_MARGIN:.2f} is allowed)"
        )
    if _violations_rise(broken_before, broken_after, weights):
        objections.append(f"{broken_after.sum():.0f} drafts break a rule, {broken_before.sum():.0f} do now")
    measured = f"on {n} items ({golden_is}): {candidate.mean():.3f} against {serving.mean():.3f}"
    return Verdict(
        passed=not objections,
        reason=f"Refused {measured}; {'; '.join(objections)}." if objections else f"Passed {measured}; not worse.",
        golden_is=golden_is,
        n=n,
        margin=margin,
        mean_candidate=float(candidate.mean()),
        mean_serving=float(serving.mean()),
        difference=float(difference.mean()),
        lower_bound=lower_bound,
        unedited_candidate=sum(s.unedited for s in report.candidate) / n,
        unedited_serving=sum(s.unedited for s in report.serving) / n,
        worst_fall=worst,
        violations_candidate=int(broken_after.sum()),
        violations_serving=int(broken_before.sum()),
    )


def too_few(n: int, margin: float, golden_is: str) -> Verdict:
    """Refuse because nothing can be said of so few items."""
    return refusal(f"Only {n} items to measure on; the gate needs {LEAST_ITEMS}.", n, margin, golden_is)


def refusal(reason: str, n: int, margin: float, golden_is: str) -> Verdict:
    """Refuse without numbers."""
    return Verdict(passed=False, reason=reason, golden_is=golden_is, n=n, margin=margin)


def _are_paired(report: TrainingReport) -> bool:
    same_items = [s.sku for s in report.candidate] == [s.sku for s in report.serving]
    return same_items and all(0 <= s.quality <= 1 for s in (*report.candidate, *report.serving))


def _qualities(scores: tuple[GoldenScore, ...]) -> FloatArray:
    return np.array([score.quality for score in scores], dtype=np.float64)


def _resampled_counts(n: int, n_bootstrap: int, seed: int) -> FloatArray:
    """Return (n_bootstrap, n): how often each item stands in each resample; every row sums to n."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(n, np.full(n, 1 / n), size=n_bootstrap).astype(np.float64)


def _lower_bound(values: FloatArray) -> float:
    return float(np.quantile(values, 1 - CONFIDENCE))


def _category_falls(report: TrainingReport, weights: FloatArray) -> Iterator[GroupFall]:
    """Yield the fall in mean quality of every frequent category."""
    fall = _qualities(report.serving) - _qualities(report.candidate)
    groups = np.array([score.group for score in report.candidate], dtype=object)
    for name in sorted(set(groups) - {""}):
        inside = (groups == name).astype(np.float64)
        n = int(inside.sum())
        if n >= FREQUENT:
            # A resample without any item of the group says nothing of it: 0 / 1.
            resampled = weights @ (fall * inside) / np.maximum(weights @ inside, 1)
            yield GroupFall(name=name, n=n, fall=float(fall @ inside / n), at_least=_lower_bound(resampled))


def _tag_falls(report: TrainingReport, weights: FloatArray) -> Iterator[GroupFall]:
    """Yield the fall in F1 of every frequent tag."""
    for tag in sorted({tag for score in report.serving for tag in score.true}):
        n = sum(tag in score.true for score in report.serving)
        if n >= FREQUENT:
            once = np.ones((1, len(report.serving)))
            fall = float((_f1(report.serving, tag, once) - _f1(report.candidate, tag, once))[0])
            resampled = _f1(report.serving, tag, weights) - _f1(report.candidate, tag, weights)
            yield GroupFall(name=tag, n=n, fall=fall, at_least=_lower_bound(resampled))


def _f1(scores: tuple[GoldenScore, ...], tag: str, weights: FloatArray) -> FloatArray:
    """Return (b,): a tag's F1 in each of b resamples; 1 where it is neither true nor proposed. weights: (b, n)."""
    true = np.array([tag in score.true for score in scores], dtype=np.float64)
    proposed = np.array([tag in score.proposed for score in scores], dtype=np.float64)
    both, either = weights @ (true * proposed), weights @ (true + proposed)
    return np.where(either > 0, 2 * both / np.maximum(either, 1), 1.0)


def _broken(scores: tuple[GoldenScore, ...]) -> FloatArray:
    """Return (n,): 1 where the draft breaks a rule or claims an unsupported fact, else 0."""
    return np.array([score.n_violations > 0 for score in scores], dtype=np.float64)


def _violations_rise(before: FloatArray, after: FloatArray, weights: FloatArray) -> bool:
    """Say whether the share of broken drafts rises further than allowed, and further than chance explains."""
    n = len(before)
    rise = after - before
    return bool(rise.sum() > VIOLATION_MARGIN * n and _lower_bound(weights @ rise / n) > 0)
