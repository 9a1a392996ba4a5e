"""The curves of both arms as an SVG file: unedited titles, and what is left to type. Computes only."""

from collections.abc import Callable, Sequence
from html import escape

from titlelab.web.charts import HEIGHT, WIDTH, Chart, Line, Series, Value, chart
from titlelab.web.simulating.comparison import ComparedRound, Comparison, Figure
from titlelab.web.simulating.intervals import Interval

HEADING, GAP = 48, 24  # user units above each panel, and between two
COLOURS = ("#1668b8", "#8a6d00")  # tell apart without red and green, on white
DASHES = ("none", "5 4")
PANELS: tuple[tuple[str, Callable[[ComparedRound], Figure]], ...] = (
    ("titles that need no edit", lambda each: each.unedited),
    ("of a title left to type", lambda each: each.title_edit),
)


def picture(compared: Sequence[Comparison]) -> str:
    """Return an SVG document: a row for each catalog, over the number of Decisions, whiskers the 95 % intervals."""
    width, row = len(PANELS) * WIDTH + GAP, HEADING + HEIGHT + GAP
    panels = [
        _panel(each, caption, figure, x=column * (WIDTH + GAP), y=place * row)
        for place, each in enumerate(compared)
        for column, (caption, figure) in enumerate(PANELS)
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {row * len(compared)}" '
            'font-family="sans-serif" font-size="12">',
            '<rect width="100%" height="100%" fill="#ffffff"/>',
            *panels,
            "</svg>\n",
        ]
    )


def _panel(compared: Comparison, caption: str, figure: Callable[[ComparedRound], Figure], *, x: int, y: int) -> str:
    figures = [figure(each) for each in compared.rounds]
    laid_out = chart(
        [f"{each.n_decisions:.0f}" for each in compared.rounds],
        [
            Series(name="learning", values=[_value(each.learning) for each in figures]),
            Series(name="without learning", values=[_value(each.control) for each in figures]),
        ],
    )
    if laid_out is None:
        return ""
    heading = f'<text x="{laid_out.left}" y="18" font-weight="bold">{escape(compared.catalog)}: {caption}</text>'
    return "\n".join([f'<g transform="translate({x} {y})">', heading, *_keys(laid_out), *_drawn(laid_out), "</g>"])


def _keys(laid_out: Chart) -> list[str]:
    return [
        f'<text x="{laid_out.left + 110 * i}" y="36" fill="{COLOURS[i]}">{escape(line.name)}</text>'
        for i, line in enumerate(laid_out.lines)
    ]


def _drawn(laid_out: Chart) -> list[str]:
    left, right = laid_out.left, laid_out.right
    grid = [
        f'<path d="M{left} {mark.at:g}H{right}" stroke="#dddddd"/>'
        f'<text x="{left - 6}" y="{mark.at:g}" dy="0.35em" text-anchor="end">{mark.text}</text>'
        for mark in laid_out.y_marks
    ]
    marks = [
        f'<text x="{mark.at:g}" y="{laid_out.height - 10}" text-anchor="middle">{mark.text}</text>'
        for mark in laid_out.x_marks
    ]
    lines = [element for i, line in enumerate(laid_out.lines) for element in _line(line, i)]
    return [f'<g transform="translate(0 {HEADING})">', *grid, *marks, *lines, "</g>"]


def _line(line: Line, i: int) -> list[str]:
    colour = COLOURS[i]
    whiskers = [
        f'<path d="M{point.x:g} {point.whisker[0]:g}V{point.whisker[1]:g}" stroke="{colour}" stroke-opacity="0.5"/>'
        for point in line.points
        if point.whisker
    ]
    dots = [
        f'<circle cx="{point.x:g}" cy="{point.y:g}" r="3.5" fill="{colour}">'
        f"<title>{escape(point.told)}</title></circle>"
        for point in line.points
    ]
    path = f'<polyline points="{line.path}" fill="none" stroke="{colour}" stroke-width="2"'
    return [*whiskers, f'{path} stroke-dasharray="{DASHES[i]}"/>', *dots]


def _value(found: Interval) -> Value:
    return Value(figure=_share(found.mean), low=_share(found.low), high=_share(found.high))


def _share(value: float) -> float:
    return min(max(value, 0.0), 1.0)  # a mean of ones may miss 1 by a rounding
