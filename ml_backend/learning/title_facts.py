"""What a Brief says, in a form in which titles and Briefs can be compared: facts, cues of the prose, keys of words.

Computes only. A **key** is a text in lower case, cut into words, numbers and Han characters, without plurals. What of
it stands in a title is found in title_alignment.py.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from ml_backend.contract import Brief
from ml_backend.rules.numerals import in_digits
from ml_backend.rules.quantities import is_supported, quantities
from ml_backend.rules.text import HAN, is_han, normal_form

BRAND, CATEGORY = "brand", "category"  # the fields that every Brief has
COUNTED = "prose: "  # begins the field of a number that only the prose holds, before what it counts
LONGEST_VALUE = 25  # characters
# Columns that say what the thing is.
TYPE_FIELD = re.compile(
    rf"(?!{COUNTED}).*(?:\b(?:type|kind|product|item|style of product)\b|类型|类别|品类|品名|种类|名称)"
)
_MEANINGLESS = frozenset("yes no true false n/a na none other others null 是 否 有 无 其他 其它 不限 通用".split())  # noqa: SIM905
_TOKEN = re.compile(rf"[{HAN}]|\d+(?:[.,]\d+)?[\"″”]?|(?:(?![{HAN}])[^\W\d_])+(?:['’]s\b)?")
_LABEL = re.compile(r"^[^\W\d][\w ]{0,19}[:：]\s*(?=\S)")  # "Material: Stoneware" in a column of odds and ends
_LONGEST_CUE = 4
_LONGEST_HAN_CUE = 6
_LONGEST_PROSE = 1500  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A word of a text with its place; the key forgets case and plural."""

    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What a field of a Brief says; key is its value's."""

    field: str
    value: str
    key: str


def tokens(text: str) -> list[Token]:
    """Cut text in normal form into words, numbers and Han characters."""
    return [Token(key=_key(match[0]), start=match.start(), end=match.end()) for match in _TOKEN.finditer(text)]


@lru_cache(maxsize=100_000)
def key_of(text: str) -> str:
    """Return a text's key."""
    return " ".join(token.key for token in tokens(normal_form(text)))


def facts(brief: Brief) -> list[Fact]:
    """Return brand, leaf category and attributes, a value of several parts also part by part; then the prose's numbers.

    The last are such as "28 liters", in a field of their own, where no column holds the quantity.
    """
    found = [(BRAND, brief.brand), *([(CATEGORY, brief.category[-1])] if brief.category else [])]
    for name, value in brief.attributes:
        parts = [part.strip() for part in re.split(r"[,，、/;；(（)）]", value)]
        found += [(field_name(name), _LABEL.sub("", part)) for part in dict.fromkeys([value, *parts]) if part]
    known = [Fact(field=name, value=normal_form(value), key=key) for name, value in found if (key := key_of(value))]
    columns = quantities(" | ".join(value for _, value in brief.attributes))
    counted = [fact for fact in _counted(brief.description) if not is_supported(quantities(fact.value)[0], columns)]
    return known + counted


def _counted(description: str) -> list[Fact]:
    """Return each number of the prose with the word after it."""
    text = in_digits(normal_form(description[:_LONGEST_PROSE]))
    own = tokens(text)
    found = [
        Fact(field=f"{COUNTED}{word.key}", value=text[number.start : word.end], key=f"{number.key} {word.key}")
        for number, word in pairwise(own)
        if number.key[0].isdigit() and word.key.isalpha() and len(text[number.end : word.start].strip(" -")) == 0
    ]
    return list(dict.fromkeys(found))


def field_name(name: str) -> str:
    """Return a column's name as it is compared: "Item_Type" is "item type"."""
    return " ".join(normal_form(name).lower().replace("_", " ").split())


def says_something(value: str) -> bool:
    """Say whether a value is worth a place in a title: no bare "yes" or "n/a", and no paragraph."""
    return len(value) <= 2 * LONGEST_VALUE and value.lower() not in _MEANINGLESS


def prose_cues(description: str) -> frozenset[str]:
    """Return every run of 1 to 4 words (2 to 6 Han characters) of a description that no sentence mark cuts."""
    cues: set[str] = set()
    for sentence in re.split(r"[.!?;:。！？；：|\n](?!\d)", normal_form(description[:_LONGEST_PROSE])):
        keys = [token.key for token in tokens(sentence)]
        has_han = is_han(sentence)
        least, longest = (2, _LONGEST_HAN_CUE) if has_han else (1, _LONGEST_CUE)
        for n in range(least, longest + 1):
            cues.update(" ".join(keys[i : i + n]) for i in range(len(keys) - n + 1))
    return frozenset(cues)


@lru_cache(maxsize=100_000)
def _key(word: str) -> str:
    word = word.lower().rstrip('"″”')
    if word.isascii() and word.isalpha() and len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word
