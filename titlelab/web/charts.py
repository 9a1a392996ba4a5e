"""Where the points, whiskers and labels of a line chart stand. Computes only; titlelab/chart.html draws it."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 220  # user units of the SVG, which is scaled to its column
LEFT, RIGHT, TOP, BOTTOM = 54, 16, 12, 30
MOST_LABELS = 8  # of about 70 units each, so that they do not meet
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A share in [0, 1] over one label, with its interval where it has one."""

    share: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line; values stand in the order of the labels, None where nothing was measured."""

    name: str
    values: Sequence[Value | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A value's place, and what a reader who hovers or listens is told; whisker is (top, bottom)."""

    x: float
    y: float
    told: str
    whisker: tuple[float, float] | None


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
class Chart:
    """A whole chart; rows hold the same figures as text, header first column included."""

    lines: tuple[Line, ...]
    x_marks: tuple[Mark, ...]
    y_marks: tuple[Mark, ...]
    rows: tuple[tuple[str, ...], ...]
    told: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def chart(labels: Sequence[str], series: Sequence[Series]) -> Chart | None:
    """Lay out the series over the labels; None when there is no label.

    Raises ValueError when a series is not as long as the labels, or a share lies outside [0, 1].
    """
    if not labels:
        return None
    xs = [_x(i, len(labels)) for i in range(len(labels))]
    every = -(-len(labels) // MOST_LABELS)
    return Chart(
        lines=tuple(_line(each, labels, xs) for each in series),
        x_marks=tuple(Mark(at=x, text=t) for i, (x, t) in enumerate(zip(xs, labels, strict=True)) if i % every == 0),
        y_marks=tuple(Mark(at=_y(tick), text=f"{tick:.0%}") for tick in TICKS),
        rows=tuple((label, *(_text(each.values[i]) for each in series)) for i, label in enumerate(labels)),
        told="; ".join(_summary(each, labels) for each in series),
    )


def _line(series: Series, labels: Sequence[str], xs: Sequence[float]) -> Line:
    points = tuple(
        Point(
            x=x,
            y=_y(value.share),
            told=f"{series.name}, {label}: {_text(value)}",
            whisker=None if value.low is None or value.high is None else (_y(value.high), _y(value.low)),
        )
        for x, label, value in zip(xs, labels, series.values, strict=True)
        if value is not None
    )
    return Line(name=series.name, path=" ".join(f"{p.x:g},{p.y:g}" for p in points), points=points)


def _x(i: int, n: int) -> float:
    inner = WIDTH - LEFT - RIGHT
    return round(LEFT + inner * (i + 0.5) / n, 1)


def _y(share: float) -> float:
    if not 0 <= share <= 1:
        raise ValueError(f"{share} is not a share")
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - share), 1)


def _text(value: Value | None) -> str:
    if value is None:
        return "–"
    interval = "" if value.low is None or value.high is None else f" ({value.low:.0%} to {value.high:.0%})"
    return f"{value.share:.0%}{interval}"


def _summary(series: Series, labels: Sequence[str]) -> str:
    known = [(label, value) for label, value in zip(labels, series.values, strict=True) if value is not None]
    if not known:
        return f"{series.name}: not measured yet"
    (first, first_value), (last, last_value) = known[0], known[-1]
    end = "" if first == last else f" to {last_value.share:.0%} with {last}"
    return f"{series.name}: {first_value.share:.0%} with {first}{end}"
