"""The tag libraries as titlelab published them, read again when their file changes."""

import json
import logging
from dataclasses import dataclass, field
from pathlib import Path

from ml_backend.contract import PublishedLibrary, from_json, library_file
from ml_backend.errors import BadRequest

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Shelved:
    """A library as last read, what tells its file's states apart, and why the newest state can't be read."""

    library: PublishedLibrary
    signature: tuple[int, ...] = ()
    problem: str = ""


@dataclass(slots=True)
class PublishedLibraries:
    """Keeps libraries in memory; safe in several threads, since an entry is replaced and never changed."""

    models_folder: Path
    _shelf: dict[str, _Shelved] = field(default_factory=dict)

    def get(self, key: str) -> PublishedLibrary:
        """Return a library as published; without tags, revision 0, for "" and for one that was never published.

        A file that can't be read leaves the last readable state in force. Raises BadRequest on what is no key.
        """
        if not key:
            return _unpublished(key)
        path = library_file(self.models_folder, key)
        old = self._shelf.get(key) or _Shelved(_unpublished(key))
        signature = _signature(path)
        if signature != old.signature:
            self._shelf[key] = _read(path, key, signature, old) if signature else _Shelved(_unpublished(key))
        return self._shelf.get(key, old).library

    def problems(self) -> list[str]:
        """Return a sentence for each library whose file can't be read."""
        return [shelved.problem for shelved in list(self._shelf.values()) if shelved.problem]


def _unpublished(key: str) -> PublishedLibrary:
    return PublishedLibrary(key=key, revision=0, tags=())


def _signature(path: Path) -> tuple[int, ...]:
    """Return what tells a file's states apart; the inode does within one tick of the clock, as publishing renames."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_ino, found.st_size


def _read(path: Path, key: str, signature: tuple[int, ...], old: _Shelved) -> _Shelved:
    try:
        return _Shelved(from_json(PublishedLibrary, json.loads(path.read_bytes())), signature)
    except (OSError, ValueError, RecursionError, BadRequest) as e:
        logger.warning("tag library %s can't be read: %s", key, e)
        return _Shelved(old.library, signature, f"tag library {key} can't be read, publish it again: {e}")
