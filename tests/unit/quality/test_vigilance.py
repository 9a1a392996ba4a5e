"""Signs of rubber-stamping: told where a person is far from the others, and not where chance or luck explains it."""

import pytest

from titlelab.quality.vigilance import (
    Answer,
    Sign,
    accepts_more,
    chance_of_run,
    hurried_below,
    hurries,
    long_run,
    longest_run,
    passes_warnings,
    signs,
)


def answers(
    pattern: str, *, seconds: float | None = 10.0, is_random: bool = True, is_warned: bool = False
) -> list[Answer]:
    """Read "aae" as two acceptances and an edit."""
    return [
        Answer(decision_id=n, is_accepted=sign == "a", is_random=is_random, is_warned=is_warned, seconds=seconds)
        for n, sign in enumerate(pattern, start=1)
    ]


def kind(sign: Sign | None) -> str | None:
    return sign.kind if sign else None


def test_who_accepts_nearly_all_where_others_accept_half_is_told() -> None:
    found = accepts_more(answers("a" * 38 + "ee"), answers("ae" * 20))

    assert found is not None
    assert (found.kind, found.value, found.usual, found.n) == ("accepts_more", 0.95, 0.5, 40)
    assert len(found.decision_ids) == 38


@pytest.mark.parametrize(
    ("own", "others"),
    [("a" * 10, "ae" * 20), ("aae" * 8, "ae" * 20), ("a" * 90 + "e" * 10, "aaaae" * 400)],
    ids=["too few answers", "intervals meet", "a tenth apart"],
)
def test_a_share_near_the_others_is_no_sign(own: str, others: str) -> None:
    assert accepts_more(answers(own), answers(others)) is None


def test_only_what_chance_drew_is_held_against_the_others() -> None:
    assert accepts_more(answers("a" * 40, is_random=False), answers("ae" * 20)) is None


def test_who_accepts_what_was_warned_of_is_told() -> None:
    calm, warned = answers("a" * 40), answers("a" * 40, is_warned=True)

    assert kind(passes_warnings(warned, answers("ae" * 20, is_warned=True))) == "passes_warnings"
    assert passes_warnings(calm, answers("ae" * 20)) is None  # nothing was warned of


def test_acceptances_in_a_quarter_of_the_usual_time_are_told_with_their_decisions() -> None:
    own = [*answers("e" * 30, seconds=12.0), *answers("a" * 17, seconds=8.0), *answers("aaa", seconds=1.5)]
    others = answers("ae" * 20, seconds=10.0)

    found = hurries(own, others)

    assert hurried_below(own, others) == 2.5  # a quarter of 10, the smaller of the two medians
    assert found is not None
    assert (found.value, found.usual, found.n, found.decision_ids) == (0.15, 2.5, 20, (1, 2, 3))


def test_who_is_fast_in_everything_is_held_against_his_own_pace() -> None:
    own = answers("ae" * 20, seconds=3.0)

    assert hurries(own, answers("ae" * 20, seconds=20.0)) is None


def test_without_times_nobody_hurries() -> None:
    assert hurries(answers("a" * 40, seconds=None), answers("ae" * 20)) is None


def test_a_run_that_chance_would_hardly_bring_is_told() -> None:
    found = long_run(answers("ae" * 20 + "a" * 25), answers("ae" * 50))

    assert found is not None
    assert (found.kind, found.value, found.n) == ("long_run", 25, 65)
    assert 4 < found.usual < 7  # of 65 answers at three in five
    assert found.decision_ids == tuple(range(41, 66))


def test_where_all_accept_nearly_all_a_long_run_is_no_sign() -> None:
    assert long_run(answers("a" * 60), answers("a" * 95 + "e" * 5)) is None


def test_the_longest_run_is_the_first_of_equal_ones() -> None:
    assert [answer.decision_id for answer in longest_run(answers("aaeaaea"))] == [1, 2]
    assert longest_run(answers("ee")) == []


@pytest.mark.parametrize(
    ("length", "n", "p", "expected"),
    [(7, 100, 0.5, 0.323), (10, 100, 0.5, 0.0477), (0, 5, 0.5, 1.0), (3, 5, 1.0, 1.0)],
)
def test_the_chance_of_a_run_is_fellers(length: int, n: int, p: float, expected: float) -> None:
    """Exact for a fair coin and 100 throws: 7 or more heads in a row 0.318, 10 or more 0.0441."""
    assert chance_of_run(length, n=n, p=p) == pytest.approx(expected, abs=0.001)


def test_a_careful_person_gives_no_sign_and_a_careless_one_several() -> None:
    others = answers("aae" * 30)

    assert signs(answers("aae" * 20), others) == ()
    careless = [*answers("ea" * 5, seconds=10.0), *answers("a" * 90, seconds=1.0)]
    assert {sign.kind for sign in signs(careless, others)} >= {"accepts_more", "long_run"}
    assert signs([], []) == ()
