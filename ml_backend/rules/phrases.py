"""Frequent, specific phrases of many texts: what a shop keeps saying of some of its products and not of all.

Statistical and the same for English and Chinese: words come from segmentation.py, and counts decide the rest.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from sys import intern

from ml_backend.rules.segmentation import Word, segmented
from ml_backend.rules.text import is_han, normal_form, word_set

MOST_WORDS = 3
LEAST_LATIN, LEAST_HAN, LONGEST = 3, 2, 40  # characters; a shorter phrase names nothing, a longer one is a sentence
N_PLACES = 5
# What stands in more of the texts tells products apart no better than the shop's greeting does.
MOST_SHARE = 0.2
# Before and after a word there must be different company, or it is a piece of a longer phrase or of a fixed sentence.
LEAST_NEIGHBOURS = 3
LEAST_COHESION = 0.25  # 0: words that meet by chance, 1: that never stand apart
SWALLOWED = 0.7  # share of a phrase's texts that say it within one longer phrase
_LATIN_CONTENT = frozenset(["noun", "adjective"])
_HAN_CONTENT = frozenset(["noun", "adjective", "verb"])  # 防滑, 加绒: what a thing does is said as a verb
# What segmentation.py, which looks for titles' words, takes for nouns in prose.
NO_CONTENT = word_set("""
    about above across after again against ago all almost alone along already also although always am among another any
    anyone anything around away back be because been before behind being below best better between beyond both but call
    came can cannot could day days did do does doing done down during each either else enough even ever every everyone
    everything everywhere few first five four eight get gets getting give given gives go goes going gone good got great
    had half has have having he her here him his how however if inside into is it its itself just keep kept kind know
    last later least less let like likely little long look looks lot made make makes making many may maybe me mean means
    might month months more most much must my need needed needs never next nine no none nor not nothing now of off
    often on once one ones only or order other others our out outside over own pair part parts people perfect piece
    please put puts quality quite rather read real really right said same say says see seen several shall she should
    side since six size so some someone something soon still stop such sure take taken takes taking tell ten than thank
    thanks that their them then there these they thing things third this those though three through time times today
    together tomorrow too took toward twelve twenty twice two under until up upon us use used uses using very via want
    wanted wants was way ways we week weeks weekdays weekend well went were what whatever when where whether which
    while who whole whom whose why will with within without won word work works would year years yes yet you your
    yours
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A phrase as it is written most often, in how many of the texts, and the first few of them by index.

    score orders phrases, higher is better: how much the phrase tells of which group of products a text belongs to, and
    more for a phrase of several words (as the C-value: Frantzi, Ananiadou & Mima 2000).
    """

    text: str
    n: int
    score: float
    places: tuple[int, ...]


@dataclass(slots=True)
class _Counted:
    """What is counted of one phrase; before and after hold its neighbours, a text's edge or a mark each as its own."""

    texts: list[int] = field(default_factory=list)
    written: Counter[str] = field(default_factory=Counter)
    before: set[str] = field(default_factory=set)
    after: set[str] = field(default_factory=set)
    is_lone_verb: bool = False

    @property
    def n(self) -> int:
        """Return how many texts hold the phrase."""
        return len(self.texts)


Words = tuple[str, ...]


def specific_phrases(
    texts: Sequence[str], groups: Sequence[str], *, least: int, without: Collection[str] = ()
) -> list[Phrase]:
    """Return the phrases that at least `least` texts hold and not too many, best first.

    groups: of each text, such as its category. without: words in lower case, such as brands, that no phrase holds.
    A phrase is one to three words of content side by side. It must be free of its neighbours (accessor variety: Feng,
    Chen, Deng & Zheng 2004, "Accessor Variety Criteria for Chinese Word Extraction"), hold together (normalised
    pointwise mutual information: Bouma 2009), and be said of some groups more than of others, by more than chance (the
    G statistic: Dunning 1993, "Accurate Methods for the Statistics of Surprise and Coincidence").
    """
    frequent = _counted(texts, least, frozenset(without))
    most = max(least, MOST_SHARE * len(texts))
    whole = {
        words: c
        for words, c in frequent.items()
        if c.n <= most
        and min(len(c.before), len(c.after)) >= LEAST_NEIGHBOURS
        and _cohesion(words, frequent, len(texts)) >= LEAST_COHESION
    }
    kept = {words: c for words, c in whole.items() if not _is_swallowed(words, whole)}
    sizes = Counter(groups)
    phrases = [
        Phrase(
            text=c.written.most_common(1)[0][0],
            n=c.n,
            score=round(math.log2(1 + len(words)) * _surprise([groups[i] for i in c.texts], sizes), 3),
            places=tuple(c.texts[:N_PLACES]),
        )
        for words, c in kept.items()
    ]
    told = [phrase for phrase in phrases if phrase.score > 0 or len(sizes) < 2]
    return sorted(told, key=lambda phrase: (-phrase.score, -phrase.n, phrase.text))


