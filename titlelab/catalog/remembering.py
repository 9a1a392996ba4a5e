"""Remembers the skus of a file on disk, so that memory does not grow with it."""

import sqlite3
from collections.abc import Iterable
from types import TracebackType

CACHE_KIB = 16_000


class SeenSkus:
    """A private database that vanishes when it is closed; small ones never leave memory."""

    def __init__(self) -> None:
        self.database = sqlite3.connect("", isolation_level=None)
        self.database.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self.database.execute("CREATE TABLE seen (sku TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self.database.execute("BEGIN")

    def __enter__(self) -> "SeenSkus":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.database.close()

    def are_new(self, rows: Iterable[tuple[str, int]]) -> bool:
        """Remember skus with their lines and return True if none of them stood before; else remember nothing."""
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

    def first_line(self, sku: str, line: int) -> int:
        """Return the line in which the sku stood first, which may be this one."""
        if self.database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (sku, line)).rowcount:
            return line
        (first,) = self.database.execute("SELECT line FROM seen WHERE sku = ?", (sku,)).fetchone()
        return int(first)
