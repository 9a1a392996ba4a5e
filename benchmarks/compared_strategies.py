"""Ways to choose what is labelled next: ours, chance, doubts by rank, and small-text's multi-label strategies.

Each is a function of a Situation, a number and a random generator, and returns rows that are not labelled yet.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from small_text.query_strategies.base import QueryStrategy  # type: ignore[import-untyped]
from small_text.query_strategies.multi_label import (  # type: ignore[import-untyped]
    AdaptiveActiveLearning,
    CategoryVectorInconsistencyAndRanking,
    LabelCardinalityInconsistency,
)

from ml_backend.learning.diversity import most_informative
from ml_backend.learning.uncertainty import cardinality_inconsistency, combined_rank, margin, tag_variance, worth

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is known when a batch is chosen.

    proba: (N, k), by the tagger learnt from `labelled`; thresholds: (k,). x: (N, words), unit rows. labelled: (a,) and
    unlabelled: (m,), rows of the pool, in order. truth: (a, k), 0 or 1, of the labelled.
    """

    proba: NDArray[np.float64]
    thresholds: NDArray[np.float64]
    x: csr_matrix
    labelled: Rows
    unlabelled: Rows
    truth: NDArray[np.float32]


Strategy = Callable[[Situation, int, np.random.Generator], Rows]


def ours(situation: Situation, n: int, rng: np.random.Generator) -> Rows:
    """Choose as a review queue does, by the tags alone."""
    return _telling(situation, worth(tag_variance(situation.proba[situation.unlabelled])), n, rng)


def doubts_by_rank(situation: Situation, n: int, rng: np.random.Generator) -> Rows:
    """Choose by the ranks of margin and label-cardinality inconsistency, then as ours does."""
    proba, thresholds = situation.proba[situation.unlabelled], situation.thresholds
    gaps = cardinality_inconsistency(proba, thresholds, float(situation.truth.sum(axis=1).mean()))
    return _telling(situation, combined_rank(margin(proba, thresholds), gaps), n, rng)


def _telling(situation: Situation, worth_of: NDArray[np.float64], n: int, rng: np.random.Generator) -> Rows:
    x, asked = situation.x[situation.unlabelled], situation.x[situation.labelled]
    return situation.unlabelled[[pick.row for pick in most_informative(x, worth_of, n, asked=asked, rng=rng)]]


def random(situation: Situation, n: int, rng: np.random.Generator) -> Rows:
    """Choose by chance."""
    return rng.choice(situation.unlabelled, n, replace=False)


class _Known:
    """A small-text classifier that answers with probabilities that are known already; its data are row numbers."""

    def __init__(self, proba: NDArray[np.float64]) -> None:
        self._proba = proba

    def predict_proba(self, rows: Rows) -> NDArray[np.float64]:
        return self._proba[rows]


def _of_small_text(make: Callable[[], QueryStrategy]) -> Strategy:
    def choose(situation: Situation, n: int, _rng: np.random.Generator) -> Rows:
        chosen = make().query(
            _Known(situation.proba),
            np.arange(len(situation.proba)),
            situation.unlabelled,
            situation.labelled,
            csr_matrix(situation.truth.astype(np.int64)),
            n=n,
        )
        return np.asarray(chosen, dtype=np.int64)

    return choose


STRATEGIES: Mapping[str, Strategy] = {
    "ours": ours,
    "random": random,
    "doubts_by_rank": doubts_by_rank,
    "label_cardinality_inconsistency": _of_small_text(LabelCardinalityInconsistency),
    "cvirs": _of_small_text(lambda: CategoryVectorInconsistencyAndRanking(pbar=None)),
    "adaptive": _of_small_text(AdaptiveActiveLearning),
}
