"""The real processes: Label Studio from a cached, migrated data folder, and what the Procfile says of the rest."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator

import httpx
from django.conf import settings

from tests.integration.paths import CACHE, ROOT
from titlelab.launching.label_studio import create_account

ANNOTATOR = "annotator@titlelab.local"
PATIENCE_S = 90  # two cores run six processes here
FIRST_START_S = 300  # an empty data folder is migrated first


def wait_for(question: Callable[[], object], what: str, *, within_s: float = PATIENCE_S) -> None:
    """Return when the question is answered with something true; fails with what was waited for."""
    deadline = time.monotonic() + within_s
    while not question():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {within_s:.0f} s in vain for {what}; logs: {settings.LOGS_FOLDER}")
        time.sleep(0.2)


def procfile_command(name: str) -> str:
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    return next(line.split(": ", 1)[1] for line in lines if line.startswith(f"{name}: "))


@contextlib.contextmanager
def running(name: str, *, environment: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run one process of the Procfile in a group of its own, and end the whole group."""
    settings.LOGS_FOLDER.mkdir(parents=True, exist_ok=True)
    search = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    with (settings.LOGS_FOLDER / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            f"exec {procfile_command(name)}",
            shell=True,  # as honcho does, so that the Procfile's variables mean the same
            cwd=ROOT,
            env={**os.environ, "PATH": search, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process and its children: politely, then for good."""
    for sign, patience_s in ((signal.SIGTERM, 15), (signal.SIGKILL, 5)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience_s)
            return


@contextlib.contextmanager
def running_label_studio() -> Iterator[None]:
    """Run Label Studio on a copy of the cached data folder; the first run of all makes the cache."""
    data_folder, cached = settings.HOME / "label-studio", CACHE / "label-studio-data"
    if not cached.exists():
        with _answering_label_studio():
            create_account(
                settings.LABEL_STUDIO_URL,
                settings.LABEL_STUDIO_TOKEN,
                email=ANNOTATOR,
                password=os.environ["TITLELAB_LABEL_STUDIO_PASSWORD"],
            )
        CACHE.mkdir(parents=True, exist_ok=True)
        data_folder.rename(cached)
    shutil.copytree(cached, data_folder)
    with _answering_label_studio():
        yield


@contextlib.contextmanager
def _answering_label_studio() -> Iterator[None]:
    with running("label-studio"):
        url = f"{settings.LABEL_STUDIO_URL}/health"
        wait_for(lambda: answers(url), "Label Studio", within_s=FIRST_START_S)
        yield


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code < 500
    except httpx.HTTPError:
        return False
