"""The Procfile's processes, each of which may be killed at any moment and started again."""

import contextlib
import os
import signal
import subprocess
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from tests.integration.stack import running


class Parts:
    """Starts, kills and, at the end, ends them all."""

    def __init__(self) -> None:
        self._running: dict[str, tuple[AbstractContextManager[subprocess.Popen[bytes]], subprocess.Popen[bytes]]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for name in reversed(list(self._running)):
            self.end(name)

    def start(self, *names: str) -> None:
        for name in names:
            context = running(name)
            self._running[name] = (context, context.__enter__())

    def end(self, name: str) -> None:
        context, _ = self._running.pop(name)
        context.__exit__(None, None, None)

    def kill(self, name: str) -> None:
        """End a process and what it started in its group at once, as a crash of the machine would."""
        _, process = self._running[name]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        self.end(name)
