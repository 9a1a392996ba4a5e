import pytest

from ml_backend.contract import GoldenScore
from titlelab.training.golden import golden_figures, mean, quality_metrics


def test_a_mean_stands_within_its_interval_by_the_spread_of_the_values() -> None:
    found = mean([0.4, 0.6, 0.4, 0.6])

    assert found is not None
    assert (found.mean, found.n) == (0.5, 4)
    assert found.low == pytest.approx(0.5 - 1.96 * 0.11547 / 2, abs=1e-4)
    assert found.high == pytest.approx(0.5 + 1.96 * 0.11547 / 2, abs=1e-4)


def test_few_values_that_are_all_alike_are_not_told_as_certain_and_no_bound_leaves_the_shares() -> None:
    found = mean([1.0] * 4)

    assert found is not None
    assert (found.mean, found.high) == (1.0, 1.0)
    assert found.low < 0.6


def test_of_nothing_there_is_no_mean() -> None:
    assert mean([]) is None
    assert quality_metrics([]) == {}


def test_both_versions_are_told_on_the_same_items_and_the_frozen_ones_apart() -> None:
    report = {
        "candidate": [{"sku": "a", "quality": 0.9, "unedited": True}, {"sku": "b", "quality": 0.5, "n_violations": 2}],
        "serving": [{"sku": "a", "quality": 0.7}, {"sku": "b", "quality": 0.5}],
    }

    figures = {figure.name: figure for figure in golden_figures(report, frozenset({"a"}))}

    assert list(figures) == ["quality", "quality_frozen", "unedited", "breaks a rule"]
    assert (figures["quality"].candidate.mean, figures["quality"].serving.mean) == (0.7, 0.6)
    assert (figures["quality_frozen"].candidate.mean, figures["quality_frozen"].candidate.n) == (0.9, 1)
    assert (figures["unedited"].candidate.mean, figures["breaks a rule"].candidate.mean) == (0.5, 0.5)
    assert golden_figures({}) == []


def test_a_version_keeps_the_bounds_of_its_quality() -> None:
    scores = [GoldenScore(sku=str(i), group="", quality=quality) for i, quality in enumerate((0.4, 0.6))]

    kept = quality_metrics(scores)

    assert kept["quality_low"] < 0.5 < kept["quality_high"]
    assert kept["n_golden"] == 2
