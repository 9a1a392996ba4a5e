"""How honest probabilities are, worked by hand and in general."""

import numpy as np
import pytest

from ml_backend.learning.reliability import MOST_BINS, reliability


def column(*values: float) -> np.ndarray:
    return np.array(values)[:, None]


def test_the_error_is_the_weighted_distance_of_promise_and_truth() -> None:
    proba, truth = column(*[0.2] * 10, *[0.9] * 10), column(*[0] * 6, *[1] * 4, *[1] * 10).astype(int)

    measured = reliability(proba, truth)

    assert measured is not None
    assert [(b.n, round(b.proba, 3), round(b.share, 3)) for b in measured.bins] == [(10, 0.2, 0.4), (10, 0.9, 1.0)]
    assert measured.ece == pytest.approx(0.5 * 0.2 + 0.5 * 0.1)


def test_cells_that_promise_next_to_nothing_do_not_count() -> None:
    measured = reliability(column(0.05, 0.09, 0.6), column(0, 0, 1).astype(int))

    assert measured is not None
    assert (measured.n, measured.ece) == (1, pytest.approx(0.4))


def test_nothing_promised_is_nothing_measured() -> None:
    assert reliability(column(0.01, 0.02), column(0, 1).astype(int)) is None
    assert reliability(np.zeros((0, 3)), np.zeros((0, 3), dtype=int)) is None


def test_honest_probabilities_have_a_small_error_in_bins_of_equal_mass() -> None:
    rng = np.random.default_rng(0)
    proba = rng.uniform(size=(400, 50))
    truth = (rng.uniform(size=proba.shape) < proba).astype(int)

    honest, boasting = reliability(proba, truth), reliability(np.sqrt(proba), truth)

    assert honest is not None
    assert boasting is not None
    assert honest.ece < 0.02 < 0.1 < boasting.ece
    assert len(honest.bins) == MOST_BINS
    assert max(b.n for b in honest.bins) - min(b.n for b in honest.bins) <= 1
    assert [b.proba for b in honest.bins] == sorted(b.proba for b in honest.bins)


def test_where_asked_for_predictions_of_any_size_count() -> None:
    unlikely, never = np.full(100, 0.05), np.zeros(100, dtype=int)

    assert reliability(unlikely, never) is None
    told = reliability(unlikely, never, least_proba=0.0)
    assert told is not None
    assert (told.n, round(told.ece, 6)) == (100, 0.05)
