"""How one worker keeps another from filling the same queue."""

import datetime as dt

import pytest

from tests.factories import NOW, make_queue
from titlelab.review.holding import HOLD, filling

pytestmark = pytest.mark.django_db
SOON, LATER = NOW + dt.timedelta(seconds=1), NOW + 2 * HOLD


def test_a_queue_is_one_workers_at_a_time() -> None:
    queue, other = make_queue(), make_queue()

    with filling(queue, NOW) as first, filling(queue, SOON) as second, filling(other, SOON) as elsewhere:
        assert (first, second, elsewhere) == (True, False, True)


def test_a_queue_is_free_again_when_it_is_filled() -> None:
    queue = make_queue()
    with filling(queue, NOW):
        pass

    with filling(queue, SOON) as is_ours:
        assert is_ours


def test_a_queue_is_free_again_when_filling_it_went_wrong() -> None:
    queue = make_queue()
    with pytest.raises(ValueError, match="no draft"), filling(queue, NOW):
        raise ValueError("no draft")

    with filling(queue, SOON) as is_ours:
        assert is_ours


def test_a_dead_worker_holds_a_queue_for_a_while_only() -> None:
    queue = make_queue()
    dead = filling(queue, NOW)
    dead.__enter__()

    with filling(queue, LATER) as is_ours:
        assert is_ours


def test_who_was_overtaken_lets_nothing_go_that_is_anothers() -> None:
    queue = make_queue()
    slow, second = filling(queue, NOW), filling(queue, LATER)
    slow.__enter__()
    second.__enter__()
    slow.__exit__(None, None, None)

    with filling(queue, LATER) as is_ours:
        assert not is_ours
