"""What is worth showing or asking beside each other: titles that differ, products that tell of others.

Computes only.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular
from scipy.sparse import csr_matrix

from ml_backend.contract import TitleProposal
from ml_backend.rules.text import normal_form

Array = NDArray[np.floating]

MOST_CONSIDERED = 2000  # products weighed against each other: 50 are chosen from them in under a second on one core
MOST_REPRESENTED = 1000  # products that stand for the whole pool; their mean varies by 3 %
MOST_REMEMBERED = 1500  # of the products asked before; more of them hardly change what is left to learn
NOISE = 0.1  # variance of an answer, where 1 is that of a product nothing is known of
TWINS = 0.95  # cosine from which two products are asked once
ALIKE = 0.5  # cosine from which a product is said to be like another


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A chosen row, and of how many rows of the pool (estimated) it tells something."""

    row: int
    n_alike: int


def different(proposals: Sequence[TitleProposal]) -> list[TitleProposal]:
    """Keep the first of proposals that differ only in blanks or width, and put titles into normal form."""
    kept: dict[str, TitleProposal] = {}
    for proposal in proposals:
        title = normal_form(proposal.title) if proposal.title.strip() else ""
        kept.setdefault(title, replace(proposal, title=title))
    return list(kept.values())


def word_vectors(texts: Sequence[Collection[str]]) -> csr_matrix:
    """Return one row per collection of words: (n, words), unit length or empty, rare words weigh more.

    The weight of a word is log(1 + n / the number of rows that hold it), whatever its count in a row.
    """
    held = Counter(word for text in texts for word in set(text))
    column = {word: j for j, word in enumerate(held)}
    weight = np.log1p(len(texts) / np.fromiter(held.values(), dtype=np.float32, count=len(held)))
    columns = [sorted(column[word] for word in set(text)) for text in texts]
    ends = np.cumsum([0, *map(len, columns)])
    indices = np.fromiter((j for own in columns for j in own), dtype=np.int64, count=int(ends[-1]))
    x = csr_matrix((weight[indices].astype(np.float32), indices, ends), shape=(len(texts), max(len(held), 1)))
    lengths = np.sqrt(np.asarray(x.multiply(x).sum(axis=1)).ravel())
    x.data /= np.repeat(np.maximum(lengths, 1e-12), np.diff(x.indptr)).astype(np.float32)
    return x


def most_informative(x: csr_matrix, worth: Array, n: int, *, asked: csr_matrix, rng: np.random.Generator) -> list[Pick]:
    """Choose up to n rows one by one, each the one whose answer tells most of the pool, given the answers before it.

    x: (m, words), unit rows, the products that may be asked. worth: (m,), > 0, how much there is to learn of a row
    itself. asked: (a, words), what was asked before. Neither is changed. Near twins (cosine >= TWINS) of what was
    asked or chosen come only when nothing else is left. Where rows are worth alike it explores dense regions; else
    worth decides, of the row itself and of those it tells of. Of large pools a part is weighed (MOST_CONSIDERED, half
    of it the worthiest).

    Source: Yu, Bi & Tresp 2006, "Active Learning via Transductive Experimental Design" (its sequential form),
    on the cosine kernel. We multiply the gain by worth, which with p (1 - p) is a logistic label's Fisher information,
    and weigh whom it tells of by the root of theirs: the whole of it did better on some catalogs, worse on others.
    """
    if not x.shape[0] or n < 1:
        return []
    rows = _considered(worth, max(MOST_CONSIDERED, 2 * n), rng)
    pool, value = x[rows], np.asarray(worth, dtype=np.float32)[rows]
    standing = _drawn(x.shape[0], MOST_REPRESENTED, rng)
    cosine = _dense(x[standing], pool)
    n_alike = (cosine >= ALIKE).mean(axis=0) * x.shape[0]
    remembered = asked[_drawn(asked.shape[0], MOST_REMEMBERED, rng)]
    design = _Design(pool, x[standing], cosine, np.sqrt(worth[standing]), remembered)
    is_twin = _nearest(pool, asked) >= TWINS
    left = np.ones(len(rows), dtype=bool)
    picks = []
    for _ in range(min(n, len(rows))):
        gain = value * design.gain() * np.where(is_twin, 1e-6, 1.0)
        best = int(np.argmax(np.where(left, gain, -1.0)))
        left[best] = False
        is_twin |= design.ask(best) >= TWINS
        picks.append(Pick(row=int(rows[best]), n_alike=max(round(float(n_alike[best])), 1)))
    return picks


class _Design:
    """What is still unknown of a pool, as a Gaussian process whose kernel is the cosine: answers take it away."""

    def __init__(
        self, pool: csr_matrix, standing: csr_matrix, cosine: Array, weights: Array, asked: csr_matrix
    ) -> None:
        """Take m rows of the pool, r that stand for all, cosine: (r, m) of both, and weights: (r,) of the latter."""
        self._pool = pool
        self._covariance = cosine
        self._variance = np.asarray(pool.multiply(pool).sum(axis=1), dtype=np.float32).ravel()
        self._factors = np.zeros((0, pool.shape[0]), dtype=np.float32)
        if asked.shape[0]:
            noise = NOISE * np.eye(asked.shape[0], dtype=np.float32)
            lower = cholesky(_dense(asked, asked) + noise, lower=True)
            self._factors = solve_triangular(lower, _dense(asked, pool), lower=True)
            self._covariance -= solve_triangular(lower, _dense(asked, standing), lower=True).T @ self._factors
            self._variance -= np.einsum("ij,ij->j", self._factors, self._factors)
        # Scaled rows stay scaled through every answer, and what is squared later is weighed.
        self._covariance *= np.sqrt(weights, dtype=np.float32)[:, None]

    def gain(self) -> Array:
        """Return by how much each answer would lower the variance of those that stand for all: (m,)."""
        told = np.einsum("ij,ij->j", self._covariance, self._covariance)
        return np.asarray(told / (self._variance + NOISE), dtype=np.float32)

    def ask(self, i: int) -> Array:
        """Take an answer as given; return the cosine of all to it: (m,)."""
        cosine: Array = _dense(self._pool[[i]], self._pool)[0]
        spread = np.sqrt(self._variance[i] + NOISE)
        factor = (cosine - self._factors[:, i] @ self._factors) / spread
        self._covariance -= np.outer(self._covariance[:, i] / spread, factor)
        self._variance = np.maximum(self._variance - factor**2, 0.0)
        self._factors = np.vstack([self._factors, factor])
        return cosine


def _considered(worth: Array, most: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return all rows, or of many the worthiest and as many of the rest by chance, in order."""
    if len(worth) <= most:
        return np.arange(len(worth))
    by_worth = np.argpartition(-worth, most // 2)
    rest = rng.choice(by_worth[most // 2 :], most - most // 2, replace=False)
    return np.sort(np.concatenate([by_worth[: most // 2], rest]))


def _drawn(n: int, most: int, rng: np.random.Generator) -> NDArray[np.int64]:
    return np.sort(rng.choice(n, most, replace=False)) if n > most else np.arange(n)


def _nearest(pool: csr_matrix, asked: csr_matrix) -> Array:
    """Return each row's greatest cosine to what was asked: (m,), 0 without any."""
    if not asked.shape[0]:
        return np.zeros(pool.shape[0], dtype=np.float32)
    return np.asarray((pool @ asked.T).max(axis=1).toarray(), dtype=np.float32).ravel()


def _dense(a: csr_matrix, b: csr_matrix) -> NDArray[np.float32]:
    return np.asarray((a @ b.T).toarray(), dtype=np.float32)
