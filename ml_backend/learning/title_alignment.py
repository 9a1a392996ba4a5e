"""Finds what each part of a good title was made of: a column's value, respelt or not, or a phrase of the prose.

Computes only. A **phrase** is a run of title words, a **cue** what speaks for it in a Brief: a value, or a run of
words of the description. Both are kept as keys (see title_facts.py). What is learnt from the spans that are found
stands in title_wording.py and title_habits.py.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ml_backend.contract import Brief
from ml_backend.learning.title_facts import (
    BRAND,
    CATEGORY,
    COUNTED,
    Fact,
    Token,
    facts,
    key_of,
    prose_cues,
    tokens,
)
from ml_backend.rules.text import is_han, normal_form

NOUN = "noun"  # the field of what a thing is called
TOLD = "told"  # the field of a phrase that no column holds
_UNIT_WORD = re.compile(r"[a-z]{1,3}|[a-z]+s|[升克米寸斤岁码件页人]|毫|厘|公")
_INNER_MARKS = ("-", "'", "’", ". ")
_STOP_WORDS = frozenset("with for in of and by from the a an to on at or & 的 和 与 及 配 带 送 款".split())  # noqa: SIM905
_LONGEST_PHRASE = 4
_LONGEST_HAN_PHRASE = 6
_LEAST_PRECISION = 0.6
_UNPROVEN = 0.5  # the spelling of a column's value, standing in the prose itself
_MOST_CHANCE = 0.04  # how likely the meetings of cue and phrase may be if the category alone explained them
_MOST_CUES = 12
_NOUN_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Title tokens [first, last) that a field accounts for."""

    first: int
    last: int
    field: str
    cue: str = ""


@dataclass(slots=True, kw_only=True)
class AlignedTitle:
    """A good title with what is known of its product; spans do not overlap."""

    title: str
    category: str
    path: tuple[str, ...]
    tokens: list[Token]
    facts: list[Fact]
    cues: frozenset[str]
    spans: list[Span] = field(default_factory=list)

    def is_free(self, first: int, last: int) -> bool:
        """Say whether no span touches the tokens."""
        return all(span.last <= first or last <= span.first for span in self.spans)

    def key(self, first: int, last: int) -> str:
        """Return the key of a run of tokens."""
        return " ".join(token.key for token in self.tokens[first:last])

    def text(self, first: int, last: int) -> str:
        """Return a run of tokens as it is written."""
        return self.title[self.tokens[first].start : self.tokens[last - 1].end]


Rewrites = dict[str, str]  # value key -> phrase key
Telling = dict[str, dict[str, float]]  # phrase key -> cue in the prose -> how surely it tells of the phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """All titles aligned, with the rewritings of values and the tell-tale cues of phrases that this took."""

    titles: list[AlignedTitle]
    rewrites: Rewrites
    telling: Telling


def aligned(titled: Iterable[tuple[Brief, str]]) -> Alignment:
    """Align good titles with their Briefs."""
    titles = [_unaligned(brief, title) for brief, title in titled]
    for title in titles:
        _claim_values(title)
    for title in titles:
        _claim_numbers(title)
    rates = _Rates(titles)
    rewrites = _learned_rewrites(titles, rates)
    for title in titles:
        _claim_rewritten(title, rewrites)
    telling = _learned_telling(titles, rates)
    for title in titles:
        _claim_told(title, telling)
    _claim_nouns(titles)
    for title in titles:
        title.spans.sort(key=lambda span: span.first)
    return Alignment(titles=titles, rewrites=rewrites, telling=telling)


def _unaligned(brief: Brief, title: str) -> AlignedTitle:
    title = normal_form(title)
    return AlignedTitle(
        title=title,
        category=brief.category[-1] if brief.category else "",
        path=brief.category,
        tokens=tokens(title),
        facts=facts(brief),
        cues=prose_cues(brief.description),
    )


def _claim_values(title: AlignedTitle) -> None:
    """Claim the brand and the values that stand in the title word for word, the longest first."""
    for fact in sorted(title.facts, key=lambda f: (f.field != BRAND, -len(f.key))):
        if fact.field != CATEGORY:
            _claim(title, fact.key, fact.field, fact.key)


