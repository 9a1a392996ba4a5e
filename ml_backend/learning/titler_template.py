"""The template titler: which fields stand in a catalog's good titles, in which order, joined and spelt how.

It learns from aligned titles (see title_alignment.py) and only ever writes what a Brief holds, in the catalog's own
spelling, and the noun of the product's category. Untrained it writes brand, noun and a few distinguishing attributes.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from ml_backend.contract import Brief, ChannelRules, Example, TitleProposal
from ml_backend.errors import TrainingFailed
from ml_backend.learning.title_alignment import (
    BRAND,
    CATEGORY,
    COUNTED,
    NOUN,
    TOLD,
    AlignedTitle,
    Alignment,
    Fact,
    Span,
    aligned,
    facts,
    field_name,
    key_of,
    numbers_abstracted,
    prose_cues,
)
from ml_backend.rules.faithfulness import unsupported_facts
from ml_backend.rules.policy import fits
from ml_backend.rules.text import HAN, is_han, normal_form

FILE = "template.json"
_LEAST_TITLES = 4  # fewer titles of a category say less of its habits than its parent's do
_LEAST_RATE = 0.5  # a field that stands in fewer of the titles that could hold it is left out
_LEAST_FIXED = 0.8  # a word that no fact speaks for must stand in nearly all titles of its category
_LEAST_ALTERNATIVE = 0.15
_LEAST_NOUNS = 2
_FIXED = "fixed: "  # begins the role of a word that stands in most titles of a category and is no noun: "Kids"
_CATALOG = ""  # the scope of last resort
_MOST_DISTINGUISHING = 3
_THIN = 2  # words; a draft of no more beside the brand that does not say what the thing is tells nobody anything
_LONGEST_VALUE = 25  # characters
_TYPE_FIELD = re.compile(
    rf"(?!{COUNTED}).*(?:\b(?:type|kind|product|item|style of product)\b|类型|类别|品类|品名|种类|名称)"
)
_DISTINGUISHING = re.compile(
    r"colou?r|material|fabric|size|capacity|volume|model|series|pattern|pack|quantity|weight|flavou?r|scent|"
    r"颜色|材质|面料|规格|容量|尺寸|尺码|型号|系列|口味|净含量|重量|数量"
)
_MEANINGLESS = frozenset("yes no true false n/a na none other others null 是 否 有 无 其他 其它 不限 通用".split())  # noqa: SIM905
_SUFFIX = re.compile(r"(?:-?[^\W\d_]+)?[)）\]】]+|-[^\W\d_]+|\+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A role in a scope's titles: rate is its share of the titles whose products have such a fact."""

    role: str
    rate: float
    prefix: str
    suffix: str
    is_titled: bool  # capitals at the beginning of its words


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """How titles are built in one scope: slots in order and, for a leaf category, the nouns, the usual one first."""

    n_titles: int
    slots: tuple[Slot, ...]
    nouns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """How facts are spelt in titles.

    rewrites: value key to spelling. patterns: the same with "#0" for numbers. roles: field to role; phrase_roles and
    spellings: of phrases that the prose tells of. telling: phrase to its cues in the prose with their sureness.
    """

    rewrites: Mapping[str, str] = field(default_factory=dict)
    patterns: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    phrase_roles: Mapping[str, str] = field(default_factory=dict)
    spellings: Mapping[str, str] = field(default_factory=dict)
    telling: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A slot filled for one Brief."""

    slot: Slot
    text: str
    reason: str


class TemplateTitler:
    """Composes titles by the habits of a catalog; without habits by a plain order of fields."""

    def __init__(self, habits: Mapping[str, Habit], wording: Wording) -> None:
        """Take habits by scope (a category's path from the root, "" for the catalog) and the wording."""
        self._habits, self._wording = habits, wording

    @classmethod
    def untrained(cls) -> "TemplateTitler":
        """Return the built-in titler."""
        return cls({}, Wording())

    @classmethod
    def learned(cls, examples: Sequence[Example], *, seed: int) -> "TemplateTitler":  # noqa: ARG003 - nothing is random
        """Learn from the examples that have a title; raises TrainingFailed when none has."""
        titled = [(example.brief, example.title) for example in examples if example.title]
        if not titled:
            raise TrainingFailed("no example has a title to learn from; review some products first")
        alignment = aligned(titled)
        wording = _wording(alignment)
        return cls(_habits(alignment, wording), wording)

    def propose(self, briefs: Sequence[Brief], n: int) -> list[list[TitleProposal]]:
        """Return for each Brief 1 to n different proposals, the likeliest first."""
        return [self._proposals(brief, n) for brief in briefs]

    def save(self, folder: Path) -> None:
        """Write habits and wording as JSON."""
        data = {"habits": {scope: asdict(habit) for scope, habit in self._habits.items()}, **asdict(self._wording)}
        (folder / FILE).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "TemplateTitler":
        """Read what `save` wrote; raises KeyError, TypeError or ValueError on anything else."""
        data = json.loads((folder / FILE).read_text(encoding="utf-8"))
        habits = {
            scope: Habit(
                n_titles=habit["n_titles"],
                slots=tuple(Slot(**slot) for slot in habit["slots"]),
                nouns=tuple(habit["nouns"]),
            )
            for scope, habit in data.pop("habits").items()
        }
        return cls(habits, Wording(**data))

    def _proposals(self, brief: Brief, n: int) -> list[TitleProposal]:
        habit = self._habit(brief)
        variants = self._learned_variants(brief, habit) if habit else []
        found: dict[str, TitleProposal] = {}
        for parts in [*variants, _plain_parts(brief)]:
            kept = _shortened(parts, brief.channel)
            title = _joined(kept, brief)
            if title:
                found.setdefault(title, TitleProposal(title=title, reasons=tuple(part.reason for part in kept)))
        fallback = TitleProposal(title=normal_form(brief.title) or brief.sku, reasons=("nothing else is known",))
        return list(found.values())[:n] or [fallback]

    def _habit(self, brief: Brief) -> Habit | None:
        return next((self._habits[scope] for scope in _scopes(brief.category) if scope in self._habits), None)

    def _learned_variants(self, brief: Brief, habit: Habit) -> list[list[_Part]]:
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
        if not any(_is_noun(part, habit, brief) for part in usual):
            variants = [_with_noun(parts, habit, brief) for parts in variants]
        return [_named_once(parts, habit, brief) for parts in variants if parts]

    def _parts(self, brief: Brief, habit: Habit) -> list[_Part]:
        """Fill each slot with the first wording of its own that claims nothing the Brief does not hold."""
        known = _by_role(facts(brief), self._wording)
        told = self._told(brief)
        parts = []
        for slot in habit.slots:
            if slot.role.startswith(_FIXED):
                fixed = slot.role.removeprefix(_FIXED)
                told = {**told, slot.role: [_Part(slot=slot, text=fixed, reason=f"usual in the category: {fixed}")]}
            possible = [*self._from_values(slot, known.get(slot.role, ())), *told.get(slot.role, ())]
            part = next((part for part in possible if _is_held(part.text, brief)), None)
            if part:
                parts.append(replace(part, slot=slot))
        return parts

    def _from_values(self, slot: Slot, values: Sequence[Fact]) -> Iterator[_Part]:
        """Yield what columns and counted things say: first in learnt spellings, then a column's value itself."""
        for fact in values:
            if spelling := self._spelling(fact.key):
                yield _Part(slot=slot, text=spelling, reason=f"{fact.field}: {fact.value}")
        for fact in values:
            if _is_telling(fact.value) and not fact.field.startswith(COUNTED):
                text = fact.value if slot.role == BRAND else _restyled(fact.value, slot)
                yield _Part(slot=slot, text=text, reason=f"{fact.field}: {fact.value}")

    def _spelling(self, key: str) -> str:
        if key in self._wording.rewrites:
            return self._wording.rewrites[key]
        numbers = list(dict.fromkeys(k for k in key.split() if k[0].isdigit()))
        pattern = " ".join(f"#{numbers.index(k)}" if k in numbers else k for k in key.split())
        surface = self._wording.patterns.get(pattern, "") if numbers else ""
        return re.sub(r"#(\d)", lambda m: numbers[int(m[1])], surface)

    def _told(self, brief: Brief) -> dict[str, list[_Part]]:
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
                _Part(slot=empty, text=self._wording.spellings[phrase], reason=f"description: “{cue}”")
                for _, _, phrase, cue in sorted(own, reverse=True)
            ]
            for role, own in found.items()
        }


