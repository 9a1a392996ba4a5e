"""The slots of a category's titles, what stands in each, and the cues in the Briefs that came with it.

Computes only. Slots are the columns of the aligned titles (title_columns.py), put together where only together they say
one thing. Which filler a Brief deserves is decided in title_filling.py.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ml_backend.contract import Brief
from ml_backend.learning.title_columns import Fields, columns
from ml_backend.learning.title_facts import COUNTED, Fact, facts, key_of, prose_cues
from ml_backend.learning.title_phrases import BRAND_PHRASE, Phrase, phrases
from ml_backend.learning.title_wording import Wording
from ml_backend.rules.faithfulness import soft_facts

ABSENT = ""  # the key of a slot's filler in a title that leaves the slot out
_LEAST_FILLED = 2  # titles; what stands in one alone is nobody's habit
_LIKE_ALWAYS = 0.95
_LEAST_SHOWN = 0.7  # of a column's titles hold a filler that another holds too: only such can show what goes with it
_LEAST_EXPECTED = 1.5  # titles in which chance would fill both of two columns, if they were not one
_LEAST_SHARED = 0.6  # of a column's titles hold what stands in another column too: the same thing at another place


@dataclass(frozen=True, slots=True, kw_only=True)
class Filler:
    """How a slot's filler is mostly written: its text, and what joins it to the text before it.

    is_inferred: some title has it though its Brief does not tell all that it claims, such as Ceramic of stoneware.
    """

    text: str
    joint: str
    is_inferred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A place in the titles of a category: what stands there, by key.

    spelt: by a Brief's field, the share of its values that stood here as titles spell them; copied: as they are.
    """

    fillers: Mapping[str, Filler]
    spelt: Mapping[str, float]
    copied: Mapping[str, float]

    @property
    def joint(self) -> str:
        """Return what joins any filler to the text before it."""
        return next(iter(self.fillers.values())).joint

    @property
    def is_titled(self) -> bool:
        """Say whether fillers mostly begin with a capital."""
        return 2 * sum(filler.text[:1].isupper() for filler in self.fillers.values()) > len(self.fillers)

    @property
    def is_brand(self) -> bool:
        """Say whether the brand stands here."""
        return BRAND_PHRASE in self.fillers


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """A category's slots in their order.

    cues are those of two or more of its Briefs; told holds for each title its Brief's, as places in cues; titles the
    filler key of each slot.
    """

    slots: tuple[Slot, ...]
    cues: tuple[str, ...]
    told: tuple[tuple[int, ...], ...]
    titles: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A Brief as slots read it: its facts, and the cues of its columns and its prose."""

    facts: tuple[Fact, ...]
    cues: frozenset[str]


_Cell = tuple[Phrase, ...]
_Row = tuple[_Cell, ...]


def reading_of(brief: Brief) -> Reading:
    """Read a Brief."""
    known = facts(brief)
    values = [fact for fact in known if not fact.field.startswith(COUNTED)]
    told = {f"{fact.field}={fact.key}" for fact in values}
    cues = frozenset().union(told, prose_cues(brief.description), *(_runs(fact.key) for fact in values))
    return Reading(facts=tuple(known), cues=cues)


def learned_slots(titled: Sequence[tuple[Brief, str]], readings: Sequence[Reading], wording: Wording) -> Slots:
    """Find the slots of one category's titles; readings are of their Briefs, wording is the catalog's."""
    cut = phrases(titled)
    fields = [[_fields(phrase, own) for phrase in line] for line, own in zip(cut, readings, strict=True)]
    rows = _put_together(_rows(cut, columns(cut, fields)))
    kept = [i for i in range(len(rows[0])) if sum(bool(row[i]) for row in rows) >= _LEAST_FILLED]
    rows = [tuple(row[i] for i in kept) for row in rows]
    briefs = [brief for brief, _ in titled]
    n_with_cue = Counter(cue for own in readings for cue in own.cues)
    place = {cue: i for i, cue in enumerate(sorted(cue for cue, n in n_with_cue.items() if n > 1))}
    return Slots(
        slots=tuple(_slot([row[i] for row in rows], briefs, readings, wording) for i in range(len(kept))),
        cues=tuple(place),
        told=tuple(tuple(sorted(place[cue] for cue in own.cues if cue in place)) for own in readings),
        titles=tuple(tuple(map(_key, row)) for row in rows),
    )


def _key(cell: _Cell) -> str:
    return " ".join(phrase.key for phrase in cell)


def _runs(key: str) -> set[str]:
    words = key.split()
    return {" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, min(i + 4, len(words)) + 1)}


def _fields(phrase: Phrase, reading: Reading) -> Fields:
    if phrase.key == BRAND_PHRASE:
        return frozenset([BRAND_PHRASE])
    key = f" {phrase.key} "
    return frozenset(f.field for f in reading.facts if key in f" {f.key} " and not f.field.startswith(COUNTED))


def _rows(cut: Sequence[Sequence[Phrase]], places: Sequence[Sequence[int]]) -> list[_Row]:
    n = max((place + 1 for own in places for place in own), default=0)
    rows = []
    for line, own in zip(cut, places, strict=True):
        cells: list[_Cell] = [()] * n
        for phrase, place in zip(line, own, strict=True):
            cells[place] = (phrase,)
        rows.append(tuple(cells))
    return rows


def _put_together(rows: list[_Row]) -> list[_Row]:
    """Join what says one thing together, give alternatives one column, and what stands in two places the usual one."""
    while (i := _next_pair(rows)) is not None:
        rows = [(*row[:i], row[i] + row[i + 1], *row[i + 2 :]) for row in rows]
    while pair := _same_thing(rows):
        usual, rare = pair
        rows = [
            tuple(row[i] or row[rare] if i == usual else cell for i, cell in enumerate(row) if i != rare)
            for row in rows
        ]
    return rows


def _next_pair(rows: Sequence[_Row]) -> int | None:
    """Return the first of two neighbouring columns that are one; None when there are none."""
    for i in range(len(rows[0]) - 1):
        pairs = [(_key(row[i]), _key(row[i + 1])) for row in rows]
        if any(BRAND_PHRASE in pair for pair in pairs):
            continue
        if _are_alternatives(pairs):
            return i
        is_parted = sum(bool(row[i + 1][0].joint.strip()) for row in rows if row[i + 1]) > len(rows) / 4
        if not is_parted and (_stand_together(pairs) or _tells(pairs) or _tells([(b, a) for a, b in pairs])):
            return i
    return None


def _are_alternatives(pairs: Sequence[tuple[str, str]]) -> bool:
    """Say whether never both are filled, though chance would have it: "Men's" and "Women's"."""
    first, second = sum(bool(a) for a, _ in pairs), sum(bool(b) for _, b in pairs)
    return not any(a and b for a, b in pairs) and first * second >= _LEAST_EXPECTED * len(pairs)


def _stand_together(pairs: Sequence[tuple[str, str]]) -> bool:
    """Say whether both are filled in the same titles, and one always alike: "with" and "Glass Shade"."""
    either, both = sum(bool(a or b) for a, b in pairs), sum(bool(a and b) for a, b in pairs)
    n_fillers = min(len({a for a, _ in pairs if a}), len({b for _, b in pairs if b}))
    return both >= _LEAST_FILLED and both >= _LIKE_ALWAYS * either and n_fillers == 1


def _tells(pairs: Sequence[tuple[str, str]]) -> bool:
    """Say whether the first tells the second, which is not always alike: "Ash" and "Handle", "Rubber" and "Grip"."""
    by_first: dict[str, Counter[str]] = defaultdict(Counter)
    for a, b in pairs:
        by_first[a][b] += 1
    shown = [counts for counts in by_first.values() if counts.total() > 1]
    n_shown = sum(counts.total() for counts in shown)
    n_right = sum(max(counts.values()) for counts in shown)
    usual = Counter(b for _, b in pairs).most_common(1)[0][1] / len(pairs)
    return (
        sum(bool(b) for _, b in pairs) >= _LEAST_FILLED
        and usual < 0.9
        and n_shown >= _LEAST_SHOWN * len(pairs)
        and n_right >= _LIKE_ALWAYS * n_shown
        and len(shown) <= len(pairs) / 3
    )


def _same_thing(rows: Sequence[_Row]) -> tuple[int, int] | None:
    """Return a column, and a rarer one that holds what it holds, but never in the same title; None if there is none."""
    filled = [{r: _key(row[i]) for r, row in enumerate(rows) if row[i]} for i in range(len(rows[0]))]
    for rare in sorted(range(len(filled)), key=lambda i: (len(filled[i]), i)):
        for usual in sorted(range(len(filled)), key=lambda i: (-len(filled[i]), i)):
            shared = sum(key in filled[usual].values() for key in filled[rare].values())
            is_apart = filled[rare].keys().isdisjoint(filled[usual])
            if usual != rare and is_apart and filled[rare] and shared >= _LEAST_SHARED * len(filled[rare]):
                return usual, rare
    return None


def _slot(cells: Sequence[_Cell], briefs: Sequence[Brief], readings: Sequence[Reading], wording: Wording) -> Slot:
    written: dict[str, Counter[str]] = defaultdict(Counter)
    joints: Counter[str] = Counter()
    inferred: set[str] = set()
    for cell, brief in zip(cells, briefs, strict=True):
        if cell:
            key, text = _key(cell), _text(cell)
            written[key][text] += 1
            joints[cell[0].joint] += 1
            if key not in inferred and soft_facts(f"{brief.brand} {text}", brief):
                inferred.add(key)
    joint = joints.most_common(1)[0][0]
    stood = [(_key(cell), reading.facts) for cell, reading in zip(cells, readings, strict=True)]
    return Slot(
        fillers={
            key: Filler(text=texts.most_common(1)[0][0], joint=joint, is_inferred=key in inferred)
            for key, texts in written.items()
        },
        spelt=_shares(stood, lambda fact: key_of(wording.spelling(fact.key)) or fact.key),
        copied=_shares(stood, lambda fact: fact.key),
    )


def _shares(stood: Sequence[tuple[str, Sequence[Fact]]], key_in_title: Callable[[Fact], str]) -> dict[str, float]:
    """Return by field the share of the Briefs with it of which a value stood in the title; fields of one are left out.

    stood holds by title what filled the slot, and the facts of its Brief.
    """
    n_held: Counter[str] = Counter()
    n_stood: Counter[str] = Counter()
    for key, known in stood:
        n_held.update({fact.field for fact in known})
        n_stood.update({fact.field for fact in known if key and key_in_title(fact) == key})
    return {name: round(n / n_held[name], 3) for name, n in n_stood.items() if n > 1}


def _text(cell: Iterable[Phrase]) -> str:
    text = ""
    for phrase in cell:
        text += (phrase.joint if text else "") + phrase.text
    return text
