"""How a catalog builds its titles: which roles stand in them, in which order, joined how, and what things are called.

Computes only: what is learnt from aligned titles. Spellings are in title_wording.py; drafts are composed in
titler_template.py.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ml_backend.learning.title_alignment import NOUN, AlignedTitle, Alignment, Span
from ml_backend.learning.title_facts import CATEGORY, TYPE_FIELD, key_of, says_something
from ml_backend.learning.title_wording import Wording, role_of

FIXED = "fixed: "  # begins the role of a word that stands in most titles of a category and is no noun: "Kids"
_LEAST_TITLES = 4  # fewer titles of a category say less of its habits than its parent's do
_LEAST_FIXED = 0.8  # a word that no fact speaks for must stand in nearly all titles of its category
_LEAST_NOUNS = 2
_CATALOG = ""  # the scope of last resort
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


def scopes(path: Sequence[str]) -> list[str]:
    """Return the scopes of a category from its leaf to the whole catalog."""
    return [" > ".join(path[:depth]) for depth in range(len(path), 0, -1)] + [_CATALOG]


def learned_habits(alignment: Alignment, wording: Wording) -> dict[str, Habit]:
    """Learn by scope (a category's path from the root, "" for the catalog), where there are titles enough."""
    by_scope: dict[str, list[AlignedTitle]] = defaultdict(list)
    for title in alignment.titles:
        for scope in scopes(title.path):
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
    could.update({role: len(titles) - n for role, n in used.items() if role.startswith(FIXED)})
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
        if not role.startswith(FIXED) or used[role] >= _LEAST_FIXED * len(titles)
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
        if span.field in (NOUN, CATEGORY) or TYPE_FIELD.match(span.field)
    )
    told = [noun for noun, n in counts.most_common() if n >= _LEAST_NOUNS]
    leaf = {key for path in paths if path for key in key_of(path[-1]).split()}
    return tuple(noun for noun in told if key_of(noun).split()[-1] in leaf) or tuple(told)


def _role_in(span: Span, title: AlignedTitle, wording: Wording, nouns: Sequence[str]) -> str:
    text = title.text(span.first, span.last)
    return f"{FIXED}{text}" if span.field == NOUN and nouns and text not in nouns else role_of(span, title, wording)


def _available(title: AlignedTitle, wording: Wording) -> set[str]:
    """Return the roles for which the product's columns or prose hold something."""
    columns = {wording.roles.get(fact.field, fact.field) for fact in title.facts if says_something(fact.value)}
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