def _claim_numbers(title: AlignedTitle) -> None:
    """Claim, with its unit, a number that stands in the title once and in one value: "500 millilitres" for "500ml"."""
    claimed = {span.cue for span in title.spans}
    for fact in title.facts:
        numbers = [key for key in fact.key.split() if key[0].isdigit()]
        if len(numbers) != 1 or fact.key in claimed or fact.field in (BRAND, CATEGORY):
            continue
        places = [i for i, token in enumerate(title.tokens) if token.key == numbers[0] and title.is_free(i, i + 1)]
        if len(places) == 1:
            first = places[0]
            last = first + 1
            while last < len(title.tokens) and _is_unit_of(title, first, last) and title.is_free(last, last + 1):
                last += 1
            title.spans.append(Span(first=first, last=last, field=fact.field, cue=fact.key))
            claimed.add(fact.key)


def _is_unit_of(title: AlignedTitle, first: int, last: int) -> bool:
    gap = title.title[title.tokens[last - 1].end : title.tokens[last].start]
    return last - first <= 2 and not gap.strip() and bool(_UNIT_WORD.fullmatch(title.tokens[last].key))


def _is_column(name: str) -> bool:
    return name not in (BRAND, CATEGORY) and not name.startswith(COUNTED)


def _claim_rewritten(title: AlignedTitle, rewrites: Rewrites) -> None:
    for fact in title.facts:
        if fact.key in rewrites and _is_column(fact.field):
            _claim(title, rewrites[fact.key], fact.field, fact.key)


def _claim_told(title: AlignedTitle, telling: Telling) -> None:
    for phrase in sorted(telling, key=lambda phrase: (-len(phrase), phrase)):
        if not title.cues.isdisjoint(telling[phrase]):
            _claim(title, phrase, TOLD)


def _claim_nouns(titles: Sequence[AlignedTitle]) -> None:
    """Claim what recurs in most titles of a category and is nothing else's: what the thing is called."""
    by_category: dict[str, list[AlignedTitle]] = defaultdict(list)
    for title in titles:
        by_category[title.category].append(title)
    for own in by_category.values():
        if len(own) < 3:
            continue
        for phrase in _common(own):
            for title in own:
                _claim(title, phrase, NOUN)
    for title in titles:
        for fact in title.facts:
            if fact.field == CATEGORY:
                _claim(title, fact.key, CATEGORY, fact.key)


def _common(titles: Sequence[AlignedTitle]) -> list[str]:
    """Return what stands free in the heads of half of the titles, the longest first."""
    counts = Counter(phrase for title in titles for phrase in set(_free_phrases(title, _head(title))))
    return sorted((p for p, n in counts.items() if n >= _NOUN_SHARE * len(titles)), key=lambda p: (-len(p), p))


def _head(title: AlignedTitle) -> int:
    """Return where the first stop word or comma ends what the thing is called: "Lamp" in "Lamp with Shade, 15 in"."""
    n = len(title.tokens)
    return next((i for i in range(1, n) if title.tokens[i].key in _STOP_WORDS or _is_cut(title, i, 0)), n)


def _claim(title: AlignedTitle, phrase: str, field_: str, cue: str = "") -> None:
    n = phrase.count(" ") + 1
    for first in range(len(title.tokens) - n + 1):
        if title.key(first, first + n) == phrase and title.is_free(first, first + n):
            title.spans.append(Span(first=first, last=first + n, field=field_, cue=cue))
            return


def _free_phrases(title: AlignedTitle, end: int | None = None) -> Iterable[str]:
    """Yield the keys of unclaimed runs of words that no punctuation cuts and no stop word begins or ends."""
    known = title.tokens[:end]
    for first, token in enumerate(known):
        longest = _LONGEST_HAN_PHRASE if is_han(token.key) else _LONGEST_PHRASE
        for last in range(first + 1, min(first + longest, len(known)) + 1):
            closing = known[last - 1]
            if not title.is_free(last - 1, last) or _is_cut(title, last - 1, first):
                break
            if token.key not in _STOP_WORDS and not _is_counted(title, first) and closing.key not in _STOP_WORDS:
                yield title.key(first, last)


def _is_counted(title: AlignedTitle, i: int) -> bool:
    """Say whether a hyphen ties the word to a number, as in "3-Person": such a word is no name of anything."""
    before = title.tokens[i - 1]
    return i > 0 and before.key[0].isdigit() and title.title[before.end : title.tokens[i].start] == "-"


def _is_cut(title: AlignedTitle, i: int, first: int) -> bool:
    between = title.title[title.tokens[i - 1].end : title.tokens[i].start] if i > first else ""
    return bool(between.strip()) and between not in _INNER_MARKS


