"""Numbers in words, English and Chinese, put into digits: "three hundred fifty", "two dozen", 七百五十, 两, 三四个.

Also fractions as decimals (1/2", 5½), 万, and the two numbers of trousers (32W 34L).
"""

import re

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_VALUES = {word: i for i, word in enumerate(_ONES.split())} | {w: 10 * i for i, w in enumerate(_TENS.split(), 2)}
_SETS = {"single": "1", "double": "2", "twin": "2", "pair": "2", "couple": "2", "triple": "3", "quadruple": "4"}
_SMALL = rf"(?:(?:{'|'.join(_TENS.split())})(?:[-\s](?:{'|'.join(_ONES.split()[1:10])}))?|{'|'.join(_ONES.split())})"
_ENGLISH = re.compile(
    rf"\b(?:(?:(?P<hundreds>a|{_SMALL})[-\s]hundred(?:[-\s](?:and\s)?(?P<rest>{_SMALL}))?"
    rf"|(?P<small>{_SMALL}|\d+(?=[-\s]dozen)))"
    rf"(?P<half>(?:\sand)?[-\s]a[-\s]half)?(?P<dozen>[-\s]dozen)?|(?P<a_dozen>dozen)|(?P<set>{'|'.join(_SETS)}))\b",
    re.IGNORECASE,
)
_HALF = re.compile(r"(?<!\ba[-\s])\bhalf(?:[-\s]an?\b|(?=[-\s](?:gallon|lit|pound|ounce|inch|kilo)))", re.IGNORECASE)
_FOUR_SEASONS = re.compile(r"\b(?:all[-\s]seasons?|(?:all|whole)[-\s]year|year[-\s]round)\b", re.IGNORECASE)
_THREE_SEASONS = re.compile(r"\bspring (?:to|through) (?:fall|autumn)\b", re.IGNORECASE)

_HAN_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2}
_HAN_FACTORS = {"十": 10, "百": 100, "千": 1000}
_MEASURES = "件只个双条片包瓶支盒层人装套格段档合岁季码寸斤升克瓦米口张把根对粒枚本页杯罐袋年月天小度"
_UNITS = "毫|厘|公|千克|千瓦|英|盎|加仑|流明|伏|赫"
# A lone character is a number only before what is counted: 一样, 十分 and 百搭 say nothing of quantity.
_CHINESE = re.compile(
    r"(?P<run>[一二三四五六七八九十两][零一二三四五六七八九十百千]+|"
    rf"[一二三四五六七八九十两](?=点[零一二三四五六七八九]|{_UNITS}|两|[{_MEASURES}]))"
    r"(?P<decimals>点[零一二三四五六七八九]+)?"
)
_HAN_HALF = re.compile(f"半(?=[{_MEASURES}]|{_UNITS})")
_HAN_PAIR = re.compile(r"[双单](?=[件只个条片包瓶支盒层人装套格段档合])")
_TENTHS = re.compile(r"([一二三四五六七八九两\d])([米斤])([一二三四五六七八九])(?![米零一二三四五六七八九十百])")
_AND_A_HALF = re.compile(r"([一二两三四五六七八九十]|(?<!\d)\d+)([斤米升年岁])半")
_DOZEN = re.compile("[一1]打(?![底印开卡])")
_TEN_THOUSANDS = re.compile(r"((?<!\d)\d+(?:\.\d+)?|[一二两三四五六七八九])万(?=[毫安时次转流明像素大小以M])")
_VULGAR = {"½": (1, 2), "¼": (1, 4), "¾": (3, 4), "⅓": (1, 3), "⅔": (2, 3), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8)}
_VULGAR_FRACTION = re.compile(rf"((?<!\d)\d+)?\s?([{''.join(_VULGAR)}])")
# Without a unit behind it 1/2 is as often "one of two" or two numbers.
_FRACTION = re.compile(
    r"(?<![\d/.])(?:(\d+)[\s-])?(\d{1,2})/(\d{1,2})(?=\s?-?(?:[\"″”]|inch|in\b|lb|cup|gal|英寸|寸))", re.IGNORECASE
)
_COUNTED = "pack|piece|pcs|count|gallon|litre|liter|pound|ounce|inch|foot|feet"
_WORDED = re.compile(
    rf"\b(?:(?:pack|set|box)\sof\s(?:a\sdozen|{_SMALL})|(?:{_SMALL}|half|twin|triple)[-\s](?:{_COUNTED})s?)\b"
    "|(?:[一二两三四五六七八九十百]+|半)斤半?"
    "|[双一二两三四五六七八九十百]+(?:件套|[件只个片支瓶袋包盒罐条双对]装)",
    re.IGNORECASE,
)
_TROUSERS = re.compile(r"\b(\d{2})W[\s/x]*(\d{2})L\b|\bW(\d{2})[\s/x]*L(\d{2})\b", re.IGNORECASE)
_PERCENT = re.compile(r"百分之([零一二三四五六七八九十百]+)")


