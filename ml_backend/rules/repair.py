"""Makes any title fit any channel: what may not stand in it goes, and its end is cut where a title may end."""

import re

from ml_backend.contract import ChannelRules
from ml_backend.rules.policy import banned_characters, banned_spans, fits, loud_words, repeats, violations
from ml_backend.rules.segmentation import Word, segmented
from ml_backend.rules.text import is_han, length, normal_form, word_set

_MOST_ROUNDS = 8  # what one step leaves may break another rule: 特包邮价
_INSTEAD = {"_": "-", "{": "(", "}": ")", "*": "x", "[": "(", "]": ")"}  # a code or a dimension keeps its joint
_JOINTS = word_set("""
    a an the and or nor of for with without in on at by to from as into per plus than x includes including featuring und
    mit für et avec pour de y con para
""")
_HAN_JOINTS = frozenset("和与及或的之为被把对比配带含")
_OPEN = {"(": ")", "[": "]", "【": "】", "{": "}", "《": "》", "「": "」"}
_DANGLING = re.compile(r"(?:[-–—_,;:/|&×*~·、，。.(<\[【{《「#@=]|(?<!\d)'|(?<=\s)\+)$")  # "3+" and 5' end well
_TIMES = ("x", "×", "*")
_RANGE = ("-", "–", "—", "~", "/", "to", "至", "到")
_LEAST_KEPT = 0.5  # an open bracket takes its words along only where half of the room stays filled


def repaired(title: str, rules: ChannelRules, *, names: str = "") -> str:
    """Return the title, or as little changed as the rules allow: `violations(repaired(t, r), r)` is always empty.

    What breaks no rule comes back as it is; "" where nothing may stay. names as in `policy.violations`.
    """
    for _ in range(_MOST_ROUNDS):
        if not violations(title, rules, names=names):
            return title
        title = _mended(normal_form(title), rules, names)
    while violations(title, rules, names=names):
        title = title[:-1]
    return title


def shortened(title: str, rules: ChannelRules) -> str:
    """Cut the title at the last word's end that the channel has room for, with no joint or bracket left open."""
    if fits(title, rules):
        return title
    words = segmented(title)
    n = len(words)
    while n and not (_may_end_at(words, n) and fits(title[: words[n - 1].end], rules)):
        n -= 1
    kept = _closed(title[: words[n - 1].end] if n else "", rules)
    return kept or _first_characters(title, rules)


def _mended(title: str, rules: ChannelRules, names: str) -> str:
    title = _without_characters(title, rules)
    title = _without_words(title, rules)
    title = _without_repeats(title, rules)
    if rules.bans_shouting:
        title = _calm(title, names)
    return shortened(_tidy(title), rules)


def _without_characters(title: str, rules: ChannelRules) -> str:
    for character in banned_characters(title, rules):
        title = re.sub(
            rf"(\w?){re.escape(character)}(?=(\w?))",
            lambda m: m[1] + _instead(m[0][-1], rules, is_joint=bool(m[1] and m[2])),
            title,
        )
    return title


def _instead(character: str, rules: ChannelRules, *, is_joint: bool) -> str:
    usual = _INSTEAD.get(character, " ") if is_joint or character in "{}[]" else " "
    return next((c for c in (usual, " ") if c not in rules.banned_characters), "")


def _without_words(title: str, rules: ChannelRules) -> str:
    while found := banned_spans(title, rules):
        title = normal_form(title)
        start, end = max((span for _, span in found), key=lambda span: span[1] - span[0])
        around = title[max(0, start - 1) : start] + title[end : end + 1]
        joint = "" if is_han(around) and " " not in around else " "
        title = title[:start].rstrip() + joint + title[end:].lstrip()
    return title


def _without_repeats(title: str, rules: ChannelRules) -> str:
    """Drop the last of what stands too often; of Han the longest run that stood before."""
    while found := repeats(title, rules):
        word = max(found, key=len)
        at = list(re.finditer(_whole(word), title, re.IGNORECASE))
        if not at:  # counted in another spelling than it is written
            return title
        start, end = at[-1].span()
        while is_han(word) and end < len(title) and is_han(title[end]) and title[start : end + 1] in title[:start]:
            end += 1
        title = title[:start] + title[end:]
    return title


