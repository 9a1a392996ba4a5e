import pytest

from titlelab.quality.rates import mean, micro_f1, rate


def test_a_rate_comes_with_wilsons_interval() -> None:
    found = rate(8, 10)

    # Worked by hand with z = 1.959964: centre (0.8 + 0.19207) / 1.38415, half 1.41599 * sqrt(0.016 + 0.0096036).
    assert found is not None
    assert (found.share, found.n) == (0.8, 10)
    assert found.low == pytest.approx(0.4902, abs=1e-4)
    assert found.high == pytest.approx(0.9433, abs=1e-4)


@pytest.mark.parametrize(("n_hits", "low", "high"), [(0, 0.0, 0.2775), (10, 0.7225, 1.0)])
def test_an_interval_stays_between_nothing_and_all(n_hits: int, low: float, high: float) -> None:
    found = rate(n_hits, 10)

    assert found is not None
    assert found.low == pytest.approx(low, abs=1e-4)
    assert found.high == pytest.approx(high, abs=1e-4)


def test_of_nothing_there_is_no_rate() -> None:
    assert rate(0, 0) is None


@pytest.mark.parametrize("n_hits", [-1, 11])
def test_hits_that_cannot_be_are_refused(n_hits: int) -> None:
    with pytest.raises(ValueError, match="hits of 10"):
        rate(n_hits, 10)


def test_a_mean_leaves_out_what_is_unknown() -> None:
    assert mean([1.0, None, 2.0]) == 1.5
    assert mean([None]) is None


def test_micro_f1_counts_all_tags_together() -> None:
    pairs = [(["gift", "waterproof"], ["gift"]), (["new"], ["new", "sale", "vegan"])]

    assert micro_f1(pairs) == pytest.approx(4 / 7)  # two agree; three proposed, four final


def test_without_any_tag_there_is_no_f1() -> None:
    assert micro_f1([([], [])]) is None
