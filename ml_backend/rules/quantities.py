"""Numbers with their units, in many spellings: "750 millilitres", "750ml", "0.5 l", "twelve inches", 七百五十毫升.

Counts of pieces are units too ("2-Pack", 3件), so that six pockets do not support a pack of six.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ml_backend.rules.numerals import in_digits
from ml_backend.rules.text import normal_form

_SAME = 1e-6
_EXACT = 0.005  # within one system of units: 1.83 m is 183 cm, and no more
_ROUNDED = 0.03  # editors round when they convert: 500 ml is 16.9 fl oz and sold as 17 oz

# canonical unit -> (dimension, factor to its smallest member, spellings)
_UNITS: dict[str, tuple[str, float, str]] = {
    "ml": ("volume", 1.0, "ml millilitre millilitres milliliter milliliters 毫升 cc"),
    "cl": ("volume", 10.0, "cl"),
    "l": ("volume", 1000.0, "l litre litres liter liters ltr 升"),
    "oz": ("ounce", 1.0, "oz ounce ounces fl盎司 盎司"),
    "gal": ("volume", 3785.4, "gal gallon gallons 加仑"),
    "mg": ("mass", 0.001, "mg milligram milligrams 毫克"),
    "g": ("mass", 1.0, "g gr gm gms gram grams gramme grammes 克"),
    "kg": ("mass", 1000.0, "kg kgs kilo kilos kilogram kilograms 公斤 千克"),
    "jin": ("mass", 500.0, "斤"),
    "liang": ("mass", 50.0, "两"),
    "lb": ("mass", 453.6, "lb lbs pound pounds 磅"),
    "mm": ("length", 1.0, "mm millimetre millimetres millimeter millimeters 毫米"),
    "cm": ("length", 10.0, "cm cms centimetre centimetres centimeter centimeters 厘米 公分"),
    "m": ("length", 1000.0, "m mtr metre metres meter meters 米"),
    "km": ("length", 1e6, "km 公里"),
    "in": ("length", 25.4, 'in inch inches " ” ″ 寸 英寸'),
    "ft": ("length", 304.8, "ft foot feet ' ′ 英尺"),
    "sqm": ("area", 1.0, "平米 平方米 平方 m² sqm"),
    "w": ("power", 1.0, "w watt watts 瓦"),
    "kw": ("power", 1000.0, "kw kilowatt kilowatts 千瓦"),
    "v": ("voltage", 1.0, "v volt volts 伏"),
    "mah": ("charge", 1.0, "mah 毫安 毫安时"),
    "ah": ("charge", 1000.0, "ah 安时"),
    "wh": ("energy", 1.0, "wh"),
    "hz": ("frequency", 1.0, "hz hertz 赫兹"),
    "khz": ("frequency", 1e3, "khz"),
    "mhz": ("frequency", 1e6, "mhz"),
    "ghz": ("frequency", 1e9, "ghz"),
    "kb": ("memory", 1 / 1024, "kb"),
    "mb": ("memory", 1.0, "mb"),
    "gb": ("memory", 1024.0, "gb"),
    "tb": ("memory", 1048576.0, "tb"),
    "mbps": ("rate", 1.0, "mbps mbit/s"),
    "gbps": ("rate", 1000.0, "gbps gbit/s"),
    "mb/s": ("throughput", 1.0, "mb/s"),
    "%": ("share", 1.0, "% percent"),
    "lm": ("light", 1.0, "lm lumen lumens 流明"),
    "db": ("loudness", 1.0, "db decibel decibels 分贝"),
    "pa": ("pressure", 1.0, "pa"),
    "deg": ("degrees", 1.0, "°c °f ° 度 degrees"),
    "dpi": ("resolution", 1.0, "dpi"),
    "mp": ("pixels", 1.0, "mp megapixel megapixels"),
    "rpm": ("turns", 1.0, "rpm"),
    "iu": ("activity", 1.0, "iu"),
    "gsm": ("grammage", 1.0, "gsm"),
    "tc": ("thread count", 1.0, "tc"),
    "s": ("time", 1.0, "sec secs second seconds 秒"),
    "min": ("time", 60.0, "min mins minute minutes 分钟"),
    "h": ("time", 3600.0, "hr hrs hour hours 小时"),
    "month": ("age", 1.0, "month months 个月"),
    "year": ("age", 12.0, "year years yr yrs 周岁 岁 年"),
    "pack": (
        "count",
        1.0,
        "pack packs pk pkt pc pcs piece pieces part parts ct count set sets pair pairs unit units "
        "sachet sachets tablet tablets capsule capsules sheet sheets roll rolls bag bags bottle bottles can cans "
        "box boxes pouch pouches pod pods card cards "
        "件套 件装 件 只装 只 个装 个 片装 片 包装 包 瓶装 瓶 盒装 盒 袋装 袋 罐装 罐 支装 支 条装 条 套装 套 "
        "双装 双 对装 对 枚 粒 颗 卷 抽 张 块 根 把 本",
    ),
}
_IMPERIAL = frozenset(["oz", "gal", "lb", "in", "ft"])
COUNT, COUNT_DIMENSION = "pack", "count"
_OUNCE_IN = {"volume": 29.57, "mass": 28.35}
# Capital G, T and M after a number are memory as often, and a small g after a power of two: 6+128G, 128g.
_MEMORY_LETTERS = {"G": 1024.0, "T": 1048576.0, "M": 1.0}
_MEMORY_SIZES = frozenset([16, 32, 64, 128, 256, 512])
_SPELLINGS = {spelling: unit for unit, (_, _, line) in _UNITS.items() for spelling in line.split()}
_NOT_BEFORE = {"双": "(?![头面层核模卡系开门])", "度": "(?!假)", "对": "(?!开)"}
_UNIT = "|".join(
    f"{re.escape(s)}{_NOT_BEFORE.get(s, '(?![a-z])' if s[-1].isascii() and s[-1].isalpha() else '')}"
    for s in sorted(_SPELLINGS, key=len, reverse=True)
)
# A digit that follows a letter belongs to a model's name (LC51C), so it is no quantity; but 30x22 are two.
_QUANTITY = re.compile(
    rf"(?:(?<![a-z0-9.])|(?<=\d[x×*]))(\d+(?:[.,]\d+)?)(?:\s?-?\s?(?:fl\.?\s?|fluid\s)?({_UNIT}))?", re.IGNORECASE
)
_PACK_OF = re.compile(
    r"\b(?:packs?|sets?|box|case|bag|lot|package|combo)\s?"
    r"(?:of|[:=x]|(?:contents?|contains|includes|consists of|comprises)\s?[:=]?)\s?(\d+)(?!\d|\.\d)",
    re.IGNORECASE,
)
_LENDING = re.compile(rf"(?:\s?(?:[-–—~×x*至到]|to)\s?\d+(?:\.\d+)?){{1,2}}\s?-?({_UNIT})", re.IGNORECASE)
_NOUN = re.compile(r"[\s-]{0,2}([^\W\d_]+)")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_MULTIPLIED = re.compile(rf"(?<!\d)(\d+(?:\.\d+)?)\s?({_UNIT})\s?[x×*]\s?(\d+)(?!\d|\.\d)", re.IGNORECASE)
_MULTIPLYING = re.compile(rf"(?<![\d.])(\d+)\s?[x×*]\s?(\d+(?:\.\d+)?)\s?({_UNIT})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number as it stands in a text, with its canonical unit ("" for a bare number).

    Of a bare number also the next word, and the unit that a later number lends it: 20-33 lb, 30 × 22 cm.
    """

    text: str
    number: float
    unit: str
    noun: str = ""
    lent: str = ""

    @property
    def dimension(self) -> str:
        """Return what it measures, "" for a bare number."""
        return _UNITS[self.unit][0] if self.unit else ""


