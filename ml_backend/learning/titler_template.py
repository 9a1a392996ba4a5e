"""The template titler: composes drafts by the habits of a catalog (title_habits.py) in its spelling (title_wording.py).

It only ever writes what a Brief holds, and the noun of the product's category. Untrained it writes brand, noun and a
few distinguishing attributes.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from ml_backend.contract import Brief, Example, TitleProposal, from_json
from ml_backend.errors import TrainingFailed
from ml_backend.learning.metrics import word_f1
from ml_backend.learning.title_alignment import NOUN, aligned
from ml_backend.learning.title_composing import Composer, Composition
from ml_backend.learning.title_facts import BRAND, COUNTED, Fact, facts, prose_cues, says_something
from ml_backend.learning.title_habits import FIXED, Habit, Slot, learned_habits, scopes
from ml_backend.learning.title_nouns import is_noun, named_once, with_noun
from ml_backend.learning.title_parts import Part, is_held, joined, plain_parts, restyled, shortened
from ml_backend.learning.title_slots import Slots
from ml_backend.learning.title_wording import Wording, learned_wording
from ml_backend.rules.families import held_out
from ml_backend.rules.text import normal_form

FILE = "template.json"
_LEAST_RATE = 0.5  # a field that stands in fewer of the titles that could hold it is left out
_LEAST_ALTERNATIVE = 0.15
# A composer is tried on families of titles held out from at most so many examples; fewer titles apart tell nothing.
_TRIED_SHARE, _MOST_TRIED, _LEAST_TRIED = 0.2, 600, 10
_NOTHING = Composition(slots={}, weights=())


class TemplateTitler:
    """Composes titles by the habits of a catalog; without habits by a plain order of fields."""

    def __init__(
        self, habits: Mapping[str, Habit], wording: Wording, composer: Composer, *, slots_first: bool = True
    ) -> None:
        """Take habits by scope (a category's path from the root, "" for the catalog), the wording and the composer.

        slots_first: what the composer proposes comes before what the habits do.
        """
        self._habits, self._wording, self._composer = habits, wording, composer
        self._slots_first = slots_first

    @classmethod
    def untrained(cls) -> "TemplateTitler":
        """Return the built-in titler."""
        return cls({}, Wording(), Composer(_NOTHING, Wording()))

    @classmethod
    def learned(cls, examples: Sequence[Example], *, seed: int) -> "TemplateTitler":  # noqa: ARG003 - nothing is random
        """Learn from the examples that have a title; raises TrainingFailed when none has."""
        known = [example for example in examples if example.title]
        if not known:
            raise TrainingFailed("no example has a title to learn from; review some products first")
        titler = cls._of(known)
        titler._slots_first = cls._slots_pay(known)
        return titler

    @classmethod
    def _of(cls, known: Sequence[Example]) -> "TemplateTitler":
        alignment = aligned([(example.brief, example.title or "") for example in known])
        wording = learned_wording(alignment)
        return cls(learned_habits(alignment, wording), wording, Composer.learned(known, wording))

    @classmethod
    def _slots_pay(cls, known: Sequence[Example]) -> bool:
        """Say whether, on families that were held out, composing by slots comes nearer to the titles than habits do.

        Where titles are long and free and a category has few of them, its columns are a mere likeness.
        """
        tried = known[:_MOST_TRIED]
        apart = [example for example in tried if _is_apart(example)]
        rest = [example for example in tried if not _is_apart(example)]
        if len(apart) < _LEAST_TRIED or not rest:
            return True
        titler, gains = cls._of(rest), []
        for example in apart:
            if by_slots := titler._composer.proposals(example.brief, 1):
                by_habits = next(titler._by_habits(example.brief)).title
                title = example.title or ""
                gains.append(word_f1(by_slots[0].title, title) - word_f1(by_habits, title))
        return len(gains) < _LEAST_TRIED or sum(gains) >= 0

    def propose(self, briefs: Sequence[Brief], n: int) -> list[list[TitleProposal]]:
        """Return for each Brief 1 to n different proposals, the likeliest first."""
        return [self._proposals(brief, n) for brief in briefs]

    def save(self, folder: Path) -> None:
        """Write habits and wording as JSON."""
        data = {
            "habits": {scope: asdict(habit) for scope, habit in self._habits.items()},
            "slots": [[path, asdict(slots)] for path, slots in self._composer.known.slots.items()],
            "slot_weights": self._composer.known.weights,
            "slots_first": self._slots_first,
            **asdict(self._wording),
        }
        (folder / FILE).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "TemplateTitler":
        """Read what `save` wrote; raises BadRequest, KeyError, TypeError or ValueError on anything else."""
        data = json.loads((folder / FILE).read_text(encoding="utf-8"))
        habits = from_json(dict[str, Habit], data.pop("habits"))
        slots = dict(from_json(list[tuple[tuple[str, ...], Slots]], data.pop("slots", [])))
        composition = Composition(slots=slots, weights=from_json(tuple[float, ...], data.pop("slot_weights", ())))
        slots_first = from_json(bool, data.pop("slots_first", True))
        wording = from_json(Wording, data)
        if unspelt := (wording.telling.keys() & wording.phrase_roles.keys()) - wording.spellings.keys():
            raise ValueError(f"{min(unspelt)!r} has no spelling")
        return cls(habits, wording, Composer(composition, wording), slots_first=slots_first)

    def _proposals(self, brief: Brief, n: int) -> list[TitleProposal]:
        by_slots = self._composer.proposals(brief, max(1, n // 2))
        by_habits = list(self._by_habits(brief))
        ordered = [*by_slots, *by_habits] if self._slots_first else [*by_habits[:-1], *by_slots, by_habits[-1]]
        found: dict[str, TitleProposal] = {}
        for proposal in ordered:
            found.setdefault(proposal.title, proposal)
        return list(found.values())[:n]

    def _by_habits(self, brief: Brief) -> Iterator[TitleProposal]:
        """Yield at least one title: the habits' variants, the likeliest first, then a plain one."""
        habit = self._habit(brief)
        variants = self._learned_variants(brief, habit) if habit else []
        n_told = 0
        for parts in [*variants, plain_parts(brief)]:
            kept = shortened(parts, brief.channel)
            if title := joined(kept, brief):
                n_told += 1
                yield TitleProposal(title=title, reasons=tuple(part.reason for part in kept), method="template")
        if not n_told:
            title = normal_form(brief.title) or brief.sku
            yield TitleProposal(title=title, reasons=("nothing else is known",), method="template")

    def _habit(self, brief: Brief) -> Habit | None:
        return next((self._habits[scope] for scope in scopes(brief.category) if scope in self._habits), None)

    def _learned_variants(self, brief: Brief, habit: Habit) -> list[list[Part]]:
        """Return the likeliest composition, then one with its best left-out field and some without an unsure one."""
        possible = self._parts(brief, habit)
        usual = [part for part in possible if part.slot.rate >= _LEAST_RATE]
        rest = [part for part in possible if _LEAST_ALTERNATIVE <= part.slot.rate < _LEAST_RATE]
        variants = [usual]
        if rest:
            more = max(rest, key=lambda part: part.slot.rate)
            variants.append([part for part in possible if part in usual or part is more])
        optional = [part for part in usual if part.slot.role not in (BRAND, NOUN)]
        for unsure in sorted(optional, key=lambda part: part.slot.rate)[:2]:
            variants.append([part for part in usual if part is not unsure])
        if not any(is_noun(part, habit, brief) for part in usual):
            variants = [with_noun(parts, habit, brief) for parts in variants]
        return [named_once(parts, habit, brief) for parts in variants if parts]

    def _parts(self, brief: Brief, habit: Habit) -> list[Part]:
        """Fill each slot with the first wording of its own that claims nothing the Brief does not hold."""
        known = _by_role(facts(brief), self._wording)
        told = self._told(brief)
        parts = []
        for slot in habit.slots:
            if slot.role.startswith(FIXED):
                fixed = slot.role.removeprefix(FIXED)
                told = {**told, slot.role: [Part(slot=slot, text=fixed, reason=f"usual in the category: {fixed}")]}
            possible = [*self._from_values(slot, known.get(slot.role, ())), *told.get(slot.role, ())]
            part = next((part for part in possible if is_held(part.text, brief)), None)
            if part:
                parts.append(replace(part, slot=slot))
        return parts

    def _from_values(self, slot: Slot, values: Sequence[Fact]) -> Iterator[Part]:
        """Yield what columns and counted things say: first in learnt spellings, then a column's value itself."""
        for fact in values:
            if spelling := self._wording.spelling(fact.key):
                yield Part(slot=slot, text=spelling, reason=f"{fact.field}: {fact.value}")
        for fact in values:
            if says_something(fact.value) and not fact.field.startswith(COUNTED):
                text = fact.value if slot.role == BRAND else restyled(fact.value, slot)
                yield Part(slot=slot, text=text, reason=f"{fact.field}: {fact.value}")

    def _told(self, brief: Brief) -> dict[str, list[Part]]:
        """Return by role what the prose tells, the surest first."""
        cues = prose_cues(brief.description)
        found: dict[str, list[tuple[float, int, str, str]]] = defaultdict(list)
        for phrase, sureness in self._wording.telling.items():
            role = self._wording.phrase_roles.get(phrase)
            if role and (held := sureness.keys() & cues):
                found[role].append(max((sureness[cue], len(cue), phrase, cue) for cue in held))
        empty = Slot(role="", rate=0.0, prefix="", suffix="", is_titled=False)
        return {
            role: [
                Part(slot=empty, text=self._wording.spellings[phrase], reason=f"description: “{cue}”")
                for _, _, phrase, cue in sorted(own, reverse=True)
            ]
            for role, own in found.items()
        }


def _is_apart(example: Example) -> bool:
    """Say whether a family is held out from the trial; not those that the gate holds out, which are not known here."""
    return held_out(f"slots {example.family}", _TRIED_SHARE)


def _by_role(known: Iterable[Fact], wording: Wording) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = defaultdict(list)
    for fact in known:
        found[wording.roles.get(fact.field, fact.field)].append(fact)
    return found
