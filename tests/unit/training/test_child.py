import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from ml_backend.contract import TrainingReport, to_json
from ml_backend.errors import TrainingFailed
from titlelab.errors import RunCancelled, RunLost
from titlelab.training.child import ChildProcessTrainer

REPORT = TrainingReport(
    version_folder="v1",
    n_examples=1,
    seconds=1.0,
    device="cpu",
    metrics={"quality": 0.5},
    serving_version=0,
    candidate=(),
    serving=(),
)


def test_a_child_that_ends_well_hands_back_its_report(tmp_path: Path) -> None:
    script = f"print('working'); (folder / 'report.json').write_text({json.dumps(to_json(REPORT))!r})"

    report = _trainer(script).train(tmp_path, _no_heartbeat)

    assert report == REPORT
    assert (tmp_path / "train.log").read_text() == "working\n"


def test_a_child_that_fails_is_told_in_its_own_sentence(tmp_path: Path) -> None:
    script = """(folder / 'failure.json').write_text('{"reason": "Too little memory."}'); sys.exit(1)"""

    with pytest.raises(TrainingFailed, match=r"^Too little memory\.$"):
        _trainer(script).train(tmp_path, _no_heartbeat)


def test_a_child_that_dies_without_a_word_is_told_by_its_exit_code(tmp_path: Path) -> None:
    with pytest.raises(TrainingFailed, match="exit code 3"):
        _trainer("sys.exit(3)").train(tmp_path, _no_heartbeat)


NO_FIGURE = json.dumps({**to_json(REPORT), "metrics": {"quality": float("nan")}})


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version_folder": 1}', NO_FIGURE])
def test_a_broken_report_is_a_failure(tmp_path: Path, text: str) -> None:
    with pytest.raises(TrainingFailed, match="without a readable report"):
        _trainer(f"(folder / 'report.json').write_text({text!r})").train(tmp_path, _no_heartbeat)


def test_a_child_ends_with_the_lease(tmp_path: Path) -> None:
    def lose() -> None:
        raise RunLost("taken over")

    script = "import time; time.sleep(2.5); (folder / 'report.json').touch()"

    with pytest.raises(RunLost):
        _trainer(script).train(tmp_path, lose)

    assert not (tmp_path / "report.json").exists()


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("sys.exit(errno.ENOSPC)", "The disk is full"),
        ("sys.exit(errno.ENOMEM)", "Memory ran out"),
        ("os.kill(os.getpid(), 9)", "The training process was killed, as a system does that is out of memory"),
    ],
)
def test_what_a_child_had_no_room_to_say_is_told_by_its_end(tmp_path: Path, script: str, sentence: str) -> None:
    with pytest.raises(TrainingFailed, match=f"^{sentence}"):
        _trainer(f"import errno, os; {script}").train(tmp_path, _no_heartbeat)


def test_what_a_child_started_ends_with_it(tmp_path: Path) -> None:
    def cancel() -> None:
        if (tmp_path / "grandchild").exists():
            raise RunCancelled("cancelled")

    script = (
        "import subprocess, time; grandchild = subprocess.Popen(['sleep', '60']); "
        "(folder / 'aside').write_text(str(grandchild.pid)); (folder / 'aside').rename(folder / 'grandchild'); "
        "time.sleep(60)"
    )
    started = time.monotonic()

    with pytest.raises(RunCancelled):
        _trainer(script).train(tmp_path, cancel)

    assert time.monotonic() - started < 10
    assert _is_gone(int((tmp_path / "grandchild").read_text()))


def test_a_child_that_does_not_hear_is_ended_within_ten_seconds(tmp_path: Path) -> None:
    def cancel() -> None:
        if (tmp_path / "deaf").exists():
            raise RunCancelled("cancelled")

    script = "import signal, time; signal.signal(15, lambda *_: None); (folder / 'deaf').touch(); time.sleep(60)"
    started = time.monotonic()

    with pytest.raises(RunCancelled):
        _trainer(f"{script}; time.sleep(60)").train(tmp_path, cancel)

    assert time.monotonic() - started < 10


def test_the_real_training_ends_itself_whose_worker_is_killed_while_its_libraries_load(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "request.json")  # nobody writes to it, so that reading lasts for ever
    worker = (
        "import os, subprocess, sys, time; child = subprocess.Popen([sys.executable, '-m', 'ml_backend.train', "
        "sys.argv[1], str(os.getpid())]); print(child.pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", worker, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.kill()

    assert _is_gone(child, within_s=60)


def test_the_real_training_that_is_killed_is_told_in_a_sentence(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "request.json")

    def kill() -> None:
        for child in psutil.Process().children():
            child.kill()

    with pytest.raises(TrainingFailed, match=r"^The training process was killed"):
        ChildProcessTrainer().train(tmp_path, kill)


def _is_gone(pid: int, within_s: float = 5) -> bool:
    """Wait a moment for a killed process to go, or to be a mere entry that nobody has fetched yet."""
    for _ in range(round(within_s / 0.1)):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.1)
    return False


def _trainer(script: str) -> ChildProcessTrainer:
    begin = "import sys; from pathlib import Path; folder = Path(sys.argv[1]); "
    return ChildProcessTrainer((sys.executable, "-c", begin + script))


def _no_heartbeat() -> None:
    pass
