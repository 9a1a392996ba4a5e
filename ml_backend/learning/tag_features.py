"""Sparse features of a product's fields: words with their pairs, and pieces of words, weighed by TF-IDF.

Every field has its own weights, and so have all of them together. Micro-F1 by cross-validation on products outside the
test quarter of en_flipkart (kernel ridge at its best threshold): pieces alone of the joined text 0.698, words alone
0.705, both 0.720, with each field by itself as well 0.733. A title that counts twice brings 0.5 points more there, 0.2
on en_icecat; four times, nothing beyond. Mean hidden states of SmolLM2-135M, mixed into the likeness by a half, brought
0.5 points on en_icecat and took 0.9 away on en_flipkart, at some thirty products a second: they are left out. Computes
only.
"""

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.preprocessing import normalize

from ml_backend.learning.tag_texts import TagText
from ml_backend.rules.text import HAN, is_han

FloatArray = NDArray[np.float32]

N_FIELDS = 4  # title, columns, prose, all of them
_FIELD_WEIGHTS = (2.0, 1.0, 1.0, 1.0)  # share of each in the likeness of two products
MOST_TERMS = 40_000  # of each kind; rarer ones hardly meet another product
_LONGEST_PIECE = 5
_LONGEST_HAN_TERM = 4
_FEW = 20  # products, up to which a term seen once is kept
_TOKEN = re.compile(rf"[{HAN}]+|(?:(?![{HAN}])[^\W_])+")


@dataclass(frozen=True, slots=True, kw_only=True)
class TagFeatures:
    """A vocabulary of words and one of pieces, with the weight that each field gives a term.

    word_idf: (N_FIELDS, words), piece_idf: (N_FIELDS, pieces); all 0 for a field that was always empty.
    """

    words: dict[str, int]
    pieces: dict[str, int]
    word_idf: FloatArray
    piece_idf: FloatArray

    @classmethod
    def learned(cls, texts: Sequence[TagText]) -> "tuple[TagFeatures, csr_matrix]":
        """Take the terms of two products at least, of one where there are few products; and return the features too."""
        least = 2 if len(texts) > _FEW else 1
        tokens = _Tokens.of(texts)
        words, word_counts = tokens.vocabulary(word_terms, least)
        pieces, piece_counts = tokens.vocabulary(piece_terms, least)
        features = cls(
            words=words,
            pieces=pieces,
            word_idf=np.array([_idf(counts) for counts in word_counts]),
            piece_idf=np.array([_idf(counts) for counts in piece_counts]),
        )
        return features, features._weighed(word_counts, piece_counts)

    @property
    def n_columns(self) -> int:
        """Return how many features a product has."""
        return N_FIELDS * (len(self.words) + len(self.pieces))

    def of(self, texts: Sequence[TagText]) -> csr_matrix:
        """Return the features: (n, n_columns), rows of length 1 (0 for an empty product), words of each field first."""
        tokens = _Tokens.of(texts)
        return self._weighed(tokens.counts(self.words, word_terms), tokens.counts(self.pieces, piece_terms))

    def _weighed(self, word_counts: Sequence[csr_matrix], piece_counts: Sequence[csr_matrix]) -> csr_matrix:
        blocks = [
            normalize(_weighed(counts, idf), copy=False) * np.float32(weight**0.5)
            for counts, idf, weight in zip(
                [*word_counts, *piece_counts], [*self.word_idf, *self.piece_idf], 2 * _FIELD_WEIGHTS, strict=True
            )
        ]
        return normalize(csr_matrix(hstack(blocks, format="csr", dtype=np.float32)), copy=False)

    def terms(self) -> list[str]:
        """Return the term of each column, words as "w:…" and pieces as "c:…": n_columns of them."""
        return N_FIELDS * [f"w:{word}" for word in self.words] + N_FIELDS * [f"c:{piece}" for piece in self.pieces]


def word_terms(token: str) -> tuple[str, ...]:
    """Return a Latin word or pair of words itself, of a Han run its parts of one to four characters."""
    return _han_terms(token) if is_han(token) else (token,)


