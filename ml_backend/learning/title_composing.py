"""Composes titles slot by slot, for the categories that have titles enough to show their slots.

Computes only: which slots there are is found in title_slots.py, what fills them is chosen in title_filling.py.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp

from ml_backend.contract import Brief, Example, TitleProposal
from ml_backend.learning.title_filling import Choice, FloatArray, SlotCounts, choices, fitted_weights, options, signs
from ml_backend.learning.title_slots import ABSENT, Reading, Slots, learned_slots, reading_of
from ml_backend.learning.title_wording import Wording
from ml_backend.rules.faithfulness import findings
from ml_backend.rules.policy import fits
from ml_backend.rules.text import normal_form

SURENESS = "sureness"  # a feature of the ranking: the probability, in [0, 1], of an average slot's filler
_LEAST_TITLES = 8  # fewer titles of a category show no columns
_MOST_TITLES = 150  # of a category: more change the columns by little, and each is laid against all of them
_MOST_CHOICES = 5000
_SELDOM = 0.1
_LEAST_HELD = 0.5
_LEAST_CHOICES = 50  # fewer say too little of a dozen weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """What is learnt: a category's slots by its path, and the weights of what speaks for a filler."""

    slots: Mapping[tuple[str, ...], Slots]
    weights: tuple[float, ...]


