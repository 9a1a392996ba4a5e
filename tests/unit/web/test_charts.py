"""Where a chart's points stand."""

from itertools import pairwise

import pytest

from titlelab.web.charts import (
    BOTTOM,
    HEIGHT,
    LABEL_WIDTH,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Series,
    Unit,
    Value,
    bars,
    chart,
    told,
)


def test_nothing_measured_is_no_chart() -> None:
    assert chart([], []) is None


def test_all_stands_at_the_top_and_none_at_the_bottom() -> None:
    drawn = chart(["v1", "v2"], [Series(name="accepted", values=[Value(figure=1.0), Value(figure=0.0)])])

    assert drawn is not None
    assert [point.y for point in drawn.lines[0].points] == [TOP, HEIGHT - BOTTOM]
    assert LEFT < drawn.lines[0].points[0].x < drawn.lines[0].points[1].x < WIDTH - RIGHT


def test_a_value_that_was_not_measured_leaves_a_gap_and_a_dash() -> None:
    drawn = chart(["v1", "v2"], [Series(name="edit", values=[None, Value(figure=0.5)])])

    assert drawn is not None
    assert len(drawn.lines[0].points) == 1
    assert [(row.label, row.cells) for row in drawn.rows] == [("v1", ("–",)), ("v2", ("50%",))]


def test_an_interval_is_drawn_and_told() -> None:
    drawn = chart(["v1"], [Series(name="accepted", values=[Value(figure=0.5, low=0.25, high=0.75)])])

    assert drawn is not None
    point = drawn.lines[0].points[0]
    assert point.told == "accepted, v1: 50% (25% to 75%)"
    assert point.whisker is not None
    assert point.whisker[0] < point.y < point.whisker[1]


def test_the_words_behind_the_picture_tell_first_and_last() -> None:
    drawn = chart(["v1", "v2"], [Series(name="edit", values=[Value(figure=0.4), Value(figure=0.1)])])

    assert drawn is not None
    assert drawn.told == "edit: 40% with v1 to 10% with v2"


def test_many_labels_are_thinned_out() -> None:
    drawn = chart([f"v{n}" for n in range(30)], [])

    assert drawn is not None
    places = [mark.at for mark in drawn.x_marks]
    assert len(places) > 1
    assert min(b - a for a, b in pairwise(places)) >= LABEL_WIDTH


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_what_is_no_share_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="is not between 0 and 1"):
        chart(["v1"], [Series(name="edit", values=[Value(figure=share)])])


def test_seconds_stand_on_an_axis_with_round_ticks_above_the_longest() -> None:
    drawn = chart(["v1"], [Series(name="seconds", values=[Value(figure=23.0, low=15.0, high=31.5)])], unit="seconds")

    assert drawn is not None
    assert [mark.text for mark in drawn.y_marks] == ["0 s", "10 s", "20 s", "30 s", "40 s"]
    assert drawn.lines[0].points[0].told == "seconds, v1: 23 s (15 s to 31.5 s)"


def test_nothing_but_zeros_has_an_axis_too() -> None:
    drawn = chart(["v1"], [Series(name="Decisions", values=[Value(figure=0.0)])], unit="number")

    assert drawn is not None
    assert [mark.text for mark in drawn.y_marks] == ["0", "0.25", "0.5", "0.75", "1"]


def test_points_and_rows_lead_where_their_label_does() -> None:
    drawn = chart(["v1", "v2"], [Series(name="edit", values=[None, Value(figure=0.5)])], urls=["/one", "/two"])

    assert drawn is not None
    assert [point.url for point in drawn.lines[0].points] == ["/two"]
    assert [row.url for row in drawn.rows] == ["/one", "/two"]
    assert drawn.has_links


def test_bars_are_as_long_as_their_figures_in_percent() -> None:
    drawn = bars("accepted", ["gift", "steel"], [Value(figure=0.5, low=0.25, high=0.75), None], urls=["/gift", ""])

    assert drawn is not None
    assert [(bar.label, bar.length, bar.whisker, bar.text, bar.url) for bar in drawn.bars] == [
        ("gift", 50.0, (75.0, 25.0), "50% (25% to 75%)", "/gift"),
        ("steel", 0.0, None, "–", ""),
    ]


def test_no_label_has_no_bars() -> None:
    assert bars("accepted", [], []) is None


@pytest.mark.parametrize(
    ("figure", "unit", "text"),
    [(0.315, "share", "32%"), (1204.0, "number", "1,204"), (0.25, "number", "0.25"), (8.54, "seconds", "8.54 s")],
)
def test_a_figure_is_told_in_its_unit(figure: float, unit: Unit, text: str) -> None:
    assert told(figure, unit) == text
