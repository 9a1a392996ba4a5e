"""Facts in a title that the Brief does not hold: numbers, brands and models, colours, materials, sizes, whom it is for.

Built to be quiet: what careful people write about the same product should pass, so a fact is only reported when
nothing in the Brief comes near it (no shade of that hue, no quantity that converts to it).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ml_backend.contract import Brief
from ml_backend.rules.brands import leading_name, named_brands, synonyms
from ml_backend.rules.genders import ALL, BOYS, CHILDREN, GIRLS, MEN, WOMEN, audiences, is_for
from ml_backend.rules.model_codes import codes
from ml_backend.rules.numerals import worded_quantities
from ml_backend.rules.quantities import Quantity, digit_quantities, is_unit, products, quantities
from ml_backend.rules.sources import CLAIM, CLAIM_LIST, LISTS, SIZE, Source, plain, source_of, squeezed
from ml_backend.rules.text import is_han
from ml_backend.rules.word_lists import DOUBTFUL, QUIET, STANDARDS

QUANTITY, MODEL, BRAND, GENDER = "quantity", "model", "brand", "gender"
_NAMED_ALONE = (QUANTITY, MODEL, BRAND)
_LATIN_TOKEN = re.compile(r"[A-Za-z][A-Za-z]*(?:[-.'’&][A-Za-z]+)*")
# A title that names the right people may also name their children: 男学生 … 男孩 where the Brief says men.
_ELDERS = {BOYS: frozenset([MEN]), GIRLS: frozenset([WOMEN]), CHILDREN: frozenset([MEN, WOMEN])}
_LEAST_CAPITALS = 4  # in a Latin title shorter runs of capitals are mostly standards or abbreviations
_LEAST_LETTERS = 3  # in a Chinese title two are as often a style or a grade: BB霜, RO膜, II
_MOST_SHOUTED = 0.5  # of a title's words; where most are in capitals they tell no name
_UNIT_BEFORE_FIGURE = re.compile(
    r"(?<![A-Za-z0-9.-])(\d+(?:\.\d+)?(?:w|kw|v|cm|mm|ml|kg|g|mah|gb|tb|oz))(?=\d+(?:\.\d+)?(?![A-Za-z0-9.-]))",
    re.IGNORECASE,
)
_VERSION = re.compile(
    r"(bluetooth|usb|hdmi|wi-?fi|android|windows|蓝牙)\s?(?:version\s?|v)?(\d+(?:\.\d+)?)(?![\d.]|\s?(?:m|mb|gb|w|a|v)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A fact of a title that the Brief does not hold: text as it stands in the title.

    A contradiction is one of a kind of which the Brief says something else: told (the colour is red).
    """

    kind: str
    text: str
    is_hard: bool
    told: str = ""

    @property
    def is_contradiction(self) -> bool:
        """Say whether the Brief tells another value."""
        return bool(self.told)

    @property
    def sentence(self) -> str:
        """Say it to an annotator."""
        name = self.text if self.kind in _NAMED_ALONE else f"{self.kind} {self.text}"
        return f"{name}, but the source says {self.told}" if self.told else f"{name} is not in the source"


def hard_facts(title: str, brief: Brief) -> tuple[str, ...]:
    """Return, as short sentences, what must never stand in a draft: invented figures and names, and contradictions."""
    return _sentences(finding for finding in findings(title, brief) if finding.is_hard)


def soft_facts(title: str, brief: Brief) -> tuple[str, ...]:
    """Return, as short sentences, what the Brief merely does not mention."""
    return _sentences(finding for finding in findings(title, brief) if not finding.is_hard)


def unsupported_facts(title: str, brief: Brief) -> tuple[str, ...]:
    """Return the hard facts, then the soft ones."""
    found = findings(title, brief)
    return _sentences(sorted(found, key=lambda finding: not finding.is_hard))


def findings(title: str, brief: Brief) -> tuple[Finding, ...]:
    """Return each fact that stands in the title and not in the Brief, in the order of kinds."""
    source, title = source_of(brief), _parted(plain(title))
    strange_codes, rest = _codes(title, source)
    unbranded = _unbranded(title.lower(), source)
    found = [
        *(_invented(MODEL, text) for text in strange_codes),
        *(_invented(QUANTITY, text) for text in _figures(rest, source)),
        *(_invented(BRAND, text) for text in _names(rest, source)),
        *(finding for kind in LISTS for finding in _listed(kind, unbranded, source)),
        *_claims(unbranded, source),
        *_genders(title, source),
    ]
    return tuple(dict.fromkeys(found))


def _parted(title: str) -> str:
    """Part figures that a Chinese title writes without a blank between them: 66W2米, 24cm304不锈钢."""
    return _UNIT_BEFORE_FIGURE.sub(r"\1 ", title) if is_han(title) else title


def _sentences(found: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(finding.sentence for finding in found))


def _invented(kind: str, text: str) -> Finding:
    return Finding(kind=kind, text=text, is_hard=True)


def _unbranded(title: str, source: Source) -> str:
    """Return a title without its brand, whose words tell nothing of the product."""
    for brand in source.brands:
        name = re.escape(brand.lower())
        title = re.sub(name if is_han(brand) else rf"(?<![a-z0-9]){name}(?![a-z0-9])", " ", title)
    return title


def _codes(title: str, source: Source) -> tuple[list[str], str]:
    """Return the codes that the source does not spell, and the title with blanks in place of every code."""
    strange, rest = [], title
    for match in codes(title):
        code = match[0]
        if _is_quantity(code):
            continue
        rest = rest[: match.start()] + " " * len(code) + rest[match.end() :]
        if not (source.spells(code) or code.lower() in STANDARDS or _is_size(code) or _is_column_figure(code, source)):
            strange.append(code)
    return strange, rest


