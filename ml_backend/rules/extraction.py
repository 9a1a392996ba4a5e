"""Facts that a Brief holds in prose alone: labelled pairs, sizes and weights, counts, colours, materials, codes.

Quiet on purpose: what the columns say already is left out, and a word that means other things as often is no fact.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from ml_backend.contract import Brief
from ml_backend.rules.model_codes import codes, squeezed
from ml_backend.rules.numerals import in_digits
from ml_backend.rules.quantities import COUNT, Quantity, digit_quantities, is_supported
from ml_backend.rules.text import HAN, is_han
from ml_backend.rules.word_families import WordFamilies
from ml_backend.rules.word_lists import COLOURS, DOUBTFUL, MATERIALS, QUIET, SIZES, Families

FactKind = Literal["labelled", "dimensions", "quantity", "count", "colour", "material", "size", "model"]

DESCRIPTION = "description"
_LONGEST_COLUMN = 40  # characters; a longer value of an attribute is prose
_LONGEST_PROSE = 4000  # characters; what comes later is seldom about the product
_LABELLED = re.compile(
    r"(?:^|(?<=[.;,|。；，]))[ \t]*(?P<name>[^\W\d_][^\W_]*(?:[ /-][^\W_]+){0,3})[ \t]*[:：][ \t]*"
    r"(?P<value>(?:[^:：.;|。；\n]|\.(?=\d)){1,60}?)[ \t]*"
    r"(?=$|\n|[.;|。；](?!\d)|[,，][ \t]*[^\W\d_][^\W_]*(?:[ /-][^\W_]+){0,3}[ \t]*[:：])",
    re.MULTILINE,
)
_NO_LABEL = re.compile(
    r"price|mrp|价格|售价|note|notes|tips?|warning|disclaimer|please.*|https?|注意|备注|温馨提示|ps", re.IGNORECASE
)
_NUMBER = r"\d+(?:[.,]\d+)*"
_UNIT = (
    rf"(?:\s?-?\s?(?:fl\.?\s?oz|fluid\s[a-z]+|(?!x\b|x\s?\d|to\b)[a-zµμ°][a-zµμ/]{{0,11}}(?![a-z])"
    rf"|[\"″”%]|[{HAN}]{{1,3}}))"
)
_MEASURED = re.compile(
    rf"(?<![a-z0-9.]){_NUMBER}{_UNIT}?(?:\s?(?:[x×*~–-]|to|至|到)\s?{_NUMBER}{_UNIT}?){{0,2}}", re.IGNORECASE
)
_TIMES = re.compile(r"[\dA-Za-z\"″”]\s?[x×*]\s?\d", re.IGNORECASE)
_PACK_OF = re.compile(r"\b(?:pack|set|box|case|bag|lot)s? of (?:a )?(\d+|[a-z]+(?:[- ]dozen)?)\b", re.IGNORECASE)
_LETTER_SIZE = re.compile(r"\b[Ss]izes?\b\s*:?\s*((?:X{0,4}[SL]|M|\d?XL|\d{2}(?:\.5)?)\b(?!\s?[\"a-z]))")
_NOT_BEFORE = re.compile(
    r"(?:\b(?:no|not|non|without|free of|free from|instead of|unlike|faux|imitation)[ -]|不含|非|无|仿)$"
)
_NOT_AFTER = re.compile(r"[ -]free\b|\s(?:cleaner|polish|care)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractedFact:
    """One fact of the prose.

    value stands as written at start:end of the field, which is "description" or the name of an attribute with a long
    value. normal is the form in which facts compare: "750 ml", "30 x 22 cm", "3 pack", a family's first word ("blue"
    of navy), a code without signs. name is the prose's label in lower case, "" without one.
    """

    kind: FactKind
    name: str
    value: str
    normal: str
    field: str
    start: int
    end: int


@lru_cache(maxsize=4096)  # asked for every candidate of a Brief, and of its near products
def extracted(brief: Brief) -> tuple[ExtractedFact, ...]:
    """Return what the description and long values tell and no short value does, each once, in the prose's order."""
    columns = [(name, value) for name, value in brief.attributes if len(value) <= _LONGEST_COLUMN]
    prose = [(name, value) for name, value in brief.attributes if len(value) > _LONGEST_COLUMN]
    seen = {(fact.kind, fact.normal) for name, value in columns for fact in facts_of(f"{name}: {value}")}
    measured = [quantity for _, value in columns for quantity in digit_quantities(value)]
    found: list[ExtractedFact] = []
    for field, text in [(DESCRIPTION, brief.description), *prose]:
        for fact in facts_of(text, field=field):
            if (fact.kind, fact.normal) not in seen and not _is_measured(fact, measured):
                seen.add((fact.kind, fact.normal))
                found.append(fact)
    return tuple(found)