def _counted(texts: Sequence[str], least: int, without: frozenset[str]) -> dict[Words, _Counted]:
    """Count the phrases that `least` texts hold, the short ones first: what holds a rare one is rare itself."""
    runs = [list(_runs(segmented(normal_form(text)), without)) for text in texts]
    counted: dict[Words, _Counted] = {}
    for length in range(1, MOST_WORDS + 1):
        of_length: dict[Words, _Counted] = defaultdict(_Counted)
        for i, of_text in enumerate(runs):
            for run in of_text:
                run.count(length, i, counted, of_length)
        counted |= {words: c for words, c in of_length.items() if c.n >= least}
    return {words: c for words, c in counted.items() if _may_be_a_phrase(words) and not c.is_lone_verb}


@dataclass(frozen=True, slots=True)
class _Run:
    """Words of content side by side, as written and in lower case; before and after are "" for a mark or an edge."""

    written: Words
    lower: Words
    is_verb: tuple[bool, ...]
    before: str
    after: str

    def count(self, length: int, i: int, shorter: Mapping[Words, _Counted], counted: dict[Words, _Counted]) -> None:
        company = (self.before, *self.lower, self.after)
        for start in range(len(self.lower) - length + 1):
            end = start + length
            words = self.lower[start:end]
            if length > 1 and not (words[1:] in shorter and words[:-1] in shorter):
                continue
            c = counted[words]
            c.before.add(company[start] or str(i))
            c.after.add(company[end + 1] or str(i))
            if not c.texts or c.texts[-1] != i:
                c.texts.append(i)
                c.written[("" if is_han(words[0]) else " ").join(self.written[start:end])] += 1
                # A lone verb says what one does; with its object or manner, what a thing is good for.
                c.is_lone_verb = length == 1 and self.is_verb[start]


def _runs(words: Sequence[Word], without: frozenset[str]) -> Iterator[_Run]:
    run: list[Word] = []
    before = ""
    for word in (*words, None):
        if word is not None and _has_content(word) and word.text.lower() not in without:
            run.append(word)
            continue
        neighbour = "" if word is None or word.part == "other" else intern(word.text.lower())
        if run:
            yield _Run(
                tuple(intern(w.text) for w in run),
                tuple(intern(w.text.lower()) for w in run),
                tuple(w.part == "verb" for w in run),
                before,
                neighbour,
            )
        run, before = [], neighbour


def _has_content(word: Word) -> bool:
    if is_han(word.text):
        return word.part in _HAN_CONTENT
    return word.part in _LATIN_CONTENT and word.text.lower() not in NO_CONTENT


def _may_be_a_phrase(words: Words) -> bool:
    n = sum(map(len, words))
    return (LEAST_HAN if is_han(words[0]) else LEAST_LATIN) <= n <= LONGEST


def _cohesion(words: Words, counted: dict[Words, _Counted], n_texts: int) -> float:
    """Return the normalised pointwise mutual information of the weakest joint, 1 for a single word."""
    joints = []
    for cut in range(1, len(words)):
        left, right = counted.get(words[:cut]), counted.get(words[cut:])
        if left is None or right is None:
            continue  # a single Han character, say: counted nowhere
        p = counted[words].n / n_texts
        mutual = math.log(p * n_texts * n_texts / (left.n * right.n))
        joints.append(mutual / -math.log(p) if p < 1 else 1.0)
    return min(joints, default=1.0)


def _is_swallowed(words: Words, kept: dict[Words, _Counted]) -> bool:
    """Say whether one longer phrase holds nearly all of a phrase's texts."""
    n = kept[words].n
    return any(len(other) > len(words) and c.n >= SWALLOWED * n and _holds(other, words) for other, c in kept.items())


def _holds(longer: Words, words: Words) -> bool:
    return any(longer[i : i + len(words)] == words for i in range(len(longer) - len(words) + 1))


def _surprise(groups: Sequence[str], sizes: Counter[str]) -> float:
    """Return how far the groups of a phrase's texts are from chance: half the G statistic, less what chance makes."""
    n, n_all = len(groups), sum(sizes.values())
    told = sum(k * math.log(k * n_all / (n * sizes[group])) for group, k in Counter(groups).items())
    return told - (len(sizes) - 1) / 2