def _is_quantity(code: str) -> bool:
    found = digit_quantities(code)
    return len(found) == 1 and bool(found[0].unit) and found[0].text == code


def _is_size(word: str) -> bool:
    return bool(LISTS[SIZE].members(word.lower()))


def _is_column_figure(code: str, source: Source) -> bool:
    """Say whether a number with some rare unit is the bare number of a column: 52X, 80MIN."""
    match = re.fullmatch(r"(\d+)[A-Za-z]{1,4}", code)
    return match is not None and any(float(match[1]) == number for number, _ in source.figures.in_columns)


def _figures(title: str, source: Source) -> Iterator[str]:
    """Find numbers without support; a factor may also stand for its multiple, and a total for the Brief's factors."""
    lower, multiplied = title.lower(), products(title)
    factors = {factor: source.figures.hold(total, "") for total in multiplied for factor in _sizes(total.text)}
    for text, quantity in _written(title):
        factor = (quantity.number, quantity.unit)
        is_total = factor not in factors and source.figures.hold_total(quantity)
        if not (source.figures.hold(quantity, lower) or factors.get(factor) or is_total):
            yield text
    for match in _VERSION.finditer(title):
        if float(match[2]) in source.figures.numbers and not _tells_version(match[1], match[2], source):
            yield match[0]


def _sizes(text: str) -> list[tuple[float, str]]:
    return [(quantity.number, quantity.unit) for quantity in digit_quantities(text)]


def _written(title: str) -> list[tuple[str, Quantity]]:
    """Return a title's quantities with their text, those in words only where they count or measure for sure."""
    worded = [(text, quantity) for text in worded_quantities(title) for quantity in quantities(text)]
    return [*((quantity.text, quantity) for quantity in digit_quantities(title)), *worded]


def _tells_version(name: str, number: str, source: Source) -> bool:
    pattern = rf"{squeezed(name)}\D{{0,12}}{number.removesuffix('.0').replace('.', '')}"
    return bool(re.search(pattern, source.squeezed))


def _names(title: str, source: Source) -> Iterator[str]:
    """Find brands: known ones, Latin words that look like one, and what stands at the front in place of the Brief's."""
    named = [name for name in named_brands(title) if not any(_is_spelt(form, source) for form in synonyms(name))]
    for match in _LATIN_TOKEN.finditer(title):
        forms = synonyms(match[0])
        if _looks_like_a_name(match[0], title) and not any(_is_spelt(form, source) for form in forms):
            named.append(match[0])
    if source.brands and not any(squeezed(brand) in squeezed(title) for brand in source.brands):
        first = leading_name(title, source.brands)
        if first and not _is_spelt(first, source) and not _is_listed(first):
            named.append(first)
    return iter(dict.fromkeys(named))


def _is_spelt(name: str, source: Source) -> bool:
    """Say whether the source has a name; a word in the singular or plural, its genitive, and 's apart."""
    if is_han(name):
        return name in source.squeezed
    stem = re.sub(r"['’]s?$", "", name.lower())
    forms = (stem, f"{stem}s", stem.removesuffix("s"), stem.removesuffix("es"), stem.removesuffix("ed"), f"{stem}ed")
    return any(source.spells(form) for form in forms)


def _is_listed(word: str) -> bool:
    lower = word.lower()
    is_word = any(words.members(lower) for words in (*LISTS.values(), CLAIM_LIST))
    return is_word or lower in STANDARDS or is_unit(word)


def _is_shouted(title: str) -> bool:
    tokens = [match[0] for match in _LATIN_TOKEN.finditer(title) if len(match[0]) > 1]
    return sum(token.isupper() for token in tokens) > _MOST_SHOUTED * len(tokens)


def _looks_like_a_name(token: str, title: str) -> bool:
    """Say whether a Latin word is written like a name; in a Chinese title most of them stand out."""
    if is_han(title):
        return len(token) >= _LEAST_LETTERS and not token.islower() and not _is_listed(token)
    is_camel = token[:1].islower() and any(c.isupper() for c in token)
    is_loud = token.isupper() and len(token) >= _LEAST_CAPITALS and not _is_shouted(title)
    return (is_camel or is_loud) and not _is_listed(token)


def _listed(kind: str, title: str, source: Source) -> Iterator[Finding]:
    """Find words none of whose families has any member in the source."""
    words, told = LISTS[kind], source.told[kind]
    for word in words.members(title):
        is_telling = len(word) > 1 and word not in QUIET and (word not in DOUBTFUL or told.has_column)
        if is_telling and not words.kinds([word]) & told.families and not source.spells(word):
            yield Finding(kind=kind, text=word, is_hard=bool(told.value), told=told.value)


def _claims(title: str, source: Source) -> Iterator[Finding]:
    for word in CLAIM_LIST.members(title):
        kinds = CLAIM_LIST.kinds([word])
        if not kinds & source.claims:
            is_denied = bool(kinds & source.denied)
            yield Finding(kind=CLAIM, text=word, is_hard=is_denied, told="no" if is_denied else "")


def _genders(title: str, source: Source) -> Iterator[Finding]:
    """Find whom the title names in vain; that something is for all or for children contradicts or says nothing."""
    told, named = set(source.audiences), audiences(title)
    has_right_one = any(is_for(audience, told) for audience in named)
    for audience, text in named.items():
        is_free = audience in (ALL, CHILDREN) and not told - {ALL, CHILDREN}
        is_of_women = audience == WOMEN and source.is_of_women and not told
        is_younger = has_right_one and _ELDERS.get(audience, frozenset()) & told
        if is_for(audience, told) or is_free or is_of_women or is_younger:
            continue
        yield Finding(kind=GENDER, text=text, is_hard=bool(told), told="/".join(sorted(told)))
