"""A Brief in the forms in which a title's facts are looked up; made once per Brief and asked for every candidate."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from ml_backend.contract import Brief
from ml_backend.rules.brands import aliases
from ml_backend.rules.genders import audiences, audiences_of_column, is_of_women
from ml_backend.rules.model_codes import spellings
from ml_backend.rules.numerals import in_digits, plain_figures
from ml_backend.rules.quantities import (
    COUNT,
    COUNT_DIMENSION,
    Quantity,
    agrees,
    agrees_in_some_unit,
    digit_quantities,
    products,
)
from ml_backend.rules.text import is_han, normal_form
from ml_backend.rules.word_families import WordFamilies
from ml_backend.rules.word_lists import CLAIMS, COLOURS, MANY_COLOURS, MATERIALS, QUIET, SIZES

COLOUR, MATERIAL, SIZE, CLAIM = "colour", "material", "size", "claim"
LISTS = {COLOUR: WordFamilies(COLOURS), MATERIAL: WordFamilies(MATERIALS), SIZE: WordFamilies(SIZES)}
CLAIM_LIST = WordFamilies(CLAIMS)

_COLUMNS = {
    COLOUR: re.compile("colou?r|shade|颜色|色系|色号", re.IGNORECASE),
    MATERIAL: re.compile("material|fabric|composition|材质|面料|材料|成分", re.IGNORECASE),
    SIZE: re.compile(r"\bsize|尺寸|尺码|规格|号型", re.IGNORECASE),
}
# What a part is made of or coloured like supports a title, but does not contradict what it says of the whole.
_PART = re.compile(
    r"dial|strap|sole|lining|handle|trim|band|plating|packag|printing|ink|jacket|tip|clasp|stone|mount|"
    r"里料|鞋底|鞋垫|内里|里衬|内衬|面板|饰面|填充|手柄|刀头|打印|包装|鞋跟|镜片|镜框|表带|表盘|屏幕|外壳|配件",
    re.IGNORECASE,
)
# In prose: "a microfibre waistband", "softer than regular cotton".
_OF_PART = re.compile(
    r"\s(?:waistband|lining|straps?|soles?|insoles?|handles?|lid|dial|trims?|buckles?|zips?|cushion)\b"
)
_THAN = re.compile(r"\bthan\s(?:\w+\s)?$")
_LONGEST_THAN = 60  # characters, with the word behind it
_COUNTS = re.compile(
    r"^(?:total )?quantity|per pack|pieces?\b|^count|packs?\b|\bset\b|pairs|contents|package$"
    r"|数量|件数|包数|支数|片数|颗粒|规格",
    re.IGNORECASE,
)
_DIMENSIONS = (
    (COUNT_DIMENSION, _COUNTS),
    ("age", re.compile(r"\bages?\b|年龄|保质期|保修", re.IGNORECASE)),
    ("frequency", re.compile("frequency|refresh|clock|频率|刷新", re.IGNORECASE)),
    ("memory", re.compile(r"memory|storage|cache|\bram\b|\brom\b|内存|硬盘", re.IGNORECASE)),
    (
        "length",
        re.compile(
            "length|width|height|depth|diameter|diagonal|distance|screen size|尺寸|[长宽高]|直径", re.IGNORECASE
        ),
    ),
    ("mass", re.compile("weight|mass|重|净含量", re.IGNORECASE)),
    ("volume", re.compile("volume|容积", re.IGNORECASE)),
    ("power", re.compile("power|wattage|功率", re.IGNORECASE)),
    ("voltage", re.compile("voltage|电压", re.IGNORECASE)),
    ("rate", re.compile("rate", re.IGNORECASE)),
)
_LEAST_NOUN = 4  # letters; shorter words after a number are joints and units
_NO = re.compile(r"(?:no|none|false|not? .*|n/?a|否|无|不支持|没有|不含?)", re.IGNORECASE)
_JOINTS = frozenset(["", "of", "in", "and", "or", "per", "to", "x", "with", "for", "the", "on"])
_BY_NUMBER = re.compile(r"(?<=\d)(\s?(?:cm|mm|m|in|inch|ft|\"|')?)\s?[xX*]\s?(?=\d)")
_GRAM_OR_ML = re.compile(r"(?<!\d)(\d+(?:\.\d+)?)\s?g/ml", re.IGNORECASE)
_IN_ONE = re.compile(r"(?<!\d)(\d+)\s?-?(?:in-?\s?(?:1|one)\b|合[1一])", re.IGNORECASE)


def plain(text: str) -> str:
    """Return a text as facts are read from it: NFKC, decimals for fractions, × between dimensions."""
    text = normal_form(plain_figures(text).replace("_", " "))
    return _IN_ONE.sub(r"\1 ", _BY_NUMBER.sub(r"\1×", _GRAM_OR_ML.sub(r"\1g \1ml", text)))


def source_text(brief: Brief) -> str:
    """Return all of the Brief that counts as known of the product, as one line."""
    return known_text(brief.category, brief.brand, brief.attributes, brief.description, title=brief.title)


def known_text(
    category: Iterable[str], brand: str, attributes: Iterable[tuple[str, str]], description: str, *, title: str
) -> str:
    """Return the same of a product that is no Brief yet: what Briefs say, with attributes and description cleaned."""
    parts = [brand, *(f"{name}: {value}" for name, value in attributes), description]
    return " | ".join([*category, *(parts if any(parts) else [title])])


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The listed words of one kind in a Brief: their families, and the first word that says it of the whole product.

    value "" when the Brief says nothing of the kind; has_column when an attribute of that kind names a listed word.
    """

    families: frozenset[int]
    value: str
    has_column: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The numbers of a Brief.

    measured have units, totals are what multiplied ones make; in_columns are the bare numbers of attributes with the
    dimension that the column implies; numbers are all, whatever they measure; nouns are what Latin prose counts;
    in_words are numbers of the prose that only words give ("sold as a pair", "two dozen").
    """

    measured: tuple[Quantity, ...]
    exact: frozenset[tuple[str, float]]
    totals: tuple[Quantity, ...]
    in_columns: tuple[tuple[float, str], ...]
    in_prose: tuple[Quantity, ...]
    numbers: frozenset[float]
    nouns: dict[str, frozenset[float]]
    in_words: frozenset[float]

    def hold(self, quantity: Quantity, title: str) -> bool:
        """Say whether the Brief supports a title's quantity; the title (lower case) tells what a bare number counts."""
        if not quantity.unit:
            lent = replace(quantity, unit=quantity.lent) if quantity.lent else None
            if self.counts_others(quantity):
                return False
            return quantity.number in self.numbers or (lent is not None and self.hold(lent, title))
        if (quantity.unit, quantity.number) in self.exact:
            return True
        if quantity.unit == COUNT:
            return quantity.number == 1 or self._counts(quantity.number, title)
        return (
            any(agrees(quantity, other) for other in self.measured)
            or any(_may_measure(quantity, number, dimension) for number, dimension in self.in_columns)
            or any(other.number == quantity.number and other.noun in _JOINTS for other in self.in_prose)
        )

    def counts_others(self, quantity: Quantity) -> bool:
        """Say whether the Brief counts the same things otherwise: five ports where it has "4 ports"."""
        numbers = self.nouns.get(quantity.noun.rstrip("s"))
        return numbers is not None and quantity.number not in numbers

    def hold_total(self, quantity: Quantity) -> bool:
        """Say whether a quantity is what the Brief's multiplied ones make in all: 450 g where it has 150g×3."""
        return any(agrees(quantity, total) for total in self.totals)

    def _counts(self, number: float, title: str) -> bool:
        if (number, COUNT_DIMENSION) in self.in_columns or number in self.in_words:
            return True
        return any(number == other.number and _is_counted(other.noun, title) for other in self.in_prose)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """All that a title may say of a Brief's product."""

    squeezed: str
    spellings: frozenset[str]
    figures: Figures
    told: dict[str, Told]
    claims: frozenset[int]
    denied: frozenset[int]
    audiences: frozenset[str]
    is_of_women: bool
    brands: tuple[str, ...]

    def spells(self, word: str) -> bool:
        """Say whether a word stands in the Brief, in whatever hyphens, blanks and case."""
        return squeezed(word) in self.spellings


