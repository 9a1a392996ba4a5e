"""What the thing is called: a draft says it once, and in the words of the product's category.

Computes only. Which nouns a category has is learnt in title_habits.py.
"""

from collections.abc import Sequence

from ml_backend.contract import Brief
from ml_backend.learning.title_alignment import NOUN
from ml_backend.learning.title_facts import BRAND, CATEGORY, TYPE_FIELD, key_of
from ml_backend.learning.title_habits import Habit
from ml_backend.learning.title_parts import Part, is_held, plain_parts
from ml_backend.rules.text import is_han

_THIN = 2  # words; a draft of no more beside the brand that does not say what the thing is tells nobody anything


def is_noun(part: Part, habit: Habit, brief: Brief) -> bool:
    """Say whether a part says what the thing is: by its role, or because a noun of the category ends as it does."""
    key = f" {key_of(part.text)} "
    is_named_so = part.slot.role in (NOUN, CATEGORY) or bool(TYPE_FIELD.match(part.slot.role))
    return is_named_so or any(f" {_head(noun, brief.category)} " in key for noun in habit.nouns)


def named_once(parts: list[Part], habit: Habit, brief: Brief) -> list[Part]:
    """Keep one of the parts that say what the thing is: rather one of the category's own nouns."""
    nouns = [part for part in parts if is_noun(part, habit, brief)]
    best = next((part for part in nouns if part.text in habit.nouns), nouns[0] if nouns else None)
    return [part for part in parts if part is best or part not in nouns]


def with_noun(parts: list[Part], habit: Habit, brief: Brief) -> list[Part]:
    """Put the category's noun where titles have it: the first that claims nothing the Brief does not hold."""
    order = [slot.role for slot in habit.slots]
    place = next((s for s in habit.slots if s.role == NOUN or TYPE_FIELD.match(s.role) or s.role == CATEGORY), None)
    text = next((noun for noun in habit.nouns if is_held(noun, brief)), None)
    if place is None or text is None:
        brand = [part for part in parts if part.slot.role == BRAND]
        rest = [part for part in parts if part.slot.role != BRAND]
        is_thin = len(key_of(" ".join(part.text for part in rest)).split()) <= _THIN
        kind = [part for part in plain_parts(brief) if part.slot.role != BRAND][:1]
        return [*brand, *kind, *rest] if is_thin else parts
    noun = Part(slot=place, text=text, reason=f"noun of the category: {text}")
    return sorted([*parts, noun], key=lambda part: order.index(part.slot.role))


def _head(noun: str, path: Sequence[str]) -> str:
    """Return the key of what a noun comes down to: its last word; in Han its last two characters, or one of the leaf's.

    So 杯 of 保温杯 will do where the category is 真空杯壶, but 幕 of 天幕 will not where it is 帐篷.
    """
    keys = key_of(noun).split()
    is_short = not is_han(noun) or (path and keys[-1] in path[-1])
    return " ".join(keys[-1:] if is_short else keys[-2:])
