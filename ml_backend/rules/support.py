"""Which words of a title the Brief has, and where: what is marked in the source, and what stands nowhere.

By the word as it is written, its number apart; by runs of two Han characters and more. What is a fact and what
contradicts one is for faithfulness.py to say: a word that stands nowhere may still be right ("ladies" for "women").
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from ml_backend.contract import Brief
from ml_backend.rules.quantities import is_unit
from ml_backend.rules.text import HAN, word_set

_LATIN = rf"(?:(?![{HAN}\d])[^\W_])"
# A model code is one word (E26, X-200B); a number is apart from its unit, which may be written with a blank or not.
_TOKEN = re.compile(
    rf"(?P<han>[{HAN}]+)|{_LATIN}+-?\d(?:(?![{HAN}])[\w-])*|\d+(?:[.,]\d+)*|{_LATIN}+(?:['’]{_LATIN}+)*"
)
_LEAST_HAN = 2  # one character alone stands in any text
_JOINTS = word_set("a an and at by for from in of on or per the to with x")
_LEAST_STEM = 3  # letters that a plural's end is taken from


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a text, and whether a title has it too."""

    text: str
    is_shared: bool


def stretches(text: str, title: str) -> tuple[Stretch, ...]:
    """Cut a text into what the title has too and what it has not; joined again they are the text."""
    found, end = [], 0
    for start, stop in _shared(text, title):
        found += [Stretch(text[end:start], is_shared=False), Stretch(text[start:stop], is_shared=True)]
        end = stop
    found.append(Stretch(text[end:], is_shared=False))
    return tuple(stretch for stretch in found if stretch.text)


def words_without_support(title: str, brief: Brief) -> tuple[str, ...]:
    """Return the title's words that stand nowhere in the Brief's facts and description, in their order, each once.

    Figures are left to faithfulness.py, which knows units; the present title is no source.
    """
    values = (value for attribute in brief.attributes for value in attribute)
    source = "\n".join([brief.brand, *brief.category, *values, brief.description])
    missing: dict[str, str] = {}
    for stretch in stretches(title, source):
        if not stretch.is_shared:
            for word in _telling_words(stretch.text):
                missing.setdefault(_stem(word), word)
    return tuple(missing.values())


def _shared(text: str, title: str) -> list[tuple[int, int]]:
    stems = {_stem(match[0]) for match in _TOKEN.finditer(title) if not match["han"]}
    han = [match["han"] for match in _TOKEN.finditer(title) if match["han"]]
    found: list[tuple[int, int]] = []
    for match in _TOKEN.finditer(text):
        if match["han"]:
            found += _shared_han(match["han"], match.start(), han)
        elif _stem(match[0]) in stems and match[0].lower() not in _JOINTS and (len(match[0]) > 1 or match[0].isdigit()):
            found.append(match.span())
    return found


def _shared_han(run: str, offset: int, others: Collection[str]) -> Iterable[tuple[int, int]]:
    """Find the longest pieces, from the left, that stand in another run too."""
    start = 0
    while start + _LEAST_HAN <= len(run):
        stop = start + _LEAST_HAN
        if not any(run[start:stop] in other for other in others):
            start += 1
            continue
        while stop < len(run) and any(run[start : stop + 1] in other for other in others):
            stop += 1
        yield offset + start, offset + stop
        start = stop


def _telling_words(text: str) -> Iterable[str]:
    for match in _TOKEN.finditer(text):
        word = match[0].lower()
        if len(word) > 1 and not word[0].isdigit() and word not in _JOINTS and not is_unit(word):
            yield match[0]


def _stem(word: str) -> str:
    """Return a word without case, genitive and plural; a number without idle noughts."""
    word = unicodedata.normalize("NFKC", word).lower().replace("’", "'").removesuffix("'s")
    if word[0].isdigit():
        return word.rstrip("0").rstrip(".") if "." in word else word
    if len(word) > _LEAST_STEM + 1 and word.endswith("es") and word[-3] in "sxzh":
        return word[:-2]
    return word[:-1] if len(word) > _LEAST_STEM and word.endswith("s") and not word.endswith("ss") else word
