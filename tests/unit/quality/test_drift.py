"""What counts as drift: known values, and how seldom chance is taken for it."""

import numpy as np
import pytest

from titlelab.quality.drift import OTHERS, Drift, Histogram, Move, drift, is_beyond, jensen_shannon, psi

RULE = 0.25  # the rule of thumb's "major change"


def rng(seed: int = 7) -> np.random.Generator:
    return np.random.default_rng(seed)


def drawn(shares: dict[str, float], n: int, seed: int) -> Histogram:
    """Draw n with one label each."""
    counts = rng(seed).multinomial(n, list(shares.values()))
    return Histogram(n=n, counts=dict(zip(shares, map(int, counts), strict=True)))


def measured(before: Histogram, now: Histogram) -> Drift:
    found = drift(before, now, rng=rng())
    assert found is not None
    return found


def alarms_at(found: Drift, threshold: float) -> bool:
    return is_beyond(found.psi, found.by_chance, threshold=threshold)


def test_the_stability_index_of_a_worked_case() -> None:
    # (0.4 - 0.5) ln 0.8 + (0.3 - 0.3) ln 1 + (0.3 - 0.2) ln 1.5 = 0.02231 + 0.04055, of counts that hide the smoothing
    found = psi(np.array([500_000, 300_000, 200_000]), np.array([400_000, 300_000, 300_000]))

    assert found == pytest.approx(0.06286, abs=1e-5)


def test_a_label_that_is_new_has_a_finite_index() -> None:
    found = psi(np.array([100, 0]), np.array([50, 50]))

    # shares (100.5, 0.5)/101 against (50.5, 50.5)/101: (-50/101) ln(50.5/100.5) + (50/101) ln(50.5/0.5)
    assert found == pytest.approx(0.34067 + 2.28471, abs=1e-4)


def test_divergence_is_nothing_for_equal_shares_and_one_bit_for_none_in_common() -> None:
    assert jensen_shannon(np.array([1, 3]), np.array([10, 30])) == pytest.approx(0.0, abs=1e-12)
    assert jensen_shannon(np.array([5, 0]), np.array([0, 9])) == pytest.approx(1.0)


def test_divergence_of_a_worked_case() -> None:
    # p = (1, 0), q = (1/2, 1/2), m = (3/4, 1/4): ½·log2(4/3) + ½·(½·log2(2/3) + ½·log2 2) = 0.31128
    assert jensen_shannon(np.array([8, 0]), np.array([4, 4])) == pytest.approx(0.31128, abs=1e-5)


def test_divergence_is_the_same_both_ways() -> None:
    a, b = np.array([9, 1, 5]), np.array([2, 2, 8])

    assert jensen_shannon(a, b) == pytest.approx(jensen_shannon(b, a))


def test_a_new_category_is_drift_and_is_named_first() -> None:
    before = Histogram(n=1000, counts={"Shoes": 600, "Bags": 400})
    now = Histogram(n=200, counts={"Shoes": 60, "Bags": 60, "Toys": 80})

    found = measured(before, now)

    assert alarms_at(found, RULE)
    assert found.moved[0] == Move(label="Toys", before=0.0, now=0.4)
    assert (found.n_before, found.n_now) == (1000, 200)


def test_a_move_that_is_sure_but_small_is_not_worth_telling() -> None:
    before = Histogram(n=100_000, counts={"Shoes": 50_000, "Bags": 50_000})
    now = Histogram(n=100_000, counts={"Shoes": 55_000, "Bags": 45_000})

    found = measured(before, now)

    assert found.psi > found.by_chance
    assert not alarms_at(found, RULE)