def squeezed(text: str) -> str:
    """Return a text's letters and digits in lower case."""
    return re.sub(r"[\W_]", "", text.lower())


@lru_cache(maxsize=512)  # a batch of Briefs is asked about many candidates each, and some titlers ask while they write
def source_of(brief: Brief) -> Source:
    """Return the Brief's facts.

    The shop's present title is a source only where the Brief has no brand, attribute or description; the sku never is.
    """
    text = plain(source_text(brief)).lower()
    columns = [(_plain_column(name), _plain_column(value)) for name, value in brief.attributes]
    denied, held = _claims(columns, text)
    people = set(audiences(text))
    for name, value in columns:
        people |= audiences_of_column(name, value)
    return Source(
        squeezed=squeezed(text),
        spellings=spellings(text),
        figures=_figures(brief, columns, text),
        told={kind: _told(kind, columns, _prose(brief)) for kind in LISTS},
        claims=held,
        denied=denied,
        audiences=frozenset(people),
        is_of_women=is_of_women(text),
        brands=aliases(plain(brief.brand)),
    )


def _prose(brief: Brief) -> str:
    has_facts = brief.brand or brief.attributes or brief.description
    return plain(" | ".join([*brief.category, brief.description if has_facts else brief.title]))


def _figures(brief: Brief, columns: list[tuple[str, str]], text: str) -> Figures:
    prose = digit_quantities(in_digits(_prose(brief)))
    in_figures = {quantity.number for quantity in digit_quantities(_prose(brief))}
    in_columns = [(q, name) for name, value in columns for q in _column_quantities(value)]
    found = [*prose, *(quantity for quantity, _ in in_columns), *digit_quantities(in_digits(text))]
    measured = [replace(q, unit=q.unit or q.lent) for q in found if q.unit or q.lent]
    return Figures(
        measured=tuple({(q.unit, q.number): q for q in measured}.values()),
        exact=frozenset((q.unit, q.number) for q in measured),
        totals=products(text),
        in_columns=tuple({(q.number, _dimension(name)) for q, name in in_columns if not q.unit}),
        nouns=_nouns(found),
        in_words=frozenset(q.number for q in prose if q.noun in _JOINTS) - in_figures,
        in_prose=tuple(q for q in prose if not q.unit),
        numbers=frozenset(q.number for q in found)
        | frozenset(float(n) for n in re.findall(r"(?<=[a-z])\d{1,9}", text)),
    )