def _scopes(path: Sequence[str]) -> list[str]:
    """Return the scopes of a category from its leaf to the whole catalog."""
    return [" > ".join(path[:depth]) for depth in range(len(path), 0, -1)] + [_CATALOG]


def _wording(alignment: Alignment) -> Wording:
    spelt: dict[str, Counter[str]] = defaultdict(Counter)
    patterns: dict[str, Counter[str]] = defaultdict(Counter)
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    fields: dict[str, Counter[str]] = defaultdict(Counter)
    for title in alignment.titles:
        for span in title.spans:
            phrase, text = title.key(span.first, span.last), title.text(span.first, span.last)
            spellings[phrase][text] += 1
            fields[phrase][span.field] += 1
            if span.cue and span.field != BRAND:
                spelt[span.cue][text] += 1
                if abstracted := numbers_abstracted(span.cue, text):
                    patterns[abstracted[0]][abstracted[1]] += 1
    roles = _roles(alignment, fields)
    told = _told_roles(alignment)
    return Wording(
        rewrites=_commonest(spelt),
        patterns=_commonest(patterns),
        roles=roles,
        phrase_roles={p: role for p in alignment.telling if (role := _phrase_role(p, fields, roles, told))},
        spellings={p: text for p, text in _commonest(spellings).items() if p in alignment.telling},
        telling=alignment.telling,
    )


