"""Where the points, whiskers, bars and labels of charts stand. Computes only; chart.html and bars.html draw."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

Unit = Literal["share", "number", "seconds"]

WIDTH, HEIGHT = 640, 220  # user units of the SVG, which is scaled to its column
LEFT, RIGHT, TOP, BOTTOM = 54, 16, 12, 30
LABEL_WIDTH = 70  # so that labels below the axis do not meet
N_TICKS = 4  # above the zero line, about
_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)  # steps between ticks that read well
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A figure over one label, with its interval where it has one; in the chart's unit, never below 0."""

    figure: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line; values stand in the order of the labels, None where nothing was measured."""

    name: str
    values: Sequence[Value | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A value's place, and what a reader who hovers or listens is told; whisker is (top, bottom), url "" for none."""

    x: float
    y: float
    told: str
    whisker: tuple[float, float] | None
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A series as drawn; path is an SVG polyline's points."""

    name: str
    path: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A label on an axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a chart tells of one label, as text: a line of the table behind it."""

    label: str
    url: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A whole line chart; rows hold the same figures as text."""

    lines: tuple[Line, ...]
    x_marks: tuple[Mark, ...]
    y_marks: tuple[Mark, ...]
    rows: tuple[Row, ...]
    told: str
    width: int
    height: int = HEIGHT
    left: int = LEFT
    bottom: int = HEIGHT - BOTTOM

    @property
    def right(self) -> int:
        return self.width - RIGHT

    @property
    def has_links(self) -> bool:
        return any(point.url for line in self.lines for point in line.points)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A horizontal bar in percent of the longest place, and its row of the table that it stands in."""

    label: str
    url: str
    text: str
    length: float
    whisker: tuple[float, float] | None
    cells: tuple[str, ...]
    narrow_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Horizontal bars, drawn within a table: one column for the label, one for the bar, and others of text."""

    name: str
    bars: tuple[Bar, ...]
    columns: tuple[str, ...]


