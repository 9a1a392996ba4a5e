"""Which of a channel's rules a title breaks."""

from collections import Counter

from ml_backend.contract import ChannelRules
from ml_backend.rules.text import holds, length, words

_UNIT_NAMES = {"characters": "characters", "gbk_bytes": "GBK bytes"}


def violations(title: str, rules: ChannelRules) -> tuple[str, ...]:
    """Return each broken rule as a short sentence; nothing for a title that may be published."""
    return (*_excess_length(title, rules), *_banned(title, rules), *_repeats(title, rules))


def fits(title: str, rules: ChannelRules) -> bool:
    """Say whether the title is short enough for the channel."""
    return length(title, rules.length_unit) <= rules.max_length


def _excess_length(title: str, rules: ChannelRules) -> list[str]:
    size = length(title, rules.length_unit)
    if size <= rules.max_length:
        return []
    unit = _UNIT_NAMES[rules.length_unit]
    return [f"{size - rules.max_length} {unit} too long ({size} of {rules.max_length})"]


def _banned(title: str, rules: ChannelRules) -> list[str]:
    found = [f"banned word {word!r}" for word in rules.banned_words if holds(title, word)]
    return found + [f"banned character {c!r}" for c in dict.fromkeys(rules.banned_characters) if c in title]


def _repeats(title: str, rules: ChannelRules) -> list[str]:
    if rules.max_repeats is None:
        return []
    # Single letters and single Han characters repeat in honest titles: "Men's and Women's", 大中小.
    counts = Counter(word for word in words(title) if len(word) > 1)
    return [f"{word!r} stands {n} times" for word, n in counts.items() if n > rules.max_repeats]
