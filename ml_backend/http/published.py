"""Tag libraries and taxonomies as titlelab published them, read again when their file changes."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from ml_backend.contract import PublishedLibrary, PublishedTaxonomy, from_json, library_file, taxonomy_file
from ml_backend.errors import BadRequest

P = TypeVar("P", PublishedLibrary, PublishedTaxonomy)
logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Shelved(Generic[P]):
    """What was last read, what tells its file's states apart, and why the newest state can't be read."""

    value: P
    signature: tuple[int, ...] = ()
    problem: str = ""


@dataclass(slots=True, kw_only=True)
class Published(Generic[P]):
    """Keeps published values in memory; safe in several threads, since an entry is replaced and never changed.

    what names one of them; empty makes the one that stands in for what was never published.
    """

    what: str
    kind: type[P]
    file_of: Callable[[str], Path]
    empty: Callable[[str], P]
    _shelf: dict[str, _Shelved[P]] = field(default_factory=dict)

    def get(self, key: str) -> P:
        """Return a value as published; an empty one, revision 0, for "" and for what was never published.

        A file that can't be read leaves the last readable state in force. Raises BadRequest on what is no key.
        """
        if not key:
            return self.empty(key)
        path = self.file_of(key)
        old = self._shelf.get(key) or _Shelved(self.empty(key))
        signature = _signature(path)
        if signature != old.signature:
            self._shelf[key] = self._read(path, key, signature, old) if signature else _Shelved(self.empty(key))
        return self._shelf.get(key, old).value

    def problems(self) -> list[str]:
        """Return a sentence for each value whose file can't be read."""
        return [shelved.problem for shelved in list(self._shelf.values()) if shelved.problem]

    def _read(self, path: Path, key: str, signature: tuple[int, ...], old: _Shelved[P]) -> _Shelved[P]:
        try:
            return _Shelved(from_json(self.kind, json.loads(path.read_bytes())), signature)
        except (OSError, ValueError, RecursionError, BadRequest) as e:
            logger.warning("%s %s can't be read: %s", self.what, key, e)
            return _Shelved(old.value, signature, f"{self.what} {key} can't be read, publish it again: {e}")


def published_libraries(models_folder: Path) -> Published[PublishedLibrary]:
    """Return the folder's tag libraries; an unknown one has no tags."""
    return Published(
        what="tag library",
        kind=PublishedLibrary,
        file_of=lambda key: library_file(models_folder, key),
        empty=lambda key: PublishedLibrary(key=key, revision=0, tags=()),
    )


def published_taxonomies(models_folder: Path) -> Published[PublishedTaxonomy]:
    """Return the folder's taxonomies by catalog; one without does not ask for categories."""
    return Published(
        what="taxonomy",
        kind=PublishedTaxonomy,
        file_of=lambda key: taxonomy_file(models_folder, key),
        empty=lambda key: PublishedTaxonomy(key=key, revision=0, paths=()),
    )


def _signature(path: Path) -> tuple[int, ...]:
    """Return what tells a file's states apart; the inode does within one tick of the clock, as publishing renames."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_ino, found.st_size
