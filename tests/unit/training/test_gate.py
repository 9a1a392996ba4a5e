from collections.abc import Sequence

import pytest

from ml_backend.contract import GoldenScore, TrainingReport
from titlelab.training.gate import Verdict, verdict


def test_an_honest_candidate_passes_with_its_numbers() -> None:
    serving = [0.5, 0.6, 0.7, 0.8, 0.9]
    candidate = [0.6, 0.7, 0.8, 0.9, 1.0]

    judged = _judged(_scores(candidate), _scores(serving))

    assert judged.passed
    assert judged.n == 5
    assert judged.mean_candidate == pytest.approx(0.8)
    assert judged.mean_serving == pytest.approx(0.7)
    assert judged.difference == pytest.approx(0.1)
    assert judged.lower_bound == pytest.approx(0.1)  # every pair differs by 0.1, and so does every resample
    assert judged.reason == "Passed on 5 items (golden set): 0.800 against 0.700; not worse."


def test_the_same_scores_pass_since_the_pairs_are_resampled_together() -> None:
    scores = _scores([0.0, 1.0, 0.3, 0.9, 0.1, 0.6])

    judged = _judged(scores, scores)

    assert judged.passed
    assert judged.lower_bound == 0.0


def test_a_poisoned_candidate_is_refused() -> None:
    judged = _judged(_scores([0.2] * 20), _scores([0.8] * 20))

    assert not judged.passed
    assert "mean quality may fall from 0.800 by 0.600 (0.020 is allowed)" in judged.reason


def test_a_loss_within_the_margin_is_not_worse() -> None:
    judged = _judged(_scores([0.79] * 20), _scores([0.80] * 20))

    assert judged.passed
    assert judged.lower_bound == pytest.approx(-0.01)


def test_what_may_be_worse_by_chance_is_refused_though_the_means_are_equal() -> None:
    candidate, serving = [1.0, 0.0] * 5, [0.0, 1.0] * 5

    judged = _judged(_scores(candidate), _scores(serving))

    assert judged.difference == 0
    # The mean of ten differences of ±1 is (2 k - 10) / 10 with k binomial(10, 1/2); the tenth percentile is k = 3.
    assert judged.lower_bound == pytest.approx(-0.4)
    assert not judged.passed


def test_four_items_are_too_few() -> None:
    judged = _judged(_scores([1.0] * 4), _scores([0.0] * 4))

    assert not judged.passed
    assert judged.reason == "Only 4 items to measure on; the gate needs 5."


def test_a_frequent_category_may_not_pay_for_the_others() -> None:
    groups = ["Bottles"] * 10 + ["Lamps"] * 30
    serving = [0.8] * 40
    candidate = [0.6] * 10 + [0.9] * 30

    judged = _judged(_scores(candidate, groups), _scores(serving, groups))

    assert judged.difference == pytest.approx(0.025)
    assert not judged.passed
    assert "Bottles falls by 0.20 over 10 items (0.10 is allowed)" in judged.reason


def test_a_category_of_nine_items_is_not_looked_at() -> None:
    groups = ["Bottles"] * 9 + ["Lamps"] * 31
    serving = [0.8] * 40
    candidate = [0.6] * 9 + [0.9] * 31

    judged = _judged(_scores(candidate, groups), _scores(serving, groups))

    assert judged.passed
    assert judged.worst_fall is not None
    assert judged.worst_fall.name == "Lamps"


def test_a_category_that_falls_no_further_than_chance_is_let_pass() -> None:
    groups = ["Bottles"] * 10 + ["Lamps"] * 40
    serving = [1.0] * 6 + [0.0] * 4 + [0.5] * 40
    candidate = [0.0] * 6 + [1.0] * 4 + [1.0] * 40  # the ten bottles lose 0.2 in the mean, by six against four

    judged = _judged(_scores(candidate, groups), _scores(serving, groups))

    assert judged.passed
    assert judged.worst_fall is not None
    assert judged.worst_fall.fall == pytest.approx(0.2)
    assert judged.worst_fall.at_least < 0


