"""Running the Procfile's processes under honcho: logs to files, no process left behind."""

import contextlib
import ctypes
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

import psutil
from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Message, Printer

SHOWN = re.compile(rb"(?<!%)\b(WARNING|ERROR|CRITICAL)\b")
FILE_ONLY = {"label-studio"}  # Label Studio warns of every page that it does not find
LOG_BYTES_KEPT = 10_000_000
STOP_TIMEOUT_S = 8
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
STOPPED_BY_US = {128 + signal.SIGINT, 128 + signal.SIGTERM}
STOPPED = re.compile(r"(\S+) stopped \(rc=")


class LogPrinter(Printer):  # type: ignore[misc]  # honcho is untyped
    """Write every line into <folder>/<process>.log, and warnings and errors to the terminal too."""

    def __init__(self, folder: Path) -> None:
        super().__init__(sys.stdout)
        self.folder = folder
        self.files: dict[str, IO[bytes]] = {}
        self.first_stopped = ""
        self.is_stopping = False  # what processes cry while they are ended is for the log

    def write(self, message: Message) -> None:
        data = message.data if isinstance(message.data, bytes) else message.data.encode()
        file = self.files.get(message.name) or self._opened(message.name)
        file.write(data)
        file.flush()
        if message.name == "system":
            self._note(data.decode())
        elif message.name not in FILE_ONLY and not self.is_stopping and SHOWN.search(data):
            super().write(message)

    def _note(self, told: str) -> None:
        self.is_stopping |= told.startswith("sending ")
        if not self.first_stopped and (stopped := STOPPED.match(told)):
            self.first_stopped = stopped[1]

    def close(self) -> None:
        for file in self.files.values():
            file.close()

    def _opened(self, name: str) -> IO[bytes]:
        path = self.folder / f"{name}.log"
        if path.is_file() and path.stat().st_size > LOG_BYTES_KEPT:
            path.replace(path.with_suffix(".old.log"))
        self.files[name] = path.open("ab")
        return self.files[name]


class PatientManager(Manager):  # type: ignore[misc]  # honcho is untyped
    """A manager that can be told to stop before it knows every process's pid, where honcho's own would stumble."""

    stops_once_started = False

    def terminate(self) -> None:
        if super()._all_started():
            super().terminate()
        else:
            self.stops_once_started = True

    def _all_started(self) -> bool:
        """Answer honcho's loop, which asks every turn."""
        started = bool(super()._all_started())
        if started and self.stops_once_started:
            self.stops_once_started = False
            super().terminate()
        return started


def process_list(procfile: Path) -> dict[str, str]:
    """Return the Procfile's commands by name."""
    return dict(parse_procfile(procfile.read_text(encoding="utf-8")).processes)


def run_processes(root: Path, logs_folder: Path, companion: list[str], variables: dict[str, str]) -> str:
    """Run the Procfile until it is told to stop; return the process that ended by itself, "" if none did.

    companion is a command that runs beside them and may end.
    """
    logs_folder.mkdir(parents=True, exist_ok=True)
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    told = os.environ | {"PATH": path, "PYTHONUNBUFFERED": "1"} | variables
    printer = LogPrinter(logs_folder)
    manager = PatientManager(printer=printer)
    for name, command in process_list(root / "Procfile").items():
        manager.add_process(name, command, env=told, cwd=str(root))
    adopt_orphans()
    handlers = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    beside = subprocess.Popen(companion, env=told, cwd=root)  # noqa: S603 - our own
    try:
        manager.loop()
    finally:
        stop_children()
        beside.wait()
        printer.close()
        for each, handler in handlers.items():  # honcho leaves its own
            signal.signal(each, handler)
    return "" if manager.returncode in STOPPED_BY_US else printer.first_stopped


def adopt_orphans() -> None:
    """Let a process whose parent dies first become a child of ours, where Linux offers it, so that it is ended too."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def stop_children() -> None:
    """End every process that descends from this one, kindly and then for good."""
    children = psutil.Process().children(recursive=True)
    for child in children:
        with contextlib.suppress(psutil.NoSuchProcess):  # one that ends by itself must not save the others
            child.terminate()
    _, left = psutil.wait_procs(children, timeout=STOP_TIMEOUT_S)
    for child in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()
