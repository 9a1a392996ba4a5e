"""A Brief as the language model reads it: a few short lines, within a budget of tokens, ending in "Title:".

Which fields are shown, in which order and how much prose, is learnt from titles (PromptForm): what never stands in a
title costs reading time at every training step and draft, and hides what does. The shop's present title is left out on
purpose: in training Examples it is mostly "" (a good title is the answer, not a source), so a model would meet it for
the first time on just those products whose title is poor.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from ml_backend.contract import Brief, Example
from ml_backend.rules.text import words

PROMPT_VERSION = 2  # an adapter knows only the prompt it was trained with: count up with every change of this module
PROMPT_TOKENS = 256
_ATTRIBUTE_SHARE = 0.6  # attributes may take so much of the budget before prose has had its turn: they are denser
_ENDING = "\nTitle:"

_LEAST_USE = 0.12  # of the title words' share that an attribute tells; package sizes stay below, colours above
_DOUBT = 2.0  # so many imagined products, told as well as the average attribute tells, stand beside a name's own
_PROSE_SHARE = 0.95  # of what titles take from prose stands before where it is cut …
_LEAST_PROSE, _ALL_PROSE = 120, 2_000  # … in characters; a sentence at least, and nobody's title needs over a page
_LONGEST_VALUE = 100  # characters; what is longer is a list or prose, and a title takes from its beginning
_N_LEVELS = 3  # of the category, from the leaf: higher ones cost tokens in every prompt and tell titles nothing


class Encoder(Protocol):
    """What this module needs of a tokenizer."""

    def encode(self, text: str, *, add_special_tokens: bool) -> list[int]:
        """Return token ids."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptForm:
    """What of a catalog's Briefs is shown.

    names_channel: language, channel and limit are told, since the catalog's titles are made for several.
    use holds for every attribute name seen how much of its values titles tell, [0, 1]: more useful ones come first,
    useless ones are left out, names never seen count as `unseen_use`. prose_characters is where prose is cut.
    """

    use: dict[str, float] = field(default_factory=dict)
    unseen_use: float = 1.0
    names_channel: bool = True
    prose_characters: int = _ALL_PROSE

    @classmethod
    def learned(cls, examples: Sequence[Example]) -> PromptForm:
        """Return the form for a catalog whose titles are these; without any title everything is shown."""
        told: dict[str, list[float]] = defaultdict(list)
        for example in examples:
            title = set(words(example.title or ""))
            for name, value in example.brief.attributes if title else ():
                told[name].append(_told(value, title))
        n = sum(map(len, told.values()))
        average = sum(map(sum, told.values())) / n if n else 1.0
        form = cls(
            use={name: (sum(own) + _DOUBT * average) / (len(own) + _DOUBT) for name, own in sorted(told.items())},
            unseen_use=average,
            names_channel=len({_market(example.brief) for example in examples}) != 1,
        )
        return replace(form, prose_characters=form._prose_needed(examples))

    @classmethod
    def of_json(cls, data: dict[str, Any]) -> PromptForm:
        """Return the form that `dataclasses.asdict` was made of; raises KeyError, TypeError or ValueError."""
        return cls(
            use={str(name): float(use) for name, use in data["use"].items()},
            unseen_use=float(data["unseen_use"]),
            names_channel=bool(data["names_channel"]),
            prose_characters=int(data["prose_characters"]),
        )

    def attributes(self, brief: Brief) -> list[tuple[str, str]]:
        """Return the attributes worth showing, the most useful first, without what brand or another one says too."""
        shown: list[tuple[str, str]] = []
        said = brief.brand.lower()
        for name, value in sorted(brief.attributes, key=lambda attribute: -self._use(attribute[0])):
            if self._use(name) >= _LEAST_USE and value.lower() not in said:
                shown.append((name, _cut(value, _LONGEST_VALUE)))
                said += f"\n{value.lower()}"
        return shown

    def prose(self, brief: Brief) -> str:
        """Return the description's beginning, "" when a shown attribute says the same."""
        text = _cut(" ".join(brief.description.split()), self.prose_characters)
        return "" if any(text.lower() in value.lower() for _, value in self.attributes(brief)) else text

    def _use(self, name: str) -> float:
        return self.use.get(name, self.unseen_use)

    def _prose_needed(self, examples: Iterable[Example]) -> int:
        """Return the characters of prose before which stands most of what titles take from there alone."""
        ends: list[int] = []
        for example in examples:
            brief = example.brief
            elsewhere = [brief.brand, *brief.category, *(value for _, value in self.attributes(brief))]
            prose = " ".join(brief.description.split()).lower()
            missing = set(words(example.title or "")) - set(words(" ".join(elsewhere)))
            ends += _ends(prose, missing)
        if not ends:
            return _ALL_PROSE if not self.use else _LEAST_PROSE
        ends.sort()
        return min(max(_LEAST_PROSE, ends[int(_PROSE_SHARE * (len(ends) - 1))]), _ALL_PROSE)


EVERYTHING = PromptForm()


def prompt_ids(
    brief: Brief,
    encoder: Encoder,
    form: PromptForm = EVERYTHING,
    budget: int = PROMPT_TOKENS,
    *,
    like: Sequence[str] = (),
) -> list[int]:
    """Return the prompt's token ids, `budget` at most; whole attribute lines are dropped before prose is cut.

    like holds titles of products that resemble this one.
    """
    shown = "".join(f"\nLike: {_cut(title, _LONGEST_VALUE)}" for title in like)
    ids = encoder.encode(heading(brief, form) + shown, add_special_tokens=True)[: budget // 2]
    ending = encoder.encode(_ENDING, add_special_tokens=False)
    room = budget - len(ending) - len(ids)
    text = form.prose(brief)
    prose = encoder.encode(f"\n{text}", add_special_tokens=False) if text else []
    for_attributes = max(int(room * _ATTRIBUTE_SHARE), room - len(prose))
    lines = [encoder.encode(f"\n{name}: {value}", add_special_tokens=False) for name, value in form.attributes(brief)]
    attributes = _lines_within(lines, for_attributes)
    room -= len(attributes)
    return [*ids, *attributes, *prose[:room], *ending]


def heading(brief: Brief, form: PromptForm) -> str:
    """Return what stands before the attributes: the channel where there are several, brand, category's last levels."""
    lines = [", ".join(_market(brief))] if form.names_channel else []
    if brief.brand:
        lines.append(f"Brand: {brief.brand}")
    if brief.category:
        lines.append(f"Category: {' > '.join(brief.category[-_N_LEVELS:])}")
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


def _market(brief: Brief) -> tuple[str, str, str]:
    unit = "bytes" if brief.channel.length_unit == "gbk_bytes" else "characters"
    return brief.language, brief.channel.key, f"{brief.channel.max_length} {unit}"


def _cut(text: str, most: int) -> str:
    """Return whole words of `most` characters at most; a text without blanks is cut anywhere."""
    if len(text) <= most:
        return text
    return text[:most].rsplit(" ", 1)[0]


def _told(value: str, title: Collection[str]) -> float:
    """Return which share of a value's words a title tells, [0, 1]."""
    own = set(words(value))
    return len(own & set(title)) / len(own) if own else 0.0


def _ends(prose: str, wanted: Iterable[str]) -> list[int]:
    """Return where the first occurrence of each wanted word ends, for those that occur."""
    return [at + len(word) for word in wanted if (at := prose.find(word)) >= 0]
