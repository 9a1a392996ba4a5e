"""Which products' tags to ask about next, of all that may be asked: doubt, then what tells most of the pool.

Computes only. The random arm is drawn before and elsewhere: nothing here may touch it.
"""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix

from ml_backend.learning.diversity import Array, Pick, most_informative
from ml_backend.learning.uncertainty import (
    cardinality_inconsistency,
    combined_rank,
    margin,
    tag_variance,
    worth,
)


def worth_of_tags(proba: Array, thresholds: Array, mean_tags: float | None) -> Array:
    """Return how much there is to learn of each product's tags: (n,), > 0, mean 1.

    proba: (n, k), P(tag j | product i), [0, 1]. thresholds: (k,). mean_tags: the mean number of tags of the products
    that were decided, None before there is any.
    """
    doubts = [margin(proba, thresholds)]
    if mean_tags is not None:
        doubts.append(cardinality_inconsistency(proba, thresholds, mean_tags))
    # Rank tilts, variance decides: half to one and a half times as much.
    return worth(tag_variance(proba) * (0.5 + combined_rank(*doubts)))


def most_telling(
    proba: Array,
    thresholds: Array,
    x: csr_matrix,
    n: int,
    *,
    asked: csr_matrix,
    tags_asked: Sequence[int],
    rng: np.random.Generator,
) -> list[Pick]:
    """Choose up to n of the products in x.

    proba: (m, k) and thresholds: (k,), by the tagger that serves; x: (m, words), unit rows. asked: (a, words), what
    was asked before; tags_asked: (a,), how many tags each of them got.
    """
    mean_tags = float(np.mean(tags_asked)) if len(tags_asked) else None
    return most_informative(x, worth_of_tags(proba, thresholds, mean_tags), n, asked=asked, rng=rng)
