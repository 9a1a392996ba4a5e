"""Drafts kept on disk, so that nobody waits twice for the same one: not the workers, not Label Studio."""

import hashlib
import json
import logging
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

from ml_backend.contract import Brief, Draft, from_json, to_json
from ml_backend.errors import BadRequest

TABLE = "CREATE TABLE IF NOT EXISTS drafts (key TEXT PRIMARY KEY, draft TEXT NOT NULL)"
BUSY_S = 30.0  # several backends may share one folder; a write takes milliseconds
KEYS_A_QUERY = 500  # SQLite before 3.32 takes 999 variables
logger = logging.getLogger(__name__)


class DraftCache:
    """The latest Draft by version and Brief, in one SQLite file, the oldest dropped first; safe in several threads.

    generation stands in every key: drafts made by other code are never found. A cache never fails a request: when
    its file can't be used, `found` finds nothing and `keep` keeps nothing, with a line in the log.
    """

    def __init__(self, path: Path, *, max_bytes: int, generation: str = "") -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._generation = generation
        self._lock = threading.Lock()
        self._connection = _opened(path)

    def found(self, version: str, briefs: Iterable[Brief], n_candidates: int | None = None) -> dict[Brief, Draft]:
        """Return the kept drafts of these Briefs for which n_candidates were asked, or any number where it is None.

        Absent ones are left out.
        """
        keys = {self._key(version, brief): brief for brief in briefs}
        try:
            rows = self._rows(list(keys))
        except sqlite3.Error as e:
            logger.warning("the draft cache %s can't be read: %s", self._path, e)
            return {}
        drafts = {keys[key]: _draft(text, n_candidates) for key, text in rows}
        return {brief: draft for brief, draft in drafts.items() if draft is not None}

    def keep(self, version: str, drafts: Mapping[Brief, Draft], n_candidates: int) -> None:
        """Keep drafts for which n_candidates were asked, and drop the oldest when the file has outgrown its bound."""
        rows = [
            (self._key(version, brief), json.dumps({"n_candidates": n_candidates, "draft": to_json(draft)}))
            for brief, draft in drafts.items()
        ]
        try:
            with self._lock, self._connection:
                self._connection.executemany("INSERT OR REPLACE INTO drafts VALUES (?, ?)", rows)
                if self._size_bytes() > self._max_bytes:
                    self._drop_oldest_quarter()
        except sqlite3.Error as e:
            logger.warning("the draft cache %s can't be written: %s", self._path, e)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def _key(self, version: str, brief: Brief) -> str:
        text = json.dumps([self._generation, version, brief.catalog, brief.library, brief.digest()])
        return hashlib.sha256(text.encode()).hexdigest()

    def _rows(self, keys: list[str]) -> list[tuple[str, str]]:
        rows: list[tuple[str, str]] = []
        for start in range(0, len(keys), KEYS_A_QUERY):
            some = keys[start : start + KEYS_A_QUERY]
            query = f"SELECT key, draft FROM drafts WHERE key IN ({','.join('?' * len(some))})"  # noqa: S608 - marks only
            with self._lock:
                rows.extend(self._connection.execute(query, some).fetchall())
        return rows

    def _size_bytes(self) -> int:
        pages, free, size = (
            self._connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    def _drop_oldest_quarter(self) -> None:
        self._connection.execute(
            "DELETE FROM drafts WHERE rowid IN "
            "(SELECT rowid FROM drafts ORDER BY rowid LIMIT (SELECT count(*) / 4 + 1 FROM drafts))"
        )


def _opened(path: Path) -> sqlite3.Connection:
    """Open the file, or begin a new one: what is no database can't be mended and holds nothing that is missed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _connected(path)
    except sqlite3.OperationalError:  # locked, or a folder that may not be written: nothing is wrong with the file
        raise
    except sqlite3.DatabaseError:
        logger.warning("the draft cache %s is no database, beginning a new one", path)
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
            path.with_name(name).unlink(missing_ok=True)
        return _connected(path)


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_S, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(TABLE)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _draft(text: str, n_candidates: int | None) -> Draft | None:
    """Return a kept draft, None for one of another number of candidates or of another release."""
    try:
        kept = json.loads(text)
        return from_json(Draft, kept["draft"]) if n_candidates in (None, kept["n_candidates"]) else None
    except (ValueError, TypeError, KeyError, BadRequest):
        return None
