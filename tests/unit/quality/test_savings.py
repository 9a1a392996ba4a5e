"""What choosing has saved, and when labelling no longer pays."""

import numpy as np
import pytest

from titlelab.quality.savings import Asked, outlook, saved


def items(n: int, corrections: int, *, is_random: bool, stage: str = "t1", n_labels: int = 0) -> list[Asked]:
    return [Asked(stage=stage, is_random=is_random, n_labels=n_labels, n_corrections=corrections) for _ in range(n)]


def test_chosen_items_with_twice_the_corrections_have_saved_as_many_labels_as_were_asked() -> None:
    told = saved([*items(40, 1, is_random=True), *items(60, 2, is_random=False)])

    assert told is not None
    assert (told.n_random, told.n_chosen) == (40, 60)
    assert told.yield_ratio.value == pytest.approx(2)
    assert told.labels.value == pytest.approx(60)
    assert told.labels.low == told.labels.high == pytest.approx(60)  # no item differs from another of its arm


def test_arms_are_compared_within_a_stage_though_models_get_better() -> None:
    """Early on everything needs mending and mostly random items were asked; that is no merit of either arm."""
    early = [*items(40, 4, is_random=True, stage="t0"), *items(10, 4, is_random=False, stage="t0")]
    late = [*items(10, 1, is_random=True, stage="t9"), *items(40, 1, is_random=False, stage="t9")]

    told = saved([*early, *late])

    assert told is not None
    assert told.labels.value == pytest.approx(0)


def test_the_interval_holds_what_chance_could_make_of_it() -> None:
    rng = np.random.default_rng(0)
    random = [Asked(stage="t", is_random=True, n_labels=0, n_corrections=int(rng.poisson(1.0))) for _ in range(60)]
    chosen = [Asked(stage="t", is_random=False, n_labels=0, n_corrections=int(rng.poisson(2.0))) for _ in range(200)]

    told = saved([*random, *chosen])

    assert told is not None
    assert told.yield_ratio.low < 2.0 < told.yield_ratio.high
    assert told.labels.low < told.labels.value < told.labels.high


@pytest.mark.parametrize(
    "asked",
    [
        [],
        [*items(29, 1, is_random=True), *items(60, 2, is_random=False)],
        [*items(40, 1, is_random=True), *items(29, 2, is_random=False)],
        [*items(40, 0, is_random=True), *items(60, 2, is_random=False)],
        [*items(40, 1, is_random=True, stage="a"), *items(60, 2, is_random=False, stage="b")],
    ],
)
def test_too_little_is_told_as_nothing(asked: list[Asked]) -> None:
    assert saved(asked) is None


def falling(n_a_stage: int = 80) -> list[Asked]:
    """Return random items whose need of mending falls as the square root of the labels: 80 %, 40 %, 20 %, 10 %."""
    shares = {24: 0.8, 99: 0.4, 399: 0.2, 1599: 0.1}
    return [
        Asked(stage=str(n), is_random=True, n_labels=n, n_corrections=int(i < share * n_a_stage))
        for n, share in shares.items()
        for i in range(n_a_stage)
    ]


def test_the_next_label_is_worth_what_the_fall_of_errors_spares_the_products_left() -> None:
    """At e(n) = 4 (n + 1)^-0.5 and n = 1599: e = 0.1, -e' = 0.1 * 0.5 / 1600, so 64,000 products are spared two."""
    told = outlook(falling(), n_labels=1599, n_left=64_000)

    assert told is not None
    assert told.mending.value == pytest.approx(0.1, abs=0.02)
    assert told.spared.value == pytest.approx(2, abs=0.6)
    assert told.spared.low < told.spared.value < told.spared.high
    assert told.pays_until.value == pytest.approx((64_000 * 4 * 0.5) ** (1 / 1.5) - 1, rel=0.2)


def test_labelling_pays_while_much_is_left_and_no_longer_when_little_is() -> None:
    early, late = outlook(falling(), n_labels=100, n_left=100_000), outlook(falling(), n_labels=5000, n_left=500)

    assert early is not None
    assert late is not None
    assert (early.pays, late.pays) == (True, False)


def test_errors_that_do_not_fall_promise_nothing() -> None:
    flat = [
        Asked(stage=str(n), is_random=True, n_labels=n, n_corrections=i % 2) for n in (0, 100, 400) for i in range(40)
    ]

    told = outlook(flat, n_labels=400, n_left=1000)

    assert told is not None
    assert told.mending.value == pytest.approx(0.5)
    assert told.spared.value == pytest.approx(0, abs=0.05)


def test_no_outlook_without_three_stages_or_enough_random_items() -> None:
    assert outlook(falling(7), n_labels=1600, n_left=100) is None
    assert outlook(items(80, 1, is_random=True), n_labels=80, n_left=100) is None
