"""One logistic regression for all cells (product × tag): from what each witness says to an honest probability.

The witnesses are the ridge's score, the votes of the nearest products, the nearest product with the tag, and the tag's
share among products in which its name or alias stands likewise. It is fitted on cross-fitted scores. Micro-F1 and
expected calibration error by cross-validation on products outside the test quarter, of en_flipkart and of
zh_openbg_taobao:

    the score alone                  0.723, 0.06    0.619, 0.14
    bent by the two signs after it   0.721, 0.03    0.615, 0.05
    with votes                       0.716, 0.03    0.619, 0.03
    with names and aliases too       0.754, 0.03    0.627, 0.03

The nearest product with the tag was added later: on four other partings of those products it changes micro-F1 by 0.4,
-0.2 and 0.1 points (the last on en_icecat), Brier skill by 0.6, -0.2 and 0.7.

A slope and a shift for every tag, shrunk to the general ones, brought nothing more.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from ml_backend.learning.tag_texts import STRONG, WEAK, States

FloatArray = NDArray[np.float32]

# Where nothing is learnt yet: the tag's share counts as it is, a ridge score of 1 as certain; name and alias count
# through their share alone. In the order of `signs`.
EXPECTED = np.array([0.0, 1.0, 2.0, 2.0, 0.0, 0.3, 0.0, 0.0, 0.0])
# What is fitted is a touch too sure of families it has not met: by eight partings of each of three catalogs outside the
# test quarter, the expected calibration error falls from 0.039, 0.044 and 0.047 to 0.037, 0.040 and 0.047.
_SURENESS = 0.95
_PULL = 2.0  # towards EXPECTED, in cells of an even chance
_SCORE = 2  # its place among the signs
_TELLING_SCORE = 0.1
_MOST_DULL_CELLS = 50_000  # of nearly all cells, where nothing speaks for the tag: some of them tell as much
_MOST_STEPS = 25


def signs(
    scores: FloatArray, votes: FloatArray, nearest: FloatArray, shares: FloatArray, states: States
) -> list[FloatArray]:
    """Return what speaks for each cell: as many (n, k) as EXPECTED has weights; votes and shares lie in (0, 1)."""
    base = logit(shares)
    return [
        np.ones_like(scores),
        base,
        scores,
        np.sign(scores) * np.sqrt(np.abs(scores)),
        np.maximum(scores - 0.5, 0),
        logit(votes) - base,
        nearest,
        (states == WEAK).astype(np.float32),
        (states == STRONG).astype(np.float32),
    ]


def probabilities(weights: NDArray[np.float64], found: Sequence[FloatArray]) -> FloatArray:
    """Return the probability of each cell: (n, k)."""
    log_odds = np.zeros_like(found[0])
    for weight, sign in zip(weights, found, strict=True):
        log_odds += np.float32(weight) * sign
    return np.asarray(expit(np.float32(_SURENESS) * log_odds), dtype=np.float32)


def fitted(
    found: Sequence[FloatArray], truth: FloatArray, usable: NDArray[np.bool_], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return the weights of the signs, by Newton's steps halved until the loss falls.

    truth: (n, k) of 0 and 1. usable: (n, k), the cells to learn from.
    """
    chance = (_chance(found, truth) * usable).ravel()
    cells = np.flatnonzero(rng.random(truth.size) < chance)
    x = np.stack([sign.ravel()[cells] for sign in found], axis=1).astype(np.float64)
    y, counts = truth.ravel()[cells].astype(np.float64), 1 / chance[cells]
    weights, loss = EXPECTED.copy(), _loss(EXPECTED, x, y, counts)
    for _ in range(_MOST_STEPS):
        proba = expit(x @ weights)
        gradient = x.T @ (counts * (proba - y)) + _PULL * (weights - EXPECTED)
        hessian = (x * (counts * proba * (1 - proba))[:, None]).T @ x + _PULL * np.eye(len(weights))
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        while (next_loss := _loss(weights - size * step, x, y, counts)) > loss and size > 1e-3:
            size /= 2
        if loss - next_loss < 1e-6 * loss:
            break
        weights, loss = weights - size * step, next_loss
    return weights


def _chance(found: Sequence[FloatArray], truth: FloatArray) -> FloatArray:
    """Return each cell's chance to be looked at: (n, k); certain where the tag is on or something speaks for it."""
    telling = (truth > 0) | (found[_SCORE] > _TELLING_SCORE)
    return np.where(telling, 1.0, min(1.0, _MOST_DULL_CELLS / truth.size)).astype(np.float32)


def _loss(
    weights: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64], counts: NDArray[np.float64]
) -> float:
    log_odds = x @ weights
    fit = counts @ (np.logaddexp(0, log_odds) - y * log_odds)
    return float(fit + _PULL / 2 * ((weights - EXPECTED) ** 2).sum())