def _is_measured(fact: ExtractedFact, measured: list[Quantity]) -> bool:
    """Say whether columns hold the number, in this unit, another or none."""
    own = digit_quantities(fact.value) if fact.kind in ("quantity", "dimensions", "count") else ()
    return bool(own) and all(is_supported(quantity, measured) for quantity in own)


def facts_of(text: str, *, field: str = DESCRIPTION) -> list[ExtractedFact]:
    """Return every fact of a text by its place; a labelled pair comes before what its value holds."""
    text = text[:_LONGEST_PROSE]
    found = [*_labelled(text, field)]
    found += [_within(fact, found) for fact in _unlabelled(text, field)]
    return sorted(found, key=lambda fact: (fact.start, fact.kind != "labelled", fact.end))


def _unlabelled(text: str, field: str) -> Iterator[ExtractedFact]:
    measured = [*_measured(text, field), *_packs(text, field)]
    yield from measured
    yield from _listed("colour", COLOURS, text, field)
    yield from _listed("material", MATERIALS, text, field)
    yield from _listed("size", SIZES, text, field)
    for match in _LETTER_SIZE.finditer(text):
        yield _fact("size", match[1], match[1].lower(), field, match.start(1))
    for match in codes(text):
        is_measured = any(fact.start < match.end() and match.start() < fact.end for fact in measured)
        if not is_measured and any(c.isupper() for c in match[0]) and len(match[0]) > 2:
            yield _fact("model", match[0], squeezed(match[0]), field, match.start())


def _labelled(text: str, field: str) -> Iterator[ExtractedFact]:
    for match in _LABELLED.finditer(text):
        name, value = match["name"].lower(), match["value"].rstrip(" ,，")
        if value and not _NO_LABEL.fullmatch(name):
            yield _fact("labelled", value, f"{name}: {value.lower()}", field, match.start("value"), name=name)


def _measured(text: str, field: str) -> Iterator[ExtractedFact]:
    for match in _MEASURED.finditer(text):
        found = digit_quantities(match[0])
        if not found or not found[-1].unit:
            found = found[:-1]
        if not found or not found[-1].unit:
            continue
        value = _up_to(match[0], found[-1])
        is_product = len(found) > 1 and bool(_TIMES.search(value))
        is_size = is_product and found[-1].dimension == "length"  # 6 x 330 ml is how much, and no size
        kind: FactKind = "dimensions" if is_size else "count" if found[-1].unit == COUNT else "quantity"
        numbers = (" x " if is_product else "-").join(f"{quantity.number:g}" for quantity in found)
        yield _fact(kind, value, f"{numbers} {found[-1].unit}", field, match.start())


def _up_to(chunk: str, last: Quantity) -> str:
    """Cut what follows the last quantity's unit: 500毫升 of 500毫升大."""
    at = chunk.rfind(last.text)
    return chunk if at < 0 else chunk[: at + len(last.text)]


def _packs(text: str, field: str) -> Iterator[ExtractedFact]:
    for match in _PACK_OF.finditer(text):
        number = in_digits(match[1])
        if number.isdigit():
            yield _fact("count", match[0], f"{number} {COUNT}", field, match.start())


def _listed(kind: FactKind, families: Families, text: str, field: str) -> Iterator[ExtractedFact]:
    lists, lower, end = _lists(families), text.lower(), 0
    if len(lower) != len(text):  # İ and its like take two places in lower case
        return
    for word in lists.members(lower):
        start = lower.index(word, end)
        end = start + len(word)
        if _is_telling(word) and not _NOT_BEFORE.search(lower[:start][-14:]) and not _NOT_AFTER.match(lower, end):
            yield _fact(kind, text[start:end], families[min(lists.kinds([word]))][0], field, start)


@lru_cache(maxsize=8)
def _lists(families: Families) -> WordFamilies:
    return WordFamilies(families)


def _is_telling(word: str) -> bool:
    return word not in QUIET and word not in DOUBTFUL and (len(word) > 2 or (is_han(word) and len(word) > 1))


def _within(fact: ExtractedFact, labelled: list[ExtractedFact]) -> ExtractedFact:
    """Give a fact the label of the pair in whose value it stands."""
    for pair in labelled:
        if pair.kind == "labelled" and pair.start <= fact.start and fact.end <= pair.end:
            return _fact(fact.kind, fact.value, fact.normal, fact.field, fact.start, name=pair.name)
    return fact


def _fact(kind: FactKind, value: str, normal: str, field: str, start: int, *, name: str = "") -> ExtractedFact:
    end = start + len(value)
    return ExtractedFact(kind=kind, name=name, value=value, normal=normal, field=field, start=start, end=end)
