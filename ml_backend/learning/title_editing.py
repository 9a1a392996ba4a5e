"""Edits a near product's title to this product: its values in place of the other's, and nothing that it does not hold.

Computes only. A value of the other product that stands in the title gives way to this product's value of the same
field, or goes; then every number, code or name without support goes too.
"""

import re
from collections.abc import Iterator

from ml_backend.contract import Brief
from ml_backend.learning.title_facts import field_name, says_something
from ml_backend.rules.faithfulness import findings, source_text
from ml_backend.rules.repair import repaired
from ml_backend.rules.text import HAN, holds, is_han, normal_form

_MOST_ROUNDS = 3  # cutting one fact may bare another ("2 x 500 ml")
_BRAND = "brand"
_SEVERAL = re.compile(r"[,，、/;；|]")
_LONGEST_VALUE = 40  # characters; longer values are prose


def edited(title: str, other: Brief, own: Brief) -> str:
    """Return the title of `other` as it would be for `own`; "" if nothing of it can stay."""
    title = normal_form(title)
    held = source_text(own)
    for theirs, ours in _differences(other, own, held):
        if holds(title, theirs):
            title = _replaced(title, theirs, "" if holds(title, ours) else ours)
    return mended(title, own)


def mended(title: str, brief: Brief) -> str:
    """Return a title without the hard facts that the Brief does not hold; "" if nothing else is left."""
    title = normal_form(title)
    for _ in range(_MOST_ROUNDS):
        wrong = [finding.text for finding in findings(title, brief) if finding.is_hard]
        for text in wrong:
            title = _replaced(title, text, "")
        title = tidy(title)
        if not wrong:
            break
    return repaired(title, brief.channel, names=brief.brand)


def tidy(title: str) -> str:
    """Mend what cutting leaves: empty brackets, doubled or dangling joints, blanks before commas."""
    title = re.sub(r"[(\[【（]\s*[)\]】）]", " ", title)
    title = re.sub(r"\s+([,;:.!?，；：。])", r"\1", title)
    title = re.sub(r"([,;:，；：/&+|-])(?:\s*[,;:，；：/&+|])+", r"\1", title)
    title = re.sub(
        r"(?:\s*(?:[-,;:/&+|，；：(（\[【]|\b(?:with|for|and|of|in|by)\b))+\s*$", "", title, flags=re.IGNORECASE
    )
    title = re.sub(r"^[\s\-,;:/&+|，；：)）\]】.]+", "", title)
    return " ".join(title.split())


def _differences(other: Brief, own: Brief, held: str) -> Iterator[tuple[str, str]]:
    """Yield the other's values that this product does not hold, each with this product's value of that field or ""."""
    ours = {field_name(name): value for name, value in own.attributes} | {_BRAND: own.brand}
    theirs = [(_BRAND, other.brand), *((field_name(name), value) for name, value in other.attributes)]
    for name, whole in theirs:
        mine = _single(ours.get(name, ""))
        for value in dict.fromkeys([whole, *_SEVERAL.split(whole)]):
            value = normal_form(value)
            if _is_worth_it(value) and not holds(held, value):
                yield value, mine


def _single(value: str) -> str:
    """Return a value that can stand in a title: the first of several, nothing for prose."""
    first = normal_form(_SEVERAL.split(value)[0]) if value else ""
    return first if says_something(first) and len(first) <= _LONGEST_VALUE else ""


def _is_worth_it(value: str) -> bool:
    return (2 if is_han(value) else 1) <= len(value) <= _LONGEST_VALUE and says_something(value)


def _replaced(title: str, old: str, new: str) -> str:
    pattern = re.escape(old) if is_han(old) else rf"(?<![A-Za-z0-9]){re.escape(old)}(?![A-Za-z0-9])"

    def written(match: re.Match[str]) -> str:
        return _in_case_of(match[0], new)

    replaced = re.sub(pattern, written, title, flags=re.IGNORECASE)
    if replaced == title and not new:  # a fact may stand inside a longer run: 2021 of 2021新款
        replaced = title.replace(old, "")
    return re.sub(rf"\s+(?=[{HAN}])|(?<=[{HAN}])\s{{2,}}", " ", replaced)


def _in_case_of(old: str, new: str) -> str:
    if old.isupper() and len(old) > 1:
        return new.upper() if new.islower() else new
    if old[:1].isupper() and new.islower():
        return re.sub(r"(?<![\w'’])[a-z]", lambda m: m[0].upper(), new)
    return new