def plain_figures(text: str) -> str:
    """Return a text with fractions as decimals and trousers' numbers apart; to be called before any normal form."""
    text = _TEN_THOUSANDS.sub(lambda m: f"{float(_HAN_DIGITS.get(m[1], m[1])) * 10_000:.0f}", text)
    text = _VULGAR_FRACTION.sub(lambda m: _fraction(m[1], *_VULGAR[m[2]]), text)
    text = _FRACTION.sub(lambda m: _fraction(m[1], int(m[2]), int(m[3])), text)
    return _TROUSERS.sub(lambda m: f"{m[1] or m[3]} {m[2] or m[4]}", text)


def worded_quantities(text: str) -> list[str]:
    """Return the words of a text that count or measure for sure: "set of two", "half gallon", 三件套, 半斤."""
    return [match[0] for match in _WORDED.finditer(text)]


def _fraction(whole: str | None, part: int, of: int) -> str:
    return f"{float(whole or 0) + part / of:.4g}" if of else f"{whole or ''} {part}"


def in_digits(text: str) -> str:
    """Return a text in normal form with its numbers in digits; a range keeps both ends: 三四个 is 3-4个."""
    text = _THREE_SEASONS.sub("3 seasons", _FOUR_SEASONS.sub("4 seasons", _HALF.sub("0.5", text)))
    text = _ENGLISH.sub(lambda m: _english(m.groupdict()), text)
    text = _DOZEN.sub("12", text)
    text = _AND_A_HALF.sub(lambda m: f"{_HAN_DIGITS.get(m[1], 10 if m[1] == '十' else m[1])}.5{m[2]}", text)
    text = _PERCENT.sub(lambda m: f"{_han(m[1])}%", text)
    text = _HAN_PAIR.sub(lambda m: "2" if m[0] == "双" else "1", _HAN_HALF.sub("0.5", text))
    text = _TENTHS.sub(lambda m: f"{_HAN_DIGITS.get(m[1], m[1])}.{_HAN_DIGITS[m[3]]}{m[2]}", text)
    return _CHINESE.sub(lambda m: _chinese(m["run"], m["decimals"]), text)


def _english(found: dict[str, str | None]) -> str:
    if found["set"]:
        return _SETS[found["set"].lower()]
    small = found["small"] or ""
    number = float(small) if small.isdigit() else float(_small(small))
    if found["hundreds"]:
        number = 100 * (_small(found["hundreds"]) or 1) + _small(found["rest"])
    if found["half"]:
        number += 0.5
    if found["dozen"] or found["a_dozen"]:
        number = 12 * (number or 1)
    return f"{number:g}"


def _small(words: str | None) -> int:
    return sum(_VALUES.get(word, 0) for word in re.split(r"[-\s]", (words or "").lower()))


def _chinese(run: str, decimals: str | None) -> str:
    if len(run) == 2 and 0 < _HAN_DIGITS.get(run[0], 0) == _HAN_DIGITS.get(run[1], 0) - 1:
        return f"{_HAN_DIGITS[run[0]]}-{_HAN_DIGITS[run[1]]}"
    fraction = "".join(str(_HAN_DIGITS[c]) for c in (decimals or "")[1:])
    return f"{_han(run)}.{fraction}" if fraction else str(_han(run))


def _han(run: str) -> int:
    """Read a number; a last digit after a hundred counts tens: 三百五 is 350, 三百零五 is 305."""
    total, digit, step = 0, 0, 1
    for character in run:
        if factor := _HAN_FACTORS.get(character):
            total, digit, step = total + (digit or 1) * factor, 0, factor // 10
        else:
            digit = _HAN_DIGITS[character]
            step = step if digit else 1
    return total + digit * step
