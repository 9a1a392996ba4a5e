"""Tags from likeness: kernel ridge regression and nearest products' votes, made honest by one regression of cells.

Arrays in, arrays out; nothing here reads text, so that many trainings on one catalog share one Gram matrix:
`TagModel.learned(gram[np.ix_(labelled, labelled)], …)`, then `.probabilities(gram[np.ix_(rest, labelled)], …)`.
Beyond MOST_EXACT products, the likeness to N_LANDMARKS of them stands for the likeness to all.

Source: ridge on 0/1 targets, Rifkin et al. 2003, "Regularized Least-Squares Classification"; landmarks, Williams &
Seeger 2001, "Using the Nyström Method to Speed Up Kernel Machines". A second pass that sees the other tags'
probabilities (stacking) was tried and brought nothing: 0.754 to 0.751 micro-F1 on en_flipkart, 0.627 to 0.626 on
zh_openbg_taobao, by cross-validation.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve, cholesky, solve_triangular
from scipy.sparse import csr_matrix

from ml_backend.learning import tag_cells
from ml_backend.learning.tag_texts import NONE, States
from ml_backend.learning.tag_thresholds import best_threshold, thresholds

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]

MOST_EXACT = 2500
N_LANDMARKS = 2000  # of 10,000 products; another 500 cost two of seventeen seconds
N_FOLDS = 8
UNTRAINED = (0.05, 0.9, 0.9)  # a tag's probability where its name stands nowhere, in prose, in a title or column
_PENALTY = 0.3  # of 0.1 to 1 the best by cross-validation on two catalogs, and nowhere far from it
_CONSTANT = 0.5  # likeness of any two products: the penalised intercept
_JITTER = 1e-3  # twins make a Gram matrix singular
_N_VOTERS = 12  # 8 is as good in English, 15 in Chinese; two votes, of 5 and of 30, were no better than one
_N_NEAR = 3  # the very nearest may be a twin
_SILENCE = 0.05  # votes weigh squared likeness; this much says that nobody near was found
_LEAST_POSITIVES = 20  # cells with the tag; with fewer, weights are better learnt from all cells
_SHARE_WEIGHT = 5.0  # products, which all tags' common share counts for in a tag's own


@dataclass(frozen=True, slots=True, kw_only=True)
class TagModel:
    """What m landmark products teach of k tags.

    dual: (m, k), weights of the likeness. truth: (m, k), 1 where a landmark has a tag. shares: (3, k), part of the
    products with the tag by where its name stands; cold: (3,), likewise for a tag without examples. weights: of the
    signs of cells. thresholds: (k,); cold_threshold: of a tag without examples. known: (k,), which tags have one.
    """

    dual: FloatArray
    truth: FloatArray
    shares: FloatArray
    cold: FloatArray
    weights: NDArray[np.float64]
    thresholds: FloatArray
    cold_threshold: float
    known: NDArray[np.bool_]

    @classmethod
    def learned(
        cls, gram: FloatArray, landmarks: IntArray, truth: FloatArray, states: States, fold: IntArray, *, seed: int
    ) -> "TagModel":
        """Learn from n products.

        gram: (n, m), likeness to the m landmarks, [0, 1]. landmarks: (m,), their rows. truth: (n, k) of 0 and 1.
        states: (n, k), see tag_texts. fold: (n,); products of one fold do not judge each other in cross-fitting.
        """
        return cls.learned_and_crossed(gram, landmarks, truth, states, fold, seed=seed)[0]

    @classmethod
    def learned_and_crossed(
        cls, gram: FloatArray, landmarks: IntArray, truth: FloatArray, states: States, fold: IntArray, *, seed: int
    ) -> "tuple[TagModel, FloatArray]":
        """Learn as `learned`; and return the probabilities that each product has from the other folds: (n, k)."""
        known: NDArray[np.bool_] = truth.sum(axis=0) > 0
        cold = _cold_shares(states[:, known], truth[:, known])
        dual, scores = _ridge(gram, landmarks, truth, fold)
        shares = _crossed_shares(states, truth, fold, cold)
        own_fold = fold[:, None] == fold[landmarks][None, :]
        others = np.where(own_fold, 0, gram)
        votes = _votes(others, truth[landmarks], shares)
        nearest = _nearest(others, truth[landmarks])
        signs = tag_cells.signs(
            scores[:, known], votes[:, known], nearest[:, known], shares[:, known], states[:, known]
        )
        usable = _fair_cells(truth[:, known], fold)
        weights = tag_cells.fitted(signs, truth[:, known], usable, np.random.default_rng(seed))
        proba = tag_cells.probabilities(weights, signs)
        general = best_threshold(proba.ravel(), truth[:, known].ravel())
        cold_threshold = best_threshold(cold[states[:, known]].ravel(), truth[:, known].ravel())
        found = np.full(truth.shape[1], cold_threshold, dtype=np.float32)
        found[known] = thresholds(proba, truth[:, known], general)
        model = cls(
            dual=dual,
            truth=truth[landmarks],
            shares=_shares(*_counts(states, truth), cold),
            cold=cold,
            weights=weights,
            thresholds=found,
            cold_threshold=cold_threshold,
            known=known,
        )
        crossed = cold[states]
        crossed[:, known] = proba
        return model, crossed

    def of_tags(self, columns: Sequence[int]) -> "TagModel":
        """Return the model of some of its tags, in the order given."""
        return replace(
            self,
            dual=self.dual[:, columns],
            truth=self.truth[:, columns],
            shares=self.shares[:, columns],
            thresholds=self.thresholds[columns],
            known=self.known[columns],
        )

    def probabilities(self, gram: FloatArray, states: States) -> FloatArray:
        """Return the probability that each tag applies to each product: (n, k).

        gram: (n, m), likeness to the landmarks. states: (n, k).
        """
        shares = np.take_along_axis(self.shares, states.astype(np.int64), axis=0)
        scores = np.asarray((gram + np.float32(_CONSTANT)) @ self.dual, dtype=np.float32)
        votes = _votes(gram, self.truth, shares)
        nearest = _nearest(gram, self.truth)
        proba = tag_cells.probabilities(self.weights, tag_cells.signs(scores, votes, nearest, shares, states))
        return np.asarray(np.where(self.known, proba, self.cold[states]), dtype=np.float32)


def landmarks(truth: FloatArray, *, seed: int) -> IntArray:
    """Choose all products or, of many, N_LANDMARKS: those with the rarest tags first, then at random; sorted rows."""
    n = len(truth)
    if n <= MOST_EXACT:
        return np.arange(n)
    rng = np.random.default_rng(seed)
    counts = np.where(truth > 0, truth.sum(axis=0), np.inf)
    # Half of the places keep the examples of rare tags; the other half is what the catalog is like.
    rare = np.lexsort((rng.random(n), counts.min(axis=1)))[: N_LANDMARKS // 2]
    rest = rng.choice(np.setdiff1d(np.arange(n), rare), N_LANDMARKS - len(rare), replace=False)
    return np.sort(np.concatenate([rare, rest]))


def _ridge(gram: FloatArray, landmarks: IntArray, truth: FloatArray, fold: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return the weights of the landmarks' likeness (m, k), and every product's score without its own fold (n, k)."""
    kernel = gram + np.float32(_CONSTANT)
    parts = [np.flatnonzero(fold == i) for i in np.unique(fold)]
    if len(landmarks) == len(truth):
        return _exact_ridge(kernel, truth, parts)
    return _landmark_ridge(kernel, landmarks, truth, parts)


