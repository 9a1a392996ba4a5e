"""A text's words with their parts of speech: Chinese by jieba's dictionary, Latin script by endings and small lists.

Coarse on purpose: enough to know where a title may end, which word names the thing and which one only joins.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import rjieba

from ml_backend.rules.quantities import digit_quantities
from ml_backend.rules.text import HAN, word_set
from ml_backend.rules.word_lists import COLOURS

Part = Literal["noun", "adjective", "verb", "number", "unit", "name", "function", "other"]

_TOKEN = re.compile(
    rf"(?P<han>[{HAN}]+)"
    r"|(?P<by>(?<=\d)[x×*](?=\d))"
    r"|(?P<number>\d+(?:[.,/]\d+)*(?!\d|(?!x\d)[a-z]))"
    rf"|(?P<latin>(?:(?![{HAN}])[^\W_])+(?:[-'’&_.](?:(?![{HAN}])[^\W_])+|\+{{1,2}}(?![^\W_]))*)"
    r"|(?P<mark>\S)",
    re.IGNORECASE,
)
_NUMBER_AND_UNIT = re.compile(r"(\d+(?:[.,]\d+)*)([a-zµμ]{1,7})", re.IGNORECASE)
# jieba's flags, the longest prefix first; whatever else begins with n, t or s names something.
_FLAGS: tuple[tuple[str, Part], ...] = (
    ("vn", "noun"), ("an", "noun"), ("ad", "function"), ("a", "adjective"), ("b", "adjective"), ("z", "adjective"),
    ("v", "verb"), ("n", "noun"), ("t", "noun"), ("s", "noun"), ("i", "noun"), ("j", "noun"), ("l", "noun"),
    ("g", "noun"), ("m", "number"), ("q", "unit"), ("x", "other"), ("w", "other"),
)  # fmt: skip
# Shop words that the dictionary of newspapers takes for people's names or verbs.
_SHOP_ADJECTIVES = re.compile(
    "(?:加[厚大长宽绒粗高固密]|[超特][大小厚薄长细轻]|[防耐抗].{1,2}|免.{1,2}|可.{1,2}|[大小中]号|[高低]腰|修身|宽松|便携)款?"
)
_MEASURES = frozenset("个只件条片包瓶支盒层套格段档台把根对粒枚本页杯罐袋双卷张块串箱桶组米斤升克寸瓦伏度岁码口人")

_FUNCTION = word_set("""
    a an the and or but nor of for with without in on at by to from as into onto over under per plus than that this
    these those it its is are was be been has have can will you your our we they their all any each both not no up und
    oder mit für ohne aus von der die das et ou avec pour sans de du des la le les y con para sin el los las
""")
_ADJECTIVES = word_set("""
    big small large medium mini long short tall wide slim thin thick soft hard light heavy dark warm cool hot cold new
    old high low deep flat round square oval straight plain solid dual double single full half portable smart fresh
    natural pure rich raw dry wet fine extra super ultra max pro multi digital manual automatic wireless outdoor indoor
    modern classic vintage casual formal genuine original
""")
_COLOUR_WORDS = frozenset(word for family in COLOURS for word in family if word.isascii())
_ADJECTIVE_ENDING = re.compile(
    r".{2,}(?:able|ible|ful|less|ous|ive|ish|ical|ic|ary|proof|free|resistant|friendly|sized|like|[^e]ed|en)|[a-z]{3,}al"
)
_NOUN_ENDING = re.compile(r".+(?:tion|sion|ness|ment|ity|er|or|ist|ship|age|ance|ence|ics)")
_NOUNS = word_set("""
    kitchen linen garden oven fabric plastic ceramic music pen screen bed children women men chicken
""")
_VERBS = word_set("""
    fit fits keep keeps feature features come comes include includes make makes made use uses used hold holds offer
    offers let lets give gives get gets wash wipe protect protects provide provides ensure ensures support supports
    charge charges run runs work works help helps stay stays store stores carry
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word or mark where it stands in a text: text == source[start:end]; name is a brand, code or acronym."""

    text: str
    start: int
    end: int
    part: Part


def segmented(text: str) -> tuple[Word, ...]:
    """Cut a text into words and marks, in order; nothing but white space lies between them."""
    found: list[Word] = []
    for match in _TOKEN.finditer(text):
        if match["han"]:
            _add_han(found, match["han"], match.start())
        elif match["number"]:
            found.append(_word(match[0], match.start(), "number"))
        elif match["latin"]:
            _add_latin(found, match["latin"], match.start())
        else:
            follows_number = bool(found) and found[-1].part == "number" and found[-1].end == match.start()
            is_sign = follows_number and not match["by"] and is_unit(match[0])  # 5", 20%
            found.append(_word(match[0], match.start(), "unit" if is_sign else "other"))
    return tuple(found)


@lru_cache(maxsize=4096)
def is_unit(word: str) -> bool:
    """Say whether a word is a unit of measure, such as ml, inches or 毫升."""
    return bool(word) and any(q.unit and q.text == f"1 {word}" for q in digit_quantities(f"1 {word}"))


def _word(text: str, start: int, part: Part) -> Word:
    return Word(text=text, start=start, end=start + len(text), part=part)


def _add_han(found: list[Word], run: str, start: int) -> None:
    for text, flag in rjieba.tag(run):
        follows_number = bool(found) and found[-1].part == "number" and found[-1].end == start
        found.append(_word(text, start, _han_part(text, flag, follows_number=follows_number)))
        start += len(text)


def _han_part(text: str, flag: str, *, follows_number: bool) -> Part:
    if follows_number and (text in _MEASURES or is_unit(text)):
        return "unit"
    if _SHOP_ADJECTIVES.fullmatch(text):
        return "adjective"
    return next((part for prefix, part in _FLAGS if flag.startswith(prefix)), "function")


def _add_latin(found: list[Word], text: str, start: int) -> None:
    pair = _NUMBER_AND_UNIT.fullmatch(text)
    if pair and is_unit(pair[2]):
        found += [_word(pair[1], start, "number"), _word(pair[2], start + len(pair[1]), "unit")]
        return
    previous = found[-1] if found else None
    found.append(_word(text, start, _latin_part(text, previous)))


def _latin_part(text: str, previous: Word | None) -> Part:
    lower = text.lower()
    if previous and previous.part == "number" and is_unit(lower):
        return "unit"
    if lower in _FUNCTION:
        return "function"
    if _is_name(text):
        return "name"
    if lower in _VERBS:
        return "verb"
    if lower in _ADJECTIVES or lower in _COLOUR_WORDS:
        return "adjective"
    if lower in _NOUNS or _NOUN_ENDING.fullmatch(lower):
        return "noun"
    return "adjective" if _ADJECTIVE_ENDING.fullmatch(lower) else "noun"


def _is_name(text: str) -> bool:
    """Say whether it is spelt as codes, acronyms and brands are: with a digit, in capitals, or with one inside."""
    letters = text.replace("-", "").replace("'", "").replace("’", "")
    has_digit = any(c.isdigit() for c in text) and any(c.isalpha() for c in text)
    return (
        has_digit
        or (len(letters) > 1 and letters.isupper())
        or bool(re.match(r"[a-z]+[A-Z]|[A-Z][a-z]+[A-Z]", letters))
    )