def _commonest(counts: Mapping[str, Counter[str]]) -> dict[str, str]:
    return {key: counter.most_common(1)[0][0] for key, counter in counts.items()}


def _roles(alignment: Alignment, fields: Mapping[str, Counter[str]]) -> dict[str, str]:
    """Join fields that are spelt alike in titles and never stand beside each other: Colour, color, "Farbe"."""
    together = {
        pair
        for title in alignment.titles
        for names in [sorted({fact.field for fact in title.facts})]
        for pair in ((a, b) for a in names for b in names if a < b)
    }
    sharing: Counter[tuple[str, str]] = Counter()
    for counter in fields.values():
        named = sorted(set(counter) - {BRAND, CATEGORY, NOUN, TOLD})
        sharing.update((a, b) for a in named for b in named if a < b)
    groups: dict[str, set[str]] = {}
    for (a, b), _ in sorted(sharing.items(), key=lambda item: (-item[1], item[0])):
        one, other = groups.get(a, {a}), groups.get(b, {b})
        if one is not other and not any((min(x, y), max(x, y)) in together for x in one for y in other):
            joined = one | other
            groups.update(dict.fromkeys(joined, joined))
    return {name: min(group) for name, group in groups.items()}


def _told_roles(alignment: Alignment) -> dict[str, str]:
    """Give phrases that only prose tells of a role: those written alike that never share a title are one."""
    seen: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    together: set[tuple[str, str]] = set()
    for title in alignment.titles:
        own = [span for span in title.spans if span.field == TOLD]
        for span in own:
            seen[title.key(span.first, span.last)][title.category, _glue(title, span).strip()] += 1
        keys = [title.key(span.first, span.last) for span in own]
        together |= {(a, b) for a in keys for b in keys}
    roles: dict[str, str] = {}
    members: dict[str, list[str]] = defaultdict(list)
    for phrase, places in sorted(seen.items(), key=lambda item: (-item[1].total(), item[0])):
        category, glue = places.most_common(1)[0][0]
        name = f"{TOLD}:{category}:{glue}"
        i = next(i for i in range(len(seen) + 1) if not any((phrase, m) in together for m in members[f"{name}:{i}"]))
        roles[phrase] = f"{name}:{i}"
        members[f"{name}:{i}"].append(phrase)
    return roles