class _Rates:
    """How often a phrase stands in the titles of a category."""

    def __init__(self, titles: Sequence[AlignedTitle]) -> None:
        self.sizes = Counter(title.category for title in titles)
        self.counts: Counter[tuple[str, str]] = Counter()
        self.holders: dict[str, list[int]] = defaultdict(list)
        for i, title in enumerate(titles):
            for phrase in _all_phrases(title):
                self.counts[title.category, phrase] += 1
                self.holders[phrase].append(i)

    def of(self, category: str, phrase: str) -> float:
        """Return the share of the category's titles that hold the phrase."""
        return self.counts[category, phrase] / self.sizes[category]


def _all_phrases(title: AlignedTitle) -> set[str]:
    """Return the title's free phrases and those that values account for."""
    return {*_free_phrases(title), *(title.key(span.first, span.last) for span in title.spans)}


def _learned_rewrites(titles: Sequence[AlignedTitle], rates: _Rates) -> Rewrites:
    """Learn what a value that does not stand in the titles is called there: "500 millilitres" is "17 oz"."""
    holders: dict[str, list[int]] = defaultdict(list)
    for i, title in enumerate(titles):
        claimed = {span.cue for span in title.spans}
        for value in {fact.key for fact in title.facts if _is_column(fact.field)} - claimed:
            holders[value].append(i)
    free = [frozenset(_free_phrases(title)) for title in titles]
    rewrites: Rewrites = {}
    for value, own in holders.items():
        if len(own) < 2:
            continue
        counts = Counter(phrase for i in own for phrase in free[i])
        likely = [
            (n, len(phrase), phrase)
            for phrase, n in counts.items()
            if n >= 2 and n / len(own) >= 0.7 and _is_no_chance(phrase, n, [titles[i] for i in own], rates)
        ]
        if likely:
            # The longest of those that stand nearly always: "Water Bottle", not "Bottle".
            most = max(likely)[0]
            rewrites[value] = max((size, n, phrase) for n, size, phrase in likely if n >= 0.85 * most)[2]
    return rewrites


def _learned_telling(titles: Sequence[AlignedTitle], rates: _Rates) -> Telling:
    """Learn which runs of words in the prose tell of a phrase in the title."""
    n_cue = Counter(cue for title in titles for cue in title.cues)
    told_by: dict[str, list[AlignedTitle]] = defaultdict(list)
    for title in titles:
        for cue in title.cues:
            if n_cue[cue] >= 2:
                told_by[cue].append(title)
    owned = {title.key(s.first, s.last) for title in titles for s in title.spans if s.field not in (BRAND, CATEGORY)}
    free = {phrase for title in titles for phrase in _free_phrases(title)}
    telling: Telling = {}
    for phrase in sorted(owned | free):
        own = rates.holders.get(phrase, [])
        if len(own) < 2:
            continue
        counts = Counter(cue for i in own for cue in titles[i].cues)
        sure = {
            cue: round(n / (n_cue[cue] + 0.5), 3)
            for cue, n in counts.items()
            if n >= 2 and n / (n_cue[cue] + 0.5) >= _LEAST_PRECISION
        }
        kept = (
            [
                cue
                for cue in sorted(sure, key=lambda cue: (-sure[cue], -len(cue), cue))
                if _is_no_chance(phrase, counts[cue], told_by[cue], rates)
            ][:_MOST_CUES]
            if sure
            else []
        )
        if kept:
            telling[phrase] = {cue: sure[cue] for cue in kept}
        elif phrase in owned and n_cue[phrase] < 2:
            telling[phrase] = {phrase: _UNPROVEN}
    return telling


def _is_no_chance(phrase: str, n: int, holders: Sequence[AlignedTitle], rates: _Rates) -> bool:
    base = sum(rates.of(title.category, phrase) for title in holders) / len(holders)
    return bool(base**n <= _MOST_CHANCE)


def numbers_abstracted(value_key: str, surface: str) -> tuple[str, str] | None:
    """Return a rewriting with the value's numbers as "#0", "#1" …: "pack of #0" is "#0-Pack".

    None if the value has no number or the surface holds one that is not the value's.
    """
    numbers = [key for key in value_key.split() if key[0].isdigit()]
    if not numbers or not {key_of(m) for m in re.findall(r"\d+(?:[.,]\d+)?", surface)} <= set(numbers):
        return None
    places: Mapping[str, str] = {number: f"#{i}" for i, number in enumerate(dict.fromkeys(numbers))}
    pattern = " ".join(places.get(key, key) for key in value_key.split())
    return pattern, re.sub(r"\d+(?:[.,]\d+)?", lambda m: places[m[0]], surface)
