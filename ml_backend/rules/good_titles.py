"""Whether a shop's own title is good enough to learn from."""

import re
from collections import Counter

from ml_backend.contract import Brief
from ml_backend.rules.policy import violations
from ml_backend.rules.sources import source_text
from ml_backend.rules.text import HAN, holds, is_han, normal_form, words

_LEAST_WORDS = 3
_LEAST_HAN_UNITS = 6
_MOST_REPEATS = 2
_ENDINGS = frozenset(["s", "es", "ed", "d", "er", "r", "ing", "ly", "y"])  # "Tent" for tents is no cut
_DANGLING = re.compile(r"(?:[-,(&/、]|\b(?:with|for|and|of|the|in|by)|[和与及的])$", re.IGNORECASE)
_LEAST_SKU = 4  # a shorter sku ("12", "A1") stands in honest titles by chance
_PROMOTION = re.compile(
    r"!!|！！|★|☆|🔥|💥|\b(?:best (?:price|deal|seller|selling)|free shipping|on sale|hot sale|sale|cheap|must have|"
    r"limited offer|clearance|buy now|% off|100% new|brand new|new!)|"
    r"包邮|特价|爆款|清仓|秒杀|促销|限时|热卖|热销|抢购|亏本|打折|正品保证|厂家直销|新款上市|买一送一",
    re.IGNORECASE,
)


def is_good_title(title: str, brief: Brief) -> bool:
    """Say whether a model may learn from the shop's own title of this product."""
    title = normal_form(title)
    return (
        _is_long_enough(title)
        and not violations(title, brief.channel, names=brief.brand)
        and not _is_shouting(title)
        and not _PROMOTION.search(title)
        and not _repeats_itself(title)
        and not _is_cut_off(title, brief)
        and not (len(brief.sku) >= _LEAST_SKU and holds(title, brief.sku))
        and all(normal_form(name).lower() != title.lower() for name in brief.category)
        and _shares_words(title, brief)
    )


def _is_long_enough(title: str) -> bool:
    return len(words(title)) >= (_LEAST_HAN_UNITS if is_han(title) else _LEAST_WORDS)


def _is_shouting(title: str) -> bool:
    letters = [c for c in title if c.isascii() and c.isalpha()]
    return not is_han(title) and sum(c.isupper() for c in letters) > 0.6 * len(letters)


def _repeats_itself(title: str) -> bool:
    counts = Counter([*(word for word in words(title) if len(word) > 1), *_han_pairs(title)])
    return max(counts.values(), default=0) > _MOST_REPEATS


def _is_cut_off(title: str, brief: Brief) -> bool:
    """Say whether the title stops before its end: at a joint, or within a word that the source has whole."""
    if _DANGLING.search(title):
        return True
    last = words(title)[-1]
    known = set(words(source_text(brief)))
    return (
        last.isalpha()
        and not is_han(last)
        and last not in known
        and any(word.startswith(last) and word.removeprefix(last) not in _ENDINGS for word in known)
    )


def _shares_words(title: str, brief: Brief) -> bool:
    known = _units(source_text(brief))
    return not known or not known.isdisjoint(_units(title))


def _units(text: str) -> set[str]:
    """Return the words of three letters or more and every pair of neighbouring Han characters."""
    latin = {word for word in words(text) if len(word) >= 3}
    return latin | set(_han_pairs(text))


def _han_pairs(text: str) -> list[str]:
    return [run[i : i + 2] for run in re.findall(f"[{HAN}]+", normal_form(text)) for i in range(len(run) - 1)]
