"""Whether a shop's own title is good enough to learn from.

An import asks it of every product: what is cheap is asked first, and what many products share is read once.
"""

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from ml_backend.contract import Brief, ChannelRules
from ml_backend.rules.cleaning import only_loses_words
from ml_backend.rules.policy import keeps_rules
from ml_backend.rules.text import HAN, holds, is_han, normal_form, words

_LEAST_WORDS = 3
_LEAST_HAN_UNITS = 6
_MOST_REPEATS = 2
_ENDINGS = frozenset(["s", "es", "ed", "d", "er", "r", "ing", "ly", "y"])  # "Tent" for tents is no cut
_LEAST_UNIT = 3  # letters; shorter words are shared by chance
_DANGLING = re.compile(r"(?:[-,(&/、]|\b(?:with|for|and|of|the|in|by)|[和与及的])$", re.IGNORECASE)
_LONGEST_DANGLING = len("with")
_CAPITALS = string.ascii_uppercase.encode()
_LETTERS = string.ascii_letters.encode()
_LEAST_SKU = 4  # a shorter sku ("12", "A1") stands in honest titles by chance
_PROMOTION = re.compile(
    r"!!|！！|★|☆|🔥|💥|\b(?:best (?:price|deal|seller|selling)|free shipping|on sale|hot sale|sale|cheap|must have|"
    r"limited offer|clearance|buy now|% off|100% new|brand new|new!)|"
    r"包邮|特价|爆款|清仓|秒杀|促销|限时|热卖|热销|抢购|亏本|打折|正品保证|厂家直销|新款上市|买一送一",
    re.IGNORECASE,
)
# In lower case; without one no promotion stands in a title of plain letters, and most titles have none.
_SIGN_OF_PROMOTION = re.compile("!!|best |free |sale|cheap|must |limited |clearance|buy |% |brand |new!")
_KEPT = 20_000  # categories, brands and attributes stand in thousands of products


def is_good_title(title: str, brief: Brief) -> bool:
    """Say whether a model may learn from the shop's own title of this product."""
    return is_good(
        title,
        brief.channel,
        sku=brief.sku,
        brand=brief.brand,
        category=brief.category,
        attributes=brief.attributes,
        description=brief.description,
        clean_value=str,
        clean=str,
    )


def is_good(
    title: str,
    rules: ChannelRules,
    *,
    sku: str,
    brand: str,
    category: Sequence[str],
    attributes: Sequence[Sequence[object]],
    description: str,
    clean_value: Callable[[object], str],
    clean: Callable[[str], str],
) -> bool:
    """Say the same of a product that is no Brief yet: its Brief will have the values and the description cleaned.

    They are long to clean, and are cleaned only where nothing else settles it, the description last.
    """
    title = normal_form(title)
    told = words(title)
    if not _reads_well(title, told, rules, brand=brand, sku=sku, category=category):
        return False
    last, units = told[-1], [*told, *_han_pairs(title)]
    is_whole, is_shared, parts = not last.isalpha() or is_han(last), False, []
    for texts in chain([(brand, *category)], ((str(name), clean_value(value)) for name, value in attributes)):
        part = _known(*texts)
        is_whole = is_whole or last in part.words
        is_shared = is_shared or not part.units.isdisjoint(units)
        if is_whole and is_shared and (brand or attributes):
            return True
        parts.append(part)
    if is_shared and (brand or attributes) and not _may_be_cut_off(last, parts, description):
        return True
    text = clean(description)
    rest = _known_of(text if text or brand or attributes else title)
    return (is_whole or not _is_cut_off(last, [*parts, rest])) and (is_shared or _may_share(units, [*parts, rest]))


def _reads_well(
    title: str, told: list[str], rules: ChannelRules, *, brand: str, sku: str, category: Sequence[str]
) -> bool:
    """Say whether the title is good as far as its own words tell."""
    lower = title.lower()
    return (
        len(told) >= (_LEAST_HAN_UNITS if is_han(title) else _LEAST_WORDS)
        and not _DANGLING.search(title, max(0, len(title) - _LONGEST_DANGLING))
        and not _is_shouting(title)
        and not _promotes(title, lower)
        and not _repeats_itself(title, told)
        and not _names(title, lower, sku)
        and lower not in _lower_case(tuple(category))
        and keeps_rules(title, rules, names=brand)  # the longest look comes last
    )


def _is_shouting(title: str) -> bool:
    text = title.encode(errors="replace")
    n_capitals = len(text) - len(text.translate(None, _CAPITALS))
    n_letters = len(text) - len(text.translate(None, _LETTERS))
    return n_capitals > 0.6 * n_letters and not is_han(title)


def _promotes(title: str, lower: str) -> bool:
    if title.isascii() and not _SIGN_OF_PROMOTION.search(lower):
        return False
    return _PROMOTION.search(title) is not None


def _repeats_itself(title: str, told: list[str]) -> bool:
    if len(told) - len(set(told)) < _MOST_REPEATS:  # a pair of Han characters repeats its first one, too
        return False
    counts = Counter([*(word for word in told if len(word) > 1), *_han_pairs(title)])
    return max(counts.values(), default=0) > _MOST_REPEATS


def _names(title: str, lower: str, sku: str) -> bool:
    if len(sku) < _LEAST_SKU or (sku.isascii() and " ".join(sku.lower().split()) not in lower):
        return False
    return holds(title, sku)


@lru_cache(_KEPT)
def _lower_case(category: tuple[str, ...]) -> frozenset[str]:
    return frozenset(normal_form(name).lower() for name in category)


@dataclass(frozen=True, slots=True)
class _Known:
    """The words of some texts, and what of them a title may share: long words and pairs of Han characters."""

    words: frozenset[str]
    units: frozenset[str]


def _known_of(*texts: str) -> _Known:
    found = [word for text in texts for word in words(text)]
    pairs = [pair for text in texts for pair in _han_pairs(text)]
    return _Known(frozenset(found), frozenset([*pairs, *(word for word in found if len(word) >= _LEAST_UNIT)]))


_known = lru_cache(_KEPT)(_known_of)


def _may_be_cut_off(last: str, parts: list[_Known], description: str) -> bool:
    """Say whether a known word may go on behind a title's last one; False if even what cleaning takes away has none."""
    if any(word.startswith(last) for part in parts for word in part.words) or not only_loses_words(description):
        return True
    before, *others = description.lower().split(last)
    for after in others:
        if after[:1].isalnum() and not before[-1:].isalnum():
            return True
        before = after
    return False


def _is_cut_off(last: str, known: list[_Known]) -> bool:
    """Say whether a title's last word stops within one that is known, and is not known whole."""
    if any(last in part.words for part in known):
        return False
    return any(
        word.startswith(last) and word.removeprefix(last) not in _ENDINGS for part in known for word in part.words
    )


def _may_share(units: list[str], known: list[_Known]) -> bool:
    """Say whether a title shares words with what is known, or too little is known to tell."""
    return not any(part.units for part in known) or any(not part.units.isdisjoint(units) for part in known)


def _han_pairs(text: str) -> list[str]:
    if text.isascii():
        return []
    return [run[i : i + 2] for run in re.findall(f"[{HAN}]+", normal_form(text)) for i in range(len(run) - 1)]
