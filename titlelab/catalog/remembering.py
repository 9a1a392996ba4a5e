"""Remembers the skus of a file: in memory, and a large file's on disk, so that memory does not grow with it."""

import sqlite3
from collections.abc import Sequence
from types import TracebackType

CACHE_KIB = 16_000
MOST_IN_MEMORY = 100_000  # skus: some 20 MB


class SeenSkus:
    """The line in which each sku stood first; those on disk in a private database that vanishes when it is closed."""

    def __init__(self, most_in_memory: int = MOST_IN_MEMORY) -> None:
        self.most_in_memory = most_in_memory
        self.lines: dict[str, int] | None = {}  # None once all are on disk
        self.database = sqlite3.connect("", isolation_level=None)
        self.database.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self.database.execute("CREATE TABLE seen (sku TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self.database.execute("BEGIN")

    def __enter__(self) -> "SeenSkus":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.database.close()

    def are_new(self, rows: Sequence[tuple[str, int]]) -> bool:
        """Remember skus with their lines and return True if none of them stood before; else remember nothing."""
        if self.lines is None:
            return self._are_new_on_disk(rows)
        told = dict(rows)
        if len(told) < len(rows) or not told.keys().isdisjoint(self.lines):
            return False
        self.lines.update(told)
        self._move_if_many()
        return True

    def first_line(self, sku: str, line: int) -> int:
        """Return the line in which the sku stood first, which may be this one."""
        if self.lines is not None:
            first = self.lines.setdefault(sku, line)
            self._move_if_many()
            return first
        if self.database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (sku, line)).rowcount:
            return line
        (first,) = self.database.execute("SELECT line FROM seen WHERE sku = ?", (sku,)).fetchone()
        return int(first)

    def _move_if_many(self) -> None:
        if self.lines is not None and len(self.lines) > self.most_in_memory:
            self.database.executemany("INSERT INTO seen VALUES (?, ?)", self.lines.items())
            self.lines = None

    def _are_new_on_disk(self, rows: Sequence[tuple[str, int]]) -> bool:
        database = self.database
        database.execute("SAVEPOINT rows")
        try:
            database.executemany("INSERT INTO seen VALUES (?, ?)", rows)
        except sqlite3.IntegrityError:
            database.execute("ROLLBACK TO rows")
            return False
        finally:
            database.execute("RELEASE rows")
        return True
