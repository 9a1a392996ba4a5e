"""Chooses what fills each slot of a title: a conditional logit (McFadden 1974) over the slot's fillers.

What speaks for a filler is counted within its category, how much that counts is learnt from all categories: so a
category with a dozen titles profits from what the others have taught.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from ml_backend.learning import title_habits as habits
from ml_backend.learning.title_facts import COUNTED, key_of, says_something
from ml_backend.learning.title_parts import restyled
from ml_backend.learning.title_slots import ABSENT, Filler, Reading, Slot, Slots
from ml_backend.learning.title_wording import Wording

FloatArray = NDArray[np.float64]
_PSEUDO = 1.0  # so many Briefs with a cue weigh as much as what is usual
_PRIOR = 0.3  # pseudo-count of every filler
_STRONGEST = 4.0  # a log-likelihood ratio beyond tells no more
_LEAST_COPIED = 0.3  # of a field's values stand in the slot: then a new value of the field may, too
_RIDGE = 0.02
_NO_FILLER = Filler(text="", joint="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A filler that may stand in a slot.

    held: how surely a field of the Brief speaks for it, in [0, 1]; source: that field and its value.
    """

    key: str
    filler: Filler
    held: float = 0.0
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An option with its log-probability among the others of its slot."""

    option: Option
    log_proba: float


class SlotCounts:
    """How often each filler of a category's slots stood in a title whose Brief had a cue."""

    def __init__(self, known: Slots) -> None:
        """Count; the fillers of a slot are in the order of its `fillers`, ABSENT before them."""
        self.places = {cue: i for i, cue in enumerate(known.cues)}
        self.keys = [[ABSENT, *slot.fillers] for slot in known.slots]
        self.totals = [np.zeros(len(keys)) for keys in self.keys]
        self.by_cue = [np.zeros((len(known.cues), len(keys))) for keys in self.keys]
        for told, title in zip(known.told, known.titles, strict=True):
            for i, key in enumerate(title):
                column = self.keys[i].index(key)
                self.totals[i][column] += 1
                self.by_cue[i][list(told), column] += 1

    def told(self, reading: Reading) -> list[int]:
        """Return the places of the cues that are known."""
        return sorted(self.places[cue] for cue in reading.cues if cue in self.places)


def options(slot: Slot, reading: Reading, wording: Wording) -> list[Option]:
    """Return what may stand in a slot: ABSENT, what stood there, then values of fields that mostly stand there."""
    found = {key: Option(key=key, filler=filler) for key, filler in slot.fillers.items()}
    for fact in reading.facts:
        text, rate = wording.spelling(fact.key), slot.spelt.get(fact.field, 0.0)
        if not text and says_something(fact.value) and not fact.field.startswith(COUNTED):
            text, rate = _restyled(fact.value, slot), slot.copied.get(fact.field, 0.0)
        key = key_of(text)
        known = found.get(key)
        held = (1 + rate) / 2 if key in slot.fillers else rate
        if held > known.held if known else key and rate >= _LEAST_COPIED:
            filler = known.filler if known else Filler(text=text, joint=slot.joint)
            found[key] = Option(key=key, filler=filler, held=held, source=f"{fact.field}: {fact.value}")
    return [Option(key=ABSENT, filler=_NO_FILLER), *found.values()]


def _restyled(value: str, slot: Slot) -> str:
    style = habits.Slot(role="", rate=0.0, prefix="", suffix="", is_titled=slot.is_titled)
    return restyled(value, style)


def signs(
    counts: SlotCounts, i: int, possible: Sequence[Option], reading: Reading, *, own: str | None = None
) -> FloatArray:
    """Return (n options, n signs): what speaks for each of all options of slot i.

    own is the filler of the title of this very Brief where it is among the counted, and is left out of account.
    """
    n_known, told = len(counts.keys[i]), counts.told(reading)
    totals = np.concatenate([counts.totals[i], np.zeros(len(possible) - n_known)])
    by_cue = np.pad(counts.by_cue[i][told], ((0, 0), (0, len(possible) - n_known)))
    if own is not None:
        column = counts.keys[i].index(own)
        totals[column] -= 1
        by_cue[:, column] -= 1
    by_cue = by_cue[by_cue.sum(axis=1) > 0]
    prior = (totals + _PRIOR) / (totals.sum() + _PRIOR * len(possible))
    p = (by_cue + _PSEUDO * prior) / (by_cue.sum(axis=1, keepdims=True) + _PSEUDO)
    ratios = np.sort(np.clip(np.log(p / prior), -_STRONGEST, _STRONGEST), axis=0)
    ratios = np.concatenate([np.zeros((3, len(possible))), ratios]) if len(ratios) < 3 else ratios
    absent = np.array([option.key == ABSENT for option in possible], dtype=np.float64)
    usual = [np.log(prior), p.max(axis=0, initial=0.0), ratios[-1], ratios[-3:].mean(axis=0)]
    return np.stack(
        [
            absent,
            *usual,
            *(absent * sign for sign in usual),
            np.minimum(ratios[0], 0.0),
            np.array([option.held for option in possible]),
            (totals < 0.5) * (1 - absent),
            *_mentions(possible, reading),
        ],
        axis=1,
    )


def _mentions(possible: Sequence[Option], reading: Reading) -> list[FloatArray]:
    """Say of each option whether columns hold it, whether the prose does, and the share of its words in the Brief."""
    values = [f" {fact.key} " for fact in reading.facts if not fact.field.startswith(COUNTED)]
    words = {word for cue in reading.cues if "=" not in cue for word in cue.split()}
    keys = [option.key for option in possible]
    return [
        np.array([float(bool(key) and any(f" {key} " in value for value in values)) for key in keys]),
        np.array([float(bool(key) and key in reading.cues) for key in keys]),
        np.array([sum(word in words for word in key.split()) / max(len(key.split()), 1) for key in keys]),
    ]


def choices(
    counts: SlotCounts, i: int, possible: Sequence[Option], reading: Reading, weights: Sequence[float]
) -> list[Choice]:
    """Return the options of slot i, the likeliest first."""
    scores = signs(counts, i, possible, reading) @ np.array(weights)
    log_probas = scores - np.logaddexp.reduce(scores)
    found = [Choice(option=o, log_proba=float(value)) for o, value in zip(possible, log_probas, strict=True)]
    return sorted(found, key=lambda choice: -choice.log_proba)


def fitted_weights(groups: Sequence[tuple[FloatArray, int]]) -> list[float]:
    """Fit the signs' weights on choices that were made: the signs of all options, and the place of the right one."""
    x = np.concatenate([group for group, _ in groups])
    sizes = [len(group) for group, _ in groups]
    starts = np.cumsum([0, *sizes[:-1]])
    right = starts + np.array([place for _, place in groups])
    group = np.repeat(np.arange(len(groups)), sizes)

    def loss(w: FloatArray) -> tuple[float, FloatArray]:
        scores = x @ w
        most = np.maximum.reduceat(scores, starts)
        odds = np.exp(scores - most[group])
        total = np.add.reduceat(odds, starts)
        value = (np.log(total) + most - scores[right]).mean() + _RIDGE * (w @ w) / 2
        gradient = (x.T @ (odds / total[group]) - x[right].sum(axis=0)) / len(groups) + _RIDGE * w
        return float(value), gradient

    return [float(w) for w in minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B").x]
