"""What a tagger reads of a Brief, and where in it tags' names and aliases stand."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml_backend.contract import Brief, TagSpec
from ml_backend.rules.text import is_han, is_within_a_word, normal_form, words

States = NDArray[np.int8]
NONE, WEAK, STRONG = 0, 1, 2  # where a name or alias stands: nowhere, in prose only, in a title or column

_LONGEST_DESCRIPTION = 1500  # characters; sellers say what matters first
_END = "\n"  # between texts; a normal form holds none


@dataclass(frozen=True, slots=True, kw_only=True)
class TagText:
    """The three fields of a product: what a person reads first, what its columns hold, and its prose."""

    title: str
    columns: str
    prose: str

    @classmethod
    def of(cls, brief: Brief) -> "TagText":
        """Return a Brief's fields in normal form, in lower case, underscores as blanks."""
        named = [value if _speaks_for_itself(value) else f"{name} {value}" for name, value in brief.attributes]
        return cls(
            title=_lowered(brief.title),
            columns=_lowered(" | ".join([*brief.category, brief.brand, *named]).strip(" |")),
            prose=_lowered(brief.description[:_LONGEST_DESCRIPTION]),
        )

    @property
    def fields(self) -> tuple[str, str, str]:
        """Return title, columns and prose."""
        return self.title, self.columns, self.prose

    def alias_match(self, tag: TagSpec) -> str:
        """Return which of the tag's name and aliases stands in the text, "" for none; prose comes last."""
        for text in (f"{self.title} | {self.columns}", self.prose):
            for word in (tag.name, *tag.aliases):
                if any(True for _ in _places(_phrase(word), text)):
                    return word
        return ""


def alias_states(texts: Sequence[TagText], tags: Sequence[TagSpec]) -> States:
    """Return where each tag's name or alias stands in each text: (n, k), one of NONE, WEAK and STRONG."""
    states = np.zeros((len(texts), len(tags)), dtype=np.int8)
    strong = _Haystack(f"{text.title} | {text.columns}" for text in texts)
    weak = _Haystack(text.prose for text in texts)
    for j, tag in enumerate(tags):
        for phrase in {_phrase(word) for word in (tag.name, *tag.aliases)} - {""}:
            for state, haystack in ((WEAK, weak), (STRONG, strong)):
                rows = haystack.rows_with(phrase)
                states[rows, j] = np.maximum(states[rows, j], state)
    return states


class _Haystack:
    """Many texts as one, so that a phrase is looked for at the speed of memory."""

    def __init__(self, texts: Iterator[str]) -> None:
        self._starts = [0]
        parts = []
        for text in texts:
            parts.append(text)
            self._starts.append(self._starts[-1] + len(text) + 1)
        self._all = _END.join(parts)

    def rows_with(self, phrase: str) -> list[int]:
        """Return the texts in which a phrase stands, in order."""
        return list(dict.fromkeys(bisect_right(self._starts, at) - 1 for at in _places(phrase, self._all)))


def _places(phrase: str, text: str) -> Iterator[int]:
    """Yield where a phrase stands: whole words if Latin, anywhere if Han."""
    at, anywhere = text.find(phrase) if phrase else -1, is_han(phrase)
    while at >= 0:
        if anywhere or not is_within_a_word(text, at, len(phrase)):
            yield at
        at = text.find(phrase, at + 1)


def _phrase(word: str) -> str:
    return _lowered(word)


def _lowered(text: str) -> str:
    return re.sub(r"\s+", " ", normal_form(text).lower().replace("_", " ")).strip()


def _speaks_for_itself(value: str) -> bool:
    """Say whether a column's value means something without its name; a single word, as yes or 3, does not."""
    return len(words(value)) > 1
