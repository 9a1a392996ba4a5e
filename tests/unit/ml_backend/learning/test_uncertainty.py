"""How unsure drafts are; every score of many products keeps the same contract."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ml_backend.contract import TagScore
from ml_backend.learning.uncertainty import (
    Array,
    cardinality_inconsistency,
    combined_rank,
    expected_edit,
    margin,
    tag_uncertainty,
    tag_variance,
    told_variance,
    worth,
)

Score = Callable[[Array], Array]
HALF = np.full(3, 0.5)
SCORES: dict[str, Score] = {
    "margin": lambda proba: margin(proba, np.full(proba.shape[1], 0.5)),
    "cardinality inconsistency": lambda proba: cardinality_inconsistency(proba, np.full(proba.shape[1], 0.5), 1.5),
    "tag variance": tag_variance,
}
probabilities = arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(0, 4)), elements=st.floats(0, 1))


@pytest.mark.parametrize("score", SCORES.values(), ids=SCORES)
@given(proba=probabilities)
def test_a_score_is_one_number_a_product_never_negative_and_blind_to_the_order_of_tags(
    score: Score, proba: Array
) -> None:
    before = proba.copy()

    told = score(proba)

    assert told.shape == (len(proba),)
    assert (told >= 0).all()
    assert told == pytest.approx(score(proba[:, ::-1]))
    assert (proba == before).all()


@pytest.mark.parametrize("score", SCORES.values(), ids=SCORES)
def test_a_product_s_score_does_not_depend_on_the_others(score: Score) -> None:
    proba = np.array([[0.9, 0.4, 0.1], [0.2, 0.7, 0.6]])

    assert score(proba)[1] == pytest.approx(score(proba[1:])[0])


def test_margin_is_the_mean_doubt_of_the_most_doubtful_tags() -> None:
    """Doubts are 0.8, 0.4 and 0 against thresholds of one half."""
    assert margin(np.array([[0.4, 0.8, 1.0]]), HALF, 2) == pytest.approx([0.6])


def test_margin_is_greatest_at_each_tag_s_own_threshold() -> None:
    assert margin(np.array([[0.2, 0.7, 0.9]]), np.array([0.2, 0.7, 0.9])) == pytest.approx([1.0])


def test_cardinality_inconsistency_is_the_distance_from_the_usual_number_of_tags() -> None:
    proba = np.array([[0.9, 0.9, 0.9], [0.6, 0.1, 0.9], [0.1, 0.1, 0.1]])

    assert cardinality_inconsistency(proba, HALF, 2.0).tolist() == [1.0, 0.0, 2.0]


def test_tag_variance_sums_over_tags() -> None:
    assert tag_variance(np.array([[0.5, 0.5], [0.5, 1.0], [0.0, 1.0]])).tolist() == [0.5, 0.25, 0.0]


def test_ranks_of_several_scores_are_averaged_whatever_their_scales() -> None:
    combined = combined_rank(np.array([0.001, 0.002, 0.003]), np.array([90.0, 10.0, 90.0]))

    assert combined == pytest.approx([(1 / 3 + 2.5 / 3) / 2, (2 / 3 + 1 / 3) / 2, (1 + 2.5 / 3) / 2])


def test_the_expected_edit_is_the_mean_distance_to_what_others_say() -> None:
    assert expected_edit(["abcd", "abcd", "abxy"]) == pytest.approx(0.25)
    assert expected_edit(["abcd", "abcd", "abxy"], [3, 1]) == pytest.approx(0.125)
    assert expected_edit(["abcd"]) == 0


def test_worth_is_a_multiple_of_the_mean_whatever_the_scale() -> None:
    assert worth(np.array([1.0, 2.0, 3.0])) == pytest.approx([0.5, 1.0, 1.5], abs=1e-3)
    assert worth(np.array([1.0, 3.0]), np.array([300.0, 100.0])) == pytest.approx([1.0, 1.0])


def test_where_all_is_settled_all_are_worth_alike() -> None:
    assert worth(np.zeros(3)).tolist() == [1.0, 1.0, 1.0]
    assert worth(np.array([0.0, 1.0])).min() > 0


def test_a_draft_tells_its_variance_within_one() -> None:
    told = tag_uncertainty([TagScore(name=f"tag {i}", proba=0.5, threshold=0.3) for i in range(8)])

    assert told == pytest.approx(0.8647, abs=1e-4)
    assert told_variance(np.array([told, 1.0])) == pytest.approx([2.0, 27.63], abs=0.01)