def test_a_frequent_tag_may_not_be_forgotten() -> None:
    serving = _tagged(proposed=[("gift",)] * 10 + [()] * 10, true=[("gift",)] * 10 + [()] * 10)
    candidate = _tagged(proposed=[()] * 20, true=[("gift",)] * 10 + [()] * 10)

    judged = _judged(candidate, serving)

    assert not judged.passed
    assert "gift falls by 1.00 over 10 items" in judged.reason


def test_the_fall_of_a_tag_is_a_fall_of_its_f1() -> None:
    true = [("gift",)] * 10
    serving = _tagged(proposed=[("gift",)] * 10, true=true)
    candidate = _tagged(proposed=[("gift",)] * 9 + [()], true=true)

    judged = _judged(candidate, serving)

    assert judged.worst_fall is not None
    assert judged.worst_fall.fall == pytest.approx(1 - 18 / 19)  # F1 = 2 * 9 / (9 + 10)


@pytest.mark.parametrize(("n_broken", "passes"), [(1, True), (2, True), (3, False)])
def test_violations_may_rise_by_two_in_a_hundred(n_broken: int, *, passes: bool) -> None:
    candidate = _scores([0.9] * 100, n_violations=[2] * n_broken + [0] * (100 - n_broken))

    judged = _judged(candidate, _scores([0.9] * 100))

    assert judged.passed is passes
    assert (judged.violations_serving, judged.violations_candidate) == (0, n_broken)


@pytest.mark.parametrize(("n_broken", "passes"), [(1, True), (3, False)])
def test_a_broken_draft_more_is_chance_in_a_small_set(n_broken: int, *, passes: bool) -> None:
    candidate = _scores([0.9] * 10, n_violations=[1] * n_broken + [0] * (10 - n_broken))

    assert _judged(candidate, _scores([0.9] * 10)).passed is passes


def test_scores_of_different_items_are_refused() -> None:
    serving = _scores([0.1] * 6)

    judged = _judged(tuple(reversed(_scores([0.9] * 6))), serving)

    assert not judged.passed
    assert "not paired" in judged.reason


@pytest.mark.parametrize("quality", [float("nan"), 1.5, -0.1])
def test_a_quality_that_is_no_share_is_refused(quality: float) -> None:
    assert not _judged(_scores([quality] * 6), _scores([0.1] * 6)).passed


def test_the_verdict_says_when_held_out_families_stood_in() -> None:
    report = _report(_scores([0.9] * 6), _scores([0.8] * 6))

    judged = verdict(report, margin=0.02, golden_is="held-out families")

    assert "(held-out families)" in judged.reason


def _judged(candidate: Sequence[GoldenScore], serving: Sequence[GoldenScore]) -> Verdict:
    return verdict(_report(candidate, serving), margin=0.02, golden_is="golden set")


def _report(candidate: Sequence[GoldenScore], serving: Sequence[GoldenScore]) -> TrainingReport:
    return TrainingReport(
        version_folder="v1",
        n_examples=100,
        seconds=1.0,
        device="cpu",
        metrics={},
        serving_version=0,
        candidate=tuple(candidate),
        serving=tuple(serving),
    )


def _scores(
    qualities: Sequence[float], groups: Sequence[str] = (), n_violations: Sequence[int] = ()
) -> tuple[GoldenScore, ...]:
    groups, n_violations = groups or [""] * len(qualities), n_violations or [0] * len(qualities)
    return tuple(
        GoldenScore(sku=f"sku-{i}", group=group, quality=quality, n_violations=n)
        for i, (quality, group, n) in enumerate(zip(qualities, groups, n_violations, strict=True))
    )


def _tagged(*, proposed: Sequence[tuple[str, ...]], true: Sequence[tuple[str, ...]]) -> tuple[GoldenScore, ...]:
    """All of equal quality, so that only the tags' own F1 speaks."""
    return tuple(
        GoldenScore(sku=f"sku-{i}", group="", quality=0.5, proposed=p, true=t)
        for i, (p, t) in enumerate(zip(proposed, true, strict=True))
    )
