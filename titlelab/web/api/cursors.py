"""Where a reader of a growing list stands: a row's time of change and its id, told as an opaque text.

A list is read in the order of change, so a row that changes while it is read comes again, at the end, and none is left
out. A writer's rows may become visible some seconds after the time they carry; so the cursor that ends a reading steps
back to before the reading came near the present, and the next reading repeats those few rows. Computes only.
"""

import base64
import binascii
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

# A write transaction takes some 0.1 s, see catalog/importing.py, and waits for a lock 30 s at most.
UNSETTLED = dt.timedelta(seconds=60)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_LARGEST_ID = 2**63 - 1
_YEARS = range(1970, 3000)


class BadCursor(ValueError):
    """The text is no cursor of this list: the caller starts again without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Read up to and including the row of this time and id.

    floor is where the next reading begins, once this one has come near the present; None before.
    """

    at: dt.datetime = EPOCH
    row_id: int = 0
    floor: dt.datetime | None = None

    def text(self, kind: str) -> str:
        told = [kind, _microseconds(self.at), self.row_id, self.floor and _microseconds(self.floor)]
        return base64.urlsafe_b64encode(json.dumps(told, separators=(",", ":")).encode()).decode().rstrip("=")


def cursor_of(text: str, kind: str) -> Cursor:
    """Return what `Cursor.text` told, the beginning for ""; raises BadCursor."""
    if not text:
        return Cursor()
    try:
        found_kind, at, row_id, floor = json.loads(
            base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
        )
        if found_kind != kind or type(row_id) is not int or not 0 <= row_id <= _LARGEST_ID:
            raise BadCursor(text)
        return Cursor(at=_time(at), row_id=row_id, floor=None if floor is None else _time(floor))
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error) as e:
        raise BadCursor(text) from e


def after(cursor: Cursor, positions: Sequence[tuple[dt.datetime, int]], *, is_last: bool, now: dt.datetime) -> Cursor:
    """Return where a reader stands who has read rows at these positions, in order, beginning after the cursor."""
    at, row_id = positions[-1] if positions else (cursor.at, cursor.row_id)
    settled = now - UNSETTLED
    floor = cursor.floor if cursor.floor is not None or at <= settled else settled
    read = Cursor(at=at, row_id=row_id, floor=floor)
    if not is_last:
        return read
    if floor is not None and floor < at:
        return Cursor(at=floor)
    return replace(read, floor=None)


def _microseconds(time: dt.datetime) -> int:
    return (time - EPOCH) // _MICROSECOND


def _time(microseconds: object) -> dt.datetime:
    if type(microseconds) is not int:
        raise BadCursor(repr(microseconds))
    time = EPOCH + microseconds * _MICROSECOND
    if time.year not in _YEARS:  # it would be told in another time zone, and counted on from
        raise BadCursor(repr(microseconds))
    return time
