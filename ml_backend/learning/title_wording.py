"""How a catalog spells facts in its titles: learnt from aligned titles, looked up when a draft is composed.

Computes only. Which facts stand in a title, and in which order, is in title_habits.py.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from ml_backend.learning.title_alignment import NOUN, TOLD, AlignedTitle, Alignment, Span, numbers_abstracted
from ml_backend.learning.title_facts import BRAND, CATEGORY


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

    def spelling(self, key: str) -> str:
        """Return how titles spell the value with this key; "" when none has shown it."""
        if key in self.rewrites:
            return self.rewrites[key]
        numbers = list(dict.fromkeys(k for k in key.split() if k[0].isdigit()))
        pattern = " ".join(f"#{numbers.index(k)}" if k in numbers else k for k in key.split())
        surface = self.patterns.get(pattern, "") if numbers else ""
        return re.sub(r"#(\d)", lambda m: numbers[int(m[1])], surface)


def learned_wording(alignment: Alignment) -> Wording:
    """Learn from the spans of all titles; the commonest spelling of each fact wins."""
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


def role_of(span: Span, title: AlignedTitle, wording: Wording) -> str:
    """Return what the span's field, or its phrase, is to the titles of the catalog."""
    if span.field == TOLD:
        return wording.phrase_roles.get(title.key(span.first, span.last), TOLD)
    return wording.roles.get(span.field, span.field)


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