def _phrase_role(
    phrase: str, fields: Mapping[str, Counter[str]], roles: Mapping[str, str], told: Mapping[str, str]
) -> str | None:
    columns = Counter({name: n for name, n in fields.get(phrase, Counter()).items() if name not in (BRAND, TOLD)})
    if columns:
        name = columns.most_common(1)[0][0]
        return roles.get(name, name)
    return told.get(phrase)


def _glue(title: AlignedTitle, span: Span) -> str:
    """Return what is written between the token before a span and the span."""
    start = title.tokens[span.first].start
    before = title.tokens[span.first - 1].end if span.first else 0
    return title.title[before:start]


def _role_of(span: Span, title: AlignedTitle, wording: Wording) -> str:
    if span.field == TOLD:
        return wording.phrase_roles.get(title.key(span.first, span.last), TOLD)
    return wording.roles.get(span.field, span.field)


def _habits(alignment: Alignment, wording: Wording) -> dict[str, Habit]:
    by_scope: dict[str, list[AlignedTitle]] = defaultdict(list)
    for title in alignment.titles:
        for scope in _scopes(title.path):
            by_scope[scope].append(title)
    return {
        scope: _habit(scope, own, wording)
        for scope, own in by_scope.items()
        if len(own) >= _LEAST_TITLES or scope == _CATALOG
    }


def _habit(scope: str, titles: Sequence[AlignedTitle], wording: Wording) -> Habit:
    used: Counter[str] = Counter()
    could: Counter[str] = Counter()
    before: Counter[tuple[str, str]] = Counter()
    prefixes: dict[str, Counter[str]] = defaultdict(Counter)
    suffixes: dict[str, Counter[str]] = defaultdict(Counter)
    capitals: Counter[str] = Counter()
    nouns = _nouns(scope, titles)
    for title in titles:
        by_span = [_role_in(span, title, wording, nouns) for span in title.spans]
        roles = list(dict.fromkeys(by_span))
        used.update(roles)
        could.update({*roles, *_available(title, wording)})
        before.update((a, b) for i, a in enumerate(roles) for b in roles[i + 1 :])
        for i, (span, role) in enumerate(zip(title.spans, by_span, strict=True)):
            prefix, suffix = _joints(title, i)
            prefixes[role][prefix] += bool(i)
            suffixes[role][suffix] += 1
            text = title.text(span.first, span.last)
            capitals[role] += text[:1].isupper() or not text[:1].isalpha()
    could.update({role: len(titles) - n for role, n in used.items() if role.startswith(_FIXED)})
    blank = " " if sum(" " in title.title for title in titles) > len(titles) / 2 else ""
    slots = [
        Slot(
            role=role,
            rate=round(used[role] / could[role], 3),
            prefix=_usual(prefixes[role], blank),
            suffix=_usual(suffixes[role], ""),
            is_titled=capitals[role] >= used[role] / 2,
        )
        for role in _in_order(used, before)
        if not role.startswith(_FIXED) or used[role] >= _LEAST_FIXED * len(titles)
    ]
    return Habit(n_titles=len(titles), slots=tuple(slots), nouns=nouns)


def _nouns(scope: str, titles: Sequence[AlignedTitle]) -> tuple[str, ...]:
    """Return what things of a leaf category are called, the commonest first; nothing for a parent or the catalog.

    Where some end as the category's name does, only these are nouns: "Desk Lamp" of "Table Lamps", not "Brass".
    """
    paths = {title.path for title in titles}
    if {" > ".join(path) for path in paths} != {scope}:
        return ()
    counts = Counter(
        title.text(span.first, span.last)
        for title in titles
        for span in title.spans
        if span.field in (NOUN, CATEGORY) or _TYPE_FIELD.match(span.field)
    )
    told = [noun for noun, n in counts.most_common() if n >= _LEAST_NOUNS]
    leaf = {key for path in paths if path for key in key_of(path[-1]).split()}
    return tuple(noun for noun in told if key_of(noun).split()[-1] in leaf) or tuple(told)


def _role_in(span: Span, title: AlignedTitle, wording: Wording, nouns: Sequence[str]) -> str:
    text = title.text(span.first, span.last)
    return f"{_FIXED}{text}" if span.field == NOUN and nouns and text not in nouns else _role_of(span, title, wording)