@lru_cache(maxsize=4096)  # columns and many of their values are the same for thousands of products
def _plain_column(text: str) -> str:
    return plain(text)


@lru_cache(maxsize=4096)
def _column_quantities(value: str) -> tuple[Quantity, ...]:
    return digit_quantities(in_digits(value))


@lru_cache(maxsize=4096)
def _dimension(column: str) -> str:
    return next((dimension for dimension, pattern in _DIMENSIONS if pattern.search(column)), "")


def _nouns(found: list[Quantity]) -> dict[str, frozenset[float]]:
    numbers: dict[str, set[float]] = {}
    for quantity in found:
        if len(quantity.noun) >= _LEAST_NOUN and quantity.noun.isascii() and quantity.noun not in _JOINTS:
            numbers.setdefault(quantity.noun.rstrip("s"), set()).add(quantity.number)
    return {noun: frozenset(values) for noun, values in numbers.items()}


def _is_counted(noun: str, title: str) -> bool:
    """Say whether a number of the prose counts what is sold: "2 of", or what the title names as well."""
    is_telling = is_han(noun) or len(noun) >= _LEAST_NOUN
    return noun == "of" or (is_telling and noun.rstrip("s") in title)


def _may_measure(quantity: Quantity, number: float, dimension: str) -> bool:
    return number == quantity.number if not dimension else agrees_in_some_unit(quantity, number, dimension)


def _told(kind: str, columns: list[tuple[str, str]], prose: str) -> Told:
    """Say what the Brief tells of a kind; of a product in many colours it tells none.

    Single Han characters speak in columns of the kind alone: 口红 is not red, nor 木 in a name wood.
    """
    words, is_own, is_part = LISTS[kind], _COLUMNS[kind].search, _is_part
    own = _joined(value for name, value in columns if is_own(name) and not is_part(name))
    own_of_parts = _joined(value for name, value in columns if is_own(name) and is_part(name))
    whole = _joined([*(f"{name} {value}" for name, value in columns if not is_part(name)), prose])
    parts = _joined(value for name, value in columns if is_part(name))
    in_own = words.members(own)
    elsewhere = [word for word in (*words.members(whole), *words.members(parts)) if len(word) > 1]
    of_whole = [word for word in _of_the_whole(words, whole) if word not in QUIET and len(word) > 1]
    is_open = kind == COLOUR and any(word in own + own_of_parts for word in MANY_COLOURS)
    telling = [*in_own, *of_whole]
    return Told(
        families=words.kinds([*in_own, *words.members(own_of_parts), *elsewhere]),
        value="" if is_open or not telling else telling[0],
        has_column=bool(in_own) and not is_open,
    )


def _joined(texts: Iterable[str]) -> str:
    return " | ".join(texts).lower()


@lru_cache(maxsize=4096)
def _is_part(column: str) -> bool:
    return _PART.search(column) is not None


def _of_the_whole(words: WordFamilies, text: str) -> list[str]:
    """Return the listed words of a text that are not said of a part or of another product."""
    return [
        match[0]
        for match in words.matches(text)
        if not _OF_PART.match(text, match.end()) and not _is_compared_with(text, match.start())
    ]


def _is_compared_with(text: str, at: int) -> bool:
    """Say whether "than" stands right before a place, or a word before; a text of such places is read once."""
    return _THAN.search(text, max(at - _LONGEST_THAN, 0), at) is not None


def _claims(columns: list[tuple[str, str]], text: str) -> tuple[frozenset[int], frozenset[int]]:
    """Return the claims that a column denies, and those that the rest of the Brief makes."""
    denials = [f"{name}: {value}".lower() for name, value in columns if _NO.fullmatch(value)]
    denied = CLAIM_LIST.kinds(word for column in denials for word in CLAIM_LIST.members(column))
    for column in denials:
        text = text.replace(column, " ")
    held = CLAIM_LIST.kinds(CLAIM_LIST.members(text))
    return denied - held, held
