"""Finds the words of a list in a text, and says whether a word's family stands in another."""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from ml_backend.rules.text import is_han
from ml_backend.rules.word_lists import Families


class WordFamilies:
    """A list of families compiled for looking up: one expression instead of one search per word.

    A word may belong to several families (米色 is a white and a beige) and is supported by any member of any of them.
    """

    def __init__(self, families: Families) -> None:
        self._families = families

    def matches(self, text: str) -> Iterator[re.Match[str]]:
        """Find the listed words of a text in lower case, the longest where several begin; single Han ones too."""
        return self._any_word.finditer(text)

    def members(self, text: str) -> list[str]:
        """Return the listed words of a text in lower case."""
        return [match[0] for match in self.matches(text)]

    def kinds(self, words: Iterable[str]) -> frozenset[int]:
        """Return the families of some listed words."""
        return frozenset(kind for word in words for kind in self._kinds[word])

    @cached_property
    def _kinds(self) -> dict[str, frozenset[int]]:
        kinds: dict[str, set[int]] = {}
        for kind, family in enumerate(self._families):
            for word in family:
                kinds.setdefault(word, set()).add(kind)
        return {word: frozenset(of_word) for word, of_word in kinds.items()}

    @cached_property
    def _any_word(self) -> re.Pattern[str]:
        longest_first = sorted(self._kinds, key=len, reverse=True)
        han = "|".join(re.escape(word) for word in longest_first if is_han(word))
        latin = "|".join(re.escape(word) for word in longest_first if not is_han(word))
        return re.compile(rf"{han}|(?<![a-z0-9])(?:{latin})(?![a-z0-9])")
