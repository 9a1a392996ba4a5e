"""Which products are chosen, and in what order they are asked."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from titlelab.review.priority import (
    Arm,
    Candidate,
    Choice,
    combined_worth,
    interleaved,
    most_useful,
    random_places,
    rank,
)


def candidate(product_id: int, uncertainty: float = 0.5, **fields: Any) -> Candidate:
    defaults: dict[str, Any] = {
        "title_uncertainty": uncertainty,
        "tag_uncertainty": uncertainty,
        "words": frozenset({f"word {product_id}"}),
        "age_days": 0.0,
    }
    return Candidate(product_id=product_id, **{**defaults, **fields})


def choose(
    candidates: list[Candidate], n: int, *, n_random: int = 0, seed: int = 0, asked: tuple[frozenset[str], ...] = ()
) -> list[Choice]:
    rng = np.random.default_rng(seed)
    return most_useful(candidates, n, n_random=n_random, patience_days=30, rng=rng, asked=asked)


def test_the_least_certain_are_chosen_and_told_why() -> None:
    choices = choose([candidate(1, 0.1), candidate(2, 0.62, tag_uncertainty=0.31), candidate(3, 0.2)], 2)

    assert [c.product_id for c in choices] == [2, 3]
    assert choices[0] == Choice(product_id=2, arm="uncertain", why="unsure of the title 62%, of the tags 31%")


def test_the_random_arm_is_drawn_whatever_the_model_thinks() -> None:
    """Of 10 products each should be drawn 200 times in 2000 draws; 5 standard deviations are 67."""
    candidates = [candidate(i, uncertainty=i / 10, age_days=10 * i) for i in range(10)]

    drawn = Counter(
        c.product_id for seed in range(1000) for c in choose(candidates, 4, n_random=2, seed=seed) if c.arm == "random"
    )

    assert sum(drawn.values()) == 2000
    assert all(abs(drawn[i] - 200) < 67 for i in range(10))


def test_chance_never_draws_one_that_is_there_for_its_age() -> None:
    candidates = [candidate(1), *(candidate(i, is_by_chance=False) for i in range(2, 9))]

    choices = choose(candidates, 4, n_random=4)

    assert [c.product_id for c in choices if c.arm == "random"] == [1]


def test_the_overdue_come_oldest_first_and_leave_half_of_the_places() -> None:
    candidates = [candidate(i, uncertainty=i / 10, age_days=30 + i) for i in range(8)]

    choices = choose(candidates, 4)

    assert [(c.product_id, c.arm) for c in choices] == [
        (7, "overdue"),
        (6, "overdue"),
        (5, "uncertain"),
        (4, "uncertain"),
    ]
    assert choices[0].why == "waiting for 37 days"


def test_of_two_near_twins_one_is_asked_and_the_other_comes_last() -> None:
    shoe = frozenset({"red", "shoe"})
    candidates = [candidate(1, 0.9, words=shoe), candidate(2, 0.8, words=shoe), candidate(3, 0.1)]

    assert [c.product_id for c in choose(candidates, 3)] == [1, 3, 2]


def test_a_twin_of_what_waits_already_comes_last() -> None:
    candidates = [candidate(1, 0.9, words=frozenset({"red", "shoe"})), candidate(2, 0.1)]

    choices = choose(candidates, 1, asked=(frozenset({"red", "shoe"}),))

    assert [c.product_id for c in choices] == [2]


def test_of_products_as_doubtful_the_one_like_many_is_asked_first_and_says_so() -> None:
    shoes = [
        candidate(i, words=frozenset(f"red leather shoe with laces for long walks on hills {i}".split()))
        for i in range(2, 8)
    ]

    choices = choose([candidate(1, words=frozenset({"tea"})), *shoes], 1)

    assert choices[0].product_id != 1
    assert choices[0].why == "unsure of the title 50%, of the tags 50%; about 6 that may be asked are like it"


def test_title_and_tag_uncertainty_weigh_alike_whatever_their_scales() -> None:
    candidates = [
        candidate(1, title_uncertainty=0.001, tag_uncertainty=0.9),
        candidate(2, title_uncertainty=0.002, tag_uncertainty=0.1),
        candidate(3, title_uncertainty=0.003, tag_uncertainty=0.9),
    ]

    combined = combined_worth(candidates)

    # Shares of the mean: title 0.5, 1, 1.5; tags 2.3026, 0.1054 and 2.3026 of 1.5702 (-log(1 - u)).
    assert combined == pytest.approx([(0.5 + 1.4664) / 2, (1 + 0.0671) / 2, (1.5 + 1.4664) / 2], abs=2e-3)


def test_nobody_to_choose_from_gives_no_choice() -> None:
    assert choose([], 3, n_random=1) == []


@given(
    n=st.integers(0, 12), n_random=st.integers(0, 12), ages=st.lists(st.floats(0, 90), max_size=10), seed=st.integers(0)
)
def test_as_many_as_there_are_places_are_chosen_and_none_twice(
    n: int, n_random: int, ages: list[float], seed: int
) -> None:
    candidates = [candidate(i, age_days=age) for i, age in enumerate(ages)]

    choices = choose(candidates, n, n_random=n_random, seed=seed)

    assert len({c.product_id for c in choices}) == len(choices) == min(n, len(ages))
    assert sum(c.arm == "random" for c in choices) == min(n, n_random, len(ages))


@pytest.mark.parametrize(
    ("share", "n_waiting", "n_waiting_random", "room", "expected"),
    [
        (0.2, 0, 0, 40, 8),
        (0.1, 0, 0, 3, 1),
        (0.2, 39, 8, 1, 0),
        (0.2, 39, 7, 1, 1),
        (0.2, 30, 0, 2, 2),
        (0.1, 20, 9, 10, 0),
        (1.0, 0, 0, 5, 5),
    ],
)
def test_all_that_waits_keeps_its_random_share(
    share: float, n_waiting: int, n_waiting_random: int, room: int, expected: int
) -> None:
    assert random_places(share, n_waiting=n_waiting, n_waiting_random=n_waiting_random, room=room) == expected


def test_random_items_are_spread_evenly() -> None:
    choices = _choices("random", "random", *["uncertain"] * 4)

    assert [c.arm[0] for c in interleaved(choices)] == ["u", "u", "r", "u", "u", "r"]


@given(arms=st.lists(st.sampled_from(["random", "uncertain", "overdue"])))
def test_every_first_part_of_the_order_holds_its_share_of_random_items(arms: list[Arm]) -> None:
    choices = _choices(*arms)

    order = interleaved(choices)

    assert sorted(order, key=lambda c: c.product_id) == choices
    for m in range(len(order)):
        assert sum(c.arm == "random" for c in order[:m]) == m * arms.count("random") // len(arms)


@given(position=st.integers(0, 1_000_000))
def test_ranks_grow_and_are_scores_that_label_studio_takes(position: int) -> None:
    assert 0 <= rank(position) < rank(position + 1) < 1


def _choices(*arms: Arm) -> list[Choice]:
    return [Choice(product_id=i, arm=arm, why="") for i, arm in enumerate(arms)]
