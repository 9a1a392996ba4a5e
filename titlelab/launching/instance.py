"""The one running instance of a home folder, known by its pid file."""

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import psutil

# honcho waits 5 s before it kills, and the orphans get 8 s more.
STOP_TIMEOUT_S = 20


def pid_file(home: Path) -> Path:
    return home / "up.pid"


def running(home: Path) -> psutil.Process | None:
    """Return the process that `up` runs in; a file left by one that died, or a pid since given away, is None."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError, OverflowError, psutil.Error):
        known = json.loads(pid_file(home).read_text())
        process = psutil.Process(known["pid"])
        if process.create_time() == known["created"] and process.status() != psutil.STATUS_ZOMBIE:
            return process
    return None


@contextlib.contextmanager
def claimed(home: Path) -> Iterator[None]:
    """Hold the pid file."""
    created = psutil.Process().create_time()
    pid_file(home).write_text(json.dumps({"pid": os.getpid(), "created": created}))
    try:
        yield
    finally:
        pid_file(home).unlink(missing_ok=True)


def stop(home: Path) -> bool:
    """End the running instance and all that it started; False if there was none.

    It is asked kindly first: it then ends its own processes. If it can't, they are ended here.
    """
    process = running(home)
    if process is None:
        return False
    family: list[psutil.Process] = []
    with contextlib.suppress(psutil.NoSuchProcess):  # it may be ending by itself just now
        family = process.children(recursive=True)
        process.terminate()
    _, left = psutil.wait_procs([process, *family], timeout=STOP_TIMEOUT_S)
    for survivor in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            survivor.kill()
    pid_file(home).unlink(missing_ok=True)
    return True
