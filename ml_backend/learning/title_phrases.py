"""Cuts the titles of one category into phrases: runs of words that go together, whatever else a title says.

Computes only. Words belong together where one of them hardly ever stands without the other, and chance would not bring
them together so often: "Face Cream" of "Oat Face Cream" and "Squalane Face Cream".
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import comb

import rjieba

from ml_backend.contract import Brief
from ml_backend.learning.title_facts import Token, key_of, tokens
from ml_backend.rules.text import HAN, is_han, normal_form

BRAND_PHRASE = "<brand>"
_NUMBER = "#"
_LONGEST, _LONGEST_HAN = 4, 7  # words, characters
_MOST_CHANCE = 0.03  # how likely chance may bring two words together as often as they are seen
_HAN_RUN = re.compile(f"[{HAN}]+")
_OPENING = re.compile(r"[(（\[【]+$")
_CLOSING = re.compile(r"[)）\]】+%'’\"″”]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A run of a title's words: key as in title_facts.py, pattern the key without its numbers.

    text is how it is written, joint what stands between it and the phrase before it.
    """

    key: str
    pattern: str
    text: str
    joint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    """Tokens [first, last) of a title that go together."""

    first: int
    last: int
    pattern: str


def phrases(titled: Sequence[tuple[Brief, str]]) -> list[list[Phrase]]:
    """Return the phrases of every title of a category, in their order."""
    titles = [normal_form(title) for _, title in titled]
    token_lists = [tokens(title) for title in titles]
    units = [
        _first_units(brief.brand, title, own)
        for (brief, _), title, own in zip(titled, titles, token_lists, strict=True)
    ]
    starts = [_word_starts(title) for title in titles]
    while pair := _next_pair(titles, token_lists, units, starts):
        units = [_joined(title, known, own, pair) for title, known, own in zip(titles, token_lists, units, strict=True)]
    return [_phrases(title, known, own) for title, known, own in zip(titles, token_lists, units, strict=True)]


def _first_units(brand: str, title: str, own: Sequence[Token]) -> list[_Unit]:
    """Return the brand as one unit, what is written as one word, and every other token for itself."""
    brand_keys = key_of(brand).split()
    keys = [token.key for token in own]
    at = next((i for i in range(len(own)) if brand_keys and keys[i : i + len(brand_keys)] == brand_keys), None)
    found: list[_Unit] = []
    i = 0
    while i < len(own):
        if i == at:
            found.append(_Unit(first=i, last=i + len(brand_keys), pattern=BRAND_PHRASE))
            i += len(brand_keys)
        elif found and found[-1].pattern != BRAND_PHRASE and _is_one_word(title, own, i):
            last = found.pop()
            found.append(_Unit(first=last.first, last=i + 1, pattern=f"{last.pattern} {_pattern(own[i])}"))
            i += 1
        else:
            found.append(_Unit(first=i, last=i + 1, pattern=_pattern(own[i])))
            i += 1
    return found


def _word_starts(title: str) -> frozenset[int]:
    """Return where the words of Han runs begin, by jieba's dictionary."""
    starts: set[int] = set()
    for run in _HAN_RUN.finditer(title):
        place = run.start()
        for word in rjieba.cut(run[0]):
            starts.add(place)
            place += len(word)
    return frozenset(starts)


def _is_one_word(title: str, own: Sequence[Token], i: int) -> bool:
    """Say whether a token is written together with the one before it: 4-Person, A5, 66W; but not 66W2米 or Han."""
    gap = title[own[i - 1].end : own[i].start]
    if gap not in ("", "-", "'", "’") or is_han(own[i].key) or is_han(own[i - 1].key):
        return False
    is_after_figure = i > 1 and own[i - 2].key[0].isdigit() and own[i - 2].end == own[i - 1].start
    return gap != "" or not (own[i].key[0].isdigit() and is_after_figure)


def _pattern(token: Token) -> str:
    return _NUMBER if token.key[0].isdigit() else token.key


def _next_pair(
    titles: Sequence[str],
    token_lists: Sequence[Sequence[Token]],
    units: Sequence[Sequence[_Unit]],
    starts: Sequence[frozenset[int]],
) -> tuple[str, str] | None:
    """Return the neighbours that chance explains least and that go together; None when there are no more."""
    n_titles: Counter[str] = Counter()
    n_together: Counter[tuple[str, str]] = Counter()
    n_within: Counter[tuple[str, str]] = Counter()  # a word of the dictionary
    for title, own, known, begins in zip(titles, token_lists, units, starts, strict=True):
        n_titles.update({unit.pattern for unit in known})
        pairs = [(a, b) for a, b in pairwise(known) if _may_join(title, own, a, b)]
        n_together.update({(a.pattern, b.pattern) for a, b in pairs})
        n_within.update(
            {
                (a.pattern, b.pattern)
                for a, b in pairs
                if begins and own[b.first].start not in begins and is_han(b.pattern)
            }
        )
    chances: dict[tuple[str, str], float] = {}
    for (a, b), n in n_together.items():
        chance = min(
            _chance(n, n_titles[a], n_titles[b] / len(titles)), _chance(n, n_titles[b], n_titles[a] / len(titles))
        )
        is_counted = set(a.split()) == {_NUMBER} and n == n_titles[b]
        is_word = 2 * n_within[a, b] > n and 2 * n >= max(n_titles[a], n_titles[b]) and chance < 1
        if is_counted or is_word:
            chance = 0.0
        if n > 1 and chance <= _MOST_CHANCE:
            chances[a, b] = chance
    return min(chances, key=lambda pair: (chances[pair], pair)) if chances else None


def _chance(n_together: int, n: int, share: float) -> float:
    """Return how likely a word of `share` of the titles stands so often beside one of n titles by chance.

    1 where it often does not stand there: one title in four may be cut short, or by another editor.
    """
    return comb(n, n_together) * share**n_together if n_together >= n - n // 4 else 1.0


def _may_join(title: str, own: Sequence[Token], a: _Unit, b: _Unit) -> bool:
    gap = title[own[a.last - 1].end : own[b.first].start]
    longest = _LONGEST_HAN if is_han(a.pattern + b.pattern) else _LONGEST
    is_bare = not gap.strip() and (not gap or not is_han(a.pattern + b.pattern))
    return BRAND_PHRASE not in (a.pattern, b.pattern) and is_bare and b.last - a.first <= longest


def _joined(title: str, own: Sequence[Token], units: Sequence[_Unit], pair: tuple[str, str]) -> list[_Unit]:
    found: list[_Unit] = []
    for unit in units:
        if found and (found[-1].pattern, unit.pattern) == pair and _may_join(title, own, found[-1], unit):
            last = found.pop()
            unit = _Unit(first=last.first, last=unit.last, pattern=f"{last.pattern} {unit.pattern}")
        found.append(unit)
    return found


def _phrases(title: str, own: Sequence[Token], units: Sequence[_Unit]) -> list[Phrase]:
    found: list[Phrase] = []
    end = 0
    for unit in units:
        start, stop = own[unit.first].start, own[unit.last - 1].end
        if opening := _OPENING.search(title[end:start]):
            start -= len(opening[0])
        if closing := _CLOSING.match(title, stop):
            stop = closing.end()
        is_brand = unit.pattern == BRAND_PHRASE
        found.append(
            Phrase(
                key=BRAND_PHRASE if is_brand else " ".join(token.key for token in own[unit.first : unit.last]),
                pattern=unit.pattern,
                text=title[start:stop],
                joint=title[end:start],
            )
        )
        end = max(stop, end)
    return found
