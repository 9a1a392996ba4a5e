"""Which version serves a scope, and its model in memory: swapped while requests go on being answered."""

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from ml_backend.errors import BadArtifact

M = TypeVar("M")
BUILT_IN = 0
RETRY_S = 60.0  # a broken folder may have been mended; trying at every request would stall them all
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Serving(Generic[M]):
    """A whole version: its number (0 is the built-in model) and its model."""

    number: int
    model: M


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    number: int
    at_s: float
    sentence: str


class ModelSlot(Generic[M]):
    """One scope's serving version, as its pointer file says.

    The pointer is read at every `get`, 20 µs, so a promotion is seen by the next request. The caller who sees it
    first loads the new version in its own thread; meanwhile the others are answered by the old one. A version that
    can't be loaded leaves the old one serving, is named by `problem`, and is tried again after a minute.
    """

    def __init__(
        self,
        *,
        pointer: Path,
        folder_of: Callable[[int], Path],
        load: Callable[[Path], M],
        built_in: Callable[[], M],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pointer = pointer
        self._folder_of = folder_of
        self._load = load
        self._built_in = built_in
        self._clock = clock
        self._loading = threading.Lock()
        self._serving: Serving[M] | None = None
        self._failure: _Failure | None = None

    def get(self) -> Serving[M]:
        """Return a whole version, old or new, never a mix; waits for a load only when nothing serves yet."""
        serving = self._serving
        if serving is not None and serving.number == self.number():
            return serving
        if not self._loading.acquire(blocking=serving is None) and serving is not None:
            return serving
        try:
            self._serving = self._newest()
            return self._serving
        finally:
            self._loading.release()

    def number(self) -> int:
        """Return the version that a request would be answered by now, without loading it."""
        kept = self._serving.number if self._serving else BUILT_IN
        try:
            wanted = pointed_number(self._pointer)
        except BadArtifact:
            return kept
        failure = self._failure
        has_just_failed = failure and failure.number == wanted and self._clock() - failure.at_s < RETRY_S
        return kept if has_just_failed else wanted

    def problem(self) -> str:
        """Return why the pointed version does not serve, "" when all is well."""
        try:
            wanted = pointed_number(self._pointer)
        except BadArtifact as e:
            return str(e)
        failure = self._failure
        return failure.sentence if failure and failure.number == wanted else ""

    def _newest(self) -> Serving[M]:
        serving, number = self._serving, self.number()
        if serving is not None and serving.number == number:
            return serving
        if number == BUILT_IN:
            return Serving(BUILT_IN, self._built_in())
        try:
            loaded = Serving(number, self._load(self._folder_of(number)))
            self._failure = None
            return loaded
        except Exception as e:  # whatever a broken folder raises, the old version goes on serving
            logger.exception("version %s of %s can't be loaded", number, self._pointer.parent)
            sentence = f"version {number} of {self._pointer.parent.name} can't be loaded: {e}"
            self._failure = _Failure(number=number, at_s=self._clock(), sentence=sentence)
            return serving or Serving(BUILT_IN, self._built_in())


def pointed_number(pointer: Path) -> int:
    """Return the number in a pointer file, 0 when there is none; raises BadArtifact when it can't be read."""
    try:
        number = json.loads(pointer.read_bytes())["number"]
    except FileNotFoundError:
        return BUILT_IN
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as e:
        raise BadArtifact(f"{pointer.parent.name}'s serving.json can't be read: promote a version again") from e
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise BadArtifact(f"{pointer.parent.name}'s serving.json holds no version number: promote a version again")
    return number