class Composer:
    """Composes titles of the categories whose slots are known."""

    def __init__(self, known: Composition, wording: Wording) -> None:
        """Take what was learnt, and how columns' values are spelt in titles."""
        self.known, self._wording = known, wording
        self._counts = {path: SlotCounts(own) for path, own in known.slots.items()}

    @classmethod
    def learned(cls, examples: Sequence[Example], wording: Wording) -> "Composer":
        """Learn from Examples that have a title; one that stands twice counts once."""
        by_path: dict[tuple[str, ...], dict[tuple[str, str], tuple[Brief, str]]] = defaultdict(dict)
        for example in examples:
            title = example.title or ""
            by_path[example.brief.category][example.brief.sku, title] = (example.brief, title)
        slots, groups = {}, []
        for path, titled in by_path.items():
            own = list(titled.values())[:_MOST_TITLES]
            if len(own) < _LEAST_TITLES:
                continue
            readings = [reading_of(brief) for brief, _ in own]
            slots[path] = learned_slots(own, readings, wording)
            groups += _choices_made(slots[path], readings, wording)
        if len(groups) < _LEAST_CHOICES:
            return cls(Composition(slots={}, weights=()), wording)
        step = -(-len(groups) // _MOST_CHOICES)
        return cls(Composition(slots=slots, weights=tuple(fitted_weights(groups[::step]))), wording)

    def proposals(self, brief: Brief, n: int) -> list[TitleProposal]:
        """Return up to n titles, the likeliest first; none where the category's slots are not known."""
        own = self.known.slots.get(brief.category)
        if own is None:
            return []
        filled = _filled(self._ranked_choices(brief, own), brief)
        variants = [filled, *(_but(filled, i) for i in _unsurest(filled))]
        found: dict[str, TitleProposal] = {}
        for variant in variants[: n + 2]:
            kept = _shortened(variant, own, brief)
            title = _written(kept, own, brief)
            if title:
                found.setdefault(title, _proposal(title, kept, brief))
        return list(found.values())[:n]

    def _ranked_choices(self, brief: Brief, own: Slots) -> dict[int, list[Choice]]:
        """Return by slot, the brand's left out, what may stand there, the likeliest first."""
        reading, counts = reading_of(brief), self._counts[brief.category]
        found = {}
        for i, slot in enumerate(own.slots):
            if not slot.is_brand:
                possible = options(slot, reading, self._wording)
                found[i] = choices(counts, i, possible, reading, self.known.weights)
                if counts.totals[i][0] <= _SELDOM * counts.totals[i].sum():
                    found[i] = _rather_filled(found[i])
        return found


_Filled = dict[int, list[Choice]]  # by slot what is chosen, then what else may stand there


def _choices_made(slots: Slots, readings: Sequence[Reading], wording: Wording) -> list[tuple[FloatArray, int]]:
    """Return what was chosen in the titles: the signs of all options, and the place of the right one.

    Left out are fillers that only their own title shows: nobody could have chosen them.
    """
    counts = SlotCounts(slots)
    found = []
    for reading, title in zip(readings, slots.titles, strict=True):
        for i, (slot, key) in enumerate(zip(slots.slots, title, strict=True)):
            if slot.is_brand:
                continue
            possible = options(slot, reading, wording)
            place = counts.keys[i].index(key)
            if key == ABSENT or counts.totals[i][place] > 1 or possible[place].held:
                found.append((signs(counts, i, possible, reading, own=key), place))
    return found


def _filled(ranked: Mapping[int, Sequence[Choice]], brief: Brief) -> _Filled:
    """Fill the slots, the surest first, with nothing twice and nothing that the Brief does not support."""
    told: list[str] = []
    found: _Filled = {}
    for i, own in sorted(ranked.items(), key=lambda item: -item[1][0].log_proba):
        possible = [choice for choice in own if not any(f" {choice.option.key} " in f" {key} " for key in told)]
        clean = (choice for choice in possible if _is_clean(choice, brief))
        first = next(clean)  # ABSENT always is
        second = next(clean, None)
        found[i] = [first, second] if second else [first]
        if first.option.key != ABSENT:
            told.append(first.option.key)
    return found


def _is_clean(choice: Choice, brief: Brief) -> bool:
    """Say whether a filler claims nothing that the Brief does not hold, or only what titles are known to infer."""
    if choice.option.key == ABSENT:
        return True
    found = findings(f"{brief.brand} {choice.option.filler.text}", brief)
    return not found or (choice.option.filler.is_inferred and not any(finding.is_hard for finding in found))


def _unsurest(filled: _Filled) -> list[int]:
    """Return the slots that have a second choice, those first where it is nearly as likely."""
    open_slots = [i for i, own in filled.items() if len(own) > 1]
    return sorted(open_slots, key=lambda i: filled[i][0].log_proba - filled[i][1].log_proba)


def _rather_filled(ranked: Sequence[Choice]) -> list[Choice]:
    """Put what a field of the Brief holds before leaving a slot out that titles seldom leave out."""
    empty = next(i for i, choice in enumerate(ranked) if choice.option.key == ABSENT)
    rest = [choice for choice in ranked[empty + 1 :] if choice.option.held >= _LEAST_HELD]
    return [*ranked[:empty], *rest, *(choice for choice in ranked[empty:] if choice not in rest)]


def _but(filled: _Filled, i: int) -> _Filled:
    return {**filled, i: filled[i][1:]}


def _shortened(filled: _Filled, own: Slots, brief: Brief) -> _Filled:
    """Leave out the unsurest fillers until the title fits its channel."""
    kept = dict(filled)
    while not fits(_written(kept, own, brief), brief.channel) and (told := [i for i in kept if kept[i][0].option.key]):
        del kept[min(told, key=lambda i: kept[i][0].log_proba)]
    return kept


def _written(filled: _Filled, own: Slots, brief: Brief) -> str:
    text = ""
    for i, slot in enumerate(own.slots):
        if slot.is_brand:
            text += (" " if text and brief.brand else "") + brief.brand
        elif i in filled and filled[i][0].option.key != ABSENT:
            filler = filled[i][0].option.filler
            text += (filler.joint if text else "") + filler.text
    return normal_form(text)


def _proposal(title: str, filled: _Filled, brief: Brief) -> TitleProposal:
    mean = sum(own[0].log_proba for own in filled.values()) / max(len(filled), 1)
    told = [own[0].option for _, own in sorted(filled.items()) if own[0].option.key != ABSENT]
    return TitleProposal(
        title=title,
        reasons=(
            *([f"brand: {brief.brand}"] if brief.brand else []),
            *(option.source or f"usual in the category: {option.filler.text}" for option in told),
        ),
        method="template",
        judged={SURENESS: exp(mean)},
    )
