"""A Brief as the language model reads it: a few short lines, within a budget of tokens, ending in "Title:".

The shop's present title is left out on purpose: in training Examples it is mostly "" (a good title is the answer, not
a source), so a model would meet it for the first time on just those products whose title is poor.
"""

from collections.abc import Sequence
from typing import Protocol

from ml_backend.contract import Brief

PROMPT_VERSION = 1  # an adapter knows only the prompt it was trained with: count up with every change of this module
PROMPT_TOKENS = 256
_ATTRIBUTE_SHARE = 0.6  # attributes may take so much of the budget before prose has had its turn: they are denser
_ENDING = "\nTitle:"


class Encoder(Protocol):
    """What this module needs of a tokenizer."""

    def encode(self, text: str, *, add_special_tokens: bool) -> list[int]:
        """Return token ids."""
        ...


def prompt_ids(brief: Brief, encoder: Encoder, budget: int = PROMPT_TOKENS) -> list[int]:
    """Return the prompt's token ids, `budget` at most; whole attribute lines are dropped before prose is cut."""
    ids = encoder.encode(heading(brief), add_special_tokens=True)[: budget // 2]
    ending = encoder.encode(_ENDING, add_special_tokens=False)
    room = budget - len(ending) - len(ids)
    prose = encoder.encode(f"\n{' '.join(brief.description.split())}", add_special_tokens=False)
    for_attributes = max(int(room * _ATTRIBUTE_SHARE), room - len(prose))
    lines = [encoder.encode(f"\n{name}: {value}", add_special_tokens=False) for name, value in brief.attributes]
    attributes = _lines_within(lines, for_attributes)
    room -= len(attributes)
    return [*ids, *attributes, *(prose[:room] if brief.description else []), *ending]


def heading(brief: Brief) -> str:
    """Return what stands before the attributes: language, channel and its limit, brand, category."""
    unit = "bytes" if brief.channel.length_unit == "gbk_bytes" else "characters"
    lines = [f"{brief.language}, {brief.channel.key}, {brief.channel.max_length} {unit}"]
    if brief.brand:
        lines.append(f"Brand: {brief.brand}")
    if brief.category:
        lines.append(f"Category: {' > '.join(brief.category)}")
    return "\n".join(lines)


def title_ids(title: str, encoder: Encoder, end: int) -> list[int]:
    """Return what the model shall answer: the title's token ids and the end token."""
    return [*encoder.encode(f" {title}", add_special_tokens=False), end]


def _lines_within(lines: Sequence[list[int]], budget: int) -> list[int]:
    """Return the first lines that fit, joined; a line too long for what is left is passed over."""
    kept: list[int] = []
    for line in lines:
        if len(kept) + len(line) <= budget:
            kept += line
    return kept
