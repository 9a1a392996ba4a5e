"""Lays the titles of one category below each other, phrase under phrase, so that what stands in a column is one thing.

Computes only. A progressive alignment (Feng & Doolittle 1987) of phrases instead of letters, with rounds in which every
title is laid anew against all the others: "Cordless | Oak | Table Lamp" over " | Brass | Desk Lamp".
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ml_backend.learning.title_phrases import BRAND_PHRASE, Phrase

_ROUNDS = 3
_KNOWN, _STRANGE = 2.0, -0.4  # worth of a phrase in a column that holds it, and in one that does not
_SAME_FIELD, _SAME_JOINT, _OTHER_SHAPE = 1.6, 0.4, -1.2
_NEW_COLUMN = -1.0
_SKIPPED = -0.6  # for a column that every title fills
_NEVER = -1e9
Fields = frozenset[str]


@dataclass(slots=True)
class _Column:
    n: int = 0
    n_figures: int = 0  # phrases with a number
    patterns: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    joints: Counter[str] = field(default_factory=Counter)

    def count(self, phrase: Phrase, fields: Fields, by: int) -> None:
        self.n += by
        self.n_figures += by * ("#" in phrase.pattern)
        self.patterns[phrase.pattern] += by
        self.joints[phrase.joint.strip()] += by
        for name in fields:
            self.fields[name] += by

    def worth(self, phrase: Phrase, fields: Fields) -> float:
        is_brand = phrase.key == BRAND_PHRASE
        if is_brand != (BRAND_PHRASE in self.patterns):
            return _NEVER
        worth = _KNOWN + self.patterns[phrase.pattern] / self.n if self.patterns[phrase.pattern] > 0 else _STRANGE
        worth += _SAME_FIELD * max((self.fields[name] / self.n for name in fields), default=0.0)
        worth += _SAME_JOINT * (self.joints[phrase.joint.strip()] / self.n - 0.5)
        return worth + _OTHER_SHAPE * abs(self.n_figures / self.n - ("#" in phrase.pattern))


def columns(titles: Sequence[Sequence[Phrase]], fields: Sequence[Sequence[Fields]]) -> list[list[int]]:
    """Return for every title the column of each of its phrases, rising.

    fields: for each phrase, the fields of the Brief that hold it.
    """
    profile: list[_Column] = []
    places: list[list[_Column]] = [[] for _ in titles]
    longest_first = sorted(range(len(titles)), key=lambda i: -len(titles[i]))
    for turn in range(_ROUNDS + 1):
        for i in longest_first:
            for phrase, names, column in zip(titles[i], fields[i], places[i], strict=False):
                column.count(phrase, names, -1)
            if turn:
                profile = [column for column in profile if column.n]
            places[i] = _laid(titles[i], fields[i], profile, len(titles))
            for phrase, names, column in zip(titles[i], fields[i], places[i], strict=True):
                column.count(phrase, names, 1)
    number = {id(column): i for i, column in enumerate(profile)}
    return [[number[id(column)] for column in own] for own in places]


def _laid(phrases: Sequence[Phrase], fields: Sequence[Fields], profile: list[_Column], n_titles: int) -> list[_Column]:
    """Return the column of each phrase by the best alignment (Needleman & Wunsch 1970); new ones enter the profile."""
    n, m = len(phrases), len(profile)
    best = np.full((n + 1, m + 1), _NEVER)
    way = np.zeros((n + 1, m + 1), dtype=np.int8)  # 0: phrase in column, 1: column skipped, 2: new column
    skipped = [_SKIPPED * column.n / n_titles for column in profile]
    best[0, 0] = 0.0
    for j in range(1, m + 1):
        best[0, j], way[0, j] = best[0, j - 1] + skipped[j - 1], 1
    for i in range(1, n + 1):
        best[i, 0], way[i, 0] = best[i - 1, 0] + _NEW_COLUMN, 2
        for j in range(1, m + 1):
            options = (
                best[i - 1, j - 1] + profile[j - 1].worth(phrases[i - 1], fields[i - 1]),
                best[i, j - 1] + skipped[j - 1],
                best[i - 1, j] + _NEW_COLUMN,
            )
            best[i, j] = max(options)
            way[i, j] = options.index(best[i, j])
    found: list[_Column] = []
    i, j = n, m
    while i or j:
        if way[i, j] == 0:
            found.append(profile[j - 1])
            i, j = i - 1, j - 1
        elif way[i, j] == 1:
            j -= 1
        else:
            column = _Column()
            profile.insert(j, column)
            found.append(column)
            i -= 1
    return found[::-1]
