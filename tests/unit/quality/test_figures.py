"""Figures and their intervals, against published and hand-worked values."""

import pytest

from titlelab.quality.figures import Figure, Sums, difference, figure, mean, ratio, share, student


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [((48, 80), (56, 70), (0.2, 0.0524, 0.3339)), ((3, 10), (9, 10), (0.6, 0.1705, 0.8090))],
)
def test_differences_of_shares_are_those_of_newcombes_table(
    before: tuple[int, int], after: tuple[int, int], expected: tuple[float, float, float]
) -> None:
    found = difference(share(*before), share(*after))

    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx(expected, abs=5e-5)
    assert found.is_clear


def test_a_difference_whose_interval_holds_zero_is_not_clear() -> None:
    found = difference(share(30, 100), share(36, 100))

    assert found is not None
    assert found.low < 0 < found.high
    assert not found.is_clear


@pytest.mark.parametrize(("degrees", "quantile"), [(4, 2.7764), (7, 2.3646), (10, 2.2281), (29, 2.0452), (1e6, 1.96)])
def test_students_quantile_is_the_tables(degrees: float, quantile: float) -> None:
    assert student(degrees) == pytest.approx(quantile, rel=0.005)


def test_a_mean_has_students_interval() -> None:
    values = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]  # mean 5, variance 32 / 7, standard error 0.7559

    found = mean(8, sum(values), sum(value * value for value in values))

    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((5.0, 3.2125, 6.7875), abs=2e-3)


def test_an_interval_stays_between_nothing_and_the_most() -> None:
    found = mean(6, 5.0, 5.0, most=1.0)  # five ones and a zero

    assert found is not None
    assert (found.value, found.high) == (pytest.approx(5 / 6), 1.0)


def test_a_ratio_of_sums_is_linearised() -> None:
    y, x = [1, 2, 3, 4, 5], [2, 3, 5, 7, 8]  # 0.6; y - 0.6 x squared sums up to 0.16; its error is sqrt(0.00032)

    found = ratio(
        5, sum(y), sum(x), yy=sum(a * a for a in y), xy=sum(a * b for a, b in zip(y, x, strict=True)),
        xx=sum(b * b for b in x),
    )  # fmt: skip

    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((0.6, 0.5503, 0.6497), abs=2e-4)


@pytest.mark.parametrize("of_few", [mean(4, 2.0, 1.5), mean(200, 0.0, 0.0), mean(50, 50.0, 50.0)])
def test_too_few_or_all_alike_have_no_interval_and_no_difference(of_few: Figure | None) -> None:
    assert of_few is not None
    assert (of_few.low, of_few.high) == (None, None)
    assert difference(of_few, mean(8, 40.0, 232.0)) is None


def test_nothing_has_no_figure() -> None:
    assert share(0, 0) is None
    assert mean(0, 0.0, 0.0) is None
    assert ratio(3, 0.0, 0.0, yy=0, xy=0, xx=0) is None
    assert figure("tag_f1", Sums()) is None
    assert difference(None, share(1, 2)) is None


def test_tag_figures_count_all_tags_together() -> None:
    # Three Decisions: proposed 2, 1, 0; final 3, 1, 1; kept 1, 1, 0.
    sums = Sums(
        n=3, n_tagged=3, proposed=3, final=5, kept=2, proposed_proposed=5, final_final=11, kept_kept=2,
        proposed_final=7, proposed_kept=3, final_kept=4,
    )  # fmt: skip

    found = [figure(name, sums) for name in ("tag_precision", "tag_recall", "tag_f1")]

    assert [each.value for each in found if each] == pytest.approx([2 / 3, 2 / 5, 4 / 8])


def test_sums_of_two_weeks_add_up() -> None:
    assert Sums(n=2, edit=0.5) + Sums(n=3, kept=1) == Sums(n=5, edit=0.5, kept=1)
