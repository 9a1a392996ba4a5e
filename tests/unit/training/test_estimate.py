import pytest

from titlelab.training.estimate import in_words, seconds_left


@pytest.mark.parametrize(
    ("elapsed_s", "progress", "usual_s", "expected"),
    [
        (60.0, 0.25, None, 180.0),
        (60.0, 0.25, 1000.0, 180.0),
        (10.0, 0.0, 100.0, 90.0),
        (200.0, 0.01, 100.0, 0.0),
        (10.0, 0.0, None, None),
        (50.0, 1.0, None, 0.0),
    ],
)
def test_what_is_left_is_told_by_the_pace_or_by_the_last_run(
    elapsed_s: float, progress: float, usual_s: float | None, expected: float | None
) -> None:
    assert seconds_left(elapsed_s=elapsed_s, progress=progress, usual_s=usual_s) == expected


@pytest.mark.parametrize(
    ("left_s", "expected"),
    [(None, ""), (5.0, "less than a minute left"), (70.0, "about 1 minute left"), (300.0, "about 5 minutes left")],
)
def test_an_estimate_is_told_roughly(left_s: float | None, expected: str) -> None:
    assert in_words(left_s) == expected