def _exact_ridge(kernel: FloatArray, truth: FloatArray, parts: Sequence[IntArray]) -> tuple[FloatArray, FloatArray]:
    """Leave folds out in closed form: with the inverse H and its block of a fold, what is missed is H_ff^-1 (H y)_f.

    Source: An, Liu & Venkatesh 2007, "Fast cross-validation algorithms for least squares support vector machine and
    kernel ridge regression".
    """
    identity = np.eye(len(kernel), dtype=np.float32)
    lower = cholesky(kernel + np.float32(_PENALTY) * identity, lower=True, overwrite_a=True)
    dual = cho_solve((lower, True), truth)
    root = solve_triangular(lower, identity, lower=True, overwrite_b=True)  # H = root' root
    scores = np.empty_like(truth)
    for part in parts:
        block = root[:, part].T @ root[:, part]
        scores[part] = truth[part] - cho_solve(cho_factor(block, lower=True), dual[part])
    return np.asarray(dual, dtype=np.float32), scores


def _landmark_ridge(
    kernel: FloatArray, landmarks: IntArray, truth: FloatArray, parts: Sequence[IntArray]
) -> tuple[FloatArray, FloatArray]:
    m = len(landmarks)
    lower = cholesky(kernel[landmarks] + _JITTER * np.eye(m, dtype=np.float32), lower=True, overwrite_a=True)
    z = solve_triangular(lower, kernel.T, lower=True, overwrite_b=True).T
    # z'z and z'y of a fold are taken from the whole's: one factorisation a fold, and none of them of n products.
    squares = [z[part].T @ z[part] for part in parts]
    products = [z[part].T @ truth[part] for part in parts]
    whole, target = sum(squares[1:], squares[0].copy()), sum(products[1:], products[0].copy())
    whole[np.diag_indices(m)] += _PENALTY
    scores = np.zeros_like(truth)
    for part, square, product in zip(parts, squares, products, strict=True):
        scores[part] = z[part] @ cho_solve(cho_factor(whole - square, lower=True), target - product)
    dual = solve_triangular(lower, cho_solve(cho_factor(whole, lower=True), target), lower=True, trans="T")
    return np.asarray(dual, dtype=np.float32), scores


