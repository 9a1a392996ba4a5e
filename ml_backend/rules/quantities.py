"""Numbers with their units, in many spellings: "750 millilitres", "750ml", "0.5 l", "twelve inches", 七百五十毫升."""

import re
from dataclasses import dataclass

from ml_backend.rules.numerals import in_digits
from ml_backend.rules.text import normal_form

_SAME = 1e-6
_ROUNDED = 0.03  # editors round when they convert: 500 ml is 16.9 fl oz and sold as 17 oz

# canonical unit -> (dimension, factor to its smallest member, spellings)
_UNITS: dict[str, tuple[str, float, str]] = {
    "ml": ("volume", 1.0, "ml millilitre millilitres milliliter milliliters 毫升 cc"),
    "cl": ("volume", 10.0, "cl"),
    "l": ("volume", 1000.0, "l litre litres liter liters ltr 升"),
    "oz": ("ounce", 1.0, "oz ounce ounces fl盎司 盎司"),
    "gal": ("volume", 3785.4, "gal gallon gallons 加仑"),
    "mg": ("mass", 0.001, "mg milligram milligrams 毫克"),
    "g": ("mass", 1.0, "g gr gram grams gramme grammes 克"),
    "kg": ("mass", 1000.0, "kg kgs kilo kilos kilogram kilograms 公斤 千克"),
    "jin": ("mass", 500.0, "斤"),
    "liang": ("mass", 50.0, "两"),
    "lb": ("mass", 453.6, "lb lbs pound pounds 磅"),
    "mm": ("length", 1.0, "mm millimetre millimetres millimeter millimeters 毫米"),
    "cm": ("length", 10.0, "cm cms centimetre centimetres centimeter centimeters 厘米 公分"),
    "m": ("length", 1000.0, "m metre metres meter meters 米"),
    "in": ("length", 25.4, 'in inch inches " ” ″ 寸 英寸'),
    "ft": ("length", 304.8, "ft foot feet ' 英尺"),
    "w": ("power", 1.0, "w watt watts 瓦"),
    "kw": ("power", 1000.0, "kw kilowatt kilowatts 千瓦"),
    "v": ("voltage", 1.0, "v volt volts 伏"),
    "mah": ("charge", 1.0, "mah 毫安 毫安时"),
    "hz": ("frequency", 1.0, "hz hertz 赫兹"),
    "mb": ("memory", 1.0, "mb"),
    "gb": ("memory", 1024.0, "gb"),
    "tb": ("memory", 1048576.0, "tb"),
    "%": ("share", 1.0, "% percent"),
    "lm": ("light", 1.0, "lm lumen lumens 流明"),
}
_OUNCE_IN = {"volume": 29.57, "mass": 28.35}
_SPELLINGS = {spelling: unit for unit, (_, _, line) in _UNITS.items() for spelling in line.split()}
_UNIT = "|".join(
    f"{re.escape(s)}(?![a-z])" if s[-1].isascii() and s[-1].isalpha() else re.escape(s)
    for s in sorted(_SPELLINGS, key=len, reverse=True)
)
# A digit that follows a letter belongs to a model's name (LC51C), so it is no quantity; but 30x22 are two.
_QUANTITY = re.compile(
    rf"(?:(?<![a-z0-9.])|(?<=\d[x×*]))(\d+(?:[.,]\d+)?)(?:\s?-?\s?(?:fl\.?\s?|fluid\s)?({_UNIT}))?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number as it stands in a text, with its canonical unit ("" for a bare number)."""

    text: str
    number: float
    unit: str


def quantities(text: str) -> tuple[Quantity, ...]:
    """Return every number of a text, in digits or in words."""
    return digit_quantities(in_digits(normal_form(text)))


def digit_quantities(text: str) -> tuple[Quantity, ...]:
    """Return the numbers written as digits; those in words are too often idioms (一人用, "one for all")."""
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", normal_form(text))
    return tuple(
        Quantity(text=match[0].strip(), number=float(match[1].replace(",", ".")), unit=_canonical(match[2]))
        for match in _QUANTITY.finditer(text)
    )


def is_supported(quantity: Quantity, source: tuple[Quantity, ...]) -> bool:
    """Say whether a source holds the number in its unit or without any, or a quantity that rounds to it."""
    return any(_agrees(quantity, other) for other in source)


def _canonical(spelling: str | None) -> str:
    return _SPELLINGS[spelling.lower()] if spelling else ""


def _agrees(a: Quantity, b: Quantity) -> bool:
    same_number = abs(a.number - b.number) < _SAME
    if a.unit == b.unit or not a.unit or not b.unit:
        return same_number
    return any(
        dimension == other and abs(x - y) <= _ROUNDED * max(x, y)
        for dimension, x in _magnitudes(a)
        for other, y in _magnitudes(b)
    )


def _magnitudes(quantity: Quantity) -> list[tuple[str, float]]:
    """Return the quantity in the smallest unit of its dimension; an ounce is a volume or a mass."""
    if quantity.unit == "oz":
        return [(dimension, quantity.number * factor) for dimension, factor in _OUNCE_IN.items()]
    dimension, factor, _ = _UNITS[quantity.unit]
    return [(dimension, quantity.number * factor)]
