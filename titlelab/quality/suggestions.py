"""What people's most frequent corrections suggest: an alias, a word to ban, a habit of the template. Computes only.

See suggesting.py for where the corrections come from and what becomes of suggestions.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from rapidfuzz.distance import DamerauLevenshtein

from ml_backend.rules.brands import aliases
from ml_backend.rules.phrases import NO_CONTENT
from ml_backend.rules.text import is_han, normal_form
from titlelab.quality.title_words import key_of, sort_of, title_words

Sort = Literal["replaced", "said", "banned", "habit"]

LEAST_PRODUCTS = 3  # twice may be one product's own quirk
LEAST_HABIT = 5
LEAST_SHARE = 0.05  # of the titles that people saw: rarer, and following it would spoil more than it mends
MOST_REVERSED = 0.34  # of the same correction the other way round: people disagree then
# Praise that is taken out thrice is enough. Any other word may be a wrong name of the thing: only what is taken out of
# many titles, in several categories and nearly always, is as empty everywhere.
LEAST_REMOVED_PRAISE, LEAST_REMOVED = 0.5, 0.8  # of the titles with the word
LEAST_REMOVED_PRODUCTS, LEAST_CATEGORIES = 5, 2
LEAST_TAGGED = 0.9  # of the products that say a word: an alias drafts its tag for all of them
MOST_CHANCE = 0.01  # that any word at all goes with a tag so well by chance, since thousands are looked at
LEAST_SPELLING = 4  # letters: in shorter words one letter makes another
MOST_WORDS = 3  # of an alias or a banned phrase
LONGEST = 60  # characters of one
MOST_EXAMPLES = 5
LONGEST_SOURCE = 1500  # characters of a source that are looked through: its beginning tells what the thing is
_TELLING = ("", "material", "claim")
_REVERSE = {"front": "end", "end": "front", "added": "removed", "removed": "added"}
FIELDS = ("brand", "number", "colour", "material", "size", "claim", "audience")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One edit of one Decision; kind, before and after as in edits.py, the others are of the Decision."""

    kind: str
    before: str
    after: str
    decision: int
    product: int
    person: str
    brand: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """A product that people tagged: the words of its source, the final tags, and those that people had to add."""

    decision: int
    product: int
    person: str
    words: frozenset[str]
    tags: frozenset[str]
    added: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A suggestion, and what speaks for it; examples are the latest Decisions, by id.

    Of an alias, word is the word and goal the tag: people replaced the one by the other, or added the tag where the
    source said the word. Of a word to be banned, goal is "". Of a habit, word is one of FIELDS and goal what people do
    with it: front, end, added or removed. n_titles is of how many titles that people saw.
    """

    sort: Sort
    word: str
    goal: str
    n_decisions: int
    n_products: int
    n_people: int
    n_titles: int
    examples: tuple[int, ...]


@dataclass(slots=True)
class _Evidence:
    """Who did the same thing to which products, in which Decisions."""

    decisions: dict[int, None] = field(default_factory=dict)
    products: set[int] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    categories: set[str] = field(default_factory=set)
    is_praise: bool = False

    def add(self, decision: int, product: int, person: str) -> None:
        """Count a Decision, once."""
        self.decisions[decision] = None
        self.products.add(product)
        self.people.add(person)

    def found(self, sort: Sort, word: str, goal: str, n_titles: int) -> Found:
        """Return it as a suggestion."""
        return Found(
            sort=sort,
            word=word,
            goal=goal,
            n_decisions=len(self.decisions),
            n_products=len(self.products),
            n_people=len(self.people),
            n_titles=n_titles,
            examples=tuple(sorted(self.decisions, reverse=True)[:MOST_EXAMPLES]),
        )


def replaced_by_a_tag(changes: Iterable[Change], tags: Mapping[str, Collection[str]], *, n_titles: int) -> list[Found]:
    """Suggest as an alias what people replace by a word of an active tag: bottle → flask, of the tag flask.

    tags: names with their aliases. A colour that was replaced by another was wrong, not another word for it.
    """
    tag_of = {normal_form(word).casefold(): name for name, words in tags.items() for word in (name, *words)}
    counted: defaultdict[tuple[str, str], _Evidence] = defaultdict(_Evidence)
    for change in changes:
        if change.kind == "fact_corrected":
            pair = (normal_form(change.before).casefold(), normal_form(change.after).casefold())
            counted[pair].add(change.decision, change.product, change.person)
    found = []
    for (before, after), evidence in counted.items():
        reverse = len(counted[after, before].products) if (after, before) in counted else 0
        if (
            after in tag_of
            and before not in tag_of
            and _is_short(before)
            and _may_mean_the_same(before, after)
            and len(evidence.products) >= LEAST_PRODUCTS
            and reverse <= MOST_REVERSED * len(evidence.products)
        ):
            found.append(evidence.found("replaced", before, tag_of[after], n_titles))
    return found


def said_of_a_tag(
    tagged: Sequence[Tagged], tags: Mapping[str, Collection[str]], *, least: int = LEAST_PRODUCTS
) -> list[Found]:
    """Suggest as an alias the word that the source says whenever people add a tag, the most telling of each tag."""
    known = {key_of(word) for name, words in tags.items() for word in (name, *words)}
    of_word: defaultdict[str, set[int]] = defaultdict(set)
    for i, product in enumerate(tagged):
        for word in product.words:
            of_word[word].add(i)
    found = []
    for tag in tags:
        with_tag = {i for i, product in enumerate(tagged) if tag in product.tags}
        missed = [i for i in with_tag if tag in tagged[i].added]
        if len(missed) >= least:
            word = _telling(tagged, of_word, with_tag, missed, known, least)
            if word:
                found.append(_said(tagged, [i for i in missed if word in tagged[i].words], word, tag))
    return found


def taken_out(
    changes: Iterable[Change], kept: Callable[[str], int], banned: Callable[[str], bool], *, n_titles: int
) -> list[Found]:
    """Suggest banning what people take out of title after title.

    kept: in how many final titles a word still stands; asked of few words. banned: whether the rules know it already.
    A fact that went was wrong there, and may be right elsewhere: colours and numbers are never suggested.
    """
    counted: defaultdict[str, _Evidence] = defaultdict(_Evidence)
    for change in changes:
        if change.kind in ("policy", "fact_removed", "shortened") and not change.after and _is_short(change.before):
            evidence = counted[normal_form(change.before).casefold()]
            evidence.add(change.decision, change.product, change.person)
            evidence.categories.add(change.category)
            evidence.is_praise |= change.kind == "policy"
    often = [(word, e) for word, e in counted.items() if _is_taken_out_often(e) and _is_no_fact(word)]
    return [
        evidence.found("banned", word, "", n_titles)
        for word, evidence in often
        if not banned(word) and _share(evidence, kept(word)) >= _least_share(evidence)
    ]


def _is_taken_out_often(evidence: _Evidence) -> bool:
    if evidence.is_praise:
        return len(evidence.products) >= LEAST_PRODUCTS
    return len(evidence.products) >= LEAST_REMOVED_PRODUCTS and len(evidence.categories) >= LEAST_CATEGORIES


def _share(evidence: _Evidence, n_kept: int) -> float:
    return len(evidence.decisions) / (len(evidence.decisions) + n_kept)


def _least_share(evidence: _Evidence) -> float:
    return LEAST_REMOVED_PRAISE if evidence.is_praise else LEAST_REMOVED


def habits(changes: Iterable[Change], *, n_titles: int) -> list[Found]:
    """Tell what people do with a field again and again, and not the reverse: move it, add it or take it out."""
    counted: defaultdict[tuple[str, str], _Evidence] = defaultdict(_Evidence)
    for change in changes:
        for key in _acts(change):
            counted[key].add(change.decision, change.product, change.person)
    return [
        evidence.found("habit", field, act, n_titles)
        for (field, act), evidence in list(counted.items())
        if len(evidence.products) >= LEAST_HABIT
        and len(evidence.decisions) >= LEAST_SHARE * n_titles
        and len(counted[field, _REVERSE[act]].products) <= MOST_REVERSED * len(evidence.products)
    ]


def source_words(text: str, *, brand: str = "") -> frozenset[str]:
    """Return the words of a product's source, and in Latin script the pairs of words, as written in lower case.

    Left out are the brand, numbers, colours and sizes, which mean themselves, and words that say nothing of a thing.
    """
    words, _ = title_words(normal_form(text[:LONGEST_SOURCE]).casefold())
    names = {word.key for word in title_words(brand)[0]}
    telling = [
        sort_of(word.key) in _TELLING and word.key not in names and word.text not in NO_CONTENT and len(word.text) > 1
        for word in words
    ]
    single = [word.text for word, is_telling in zip(words, telling, strict=True) if is_telling]
    pairs = [
        f"{a.text} {b.text}"
        for (a, is_telling), (b, is_telling_too) in pairwise(zip(words, telling, strict=True))
        if is_telling and is_telling_too and b.gap == " "
    ]
    return frozenset([*single, *pairs])


def _acts(change: Change) -> Iterator[tuple[str, str]]:
    """Return which field was treated how, nothing for a change that shows no habit."""
    if change.kind == "reordered":
        text = change.after.strip("… ")
        if change.after.endswith(" …") != change.after.startswith("… "):
            yield from ((name, "front" if change.after.endswith(" …") else "end") for name in _fields(text, change))
    elif change.kind == "brand" and not (change.before and change.after):
        yield "brand", "removed" if change.before else "added"
    elif change.kind in ("fact_added", "fact_removed", "number_or_unit") and not (change.before and change.after):
        act = "removed" if change.before else "added"
        yield from ((name, act) for name in _fields(change.before or change.after, change))


def _fields(text: str, change: Change) -> Iterator[str]:
    """Return the field that a text is a value of, none for a mixture or a name of a thing."""
    names = {key_of(alias) for alias in aliases(change.brand)}
    if key_of(text) in names:
        yield "brand"
        return
    sorts = {sort_of(word.key) for word in title_words(text)[0]} - {"filler"}
    if len(sorts) == 1 and (sort := sorts.pop()) in FIELDS:
        yield sort


def _telling(
    tagged: Sequence[Tagged],
    of_word: Mapping[str, Collection[int]],
    with_tag: Collection[int],
    missed: Sequence[int],
    known: Collection[str],
    least: int,
) -> str:
    """Return the word that most of the missed products say and hardly any without the tag, "" for none.

    Among thousands of words some go with a tag by chance: a word must do so better than the luckiest would.
    """
    share = len(with_tag) / len(tagged)
    n_missed = Counter(word for i in missed for word in tagged[i].words)
    n_looked_at = sum(len(places) >= least for places in of_word.values())
    for word, n in sorted(n_missed.items(), key=lambda item: (-item[1], item[0].count(" "), -len(item[0]), item[0])):
        if n < least:
            break
        n_said = len(of_word[word])
        n_both = sum(i in with_tag for i in of_word[word])
        is_telling = n_both >= LEAST_TAGGED * n_said and n_looked_at * _tail(n_both, n_said, share) <= MOST_CHANCE
        if is_telling and key_of(word) not in known:
            return word
    return ""


def _tail(k: int, n: int, share: float) -> float:
    """Return the probability that at least k of n have what a share of all has."""
    return sum(math.comb(n, i) * share**i * (1 - share) ** (n - i) for i in range(k, n + 1))


def _said(tagged: Sequence[Tagged], places: Iterable[int], word: str, tag: str) -> Found:
    evidence = _Evidence()
    for i in places:
        evidence.add(tagged[i].decision, tagged[i].product, tagged[i].person)
    return evidence.found("said", word, tag, len(tagged))


def _is_short(text: str) -> bool:
    """Say whether a text may be one word or phrase: no sentence, no half of one, no mere mark."""
    words, _ = title_words(text)
    return 0 < len(words) <= MOST_WORDS and len(text) <= LONGEST and "…" not in text and "|" not in text


def _is_no_fact(text: str) -> bool:
    sorts = {sort_of(word.key) for word in title_words(text)[0]}
    return "" in sorts and sorts <= {"", "filler"} and (len(text) > 2 or is_han(text))


def _may_mean_the_same(before: str, after: str) -> bool:
    """Say whether neither is a value of a listed sort, or one is the other's spelling: grey, gray."""
    sorts = {sort_of(word.key) for text in (before, after) for word in title_words(text)[0]}
    if sorts <= {"", "filler"}:
        return True
    return min(len(before), len(after)) >= LEAST_SPELLING and DamerauLevenshtein.distance(before, after) <= 1
