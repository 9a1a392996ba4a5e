"""A reader that comes again misses nothing, whenever writers' rows become visible."""

import datetime as dt
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from titlelab.web.api.cursors import EPOCH, UNSETTLED, BadCursor, Cursor, after, cursor_of

NOW = dt.datetime(2026, 7, 30, 12, 0, tzinfo=dt.UTC)
OLD, RECENT = NOW - dt.timedelta(days=1), NOW - dt.timedelta(seconds=5)
times = st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2999, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001


@given(at=times, row_id=st.integers(0, 2**63 - 1), floor=st.none() | times)
def test_a_cursor_is_read_back_as_it_was_told(at: dt.datetime, row_id: int, floor: dt.datetime | None) -> None:
    cursor = Cursor(at=at, row_id=row_id, floor=floor)

    assert cursor_of(cursor.text("product"), "product") == cursor


@given(text=st.text(max_size=80) | st.from_regex(r"[A-Za-z0-9_-]{1,60}", fullmatch=True))
def test_a_text_that_is_no_cursor_is_refused(text: str) -> None:
    if text:
        with pytest.raises(BadCursor):
            cursor_of(text, "product")


def test_a_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(BadCursor):
        cursor_of(Cursor(at=OLD).text("product"), "decision")


def test_no_cursor_is_the_beginning() -> None:
    assert cursor_of("", "product") == Cursor(at=EPOCH, row_id=0)


def test_old_rows_are_read_once() -> None:
    assert after(Cursor(), [(OLD, 3), (OLD, 7)], is_last=True, now=NOW) == Cursor(at=OLD, row_id=7)


def test_a_reading_that_came_near_the_present_begins_again_before_it() -> None:
    first = after(Cursor(), [(OLD, 3), (RECENT, 7)], is_last=False, now=NOW)
    later = NOW + dt.timedelta(seconds=20)

    assert first == Cursor(at=RECENT, row_id=7, floor=NOW - UNSETTLED)
    assert after(first, [(later, 9)], is_last=True, now=later) == Cursor(at=NOW - UNSETTLED)


def test_an_empty_page_leaves_the_reader_where_it_stands() -> None:
    place = Cursor(at=OLD, row_id=7)

    assert after(place, [], is_last=True, now=NOW) == place


@dataclass(frozen=True)
class Write:
    """A row stamped at a second and visible some seconds later."""

    stamped: int
    lasts: int


@given(
    writes=st.lists(st.builds(Write, st.integers(0, 400), st.integers(0, 59)), max_size=30),
    reads=st.lists(st.integers(0, 500), min_size=1, max_size=40),
    limit=st.integers(1, 4),
)
def test_whoever_reads_on_sees_every_row(writes: list[Write], reads: list[int], limit: int) -> None:
    seen: set[int] = set()
    place = Cursor()
    for at in [*sorted(reads), *range(600, 800, 2)]:
        now = NOW + dt.timedelta(seconds=at)
        visible = sorted(
            (NOW + dt.timedelta(seconds=w.stamped), n) for n, w in enumerate(writes, 1) if w.stamped + w.lasts <= at
        )
        rows = [row for row in visible if row > (place.at, place.row_id)]
        seen |= {n for _, n in rows[:limit]}
        place = after(place, rows[:limit], is_last=len(rows) <= limit, now=now)

    assert seen == set(range(1, len(writes) + 1))


@pytest.mark.parametrize("at", [dt.datetime(1, 1, 1, tzinfo=dt.UTC), dt.datetime.max.replace(tzinfo=dt.UTC)])
def test_a_moment_that_other_time_zones_cannot_tell_is_refused(at: dt.datetime) -> None:
    with pytest.raises(BadCursor):
        cursor_of(Cursor(at=at, row_id=1).text("product"), "product")