def chart(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    unit: Unit = "share",
    urls: Sequence[str] | None = None,
    width: int = WIDTH,
) -> Chart | None:
    """Lay out the series over the labels; None when there is no label. urls: where each label's points lead.

    Shares stand between 0 and 1, other units between 0 and a round number above the largest. Raises ValueError when
    a series or the urls are not as long as the labels, or a figure lies outside.
    """
    if not labels:
        return None
    urls = urls or [""] * len(labels)
    top = _top(unit, [value for each in series for value in each.values])
    place = _Place(top=top, width=width, n=len(labels))
    every = -(-len(labels) * LABEL_WIDTH // (width - LEFT - RIGHT))
    return Chart(
        lines=tuple(_line(each, labels, urls, place, unit) for each in series),
        x_marks=tuple(Mark(at=place.x(i), text=text) for i, text in enumerate(labels) if i % every == 0),
        y_marks=tuple(Mark(at=place.y(tick), text=told(tick, unit)) for tick in _ticks(top)),
        rows=tuple(
            Row(label=label, url=url, cells=tuple(told_value(each.values[i], unit) for each in series))
            for i, (label, url) in enumerate(zip(labels, urls, strict=True))
        ),
        told="; ".join(_summary(each, labels, unit) for each in series),
        width=width,
    )


def bars(
    name: str,
    labels: Sequence[str],
    values: Sequence[Value | None],
    *,
    unit: Unit = "share",
    urls: Sequence[str] | None = None,
    columns: Sequence[str] = (),
    cells: Sequence[Sequence[str]] | None = None,
    narrow_urls: Sequence[str] | None = None,
) -> Bars | None:
    """Lay out a bar for each label; None when there is no label. columns and cells: what else the table tells of it.

    urls: where a label leads; narrow_urls: where the same page is of that label alone. Raises ValueError when anything
    is not as long as the labels, or a figure lies outside.
    """
    if not labels:
        return None
    nowhere = [""] * len(labels)
    urls, narrow_urls, cells = urls or nowhere, narrow_urls or nowhere, cells or [()] * len(labels)
    top = _top(unit, values)
    return Bars(
        name=name,
        columns=tuple(columns),
        bars=tuple(
            Bar(
                label=label,
                url=url,
                text=told_value(value, unit),
                length=_percent(value.figure, top) if value else 0.0,
                whisker=_interval(value, lambda figure: _percent(figure, top)) if value else None,
                cells=tuple(own),
                narrow_url=narrow_url,
            )
            for label, value, url, own, narrow_url in zip(labels, values, urls, cells, narrow_urls, strict=True)
        ),
    )


def told(figure: float, unit: Unit) -> str:
    """Return a figure as text: 31%, 1,204 or 0.25, 8.5 s."""
    if unit == "share":
        return f"{figure:.0%}"
    text = f"{figure:,.0f}" if figure >= 100 or figure == int(figure) else f"{figure:.3g}"
    return _("%(number)s s") % {"number": text} if unit == "seconds" else text


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a figure over the ith of n labels stands."""

    top: float
    width: int
    n: int

    def x(self, i: int) -> float:
        return round(LEFT + (self.width - LEFT - RIGHT) * (i + 0.5) / self.n, 1)

    def y(self, figure: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - _inside(figure, self.top) / self.top), 1)


def _line(series: Series, labels: Sequence[str], urls: Sequence[str], place: _Place, unit: Unit) -> Line:
    points = tuple(
        Point(
            x=place.x(i),
            y=place.y(value.figure),
            told=f"{series.name}, {label}: {told_value(value, unit)}",
            whisker=_interval(value, place.y),
            url=url,
        )
        for i, (label, url, value) in enumerate(zip(labels, urls, series.values, strict=True))
        if value is not None
    )
    return Line(name=series.name, path=" ".join(f"{p.x:g},{p.y:g}" for p in points), points=points)


def _top(unit: Unit, values: Sequence[Value | None]) -> float:
    """Return where the axis ends: with a tick at or above the largest figure and end of an interval."""
    if unit == "share":
        return 1.0
    largest = max((max(value.figure, value.high or 0.0) for value in values if value), default=0.0)
    if largest <= 0:
        return 1.0
    step = _step(largest)
    return step * math.ceil(largest / step - _ROUNDING)


def _ticks(top: float) -> list[float]:
    step = _step(top)
    return [i * step for i in range(round(top / step) + 1)]


def _step(top: float) -> float:
    """Return a round distance between ticks, of which N_TICKS or a few less reach the top."""
    power = 10.0 ** math.floor(math.log10(top / N_TICKS))
    return next(power * each for each in _ROUND if power * each * N_TICKS >= top * (1 - _ROUNDING))


def _inside(figure: float, top: float) -> float:
    if not 0 <= figure <= top:
        raise ValueError(f"{figure} is not between 0 and {top:g}")
    return figure


def _percent(figure: float, top: float) -> float:
    return round(100 * _inside(figure, top) / top, 2)


def _interval(value: Value, place: Callable[[float], float]) -> tuple[float, float] | None:
    """Return where the interval's high and low end stand."""
    return None if value.low is None or value.high is None else (place(value.high), place(value.low))


def told_value(value: Value | None, unit: Unit) -> str:
    """Return a value with its interval as text; a dash for what was not measured."""
    if value is None:
        return "–"
    figure = told(value.figure, unit)
    if value.low is None or value.high is None:
        return figure
    ends = {"figure": figure, "low": told(value.low, unit), "high": told(value.high, unit)}
    return _("%(figure)s (%(low)s to %(high)s)") % ends


def _summary(series: Series, labels: Sequence[str], unit: Unit) -> str:
    known = [(label, value) for label, value in zip(labels, series.values, strict=True) if value is not None]
    if not known:
        return _("%(name)s: not measured yet") % {"name": series.name}
    (first, first_value), (last, last_value) = known[0], known[-1]
    said = {"name": series.name, "first": first, "last": last}
    said |= {"then": told(first_value.figure, unit), "now": told(last_value.figure, unit)}
    if first == last:
        return _("%(name)s: %(then)s with %(first)s") % said
    return _("%(name)s: %(then)s with %(first)s to %(now)s with %(last)s") % said
