from benchmarks.calibration import expected_calibration_error


def test_probabilities_that_come_true_as_often_as_told_have_no_error() -> None:
    told = [0.25] * 40 + [0.75] * 40
    happened = ([True] + [False] * 3) * 10 + ([True] * 3 + [False]) * 10

    assert expected_calibration_error(told, happened) == 0


def test_sure_and_always_wrong_is_the_greatest_error() -> None:
    assert expected_calibration_error([1.0] * 5, [False] * 5) == 1


def test_the_error_is_the_distance_between_told_and_true() -> None:
    assert expected_calibration_error([0.9] * 100, [True] * 60 + [False] * 40) == 0.3
