"""Which of a channel's rules a title breaks, and where; repair.py mends what is found."""

import re
from collections import Counter
from functools import lru_cache

from ml_backend.contract import ChannelRules
from ml_backend.rules.text import HAN, is_han, length, normal_form, word_set, words

Span = tuple[int, int]

_UNIT_NAMES = {"characters": "characters", "gbk_bytes": "GBK bytes"}
_NUMBER = r"(?:\d+(?:[.,]\d+)?|[零一二两三四五六七八九十百千半]+)"
_NO_WORD_BEFORE = "(?<![a-z0-9])"
_HAN_RUN = re.compile(f"[{HAN}]+")
# "With articles, prepositions and conjunctions excepted", as the channel that counts words puts it.
_UNCOUNTED = word_set("""
    the an and or but nor for so yet of in on at by to from with without into onto over under per as than
""")
_LOUD = re.compile("[A-Z]{4}")
_LOUD_WORD = re.compile(r"(?<![A-Za-z0-9])[A-Z]{4,}(?![A-Za-z0-9])")  # shorter ones are mostly acronyms
_LONG_WORD = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{4,}(?![A-Za-z0-9])")
_LOUD_RUN = 3
_ACRONYMS = word_set("""
    HDMI SATA OLED QLED AMOLED NVME SDHC SDXC SDRAM SDIO DIMM SODIMM RDIMM VESA ISBN HEPA HDPE LDPE UHMWPE ANSI ASTM
    IEEE NATO OSHA FIPA FIFA UEFA NFPA QWERTY QWERTZ AZERTY WXGA WUXGA UXGA SXGA WQHD UWQHD NAND EPROM EEPROM PCIE WLAN
    MIMO UEFI BIOS RAID SCSI CMOS PTFE EPDM EMEA GNSS USBC RGBW IPTV HDTV CCTV XXXL XXXXL
""")


def violations(title: str, rules: ChannelRules, *, names: str = "") -> tuple[str, ...]:
    """Return each broken rule as a short sentence; nothing for a title that may be published.

    names: text whose own capitals are no shouting, such as the Brief's brand.
    """
    return (
        *_excess_length(title, rules),
        *_banned(title, rules),
        *(f"{word!r} stands {n} times" for word, n in repeats(title, rules).items()),
        *_shouting(title, rules, names),
    )


def keeps_rules(title: str, rules: ChannelRules, *, names: str = "") -> bool:
    """Say whether `violations` finds nothing, in a fraction of the time."""
    return (
        fits(title, rules)
        and not banned_spans(title, rules)
        and not banned_characters(title, rules)
        and not repeats(title, rules)
        and not (rules.bans_shouting and loud_words(title, names))
    )


def fits(title: str, rules: ChannelRules) -> bool:
    """Say whether the title is short enough for the channel."""
    return length(title, rules.length_unit) <= rules.max_length


def banned_spans(title: str, rules: ChannelRules) -> list[tuple[str, Span]]:
    """Return each banned word with where it stands in the title's normal form.

    Not what stands within an allowed phrase, nor within a longer banned one: 史上最 is one claim.
    """
    text = normal_form(title)
    if not _may_hold(text, rules.banned_words):
        return []
    allowed = [match.span() for phrase in rules.allowed_phrases for match in _pattern(phrase).finditer(text)]
    found = [(word, match.span()) for word in rules.banned_words for match in _pattern(word).finditer(text)]
    covers = {*allowed, *(span for _, span in found)}
    return [
        (word, (start, end))
        for word, (start, end) in found
        if (start, end) not in allowed
        and not any(a <= start and end <= b and (a, b) != (start, end) for a, b in covers)
    ]


def banned_characters(title: str, rules: ChannelRules) -> list[str]:
    """Return the banned characters that stand in the title or, in another width, in its normal form."""
    normal = normal_form(title)
    text = title if normal == title else title + normal
    if not _any_character(rules.banned_characters).search(text):
        return []
    return [c for c in dict.fromkeys(rules.banned_characters) if c in text]


def repeats(title: str, rules: ChannelRules) -> dict[str, int]:
    """Return the words, and pairs of Han characters, that stand more often than the channel lets them."""
    if rules.max_repeats is None:
        return {}
    found = words(title)
    if len(found) - len(set(found)) < rules.max_repeats:  # a pair of Han characters repeats its first one, too
        return {}
    # Single letters and single Han characters repeat in honest titles: "Men's and Women's", 大中小.
    counted = [word for word in found if len(word) > 1 and word not in _UNCOUNTED]
    counts = Counter([*counted, *_han_pairs(title)])
    return {word: n for word, n in counts.items() if n > rules.max_repeats}