def quantities(text: str) -> tuple[Quantity, ...]:
    """Return every number of a text, in digits or in words."""
    return digit_quantities(in_digits(normal_form(text)))


def digit_quantities(text: str) -> tuple[Quantity, ...]:
    """Return the numbers written as digits; those in words are too often idioms (一人用, "one for all")."""
    text = _THOUSANDS.sub("", normal_form(text))
    counted = {match.start(1): match[0] for match in _PACK_OF.finditer(text)}
    found = []
    for match in _QUANTITY.finditer(text):
        unit = _SPELLINGS[match[2].lower()] if match[2] else ""
        written = match[0].strip()
        if not unit and match.start(1) in counted:
            unit, written = COUNT, counted[match.start(1)]
        before = text[max(match.start() - 2, 0) : match.start()].rstrip()
        is_labelled = before.endswith((":", "："))  # GSM: 110 counts no colours that follow
        noun = "" if unit or is_labelled else _next_word(text, match.end())
        lent = "" if unit else _lent_unit(text, match.end())
        found.append(Quantity(text=written, number=_number(match[1]), unit=unit, noun=noun, lent=lent))
    return tuple(found)


def products(text: str) -> tuple[Quantity, ...]:
    """Return what multiplied quantities make in all: 25g*30 is 750 g, 6 x 330 ml 1980 ml; text is the one factor's."""
    factors = [(m[1], m[2], m[3]) for m in _MULTIPLIED.finditer(text)]
    factors += [(m[2], m[3], m[1]) for m in _MULTIPLYING.finditer(text)]
    return tuple(
        Quantity(text=f"{size}{unit}", number=_number(size) * float(times), unit=_SPELLINGS[unit.lower()])
        for size, unit, times in factors
        if _SPELLINGS[unit.lower()] != COUNT
    )


