"""Whether a shop's own title is good enough to learn from."""

import re
from collections import Counter
from collections.abc import Iterable

from ml_backend.contract import Brief, ChannelRules
from ml_backend.rules.policy import violations
from ml_backend.rules.sources import source_text
from ml_backend.rules.text import HAN, holds, is_han, normal_form, words

_LEAST_WORDS = 3
_LEAST_HAN_UNITS = 6
_MOST_REPEATS = 2
_ENDINGS = frozenset(["s", "es", "ed", "d", "er", "r", "ing", "ly", "y"])  # "Tent" for tents is no cut
_DANGLING = re.compile(r"(?:[-,(&/、]|\b(?:with|for|and|of|the|in|by)|[和与及的])$", re.IGNORECASE)
_CAPITAL = re.compile("[A-Z]")
_LETTER = re.compile("[A-Za-z]")
_LEAST_SKU = 4  # a shorter sku ("12", "A1") stands in honest titles by chance
_PROMOTION = re.compile(
    r"!!|！！|★|☆|🔥|💥|\b(?:best (?:price|deal|seller|selling)|free shipping|on sale|hot sale|sale|cheap|must have|"
    r"limited offer|clearance|buy now|% off|100% new|brand new|new!)|"
    r"包邮|特价|爆款|清仓|秒杀|促销|限时|热卖|热销|抢购|亏本|打折|正品保证|厂家直销|新款上市|买一送一",
    re.IGNORECASE,
)


def is_good_title(title: str, brief: Brief) -> bool:
    """Say whether a model may learn from the shop's own title of this product."""
    reads_well = title_reads_well(title, brief.channel, brand=brief.brand, sku=brief.sku, category=brief.category)
    return reads_well and is_borne_out(title, source_text(brief))


def title_reads_well(title: str, rules: ChannelRules, *, brand: str, sku: str, category: Iterable[str]) -> bool:
    """Say whether the title is good as far as its own words tell: half of `is_good_title`."""
    title = normal_form(title)
    return (
        _is_long_enough(title)
        and not _DANGLING.search(title)
        and not _is_shouting(title)
        and not _PROMOTION.search(title)
        and not _repeats_itself(title)
        and not (len(sku) >= _LEAST_SKU and holds(title, sku))
        and all(normal_form(name).lower() != title.lower() for name in category)
        and not violations(title, rules, names=brand)  # the longest look comes last
    )


def is_borne_out(title: str, known: str) -> bool:
    """Say whether what is known of the product has the title's words whole: the other half of `is_good_title`."""
    title = normal_form(title)
    return not _is_cut_off(title, known) and _shares_words(title, known)


def is_borne_out_by_part(title: str, known: str) -> bool:
    """Say whether this part of what is known shows by itself that all of it will bear the title out."""
    title = normal_form(title)
    last = words(title)[-1]
    is_whole = not last.isalpha() or is_han(last) or last in words(known)
    return is_whole and not _units(known).isdisjoint(_units(title))


def _is_long_enough(title: str) -> bool:
    return len(words(title)) >= (_LEAST_HAN_UNITS if is_han(title) else _LEAST_WORDS)


def _is_shouting(title: str) -> bool:
    return not is_han(title) and len(_CAPITAL.findall(title)) > 0.6 * len(_LETTER.findall(title))


def _repeats_itself(title: str) -> bool:
    counts = Counter([*(word for word in words(title) if len(word) > 1), *_han_pairs(title)])
    return max(counts.values(), default=0) > _MOST_REPEATS


def _is_cut_off(title: str, known: str) -> bool:
    """Say whether the title stops within a word that the source has whole."""
    last = words(title)[-1]
    if not last.isalpha() or is_han(last):
        return False
    whole = set(words(known))
    return last not in whole and any(
        word.startswith(last) and word.removeprefix(last) not in _ENDINGS for word in whole
    )


def _shares_words(title: str, known: str) -> bool:
    units = _units(known)
    return not units or not units.isdisjoint(_units(title))


def _units(text: str) -> set[str]:
    """Return the words of three letters or more and every pair of neighbouring Han characters."""
    latin = {word for word in words(text) if len(word) >= 3}
    return latin | set(_han_pairs(text))


def _han_pairs(text: str) -> list[str]:
    if text.isascii():
        return []
    return [run[i : i + 2] for run in re.findall(f"[{HAN}]+", normal_form(text)) for i in range(len(run) - 1)]
