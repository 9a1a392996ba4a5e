"""Sparse features of a product's fields: words with their pairs, and pieces of words, weighed by TF-IDF.

Every field has its own weights, and so have all of them together. Micro-F1 by cross-validation on products outside the
test quarter of en_flipkart (kernel ridge at its best threshold): pieces alone of the joined text 0.698, words alone
0.705, both 0.720, with each field by itself as well 0.733. Computes only.
"""

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
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
    def learned(cls, texts: Sequence[TagText]) -> "TagFeatures":
        """Take the terms of two products at least, of one where there are few products."""
        least = 2 if len(texts) > _FEW else 1
        fields = _tokens_by_field(texts)
        known_words = _vocabulary(_terms_by_product(fields, word_terms), least)
        known_pieces = _vocabulary(_terms_by_product(fields, piece_terms), least)
        return cls(
            words=known_words,
            pieces=known_pieces,
            word_idf=np.array([_idf(counts) for counts in _counts(fields, known_words, word_terms)]),
            piece_idf=np.array([_idf(counts) for counts in _counts(fields, known_pieces, piece_terms)]),
        )

    @property
    def n_columns(self) -> int:
        """Return how many features a product has."""
        return N_FIELDS * (len(self.words) + len(self.pieces))

    def of(self, texts: Sequence[TagText]) -> csr_matrix:
        """Return the features: (n, n_columns), rows of length 1 (0 for an empty product), words of each field first."""
        fields = _tokens_by_field(texts)
        blocks = [
            normalize(_weighed(counts, idf), copy=False)
            for known, idfs, terms in (
                (self.words, self.word_idf, word_terms),
                (self.pieces, self.piece_idf, piece_terms),
            )
            for counts, idf in zip(_counts(fields, known, terms), idfs, strict=True)
        ]
        return normalize(csr_matrix(hstack(blocks, format="csr", dtype=np.float32)), copy=False)

    def terms(self) -> list[str]:
        """Return the term of each column, words as "w:…" and pieces as "c:…": n_columns of them."""
        return N_FIELDS * [f"w:{word}" for word in self.words] + N_FIELDS * [f"c:{piece}" for piece in self.pieces]


def word_terms(token: str) -> tuple[str, ...]:
    """Return a Latin word itself, of a Han run its parts of one to four characters."""
    return _han_terms(token) if is_han(token) else (token,)


@lru_cache(maxsize=200_000)
def piece_terms(token: str) -> tuple[str, ...]:
    """Return a word's pieces of one to five characters, blanks at its ends counted; of a Han run likewise to four."""
    padded = f" {token} "
    longest = _LONGEST_HAN_TERM if is_han(token) else _LONGEST_PIECE
    sizes = range(1, min(longest, len(padded)) + 1)
    return tuple(padded[i : i + n] for n in sizes for i in range(len(padded) - n + 1) if padded[i : i + n] != " ")


@lru_cache(maxsize=100_000)
def _han_terms(run: str) -> tuple[str, ...]:
    return tuple(run[i : i + n] for n in range(1, _LONGEST_HAN_TERM + 1) for i in range(len(run) - n + 1))


def units(text: str) -> set[str]:
    """Return the words a reason may name: of Han runs pairs of characters."""
    found: list[str] = _TOKEN.findall(text)
    pairs = {run[i : i + 2] for run in found if is_han(run) for i in range(len(run) - 1)}
    return pairs | {token for token in found if len(token) > 2 and not is_han(token)}


Terms = Callable[[str], tuple[str, ...]]
_Fields = list[list[list[str]]]


def _tokens_by_field(texts: Sequence[TagText]) -> _Fields:
    """Return Latin words, Han runs and pairs of neighbouring Latin words ("a b") of every field of every product."""
    return [[_tokens(text.fields[i]) for text in texts] for i in range(N_FIELDS - 1)]


def _tokens(text: str) -> list[str]:
    found: list[str] = _TOKEN.findall(text)
    pairs = [f"{a} {b}" for a, b in itertools.pairwise(found) if not (is_han(a) or is_han(b))]
    return found + pairs


def _terms_by_product(fields: _Fields, terms: Terms) -> Iterator[set[str]]:
    for tokens in zip(*fields, strict=True):
        yield {term for token in set(itertools.chain(*tokens)) for term in _own_terms(token, terms)}


def _own_terms(token: str, terms: Terms) -> tuple[str, ...]:
    """Cut a token; a pair of words is a term of words and has no pieces beyond those of its words."""
    if " " in token:
        return (token,) if terms is word_terms else ()
    return terms(token)


def _vocabulary(terms_of_products: Iterable[set[str]], least: int) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for terms in terms_of_products:
        counts.update(terms)
    frequent = sorted((term for term, n in counts.items() if n >= least), key=lambda term: (-counts[term], term))
    return {term: i for i, term in enumerate(sorted(frequent[:MOST_TERMS]))}


def _counts(fields: _Fields, known: dict[str, int], terms: Terms) -> list[csr_matrix]:
    """Return how often each known term stands in each field, and in all of them: N_FIELDS matrices (n, terms).

    Every different token is cut but once: its terms are a row of a matrix that the counts of tokens are multiplied by.
    """
    tokens = {token: i for i, token in enumerate(dict.fromkeys(itertools.chain(*itertools.chain(*fields))))}
    cut = _matrix(([known[t] for t in _own_terms(token, terms) if t in known] for token in tokens), len(known))
    counts = [_matrix(([tokens[t] for t in own] for own in field), len(tokens)) @ cut for field in fields]
    return [*counts, sum(counts[1:], counts[0])]


def _matrix(rows: Iterable[list[int]], width: int) -> csr_matrix:
    lengths, columns = [0], []
    for row in rows:
        columns += row
        lengths.append(len(columns))
    shape = (len(lengths) - 1, width)
    found = csr_matrix((np.ones(len(columns), dtype=np.float32), columns, lengths), shape=shape)
    found.sum_duplicates()
    return found


def _idf(counts: csr_matrix) -> FloatArray:
    n, df = counts.shape[0], counts.getnnz(axis=0)
    return np.asarray((np.log((1 + n) / (1 + df)) + 1) * bool(counts.nnz), dtype=np.float32)


def _weighed(counts: csr_matrix, idf: FloatArray) -> csr_matrix:
    found = counts.copy()
    found.data = (1 + np.log(found.data)) * idf[found.indices]
    return found