def is_supported(quantity: Quantity, source: Iterable[Quantity]) -> bool:
    """Say whether a source holds the number in its unit or without any, or a quantity that rounds to it."""
    return any(agrees(quantity, other) for other in source)


def agrees(a: Quantity, b: Quantity) -> bool:
    """Say whether two quantities may be the same; one without unit agrees with any of its number."""
    same_number = abs(a.number - b.number) < _SAME
    if a.unit == b.unit or not a.unit or not b.unit:
        return same_number
    is_memory = a.dimension == b.dimension == "memory"  # 512 KB are 0.5 MB, and sold as 0.512 MB
    tolerance = _EXACT if not is_memory and (a.unit in _IMPERIAL) == (b.unit in _IMPERIAL) else _ROUNDED
    return any(
        dimension == other and abs(x - y) <= tolerance * max(x, y)
        for dimension, x in _magnitudes(a)
        for other, y in _magnitudes(b)
    )


def agrees_in_some_unit(quantity: Quantity, number: float, dimension: str) -> bool:
    """Say whether a number whose unit went unsaid is the quantity in any usual unit of its dimension: 1.83 is 6 ft."""
    if quantity.dimension != dimension:
        return False
    candidates = (unit for unit, (measured, _, _) in _UNITS.items() if measured == dimension)
    return any(agrees(quantity, Quantity(text="", number=number, unit=unit)) for unit in candidates)


def is_unit(word: str) -> bool:
    """Say whether a word is a unit's name: mAh, Gbps, pcs."""
    return word.lower() in _SPELLINGS


def _next_word(text: str, end: int) -> str:
    match = _NOUN.match(text, end)
    return match[1].lower() if match else ""


def _lent_unit(text: str, end: int) -> str:
    match = _LENDING.match(text, end)
    return _SPELLINGS[match[1].lower()] if match else ""


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _magnitudes(quantity: Quantity) -> list[tuple[str, float]]:
    """Return the quantity in the smallest unit of its dimension; an ounce is a volume or a mass, a G may be memory."""
    if quantity.unit == "oz":
        return [(dimension, quantity.number * factor) for dimension, factor in _OUNCE_IN.items()]
    dimension, factor, _ = _UNITS[quantity.unit]
    found = [(dimension, quantity.number * factor)]
    letter = quantity.text[-1:].upper() if quantity.number in _MEMORY_SIZES else quantity.text[-1:]
    if letter in _MEMORY_LETTERS:
        found.append(("memory", quantity.number * _MEMORY_LETTERS[letter]))
    return found
