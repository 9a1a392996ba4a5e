"""Signs that somebody accepts drafts without reading them. Computes only; see drawing.py for what follows from them.

A sign is no proof: it says where a reviewer should look. Each compares a person with the others who were shown drafts
of the same queue at the same time, or with the person's own usual pace, and asks for more than chance would bring.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from titlelab.quality.rates import rate

Kind = Literal["accepts_more", "hurries", "long_run", "passes_warnings"]
LEAST_ANSWERS = 20  # on either side: below it Wilson's intervals are wider than any difference worth a word
LEAST_GAP = 0.15  # of two shares: less is taste, not neglect
# Part of a median below which an answer counts as hurried. Wise & Ma 2012, "Setting Response Time Thresholds for a CAT
# Item Pool: The Normative Threshold Method", found a tenth of the mean to part guessing from solving; an acceptance is
# a keystroke after reading, where they had questions to solve, so we take a quarter, and of the smaller median.
HURRIED = 0.25
LEAST_HURRIED = 0.1  # share of acceptances: one click by mistake, or one draft known by heart, is nothing
RARE = 0.01  # a run this unlikely by chance is told


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a person made of a draft whose title was shown; is_warned: something hard spoke against the shown title.

    Hard is a fact without support or a broken rule of the channel. seconds of None: not told.
    """

    decision_id: int
    is_accepted: bool
    is_random: bool
    is_warned: bool = False
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """A sign: the person's figure, what it is held against, over how many answers, and the Decisions it stands on."""

    kind: Kind
    value: float
    usual: float
    n: int
    decision_ids: tuple[int, ...] = ()


def signs(own: Sequence[Answer], others: Sequence[Answer]) -> tuple[Sign, ...]:
    """Return all signs about a person; answers stand in the order in which they were given."""
    found = (
        accepts_more(own, others),
        hurries(own, others),
        long_run(own, others),
        passes_warnings(own, others),
    )
    return tuple(sign for sign in found if sign is not None)


def accepts_more(own: Sequence[Answer], others: Sequence[Answer]) -> Sign | None:
    """Tell a share of random items accepted unedited that lies far above that of the others on their random items.

    Chance drew both, so the drafts were equally good, and what is left is the reader. Told where the 95 % intervals
    do not meet, which is stricter than a test of the difference (Newcombe 1998, "Interval Estimation for the
    Difference Between Independent Proportions"), and the shares are LEAST_GAP apart.
    """
    mine = [answer for answer in own if answer.is_random]
    theirs = [answer for answer in others if answer.is_random]
    return _far_above("accepts_more", mine, theirs)


def passes_warnings(own: Sequence[Answer], others: Sequence[Answer]) -> Sign | None:
    """Tell the same of drafts with a warning: who accepts them far more often than others do hardly reads it."""
    mine = [answer for answer in own if answer.is_warned]
    theirs = [answer for answer in others if answer.is_warned]
    return _far_above("passes_warnings", mine, theirs)


def hurries(own: Sequence[Answer], others: Sequence[Answer]) -> Sign | None:
    """Tell acceptances that took less than a quarter of one's own and of the others' median, if they are many.

    value is their share among one's timed acceptances, usual the seconds below which one counts as hurried.
    """
    limit = hurried_below(own, others)
    timed = [answer for answer in own if answer.is_accepted and answer.seconds is not None]
    if limit is None or len(timed) < LEAST_ANSWERS:
        return None
    hurried = [answer for answer in timed if is_hurried(answer, limit)]
    share = len(hurried) / len(timed)
    if share < LEAST_HURRIED:
        return None
    return Sign(kind="hurries", value=share, usual=limit, n=len(timed), decision_ids=_ids(hurried))


def hurried_below(own: Sequence[Answer], others: Sequence[Answer]) -> float | None:
    """Return the seconds below which an acceptance is hurried; None while either median rests on too little.

    The own median is over all answers, edited ones included: who edits half of the drafts shows how fast he reads.
    """
    medians = [
        median(seconds)
        for answers in (own, others)
        if len(seconds := [a.seconds for a in answers if a.seconds is not None]) >= LEAST_ANSWERS
    ]
    return HURRIED * min(medians) if len(medians) == 2 else None


def is_hurried(answer: Answer, limit: float) -> bool:
    return answer.is_accepted and answer.seconds is not None and answer.seconds < limit


def long_run(own: Sequence[Answer], others: Sequence[Answer]) -> Sign | None:
    """Tell a run of acceptances that is too long for how often the others accept.

    Of n answers, each accepted with chance p, there is a run of r or more with a probability of about
    1 - exp(-n (1 - p) p^r) (Schilling 1990, "The Longest Run of Heads"; Feller 1968, XIII.7). p is the upper end of the
    others' interval, so that better luck with the drafts is no sign; where all of them accept nearly all, no run is.
    """
    theirs = rate(sum(answer.is_accepted for answer in others), len(others))
    if theirs is None or theirs.n < LEAST_ANSWERS or len(own) < LEAST_ANSWERS:
        return None
    run = longest_run(own)
    if chance_of_run(len(run), n=len(own), p=theirs.high) >= RARE:
        return None
    usual = math.log(max(len(own) * (1 - theirs.high), 1.0)) / -math.log(theirs.high)
    return Sign(kind="long_run", value=len(run), usual=usual, n=len(own), decision_ids=_ids(run))


def longest_run(answers: Sequence[Answer]) -> list[Answer]:
    """Return the longest run of acceptances, the first of equal ones."""
    best: list[Answer] = []
    run: list[Answer] = []
    for answer in answers:
        run = [*run, answer] if answer.is_accepted else []
        best = run if len(run) > len(best) else best
    return best


def chance_of_run(length: int, *, n: int, p: float) -> float:
    """Return the probability that n answers hold a run of at least that many acceptances."""
    if length <= 0 or p >= 1:
        return 1.0
    return 1.0 - math.exp(-n * (1 - p) * p**length)


def _far_above(kind: Kind, own: Sequence[Answer], others: Sequence[Answer]) -> Sign | None:
    if min(len(own), len(others)) < LEAST_ANSWERS:
        return None
    accepted = [answer for answer in own if answer.is_accepted]
    mine, theirs = rate(len(accepted), len(own)), rate(sum(answer.is_accepted for answer in others), len(others))
    if mine is None or theirs is None or mine.low <= theirs.high or mine.share - theirs.share < LEAST_GAP:
        return None
    return Sign(kind=kind, value=mine.share, usual=theirs.share, n=mine.n, decision_ids=_ids(accepted))


def _ids(answers: Sequence[Answer]) -> tuple[int, ...]:
    return tuple(answer.decision_id for answer in answers)