def _available(title: AlignedTitle, wording: Wording) -> set[str]:
    """Return the roles for which the product's columns or prose hold something."""
    columns = {wording.roles.get(fact.field, fact.field) for fact in title.facts if _is_telling(fact.value)}
    told = {role for phrase, role in wording.phrase_roles.items() if not title.cues.isdisjoint(wording.telling[phrase])}
    return columns | told


def _joints(title: AlignedTitle, i: int) -> tuple[str, str]:
    """Return what joins a span to the one before it, and what closes it: ", " and "", " (" and "-Pack)"."""
    span = title.spans[i]
    start = title.tokens[span.first].start
    end = title.tokens[span.last - 1].end
    previous = title.tokens[title.spans[i - 1].last - 1].end if i else 0
    following = title.tokens[title.spans[i + 1].first].start if i + 1 < len(title.spans) else len(title.title)
    before, after = title.title[previous:start], title.title[end:following]
    if i and (match := _SUFFIX.match(before)):
        before = before[match.end() :]
    closing = _SUFFIX.match(after)
    return before, closing[0] if closing else ""


def _usual(counts: Counter[str], otherwise: str) -> str:
    """Return the commonest joint; one with words in it must be as common as all the others together."""
    for text, n in counts.most_common():
        if n and (not re.search(r"\w", text) or 2 * n >= counts.total()):
            return text
    return otherwise


def _in_order(used: Counter[str], before: Counter[tuple[str, str]]) -> list[str]:
    """Sort roles by how many of the others they mostly precede (Borda)."""
    common = [role for role, n in used.items() if n > 1 or len(used) < 3]

    def wins(role: str) -> float:
        return sum(
            before[role, other] / total
            for other in common
            if other != role and (total := before[role, other] + before[other, role])
        ) - sum(
            before[other, role] / total
            for other in common
            if other != role and (total := before[role, other] + before[other, role])
        )

    return sorted(common, key=lambda role: (-wins(role), role))


def _by_role(known: Iterable[Fact], wording: Wording) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = defaultdict(list)
    for fact in known:
        found[wording.roles.get(fact.field, fact.field)].append(fact)
    return found


def _is_telling(value: str) -> bool:
    return len(value) <= 2 * _LONGEST_VALUE and value.lower() not in _MEANINGLESS


def _restyled(value: str, slot: Slot) -> str:
    """Write a value that no title has shown yet as its slot's values are written."""
    text = normal_form(value.replace("_", " "))
    if slot.is_titled:
        text = re.sub(r"(?<![\w'’])(?<!\d )[a-z](?=[a-z])", lambda m: m[0].upper(), text)
    return text


def _is_held(text: str, brief: Brief) -> bool:
    """Say whether the Brief supports all that a wording claims."""
    return not unsupported_facts(f"{brief.brand} {text}", brief)


def _named_once(parts: list[_Part], habit: Habit, brief: Brief) -> list[_Part]:
    """Keep one of the parts that say what the thing is: rather one of the category's own nouns."""
    nouns = [part for part in parts if _is_noun(part, habit, brief)]
    best = next((part for part in nouns if part.text in habit.nouns), nouns[0] if nouns else None)
    return [part for part in parts if part is best or part not in nouns]


def _is_noun(part: _Part, habit: Habit, brief: Brief) -> bool:
    key = f" {key_of(part.text)} "
    is_named_so = part.slot.role in (NOUN, CATEGORY) or bool(_TYPE_FIELD.match(part.slot.role))
    return is_named_so or any(f" {_head(noun, brief.category)} " in key for noun in habit.nouns)


def _head(noun: str, path: Sequence[str]) -> str:
    """Return the key of what a noun comes down to: its last word; in Han its last two characters, or one of the leaf's.

    So 杯 of 保温杯 will do where the category is 真空杯壶, but 幕 of 天幕 will not where it is 帐篷.
    """
    keys = key_of(noun).split()
    is_short = not is_han(noun) or (path and keys[-1] in path[-1])
    return " ".join(keys[-1:] if is_short else keys[-2:])