def _whole(word: str) -> str:
    return re.escape(word) if is_han(word) else rf"(?<![^\W_]){re.escape(word)}(?![^\W_])"


def _calm(title: str, names: str) -> str:
    for start, end in loud_words(title, names):
        title = title[:start] + title[start:end].capitalize() + title[end:]
    return title


def _tidy(title: str) -> str:
    title = re.sub(r"\(\s*\)|\[\s*\]|【\s*】|《\s*》", " ", title)
    title = " ".join(title.split())
    title = re.sub(r"\s+(?=[,;:)\]】、，](?:\s|$)|\))|(?<=[(\[【])\s+", "", title)
    title = re.sub(r"([,;:、，|/&+-])(?:\s*[,;:、，|/&])+", r"\1", title)
    return _without_dangling(title).lstrip(" ,;:、，。|/&-–—)]】!")


def _may_end_at(words: tuple[Word, ...], n: int) -> bool:
    """Say whether a title may end after its first n words: not between a number and its unit or its other number."""
    last, following = words[n - 1], words[n] if n < len(words) else None
    if following is None:
        return True
    if last.text.lower() in _TIMES and n > 1 and words[n - 2].part == "number":
        return False
    if last.part == "number" and (following.part == "unit" or _goes_on(words, n)):
        return False
    if last.part == "other" and n > 1 and words[n - 2].end == last.start and _joins(words, n - 1):
        return False
    if last.end < following.start or is_han(last.text) or is_han(following.text) or last.part == "other":
        return True
    return following.part == "other" and not _joins(words, n)


def _goes_on(words: tuple[Word, ...], n: int) -> bool:
    """Say whether a number is followed by another of the same fact: 30 x 40, 3-5, 18 / 8."""
    joint, following = words[n], words[n + 1] if n + 1 < len(words) else None
    return following is not None and following.part == "number" and joint.text.lower() in (*_TIMES, *_RANGE)


def _joins(words: tuple[Word, ...], n: int) -> bool:
    """Say whether the mark after the nth word ties it to a code's next part: LC51/B, but not Red/Blue."""
    mark, following = words[n], words[n + 1] if n + 1 < len(words) else None
    if following is None or following.start > mark.end or following.part == "other" or is_han(following.text):
        return False
    is_coded = any(word.part in ("name", "number") for word in (words[n - 1], following))
    return is_coded if mark.text == "/" else mark.text in "-–_.&'’@#:" or (mark.text == "+" and is_coded)


def _closed(title: str, rules: ChannelRules) -> str:
    title = _without_dangling(title)
    for bracket, closing in _OPEN.items():
        at = title.rfind(bracket)
        if at >= 0 and closing not in title[at:]:
            has_room = length(title[:at], rules.length_unit) >= _LEAST_KEPT * rules.max_length
            title = _without_dangling(title[:at] if has_room else f"{title[:at]}{title[at + 1 :]}")
    return title


def _without_dangling(title: str) -> str:
    """Drop what cannot end a title: marks, joining words, a "Pack of" without its number."""
    while True:
        before = title
        title = _DANGLING.sub("", title.rstrip()).rstrip()
        last = re.search(r"(?<![\w'’-])[^\W\d_]+$", title)
        if last and not is_han(last[0]) and last[0].lower() in _JOINTS and last.start():
            title = re.sub(r"\b(?:pack|set|box|case|lot)$", "", title[: last.start()].rstrip(), flags=re.IGNORECASE)
        if len(title) > 1 and title[-1] in _HAN_JOINTS and is_han(title[-2]) and segmented(title)[-1].text == title[-1]:
            title = title[:-1]
        if title == before:
            return title


def _first_characters(title: str, rules: ChannelRules) -> str:
    """Cut a single word that is longer than all of the room."""
    while not fits(title, rules):
        title = title[:-1]
    return title
