"""How one worker keeps another from measuring at the same time."""

import datetime as dt

import pytest

from tests.factories import NOW
from titlelab.quality.holding import HOLD, measuring

pytestmark = pytest.mark.django_db
SOON, LATER = NOW + dt.timedelta(seconds=1), NOW + 2 * HOLD


def test_measuring_is_one_workers_at_a_time() -> None:
    with measuring(NOW) as first, measuring(SOON) as second:
        assert (first, second) == (True, False)

    with measuring(SOON) as is_ours:
        assert is_ours


def test_whoever_went_wrong_lets_the_next_one_measure() -> None:
    with pytest.raises(ValueError, match="locked"), measuring(NOW):
        raise ValueError("locked")

    with measuring(SOON) as is_ours:
        assert is_ours


def test_a_dead_worker_keeps_the_others_from_measuring_for_a_while_only() -> None:
    measuring(NOW).__enter__()

    with measuring(LATER) as is_ours:
        assert is_ours


def test_who_was_overtaken_lets_nothing_go_that_is_anothers() -> None:
    slow, second = measuring(NOW), measuring(LATER)
    slow.__enter__()
    second.__enter__()
    slow.__exit__(None, None, None)

    with measuring(LATER) as is_ours:
        assert not is_ours
