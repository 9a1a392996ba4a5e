"""How unsure drafts are: what a person's minute is best spent on. Computes only.

Of one draft (a title, the tags) in [0, 1], where 1 is least sure; of many products' tags at once as arrays, each on a
scale of its own. A queue joins title and tags by their shares (`worth`); margin, cardinality inconsistency and their
joining by rank are what `benchmarks.active_learning` holds that against.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from ml_backend.contract import Candidate, TagScore

FloatArray = NDArray[np.float64]
Array = NDArray[np.floating]

MOST_DOUBTFUL = 3  # tags; more of them are never doubtful at once on most products
_ROWS_AT_ONCE = 4096  # what is computed of them stays in a processor's cache
# Warnings are what people mend first; disagreement and the model's own doubt only tell that there may be something.
_WARNING_SHARE = 0.4


def title_uncertainty(candidates: Sequence[Candidate], log_proba: float | None) -> float:
    """Join the best candidate's warnings, its distance from the others and its mean token log-probability, if known."""
    best = candidates[0]
    warnings = 1 - 0.5 ** len(best.unsupported + best.violations)
    doubts = [expected_edit([c.title for c in candidates])]
    if log_proba is not None:
        doubts.append(1 - math.exp(min(log_proba, 0.0)))
    if not best.title:
        return 1.0
    return _WARNING_SHARE * warnings + (1 - _WARNING_SHARE) * sum(doubts) / len(doubts)


def tag_uncertainty(scores: Sequence[TagScore]) -> float:
    """Return 1 - exp(-v), where v is the variance of the number of tags (see tag_variance): 0 where all is settled.

    By it a draft says in [0, 1) what `told_variance` gives back to whoever chooses.
    """
    return -math.expm1(-sum(score.proba * (1 - score.proba) for score in scores))


def told_variance(uncertainty: Array) -> FloatArray:
    """Return the variances that tag uncertainties were made of: (n,), [0, 27]. uncertainty: (n,), [0, 1]."""
    return np.asarray(-np.log1p(-np.minimum(uncertainty, 1 - 1e-12)), dtype=np.float64)


def expected_edit(titles: Sequence[str], weights: Sequence[float] | None = None) -> float:
    """Return how much of the first title a person is expected to change, [0, 1]; 0 without others.

    titles: the draft and the other candidates. weights: of each of the others, the probability that it is the one
    wanted, up to a factor; None: all alike. The edit is the normalised Levenshtein distance.

    Source: Kumar & Byrne 2004, "Minimum Bayes-Risk Decoding": the expected loss of a hypothesis under the
    others. We leave the draft itself out, as if it were never right: it orders drafts alike and needs no probability.
    """
    others = titles[1:]
    shares = [1.0] * len(others) if weights is None else weights
    if not sum(shares):
        return 0.0
    edits = [Levenshtein.normalized_distance(titles[0], other) for other in others]
    return sum(edit * share for edit, share in zip(edits, shares, strict=True)) / sum(shares)


def margin(proba: Array, thresholds: Array, most_doubtful: int = MOST_DOUBTFUL) -> FloatArray:
    """Return the mean doubt over each product's most doubtful tags: (n,), [0, 1].

    proba: (n, k), P(tag j | product i), [0, 1]. thresholds: (k,), what each must reach to be proposed, (0, 1).
    A doubt is 1 at the threshold and 0 where the tag is ruled in or out.

    Source: Lewis & Gale 1994, "A Sequential Algorithm for Training Text Classifiers" (nearest to the boundary); the
    mean over a few tags is our extension to many labels.
    """
    n, k = proba.shape
    few = min(most_doubtful, k)
    told = np.zeros(n)
    below, above = 1 / np.maximum(thresholds, 1e-9), 1 / np.maximum(1 - thresholds, 1e-9)
    for start in range(0, n if k else 0, _ROWS_AT_ONCE):
        part = proba[start : start + _ROWS_AT_ONCE]
        doubts = np.minimum(part * below, (1 - part) * above)
        told[start : start + _ROWS_AT_ONCE] = np.partition(doubts, k - few, axis=1)[:, k - few :].mean(axis=1)
    return told


def cardinality_inconsistency(proba: Array, thresholds: Array, mean_tags: float) -> FloatArray:
    """Return how far the number of proposed tags is from what products have: (n,), [0, max(mean_tags, k)].

    proba: (n, k), [0, 1]. thresholds: (k,). mean_tags: the mean number of tags of the products that were decided.

    Source: Li & Guo 2013, "Active Learning with Multi-Label SVM Classification" (label cardinality
    inconsistency).
    """
    proposed = np.count_nonzero(proba >= thresholds, axis=1)
    return np.asarray(np.abs(proposed - mean_tags), dtype=np.float64)


def tag_variance(proba: Array) -> FloatArray:
    """Return the variance of each product's number of tags, were its tags independent: (n,), [0, k / 4].

    proba: (n, k), [0, 1]. It sums p (1 - p) over all tags, and so prefers products that have something to say of many
    tags at once to those that hang on one.

    Source: Zhang & Oates 2000, "A Probability Analysis on the Value of Unlabeled Data for Classification Problems",
    a logistic model's Fisher information of a label is p (1 - p) times the square of the features.
    """
    squares = np.einsum("ij,ij->i", proba, proba)
    return np.asarray(np.maximum(proba.sum(axis=1) - squares, 0.0), dtype=np.float64)


def combined_rank(*scores: Array) -> FloatArray:
    """Return the mean of the percentile ranks under several scores: (n,), (0, 1]; ties share their mean rank.

    scores: (n,) each, on any scale, greater is more worth asking.

    Source: Dwork et al. 2001, "Rank Aggregation Methods for the Web" (Borda's method).
    """
    return np.asarray(np.mean([_percentiles(score) for score in scores], axis=0), dtype=np.float64)


def worth(*scores: Array) -> FloatArray:
    """Return what there is to learn of each product, as a multiple of the mean product: (n,), > 0, with mean 1.

    scores: (n,) each, >= 0, on any scale; each counts as shares of its own sum. Where a score is about the same for
    all, as at the start, so is worth, and what is chosen is what stands for many. Combining by rank instead would
    blow such small differences up: by replay on products outside the test quarter the area under the curve of a
    Chinese catalog fell from 0.51 to 0.46 (and rose from 0.60 to 0.61 on an English one). Variances tilted by the rank
    of margin and cardinality inconsistency do as well as variances alone (0.582 to 0.582 and 0.750 to 0.751).
    """
    return np.asarray(np.mean([_shares(np.asarray(score, dtype=np.float64)) for score in scores], axis=0))


def _shares(score: FloatArray) -> FloatArray:
    mean = score.mean() if len(score) else 0.0
    # Nothing is worth nothing: where all is settled, what stands for many still goes first.
    return np.asarray((score + 1e-3 * mean) / (1.001 * mean) if mean > 0 else np.ones(len(score)))


def _percentiles(values: Array) -> FloatArray:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(counts) - (counts - 1) / 2
    return np.asarray(mean_rank[place] / max(len(values), 1), dtype=np.float64)