def _votes(gram: FloatArray, truth: FloatArray, shares: FloatArray) -> FloatArray:
    """Return the part of the nearest landmarks with each tag, by squared likeness, else its share: (n, k)."""
    n_voters = min(_N_VOTERS, gram.shape[1])
    nearest = np.argpartition(-gram, n_voters - 1, axis=1)[:, :n_voters]
    ballots = np.take_along_axis(gram, nearest, axis=1).clip(0) ** 2
    starts = np.arange(0, nearest.size + 1, n_voters)
    cast = csr_matrix((ballots.ravel(), nearest.ravel(), starts), shape=gram.shape)
    found = (cast @ truth + _SILENCE * shares) / (ballots.sum(axis=1, keepdims=True) + _SILENCE)
    return np.asarray(found.clip(1e-3, 1 - 1e-3), dtype=np.float32)


def _nearest(gram: FloatArray, truth: FloatArray) -> FloatArray:
    """Return how near the nearest landmark with each tag is, beside the nearest of all: (n, k), a log ratio."""
    n_near = min(_N_NEAR, gram.shape[1])
    near = np.partition(gram, -n_near, axis=1)[:, -n_near:].mean(axis=1, keepdims=True)
    found = np.zeros((len(gram), truth.shape[1]), dtype=np.float32)
    for j in range(truth.shape[1]):
        found[:, j] = gram[:, truth[:, j] > 0].max(axis=1, initial=0.0)
    return np.asarray(np.log((found + _SILENCE) / (near + _SILENCE)), dtype=np.float32)


def _counts(states: States, truth: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return how many products have each tag, and how many there are, by where the name stands: each (3, k)."""
    at = [states == state for state in range(len(UNTRAINED))]
    return np.array([(truth * here).sum(axis=0) for here in at]), np.array([here.sum(axis=0) for here in at])


def _shares(hits: FloatArray, seen: FloatArray, cold: FloatArray) -> FloatArray:
    return np.asarray((hits + _SHARE_WEIGHT * cold[:, None]) / (seen + _SHARE_WEIGHT), dtype=np.float32)


def _crossed_shares(states: States, truth: FloatArray, fold: IntArray, cold: FloatArray) -> FloatArray:
    """Return each cell's share among the products of the other folds: (n, k)."""
    hits, seen = _counts(states, truth)
    found = np.zeros_like(truth)
    for i in np.unique(fold):
        part = fold == i
        own_hits, own_seen = _counts(states[part], truth[part])
        shares = _shares(hits - own_hits, seen - own_seen, cold)
        found[part] = np.take_along_axis(shares, states[part].astype(np.int64), axis=0)
    return found


def _fair_cells(truth: FloatArray, fold: IntArray) -> NDArray[np.bool_]:
    """Say which cells tell honestly what a score is worth: (n, k).

    A tag counts because it has some examples. Where fewer than that stand outside a product's fold, the tag is seen
    only for those inside: each such cell would say that tags apply for no reason, and make all probabilities too high.
    """
    counts = truth.sum(axis=0)
    usable = np.empty(truth.shape, dtype=bool)
    for i in np.unique(fold):
        usable[fold == i] = counts - truth[fold == i].sum(axis=0) >= counts.min(initial=np.inf)
    return usable if (truth * usable).sum() >= _LEAST_POSITIVES else np.ones_like(usable)


def _cold_shares(states: States, truth: FloatArray) -> FloatArray:
    """Return how likely a tag without examples is, by where its name stands: (3,), from the tags that have some.

    How often those apply without their names says little of a tag that nobody has used yet.
    """
    hits, seen = (part.sum(axis=1) for part in _counts(states, truth))
    found = (hits + _SHARE_WEIGHT * np.array(UNTRAINED)) / (seen + _SHARE_WEIGHT)
    found[NONE] = min(found[NONE], UNTRAINED[NONE])
    return np.asarray(found, dtype=np.float32)
