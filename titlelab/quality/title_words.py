"""A title as the words that its edits are counted in, and what sort of fact a word tells. Computes only."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import rjieba

from ml_backend.rules.genders import audiences
from ml_backend.rules.numerals import in_digits
from ml_backend.rules.quantities import digit_quantities, is_unit
from ml_backend.rules.text import HAN, word_set
from ml_backend.rules.word_lists import CLAIMS, COLOURS, MATERIALS, SIZES

Sort = Literal["number", "colour", "material", "size", "claim", "audience", "filler", ""]

_RUN = re.compile(
    rf"(?P<han>[{HAN}]+)"
    r"|fl(?:uid|\.)?\s?(?:oz|ounces?)(?![^\W_])"
    rf"|\d+(?:[-–~.,/x×*]\d+)*(?:(?![{HAN}])[^\W_])*(?:[%\"″”]|°[CF]?)?"
    rf"|(?:(?![{HAN}])[^\W_])+(?:[-'’&.](?:(?![{HAN}])[^\W_])+)*",
    re.IGNORECASE,
)
_JOINTS = re.compile(r"['’&\s]|(?<!\d)-|-(?!\d)|(?<=\d),(?=\d{3}(?!\d))|(?<!\d)\.|\.(?!\d)")
_UNIT_LENGTHS = (3, 2, 1)  # of Chinese units, the longest first: 毫安时, 毫升, 克
_COUNTED = frozenset("人页层格档季款色级代码口门位座孔齿")
_UNIT_GAPS = ("", " ", "-")
_FLUID_OUNCES = word_set("floz flounce flounces fluidoz fluidounce fluidounces")
_BARE_NUMBER = re.compile(r"[-–~.,/x×*\d]+")
_NUMBER_START = re.compile(r"\d")
# One of these says how a thing is built as often as it counts.
_SETS = word_set("single double twin pair couple triple quadruple one")
_FILLERS = word_set("""
    a an the and or with for of in on at by to from as is it its this that your our & plus also very
    的 之 款 式 等 和 与 及 或 了 着 是 用 适用 适合 专用 款式 系列 产品 商品
""")
_SORTS: dict[str, Sort] = {}
_FAMILIES: tuple[tuple[Sort, tuple[tuple[str, ...], ...]], ...] = (
    ("colour", COLOURS), ("material", MATERIALS), ("claim", CLAIMS), ("size", SIZES),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TitleWord:
    """A word as it stands: gap is what stands between it and the word before, at counts words from the front.

    Words of one key are the same word.
    """

    text: str
    key: str
    gap: str
    at: int


def title_words(title: str) -> tuple[list[TitleWord], str]:
    """Return the words of a title in order, and what stands after the last.

    Gaps, texts and the end joined are the title. Chinese is cut by the dictionary; a number and its unit are one word.
    """
    words: list[TitleWord] = []
    end = 0
    for start, text in _texts(title):
        gap, end = title[end:start], start + len(text)
        if words and gap in _UNIT_GAPS and _is_unit(text) and _is_bare_number(words[-1].key):
            last = words.pop()
            words.append(TitleWord(f"{last.text}{gap}{text}", in_digits(last.key) + key_of(text), last.gap, last.at))
        else:
            words.append(TitleWord(text, key_of(text), gap, len(words)))
    return words, title[end:]


def written(words: Iterable[TitleWord]) -> str:
    """Return words as one text, with the gaps that stood between them, and … for words that are left out."""
    parts: list[str] = []
    at = 0
    for word in words:
        if parts:
            parts.append(word.gap if word.at == at + 1 else " … ")
        parts.append(word.text)
        at = word.at
    return "".join(parts)


@lru_cache(maxsize=65536)
def key_of(text: str) -> str:
    """Return what makes two spellings one word: no case, no width, no joints (T-Shirt, tshirt; 2-Pack, 2 pack)."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return _JOINTS.sub("", plain.casefold()) or plain


@lru_cache(maxsize=65536)
def sort_of(key: str) -> Sort:
    """Return what sort of fact a word tells by itself, "" for names of things and whatever no list has."""
    if _NUMBER_START.match(key) or _is_number_in_words(key):
        return "number"
    if key in _FILLERS:
        return "filler"
    return _SORTS.get(key) or ("audience" if audiences(key) else "")


@lru_cache(maxsize=65536)
def unit_of(key: str) -> str:
    """Return the canonical unit of a number, "" for a bare one."""
    return next((q.unit for q in digit_quantities(in_digits(key)) if q.unit), "")


def _texts(title: str) -> Iterator[tuple[int, str]]:
    for match in _RUN.finditer(title):
        start = match.start()
        if match.lastgroup != "han":
            yield start, match[0]
            continue
        for word in _han_words(match[0], follows_number=start > 0 and title[start - 1].isdigit()):
            yield start, word
            start += len(word)


def _han_words(run: str, *, follows_number: bool) -> Iterator[str]:
    """Cut by the dictionary, after what a number counts: in 3人防雨帐篷 it would see air defence, 人防."""
    n = next((n for n in _UNIT_LENGTHS if is_unit(run[:n])), int(run[0] in _COUNTED)) if follows_number else 0
    if n:
        yield run[:n]
    yield from rjieba.cut(run[n:])


@lru_cache(maxsize=65536)
def _is_unit(text: str) -> bool:
    return is_unit(text) or key_of(text) in _FLUID_OUNCES


@lru_cache(maxsize=65536)
def _is_bare_number(key: str) -> bool:
    return sort_of(key) == "number" and _BARE_NUMBER.fullmatch(in_digits(key)) is not None


def _is_number_in_words(key: str) -> bool:
    """Say whether a word counts: three, 两件套, 七百; and not double, 四季 or 一样."""
    if key in _SETS:
        return False
    digits = in_digits(key)
    return digits != key and (digits.replace(".", "", 1).isdigit() or bool(unit_of(key)))


def _list_sorts() -> None:
    for sort, families in _FAMILIES:
        for family in families:
            for word in family:
                _SORTS.setdefault(key_of(word), sort)


_list_sorts()