def test_fifty_products_over_many_brands_do_not_alarm_though_the_rule_of_thumb_would() -> None:
    shares = {f"brand {i}": share for i, share in enumerate(rng(1).dirichlet(np.full(40, 0.4)))}
    before = drawn(shares, 2000, seed=0)

    found = [measured(before, drawn(shares, 50, seed)) for seed in range(1, 201)]
    naive = [_unpooled_psi(before, drawn(shares, 50, seed)) for seed in range(1, 201)]

    assert sum(index >= RULE for index in naive) > 190
    assert not any(alarms_at(each, RULE) for each in found)


@pytest.mark.parametrize("n", [40, 300])
def test_chance_alone_goes_beyond_chance_about_once_in_a_thousand(n: int) -> None:
    shares = {"a": 0.4, "b": 0.3, "c": 0.2, "d": 0.08, "e": 0.02}

    alarms = sum(
        alarms_at(measured(drawn(shares, 500, 2 * seed), drawn(shares, n, 2 * seed + 1)), 0.0) for seed in range(300)
    )

    assert alarms <= 3  # 0.3 are expected; 4 or more come once in 4,000 times


def test_of_many_tags_none_alarms_by_chance() -> None:
    alarms = sum(alarms_at(measured(tagged(400, seed), tagged(60, seed + 1000)), 0.0) for seed in range(150))

    assert alarms <= 2


def test_a_tag_that_appears_is_drift_beside_many_that_stay() -> None:
    before, now = tagged(400, 1), tagged(200, 2)
    now = Histogram(n=200, counts={**now.counts, "vegan": 90}, is_exclusive=False)

    found = measured(before, now)

    assert alarms_at(found, RULE)
    assert found.moved[0] == Move(label="vegan", before=0.0, now=0.45)


def test_the_limit_of_chance_agrees_with_chi_square_in_large_populations() -> None:
    shares = dict.fromkeys("abcdefghij", 0.1)
    found = measured(drawn(shares, 20_000, 1), drawn(shares, 20_000, 2))

    # Yurdakul & Naranjo 2020: psi / (1/n + 1/m) is chi-square with k - 1 = 9 degrees; its 0.999 quantile is 27.877
    assert found.by_chance == pytest.approx(27.877 * (1 / 20_000 + 1 / 20_000), rel=0.25)


def test_rare_labels_count_together() -> None:
    before = Histogram(n=300, counts={"Norvik": 200, **{f"small {i}": 1 for i in range(100)}})
    now = Histogram(n=300, counts={"Norvik": 20, **{f"other {i}": 1 for i in range(280)}})

    found = measured(before, now)

    assert alarms_at(found, RULE)
    assert {move.label for move in found.moved} == {"Norvik", OTHERS}


def test_few_say_nothing() -> None:
    many, few = Histogram(n=1000, counts={"a": 1000}), Histogram(n=29, counts={"b": 29})

    assert drift(many, few, rng=rng()) is None
    assert drift(few, many, rng=rng()) is None


def test_a_single_label_has_not_moved() -> None:
    same = Histogram(n=100, counts={"en": 100})

    found = measured(same, same)

    assert (found.psi, found.js, alarms_at(found, 0.0)) == (0.0, 0.0, False)


def test_the_same_figures_give_the_same_answer() -> None:
    before, now = tagged(400, 1), tagged(60, 2)

    assert measured(before, now) == measured(before, now)


@pytest.mark.parametrize("counts", [{"a": 3}, {"a": 6}, {"a": 6, "b": -1}])
def test_counts_that_cannot_be_are_refused(counts: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"of 5|the 5 there are"):
        Histogram(n=5, counts=counts)


def tagged(n: int, seed: int) -> Histogram:
    """Draw n with each of 40 tags at its own rate."""
    rates = np.linspace(0.02, 0.6, 40)
    return Histogram(
        n=n,
        counts={f"tag {i}": int(count) for i, count in enumerate(rng(seed).binomial(n, rates))},
        is_exclusive=False,
    )


def _unpooled_psi(before: Histogram, now: Histogram) -> float:
    return float(psi(np.array([*before.counts.values()]), np.array([*now.counts.values()])))
