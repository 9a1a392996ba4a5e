"""Celery's file-system transport, made safe for several processes and for a crash at any line.

kombu 5.7 writes messages and exchange tables in place: a reader that comes between the opening and the writing finds an
empty file and its worker dies of it. Here a message appears whole, is claimed by renaming it within its folder, and
the tables are changed by one process at a time.
"""

import contextlib
import fcntl
import json
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem

logger = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    """A channel whose files are whole whenever anybody sees them."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]  # the stubs disagree
        """Write beside the queue and rename; a reader sees all of a message or nothing."""
        folder = Path(self.data_folder_out)
        aside = folder / f".{os.getpid()}-{os.urandom(8).hex()}"
        aside.write_text(json.dumps(payload), encoding="utf-8")
        # In the order of the clock, as kombu names them; the random part keeps two apart.
        aside.rename(folder / f"{time.time_ns():020}_{os.urandom(8).hex()}.{queue}.msg")

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """Claim the oldest message by renaming it: of two workers one succeeds. Raises Empty when there is none."""
        for name in sorted(path.name for path in Path(self.data_folder_in).iterdir()):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            claimed = Path(self.data_folder_in, f".{name}")
            try:
                Path(self.data_folder_in, name).rename(claimed)
            except FileNotFoundError:
                continue
            payload = _object(claimed)
            if payload is None:
                logger.warning("what is no message is left as %s; a bell that was lost is rung again", claimed)
                continue
            claimed.unlink()
            return payload
        raise Empty

    def get_table(self, exchange: str) -> Any:
        """Read an exchange's queues."""
        with self._alone(exchange):
            return super().get_table(exchange)

    def _queue_bind(self, exchange: str, *args: Any) -> None:
        with self._alone(exchange):
            super()._queue_bind(exchange, *args)

    def _delete(self, queue: str, exchange: str, *args: Any, **kwargs: Any) -> None:
        with self._alone(exchange):
            super()._delete(queue, exchange, *args, **kwargs)

    @contextlib.contextmanager
    def _alone(self, exchange: str) -> Iterator[None]:
        """Hold an exchange's lock; an empty table was left by a process that died while writing, and is dropped."""
        table: Path = self._exchange_file(exchange)  # type: ignore[attr-defined]  # newer than the stubs
        table.parent.mkdir(parents=True, exist_ok=True)
        with table.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if table.exists() and not _is_whole(table):
                table.unlink()
            yield


class Transport(filesystem.Transport):
    """The file-system transport with this module's channels."""

    Channel = Channel


def use() -> None:
    """Let "filesystem://" mean this transport."""
    TRANSPORT_ALIASES["filesystem"] = "titlelab.broker:Transport"


def _object(file: Path) -> dict[str, Any] | None:
    """Return a message, None for anything else: a reader that died of one would take all parts down with it."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _is_whole(table: Path) -> bool:
    try:
        json.loads(table.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return True