def loud_words(title: str, names: str = "") -> list[Span]:
    """Return where a title shouts: three long words in a row in capitals, or most of its long words.

    Acronyms and what `names` spells in capitals too are no shouting; Han titles never shout.
    """
    if not _LOUD.search(title) or is_han(title):
        return []
    spared = _ACRONYMS | set(_LOUD_WORD.findall(names))
    long = [(match, match[0].isupper()) for match in _LONG_WORD.finditer(title) if match[0] not in spared]
    loud = [match.span() for match, is_loud in long if is_loud]
    flags = "".join("L" if is_loud else "q" for _, is_loud in long)
    is_shouting = "L" * _LOUD_RUN in flags or (len(loud) > 1 and 2 * len(loud) > len(long))
    return loud if is_shouting else []


def _excess_length(title: str, rules: ChannelRules) -> list[str]:
    size = length(title, rules.length_unit)
    if size <= rules.max_length:
        return []
    unit = _UNIT_NAMES[rules.length_unit]
    return [f"{size - rules.max_length} {unit} too long ({size} of {rules.max_length})"]


def _banned(title: str, rules: ChannelRules) -> list[str]:
    found = dict.fromkeys(word for word, _ in banned_spans(title, rules))
    return [
        *(f"banned word {w!r}" for w in found),
        *(f"banned character {c!r}" for c in banned_characters(title, rules)),
    ]


def _shouting(title: str, rules: ChannelRules, names: str) -> list[str]:
    if not rules.bans_shouting:
        return []
    loud = [title[start:end] for start, end in loud_words(title, names)]
    return [f"shouting: {' '.join(loud)}"] if loud else []


def _han_pairs(text: str) -> list[str]:
    if text.isascii():
        return []
    return [run[i : i + 2] for run in _HAN_RUN.findall(normal_form(text)) for i in range(len(run) - 1)]


def _may_hold(text: str, phrases: tuple[str, ...]) -> bool:
    """Say whether any phrase may stand in a text in normal form: most hold none, and one look is cheap."""
    if text.isascii() and not _signs_of(phrases).search(text.lower()):
        return False
    return _any_of(phrases).search(text) is not None


@lru_cache(maxsize=64)
def _signs_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds in lower case, at the least, every ASCII text in which one of the phrases stands."""
    signs = {_sign_of(phrase) for phrase in map(normal_form, phrases) if phrase and not is_han(phrase)}
    return re.compile("|".join(sorted(signs)) if signs else "(?!)")


def _sign_of(phrase: str) -> str:
    """Return the expression of what every ASCII way of writing the phrase has: its longest piece, or a number."""
    if not phrase.isascii():
        return ""  # its letters may match their ASCII cousins: ı and i
    longest = max(re.split(r"[\s-]+|\{n\}", phrase), key=len)
    return re.escape(longest.lower()) or (r"\d" if "{n}" in phrase else "")


@lru_cache(maxsize=64)
def _any_character(characters: str) -> re.Pattern[str]:
    return re.compile(f"[{re.escape(characters)}]" if characters else "(?!)")


@lru_cache(maxsize=64)
def _any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Return one expression that finds where any phrase may begin."""
    sources = [_pattern(phrase).pattern for phrase in phrases]
    latin = "|".join(source.removeprefix(_NO_WORD_BEFORE) for source in sources if source.startswith(_NO_WORD_BEFORE))
    others = [source for source in sources if not source.startswith(_NO_WORD_BEFORE)]
    return re.compile(
        "|".join([*others, *([f"{_NO_WORD_BEFORE}(?:{latin})"] if latin else [])]) or "(?!)", re.IGNORECASE
    )


@lru_cache(maxsize=4096)
def _pattern(phrase: str) -> re.Pattern[str]:
    """Return how a phrase is found: {n} is any number; Latin words whole, plural too, with any joint."""
    phrase = normal_form(phrase)
    if not phrase:
        return re.compile(r"(?!)")
    parts = [_NUMBER if part == "{n}" else _spelt(part) for part in re.split(r"(\{n\})", phrase) if part]
    before = _NO_WORD_BEFORE if phrase[0].isascii() and phrase[0].isalnum() else ""
    after = r"s?(?![a-z0-9])" if phrase[-1].isascii() and phrase[-1].isalpha() else ""
    after = r"(?!\d)" if phrase[-1].isdigit() else after
    return re.compile(before + "".join(parts) + after, re.IGNORECASE)


def _spelt(text: str) -> str:
    return r"[\s-]*".join(map(re.escape, re.split(r"[\s-]+", text)))
