"""Agreement, against published and hand-worked values."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from titlelab.quality.agreement import (
    alpha,
    masi_distances,
    tag_agreement,
    title_agreement,
)
from titlelab.quality.likeness import chrf

# Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", section C: four observers, twelve units, some of them
# not seen by all. Published: alpha 0.743 for nominal data, 0.849 for interval data.
PUBLISHED = [
    [1, 1, 1], [2, 2, 3, 2], [3, 3, 3, 3], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 3, 4], [4, 4, 4, 4], [1, 1, 2, 1],
    [2, 2, 2, 2], [5, 5, 5], [1, 1], [3],
]  # fmt: skip
sets = st.frozensets(st.sampled_from("abcde"), max_size=4)


def nominal(values: Sequence[int]) -> NDArray[np.float64]:
    return 1.0 - np.eye(len(values))


def interval(values: Sequence[int]) -> NDArray[np.float64]:
    return np.subtract.outer(np.array(values, float), np.array(values, float)) ** 2


def tags(*units: str) -> list[list[frozenset[str]]]:
    """Read "ab a" as two people's tags of one product."""
    return [[frozenset(answer.strip("-")) for answer in unit.split()] for unit in units]


@pytest.mark.parametrize(("distances", "published"), [(nominal, 0.743), (interval, 0.849)])
def test_alpha_is_the_published_one(distances: object, published: float) -> None:
    found = alpha(PUBLISHED, distances)  # type: ignore[arg-type] # one of the two above

    assert found is not None
    assert found.value == pytest.approx(published, abs=0.0005)
    assert (found.n, found.n_values) == (11, 40)  # the twelfth unit was seen by one observer alone


def test_sets_of_one_tag_each_are_nominal_data() -> None:
    found = tag_agreement([[frozenset([str(value)]) for value in unit] for unit in PUBLISHED])

    assert found is not None
    assert found.value == pytest.approx(0.743, abs=0.0005)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("ab", "ab", 0.0),
        ("", "", 0.0),
        ("ab", "abcd", 2 / 3),  # J = 1/2, M = 2/3
        ("abc", "bcd", 5 / 6),  # J = 1/2, M = 1/3
        ("a", "b", 1.0),
        ("", "a", 1.0),
    ],
)
def test_masi_is_jaccard_weighed_by_how_the_sets_lie(one: str, other: str, expected: float) -> None:
    assert masi_distances([frozenset(one), frozenset(other)]) == pytest.approx(np.array([[0, expected], [expected, 0]]))


def test_alpha_of_sets_worked_by_hand() -> None:
    """Three products, two people: {a,b} {a,b}; {a} {a,b}; {c} {c}.

    Distances: a–ab 1 - 1/2 x 2/3 = 2/3, any to c 1. Observed: (0 + 2 x 2/3 + 0) / 6 = 2/9. Expected over the 30 ordered
    pairs of ab ab a ab c c: ab–a 3 x 2 x 2/3 = 4, ab–c 3 x 2 x 2 = 12, a–c 1 x 2 x 2 = 4: 20/30. Alpha 1 - 1/3.
    """
    found = tag_agreement(tags("ab ab", "a ab", "c c"))

    assert found is not None
    assert found.value == pytest.approx(2 / 3)
    assert found.low is None  # three products have no interval


def test_who_always_agrees_has_an_alpha_of_one_and_a_narrow_interval() -> None:
    found = tag_agreement(tags("a a", "b b", "ab ab", "c c", "d d", "a a", "b b"))

    assert found is not None
    assert (found.value, found.low, found.high) == (1.0, 1.0, 1.0)


def test_chance_has_an_alpha_near_zero_within_its_interval() -> None:
    rng = np.random.default_rng(1)
    units = [[frozenset(rng.choice(list("abcd"), 2, replace=False)) for _ in range(2)] for _ in range(200)]

    found = tag_agreement(units)

    assert found is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0 < found.high
    assert abs(found.value) < 0.1


@pytest.mark.parametrize("units", [(), ("a",), ("a a", "a a")], ids=["none", "nobody met", "no other answer"])
def test_without_a_chance_to_disagree_there_is_no_alpha(units: tuple[str, ...]) -> None:
    assert tag_agreement(tags(*units)) is None


def test_titles_agree_by_the_mean_over_products_of_both_orders() -> None:
    likeness = {("p", "q"): 0.4, ("q", "p"): 0.6, ("r", "r"): 1.0}

    found = title_agreement([["p", "q"], ["r", "r"], ["alone"]], lambda one, other: likeness[one, other])

    assert found is not None
    assert found.value == pytest.approx(0.75)  # (0.5 + 1.0) / 2
    assert (found.n, found.n_values, found.low) == (2, 4, None)


def test_titles_that_differ_in_a_word_agree_more_than_strangers() -> None:
    near = title_agreement([["Norvik Bottle 750 ml", "Norvik Bottle Blue 750 ml"]] * 6, chrf)
    far = title_agreement([["Norvik Bottle 750 ml", "Orvel desk lamp"]] * 6, chrf)

    assert near is not None
    assert far is not None
    assert near.value > 0.7 > 0.3 > far.value
    assert near.low == pytest.approx(near.value)  # all products are alike
    assert title_agreement([], chrf) is None


@given(st.lists(st.lists(sets, min_size=1, max_size=4), max_size=12))
def test_alpha_never_exceeds_one_and_cares_for_no_order(units: list[list[frozenset[str]]]) -> None:
    found = tag_agreement(units)
    turned = tag_agreement([unit[::-1] for unit in units[::-1]])

    assert (found is None) == (turned is None)
    if found is not None and turned is not None:
        assert found.value <= 1.0 + 1e-9
        assert found.value == pytest.approx(turned.value)
        assert found.low is None or found.low <= found.value + 1e-9 or found.n < 30


@given(st.lists(sets, min_size=2, max_size=5))
def test_masi_distances_are_symmetric_zero_to_equal_sets_and_shares(answers: list[frozenset[str]]) -> None:
    found = masi_distances(answers)

    assert np.allclose(found, found.T)
    assert np.all((found >= 0) & (found <= 1))
    for i, one in enumerate(answers):
        for j, other in enumerate(answers):
            assert (found[i, j] < 1e-9) == (one == other)
