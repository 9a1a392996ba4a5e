"""Edits a near product's title to this product: its values in place of the other's, and nothing that it does not hold.

Computes only. A value of the other product that stands in the title gives way to this product's value of the same
field, or goes; then every number, code or name without support goes too.
"""

import re
from collections.abc import Iterator

from ml_backend.contract import Brief
from ml_backend.learning.title_facts import field_name, says_something
from ml_backend.rules.extraction import DESCRIPTION, extracted
from ml_backend.rules.faithfulness import findings, hard_facts
from ml_backend.rules.repair import repaired
from ml_backend.rules.sources import source_text
from ml_backend.rules.text import HAN, holds, is_han, is_within_a_word, normal_form

_MOST_ROUNDS = 5  # cutting one fact may bare another ("2 x 500 ml")
_BRAND = "brand"
_SEVERAL = re.compile(r"[,，、/;；|]")
_LONGEST_VALUE = 40  # characters; longer values are prose
_EMPTY_BRACKETS = re.compile(r"[(\[【（]\s*[)\]】）]")
_LONE_APOSTROPHE = re.compile(r"(?:^|(?<=\s))['’]s?(?=\s|$)")  # what a cut "Men" leaves of Men's
_BLANK_BEFORE_MARK = re.compile(r"\s+([,;:.!?，；：。])")
_DOUBLED_JOINT = re.compile(r"([,;:，；：/&+|-])(?:\s*[,;:，；：/&+|])+")
_DANGLING_END = re.compile(r"(?:\s*(?:[-,;:/&+|，；：(（\[【]|\b(?:with|for|and|of|in|by)\b))+\s*$", re.IGNORECASE)
_LOOSE_END = re.compile(r"^[\s\-,;:/&+|，；：)）\]】.]+")
_BLANK_AT_HAN = re.compile(rf"\s+(?=[{HAN}])|(?<=[{HAN}])\s{{2,}}")
_COUNTED = frozenset("人件只双个条片包瓶支盒层套款级")
_FIRST_LETTERS = re.compile(r"(?<![\w'’])[a-z]")


def edited(title: str, other: Brief, own: Brief) -> str:
    """Return the title of `other` as it would be for `own`; "" if nothing of it can stay."""
    title = normal_form(title)
    held = source_text(own)
    for theirs, ours in _differences(other, own, held):
        if holds(title, theirs):
            title = _replaced(title, theirs, "" if holds(title, ours) else ours)
    return mended(title, own)


def mended(title: str, brief: Brief) -> str:
    """Return a title without the hard facts that the Brief does not hold and fit for its channel; "" if it can't be."""
    title = normal_form(title)
    for _ in range(_MOST_ROUNDS):
        wrong = [finding.text for finding in findings(title, brief) if finding.is_hard]
        cut = title
        for text in wrong:
            cut = _replaced(cut, text, "")
        cut = repaired(tidy(cut), brief.channel, names=brief.brand)
        if cut == title:
            return "" if wrong else title
        title = cut
    return "" if hard_facts(title, brief) else title


def tidy(title: str) -> str:
    """Mend what cutting leaves: empty brackets, doubled or dangling joints, blanks before commas."""
    title = _EMPTY_BRACKETS.sub(" ", _LONE_APOSTROPHE.sub(" ", title))
    title = _BLANK_BEFORE_MARK.sub(r"\1", title)
    title = _DOUBLED_JOINT.sub(r"\1", title)
    title = _LOOSE_END.sub("", _DANGLING_END.sub("", title))
    return " ".join(title.split())


def _differences(other: Brief, own: Brief, held: str) -> Iterator[tuple[str, str]]:
    """Yield the other's values that this product does not hold, each with this product's value of that field or ""."""
    ours = dict(_fields(own))
    for name, whole in _fields(other):
        mine = _single(ours.get(name, ""))
        for value in dict.fromkeys([whole, *_SEVERAL.split(whole)]):
            value = normal_form(value)
            if _is_worth_it(value) and not holds(held, value):
                yield value, mine


def _fields(brief: Brief) -> list[tuple[str, str]]:
    """Return the brand, the columns, and what the prose tells by its kind: "colour" where no column holds one."""
    columns = [(field_name(name), value) for name, value in brief.attributes]
    told = [(f"prose: {fact.name or fact.kind}", fact.value) for fact in extracted(brief) if fact.field == DESCRIPTION]
    return [(_BRAND, brief.brand), *columns, *told]


def _single(value: str) -> str:
    """Return a value that can stand in a title: the first of several, nothing for prose."""
    first = normal_form(_SEVERAL.split(value)[0]) if value else ""
    return first if says_something(first) and len(first) <= _LONGEST_VALUE else ""


def _is_worth_it(value: str) -> bool:
    return (2 if is_han(value) else 1) <= len(value) <= _LONGEST_VALUE and says_something(value)


def _replaced(title: str, old: str, new: str) -> str:
    """Put `new` for every `old` that stands as whole words; within a longer run it can only go: 2021 of 2021新款."""
    places = [start for start in _places(title, old) if is_han(old) or not is_within_a_word(title, start, len(old))]
    if not places:
        return title if new else title.replace(old, "")
    for start in reversed(places):
        end = start + len(old)
        if not new and old[-1].isdigit():  # what was counted goes with its number: 3人 and 2-3人
            end += title[end : end + 1] in _COUNTED
            start -= len(title[:start]) - len(title[:start].rstrip("-~"))
        title = title[:start] + _in_case_of(title[start:end], new) + title[end:]
    return _BLANK_AT_HAN.sub(" ", title)


def _places(title: str, text: str) -> list[int]:
    """Return where a text stands, whatever its case, without overlaps."""
    lower, sought, places = title.lower(), text.lower(), []
    if len(lower) != len(title):  # a letter whose small form is longer would shift every place behind it
        lower, sought = title, text
    start = lower.find(sought)
    while start >= 0 and sought:
        places.append(start)
        start = lower.find(sought, start + len(sought))
    return places


def _in_case_of(old: str, new: str) -> str:
    if old.isupper() and len(old) > 1:
        return new.upper() if new.islower() else new
    if old[:1].isupper() and new.islower():
        return _FIRST_LETTERS.sub(lambda m: m[0].upper(), new)
    return new
