"""Where a chart's points stand."""

import pytest

from titlelab.web.charts import BOTTOM, HEIGHT, LEFT, MOST_LABELS, RIGHT, TOP, WIDTH, Series, Value, chart


def test_nothing_measured_is_no_chart() -> None:
    assert chart([], []) is None


def test_all_stands_at_the_top_and_none_at_the_bottom() -> None:
    drawn = chart(["v1", "v2"], [Series(name="accepted", values=[Value(share=1.0), Value(share=0.0)])])

    assert drawn is not None
    assert [point.y for point in drawn.lines[0].points] == [TOP, HEIGHT - BOTTOM]
    assert LEFT < drawn.lines[0].points[0].x < drawn.lines[0].points[1].x < WIDTH - RIGHT


def test_a_value_that_was_not_measured_leaves_a_gap_and_a_dash() -> None:
    drawn = chart(["v1", "v2"], [Series(name="edit", values=[None, Value(share=0.5)])])

    assert drawn is not None
    assert len(drawn.lines[0].points) == 1
    assert drawn.rows == (("v1", "–"), ("v2", "50%"))


def test_an_interval_is_drawn_and_told() -> None:
    drawn = chart(["v1"], [Series(name="accepted", values=[Value(share=0.5, low=0.25, high=0.75)])])

    assert drawn is not None
    point = drawn.lines[0].points[0]
    assert point.told == "accepted, v1: 50% (25% to 75%)"
    assert point.whisker is not None
    assert point.whisker[0] < point.y < point.whisker[1]


def test_the_words_behind_the_picture_tell_first_and_last() -> None:
    drawn = chart(["v1", "v2"], [Series(name="edit", values=[Value(share=0.4), Value(share=0.1)])])

    assert drawn is not None
    assert drawn.told == "edit: 40% with v1 to 10% with v2"


def test_many_labels_are_thinned_out() -> None:
    drawn = chart([f"v{n}" for n in range(30)], [])

    assert drawn is not None
    assert len(drawn.x_marks) <= MOST_LABELS


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_what_is_no_share_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="is not a share"):
        chart(["v1"], [Series(name="edit", values=[Value(share=share)])])