def _with_noun(parts: list[_Part], habit: Habit, brief: Brief) -> list[_Part]:
    """Put the category's noun where titles have it: the first that claims nothing the Brief does not hold."""
    order = [slot.role for slot in habit.slots]
    place = next((s for s in habit.slots if s.role == NOUN or _TYPE_FIELD.match(s.role) or s.role == CATEGORY), None)
    text = next((noun for noun in habit.nouns if _is_held(noun, brief)), None)
    if place is None or text is None:
        brand = [part for part in parts if part.slot.role == BRAND]
        rest = [part for part in parts if part.slot.role != BRAND]
        is_thin = len(key_of(" ".join(part.text for part in rest)).split()) <= _THIN
        kind = [part for part in _plain_parts(brief) if part.slot.role != BRAND][:1]
        return [*brand, *kind, *rest] if is_thin else parts
    noun = _Part(slot=place, text=text, reason=f"noun of the category: {text}")
    return sorted([*parts, noun], key=lambda part: order.index(part.slot.role))


def _plain_parts(brief: Brief) -> list[_Part]:
    """Return brand, noun and the attributes that tell the product from its like, for a catalog without habits."""
    known = [
        fact for fact in facts(brief) if fact.field not in (BRAND, CATEGORY) and not fact.field.startswith(COUNTED)
    ]
    kind = next((fact for fact in known if _TYPE_FIELD.match(fact.field) and _is_telling(fact.value)), None)
    leaf = brief.category[-1] if brief.category else ""
    noun = kind.value if kind else leaf
    names = {field_name(name): normal_form(value) for name, value in brief.attributes}
    telling = [
        (name, value)
        for name, value in names.items()
        if 0 < len(value) <= _LONGEST_VALUE
        and _is_telling(value)
        and not (kind and name == kind.field)
        and key_of(value) not in (key_of(noun), key_of(brief.brand))
    ]
    best = [pair for pair in telling if _DISTINGUISHING.search(pair[0])] or telling
    is_chinese = is_han(noun + brief.brand + brief.description)
    comma = " " if is_chinese else ", "
    given = [(BRAND, brief.brand, " "), ("type" if kind else CATEGORY, noun, "" if is_chinese else " ")]
    given += [(name, value, comma) for name, value in best[:_MOST_DISTINGUISHING]]
    return [
        _Part(slot=slot, text=_restyled(text, slot) if role != BRAND else text, reason=f"{role}: {text}")
        for role, text, prefix in given
        if text
        for slot in [Slot(role=role, rate=1.0, prefix=prefix, suffix="", is_titled=True)]
    ]


def _shortened(parts: Sequence[_Part], channel: ChannelRules) -> list[_Part]:
    """Drop parts from the end until the title fits, but never brand or noun before the others."""
    kept = list(parts)
    while len(kept) > 1 and not fits(_joined(kept, None), channel):
        droppable = [part for part in kept if part.slot.role not in (BRAND, NOUN, CATEGORY)] or kept
        kept.remove(droppable[-1])
    return kept


def _without_echoes(parts: Sequence[_Part]) -> list[_Part]:
    """Drop parts whose words stand in a longer part, or in an equal one before them."""
    keys = [f" {key_of(part.text)} " for part in parts]
    return [
        part
        for i, part in enumerate(parts)
        if not any(keys[i] in other and (len(other) > len(keys[i]) or j < i) for j, other in enumerate(keys) if j != i)
    ]


def _joined(parts: Sequence[_Part], brief: Brief | None) -> str:
    """Write parts one after the other; words that would stand twice in a row or too long a single part are cut."""
    text = ""
    for part in _without_echoes(parts):
        text += (part.slot.prefix if text else "") + part.text + part.slot.suffix
    text = normal_form(text)
    if brief and not fits(text, brief.channel):
        text = _cut(text, brief.channel)
    return text


def _cut(text: str, channel: ChannelRules) -> str:
    """Cut a single part that is too long at a word's end, or between Han characters."""
    while text and not fits(text, channel):
        text = re.sub(rf"(?:\s*[{HAN}]|\s*\S+)$", "", text) if " " in text or is_han(text[-1]) else text[:-1]
    return text.rstrip(" ,-(（")