@lru_cache(maxsize=200_000)
def piece_terms(token: str) -> tuple[str, ...]:
    """Return a word's pieces of one to five characters, blanks at its ends counted; of a Han run likewise to four.

    A pair of words has none beyond those of its words.
    """
    if " " in token:
        return ()
    padded = f" {token} "
    longest = _LONGEST_HAN_TERM if is_han(token) else _LONGEST_PIECE
    sizes = range(1, min(longest, len(padded)) + 1)
    return tuple(padded[i : i + n] for n in sizes for i in range(len(padded) - n + 1) if padded[i : i + n] != " ")


def units(text: str) -> set[str]:
    """Return the words a reason may name: of Han runs pairs of characters."""
    found: list[str] = _TOKEN.findall(text)
    pairs = {run[i : i + 2] for run in found if is_han(run) for i in range(len(run) - 1)}
    return pairs | {token for token in found if len(token) > 2 and not is_han(token)}


@lru_cache(maxsize=100_000)
def _han_terms(run: str) -> tuple[str, ...]:
    return tuple(run[i : i + n] for n in range(1, _LONGEST_HAN_TERM + 1) for i in range(len(run) - n + 1))


Terms = Callable[[str], tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tokens:
    """How often each different token stands in each field: Latin words, their neighbouring pairs ("a b"), Han runs.

    A token is cut into terms but once: its terms are a row of a matrix that the counts of tokens are multiplied by.
    """

    tokens: Sequence[str]
    by_field: Sequence[csr_matrix]

    @classmethod
    def of(cls, texts: Sequence[TagText]) -> "_Tokens":
        place: dict[str, int] = {}
        fields = zip(*(text.fields for text in texts), strict=True) if texts else [()] * (N_FIELDS - 1)
        rows = [[[place.setdefault(t, len(place)) for t in _tokens(text)] for text in field] for field in fields]
        return cls(tokens=list(place), by_field=[_matrix(own, len(place)) for own in rows])

    def counts(self, known: dict[str, int], terms: Terms) -> list[csr_matrix]:
        """Return how often each known term stands in each field, and in all of them: N_FIELDS matrices (n, terms)."""
        cut = _matrix([[known[t] for t in terms(token) if t in known] for token in self.tokens], len(known))
        return self._cut(cut)

    def vocabulary(self, terms: Terms, least: int) -> tuple[dict[str, int], list[csr_matrix]]:
        """Return the terms of at least so many products, the most frequent MOST_TERMS, and their counts."""
        place: dict[str, int] = {}
        cut = [[place.setdefault(t, len(place)) for t in terms(token)] for token in self.tokens]
        counts = self._cut(_matrix(cut, len(place)))
        df = counts[-1].getnnz(axis=0)
        kept = np.flatnonzero(df >= least)
        kept = np.sort(kept[np.argsort(-df[kept], kind="stable")[:MOST_TERMS]])
        names = list(place)
        return {names[j]: i for i, j in enumerate(kept)}, [own[:, kept] for own in counts]

    def _cut(self, cut: csr_matrix) -> list[csr_matrix]:
        counts = [own @ cut for own in self.by_field]
        return [*counts, sum(counts[1:], counts[0])]


@lru_cache(maxsize=20_000)
def _tokens(text: str) -> tuple[str, ...]:
    found: list[str] = _TOKEN.findall(text)
    pairs = (f"{a} {b}" for a, b in itertools.pairwise(found) if not (is_han(a) or is_han(b)))
    return (*found, *pairs)


def _matrix(rows: Sequence[Sequence[int]], width: int) -> csr_matrix:
    columns = np.fromiter(itertools.chain.from_iterable(rows), dtype=np.int32)
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows], dtype=np.int64)])
    shape = (len(rows), width)
    found = csr_matrix((np.ones(len(columns), dtype=np.float32), columns, starts), shape=shape)
    found.sum_duplicates()
    return found


def _idf(counts: csr_matrix) -> FloatArray:
    n, df = counts.shape[0], counts.getnnz(axis=0)
    return np.asarray((np.log((1 + n) / (1 + df)) + 1) * bool(counts.nnz), dtype=np.float32)


def _weighed(counts: csr_matrix, idf: FloatArray) -> csr_matrix:
    found = counts.copy()
    found.data = (1 + np.log(found.data)) * idf[found.indices]
    return found
