"""Facts in a title that the Brief does not hold: numbers, brands and models, colours, materials, sizes.

Built to be quiet: what careful people write about the same product should pass, so a fact is only reported when
nothing in the Brief comes near it (no shade of that hue, no quantity that converts to it).
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from ml_backend.contract import Brief
from ml_backend.rules.quantities import Quantity, digit_quantities, is_supported, quantities
from ml_backend.rules.text import holds, is_han, normal_form
from ml_backend.rules.word_lists import COLOURS, MATERIALS, SIZES, STANDARDS, Families

_LATIN_TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-.'’&][A-Za-z0-9]+)*|[0-9]+[A-Za-z][A-Za-z0-9-]*")
_LEAST_CAPITALS = 4  # in a Latin title shorter runs of capitals are mostly standards or abbreviations


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """A Brief's text in the forms in which facts are looked up."""

    text: str
    squeezed: str
    quantities: tuple[Quantity, ...]


def unsupported_facts(title: str, brief: Brief) -> tuple[str, ...]:
    """Return each fact that stands in the title and not in the Brief, as a short sentence.

    The shop's present title is a source only where the Brief has no brand, attribute or description; the sku never is.
    """
    source, title = _source(brief), normal_form(title)
    found = [
        *_unsupported_quantities(title, source),
        *_unsupported_names(title, brief, source),
        *_unsupported_words("colour", COLOURS, title, source),
        *_unsupported_words("material", MATERIALS, title, source),
        *_unsupported_words("size", SIZES, title, source),
    ]
    return tuple(dict.fromkeys(found))


def source_text(brief: Brief) -> str:
    """Return all of the Brief that counts as known of the product, as one line."""
    parts = [brief.brand, *(f"{name}: {value}" for name, value in brief.attributes), brief.description]
    if not any(parts):
        parts = [brief.title]
    return " | ".join([*brief.category, *parts])


@lru_cache(maxsize=64)  # a titler asks of one Brief many times in a row
def _source(brief: Brief) -> _Source:
    text = normal_form(source_text(brief)).replace("_", " ")
    return _Source(text=text, squeezed=_squeezed(text), quantities=quantities(text))


def _squeezed(text: str) -> str:
    return re.sub(r"[^\w]|_", "", text.lower())


def _unsupported_quantities(title: str, source: _Source) -> list[str]:
    return [
        f"{quantity.text} is not in the source"
        for quantity in digit_quantities(title)
        if not is_supported(quantity, source.quantities) and not _stands_in_a_code(quantity, source)
    ]


def _stands_in_a_code(quantity: Quantity, source: _Source) -> bool:
    """Say whether a number without unit is the number of a code in the source: 304 of SUS304, 3000 of PU3000."""
    return not quantity.unit and bool(re.search(rf"[a-z]{re.escape(quantity.text)}(?!\d)", source.text, re.IGNORECASE))


def _unsupported_names(title: str, brief: Brief, source: _Source) -> list[str]:
    """Find Latin words that look like a brand or model; a brand in plain words can only be told at the front."""
    tokens = [token for token in _LATIN_TOKEN.findall(title) if _squeezed(token) not in source.squeezed]
    strange = [token for token in tokens if _looks_like_a_name(token, title)]
    first = _LATIN_TOKEN.match(title)
    if first and brief.brand and first[0] in tokens and _squeezed(brief.brand) not in _squeezed(title):
        strange.append(first[0])
    return [f"{token} is not in the source" for token in dict.fromkeys(strange)]


def _looks_like_a_name(token: str, title: str) -> bool:
    if quantities(token) and quantities(token)[0].unit:
        return False
    if is_han(title):
        return len(token) > 1 and not token.islower() and not _is_size(token) and token.lower() not in STANDARDS
    is_code = any(c.isdigit() for c in token) and any(c.isupper() for c in token) and len(token) > 2
    is_camel = token[:1].islower() and any(c.isupper() for c in token)
    is_loud = token.isupper() and len(token) >= _LEAST_CAPITALS and not title.isupper()
    return (is_code or is_camel or is_loud) and not _is_size(token)


def _is_size(token: str) -> bool:
    return any(token.lower() in family for family in SIZES)


def _unsupported_words(kind: str, families: Families, title: str, source: _Source) -> list[str]:
    """Find words none of whose families has any member in the source; 米色 is a white and a beige."""
    found = {word for family in families if (word := _first_held(title, tuple(filter(_is_telling, family))))}
    return [
        f"{kind} {word} is not in the source"
        for word in sorted(found)
        if _squeezed(word) not in source.squeezed
        and not any(word in family and _first_held(source.text, family) for family in families)
    ]


def _is_telling(word: str) -> bool:
    """Say whether a word is a fact wherever it stands; 黄 or 皮 alone support one, but stand in 黄油 and 皮蛋 too."""
    return len(word) > 1


def _first_held(text: str, family: tuple[str, ...]) -> str | None:
    return next((word for word in family if holds(text, word)), None)
