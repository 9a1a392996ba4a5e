"""Facts in a title that the Brief does not hold: numbers, brands and models, colours, materials, sizes.

Built to be quiet: what careful people write about the same product should pass, so a fact is only reported when
nothing in the Brief comes near it (no shade of that hue, no quantity that converts to it).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from ml_backend.contract import Brief
from ml_backend.rules.quantities import Quantity, digit_quantities, is_supported, quantities
from ml_backend.rules.text import holds, is_han, normal_form
from ml_backend.rules.word_lists import COLOURS, MATERIALS, SIZES, STANDARDS, Families

_LATIN_TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-.'’&][A-Za-z0-9]+)*|[0-9]+[A-Za-z][A-Za-z0-9-]*")
_NAMED_ALONE = ("quantity", "name")
_COLUMNS = {
    "colour": re.compile("colou?r|颜色|色", re.IGNORECASE),
    "material": re.compile("material|fabric|材质|面料|材料", re.IGNORECASE),
    "size": re.compile("size|尺寸|尺码|规格", re.IGNORECASE),
}
_LEAST_CAPITALS = 4  # in a Latin title shorter runs of capitals are mostly standards or abbreviations


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """A Brief's text in the forms in which facts are looked up."""

    text: str
    squeezed: str
    quantities: tuple[Quantity, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A fact of a title that the Brief does not hold: text as it stands in the title.

    A contradiction is one whose place in the Brief holds another value (the colour is red, the title says blue).
    """

    kind: str
    text: str
    is_hard: bool
    is_contradiction: bool = False

    @property
    def sentence(self) -> str:
        """Say it to an annotator."""
        name = self.text if self.kind in _NAMED_ALONE else f"{self.kind} {self.text}"
        return f"{name} is not what the source says" if self.is_contradiction else f"{name} is not in the source"


def hard_facts(title: str, brief: Brief) -> tuple[str, ...]:
    """Return, as short sentences, what must never stand in a draft: invented figures and names, and contradictions."""
    return _sentences(finding for finding in findings(title, brief) if finding.is_hard)


def soft_facts(title: str, brief: Brief) -> tuple[str, ...]:
    """Return, as short sentences, what the Brief merely does not mention."""
    return _sentences(finding for finding in findings(title, brief) if not finding.is_hard)


def unsupported_facts(title: str, brief: Brief) -> tuple[str, ...]:
    """Return the hard facts, then the soft ones."""
    return (*hard_facts(title, brief), *soft_facts(title, brief))


def findings(title: str, brief: Brief) -> tuple[Finding, ...]:
    """Return each fact that stands in the title and not in the Brief.

    The shop's present title is a source only where the Brief has no brand, attribute or description; the sku never is.
    """
    source, title = _source(brief), normal_form(title)
    found = [
        *(_invented("quantity", text) for text in _unsupported_quantities(title, source)),
        *(_invented("name", text) for text in _unsupported_names(title, brief, source)),
        *_unsupported_words("colour", COLOURS, title, brief, source),
        *_unsupported_words("material", MATERIALS, title, brief, source),
        *_unsupported_words("size", SIZES, title, brief, source),
    ]
    return tuple(dict.fromkeys(found))


def _sentences(found: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(finding.sentence for finding in found))


def _invented(kind: str, text: str) -> Finding:
    return Finding(kind=kind, text=text, is_hard=True)


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
        quantity.text
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
    return list(dict.fromkeys(strange))


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


def _unsupported_words(kind: str, families: Families, title: str, brief: Brief, source: _Source) -> list[Finding]:
    """Find words none of whose families has any member in the source; 米色 is a white and a beige."""
    is_told = any(_COLUMNS[kind].search(name) for name, _ in brief.attributes)
    found = {word for family in families if (word := _first_held(title, tuple(filter(_is_telling, family))))}
    return [
        Finding(kind=kind, text=word, is_hard=is_told, is_contradiction=is_told)
        for word in sorted(found)
        if _squeezed(word) not in source.squeezed
        and not any(word in family and _first_held(source.text, family) for family in families)
    ]


def _is_telling(word: str) -> bool:
    """Say whether a word is a fact wherever it stands; 黄 or 皮 alone support one, but stand in 黄油 and 皮蛋 too."""
    return len(word) > 1


def _first_held(text: str, family: tuple[str, ...]) -> str | None:
    return next((word for word in family if holds(text, word)), None)
