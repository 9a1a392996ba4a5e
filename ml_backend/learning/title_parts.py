"""The parts of one draft: what they may say, how they are written one after the other, and cut to the channel's length.

Computes only. Which parts a catalog's habits ask for is decided in titler_template.py; here are only the plain ones
of a catalog without habits.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ml_backend.contract import Brief, ChannelRules
from ml_backend.learning.title_alignment import NOUN
from ml_backend.learning.title_facts import (
    BRAND,
    CATEGORY,
    COUNTED,
    LONGEST_VALUE,
    TYPE_FIELD,
    facts,
    field_name,
    key_of,
    says_something,
)
from ml_backend.learning.title_habits import Slot
from ml_backend.rules.faithfulness import unsupported_facts
from ml_backend.rules.policy import fits
from ml_backend.rules.text import HAN, is_han, normal_form

_MOST_DISTINGUISHING = 3
_DISTINGUISHING = re.compile(
    r"colou?r|material|fabric|size|capacity|volume|model|series|pattern|pack|quantity|weight|flavou?r|scent|"
    r"颜色|材质|面料|规格|容量|尺寸|尺码|型号|系列|口味|净含量|重量|数量"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A slot filled for one Brief."""

    slot: Slot
    text: str
    reason: str


def plain_parts(brief: Brief) -> list[Part]:
    """Return brand, noun and the attributes that tell the product from its like, for a catalog without habits."""
    known = [
        fact for fact in facts(brief) if fact.field not in (BRAND, CATEGORY) and not fact.field.startswith(COUNTED)
    ]
    kind = next((fact for fact in known if TYPE_FIELD.match(fact.field) and says_something(fact.value)), None)
    leaf = brief.category[-1] if brief.category else ""
    noun = kind.value if kind else leaf
    names = {field_name(name): normal_form(value) for name, value in brief.attributes}
    telling = [
        (name, value)
        for name, value in names.items()
        if 0 < len(value) <= LONGEST_VALUE
        and says_something(value)
        and not (kind and name == kind.field)
        and key_of(value) not in (key_of(noun), key_of(brief.brand))
    ]
    best = [pair for pair in telling if _DISTINGUISHING.search(pair[0])] or telling
    is_chinese = is_han(noun + brief.brand + brief.description)
    comma = " " if is_chinese else ", "
    given = [(BRAND, brief.brand, " "), ("type" if kind else CATEGORY, noun, "" if is_chinese else " ")]
    given += [(name, value, comma) for name, value in best[:_MOST_DISTINGUISHING]]
    return [
        Part(slot=slot, text=restyled(text, slot) if role != BRAND else text, reason=f"{role}: {text}")
        for role, text, prefix in given
        if text
        for slot in [Slot(role=role, rate=1.0, prefix=prefix, suffix="", is_titled=True)]
    ]


def restyled(value: str, slot: Slot) -> str:
    """Write a value that no title has shown yet as its slot's values are written."""
    text = normal_form(value.replace("_", " "))
    if slot.is_titled:
        text = re.sub(r"(?<![\w'’])(?<!\d )[a-z](?=[a-z])", lambda m: m[0].upper(), text)
    return text


def is_held(text: str, brief: Brief) -> bool:
    """Say whether the Brief supports all that a wording claims."""
    return not unsupported_facts(f"{brief.brand} {text}", brief)


def shortened(parts: Sequence[Part], channel: ChannelRules) -> list[Part]:
    """Drop parts from the end until the title fits, but never brand or noun before the others."""
    kept = list(parts)
    while len(kept) > 1 and not fits(joined(kept, None), channel):
        droppable = [part for part in kept if part.slot.role not in (BRAND, NOUN, CATEGORY)] or kept
        kept.remove(droppable[-1])
    return kept


def joined(parts: Sequence[Part], brief: Brief | None) -> str:
    """Write parts one after the other; words that would stand twice in a row or too long a single part are cut."""
    text = ""
    for part in _without_echoes(parts):
        text += (part.slot.prefix if text else "") + part.text + part.slot.suffix
    text = normal_form(text)
    if brief and not fits(text, brief.channel):
        text = _cut(text, brief.channel)
    return text


def _without_echoes(parts: Sequence[Part]) -> list[Part]:
    """Drop parts whose words stand in a longer part, or in an equal one before them."""
    keys = [f" {key_of(part.text)} " for part in parts]
    return [
        part
        for i, part in enumerate(parts)
        if not any(keys[i] in other and (len(other) > len(keys[i]) or j < i) for j, other in enumerate(keys) if j != i)
    ]


def _cut(text: str, channel: ChannelRules) -> str:
    """Cut a single part that is too long at a word's end, or between Han characters."""
    while text and not fits(text, channel):
        text = re.sub(rf"(?:\s*[{HAN}]|\s*\S+)$", "", text) if " " in text or is_han(text[-1]) else text[:-1]
    return text.rstrip(" ,-(（")
