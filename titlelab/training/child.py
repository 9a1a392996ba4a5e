"""Training in a child process: CUDA does not survive a fork, and so no worker needs torch.

The child leads a process group, which is ended with it; should its worker be killed, it ends itself (ml_backend.train).
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from django.conf import settings

from ml_backend.contract import SampleReport, TrainingReport
from ml_backend.errors import TrainingFailed
from titlelab.training.run_folder import LOG, read_failure, read_report, read_sample_report

HEARTBEAT_S = 1.0
KILL_AFTER_S = 5.0  # from asking the child to end to ending it


class ChildProcessTrainer:
    """The real Trainer: `python -m ml_backend.train RUN_FOLDER WORKER_PID`, its output in the run folder's log."""

    def __init__(self, command: Sequence[str] = (sys.executable, "-m", "ml_backend.train")) -> None:
        self.command = tuple(command)

    def train(self, run_folder: Path, heartbeat: Callable[[], None]) -> TrainingReport:
        """Train to the report; whatever heartbeat raises, the child is ended before it goes on."""
        _run(self.command, run_folder, heartbeat)
        return read_report(run_folder)


class ChildProcessDrafter:
    """The real Drafter of sampling.py: `python -m ml_backend.sample FOLDER WORKER_PID`."""

    def draft(self, folder: Path, heartbeat: Callable[[], None]) -> SampleReport:
        """Draft the folder's samples with both versions; raises TrainingFailed."""
        _run((sys.executable, "-m", "ml_backend.sample"), folder, heartbeat)
        return read_sample_report(folder)


def _run(command: Sequence[str], folder: Path, heartbeat: Callable[[], None]) -> None:
    """Run a child on a folder to its end; raises TrainingFailed with its reason."""
    with (folder / LOG).open("wb") as log:
        child = subprocess.Popen(  # noqa: S603
            [*command, str(folder), str(os.getpid())],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=settings.BASE_DIR,
            process_group=0,
        )
        try:
            exit_code = _wait(child, heartbeat)
        finally:
            _end(child)
    if exit_code != 0:
        raise TrainingFailed(read_failure(folder, exit_code))


def _wait(child: subprocess.Popen[bytes], heartbeat: Callable[[], None]) -> int:
    while True:
        try:
            return child.wait(HEARTBEAT_S)
        except subprocess.TimeoutExpired:
            heartbeat()


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the child kindly if it still runs, and then whatever it started."""
    if child.poll() is None:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(KILL_AFTER_S)
    with contextlib.suppress(ProcessLookupError):  # nobody is left, as it should be
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
