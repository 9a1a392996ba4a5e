"""The Procfile is the list of processes; when one ends all end, and none is left behind."""

import subprocess
import sys
from pathlib import Path

import psutil

from titlelab.launching.running import process_list

ROOT = Path(__file__).resolve().parents[3]
# Run in a process of its own, since it ends all of its process's children.
RUN = """
import sys
from pathlib import Path
from titlelab.launching.running import run_processes
folder = Path(sys.argv[1])
print("ended:", run_processes(folder, folder / "logs", [sys.executable, "-c", ""], {}))
"""


def run(folder: Path, procfile: str) -> str:
    (folder / "Procfile").write_text(procfile)
    command = [sys.executable, "-c", RUN, str(folder)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout


def test_the_procfile_lists_what_the_loop_needs() -> None:
    names = list(process_list(ROOT / "Procfile"))

    assert names == ["label-studio", "ml-backend", "web", "worker", "training", "beat"]


def test_a_process_that_ends_by_itself_is_named_and_ends_the_others(tmp_path: Path) -> None:
    told = run(tmp_path, f"lasting: echo $$ > {tmp_path}/pid; exec sleep 60\nfailing: sleep 1; echo broken; exit 3\n")

    assert told == "ended: failing\n"
    assert (tmp_path / "logs" / "failing.log").read_text() == "broken\n"
    assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))


def test_a_process_that_left_its_group_is_ended_too(tmp_path: Path) -> None:
    run(tmp_path, f"worker: setsid sh -c 'echo $$ > {tmp_path}/pid; exec sleep 60' >/dev/null 2>&1 & sleep 1\n")

    assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))


def test_warnings_reach_the_terminal_and_chatter_does_not(tmp_path: Path) -> None:
    told = run(tmp_path, "worker: echo all is well; echo WARNING: almost full\n")

    assert "almost full" in told
    assert "all is well" not in told
