"""A run folder's files: the request and its examples go in, progress, report or failure come out."""

import errno
import json
import shutil
import signal
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from ml_backend.contract import Brief, SampleReport, TrainingReport, TrainingRequest, from_json
from ml_backend.errors import BadRequest, TrainingFailed
from titlelab.training.dataset import Dataset, as_line

T = TypeVar("T")
LOG = "train.log"
LOG_TAIL_BYTES = 4000  # a traceback with its last words; the whole log stays in the folder
DISK_IS_FULL = "The disk is full: make room, and train again."
MEMORY_RAN_OUT = "Memory ran out: free some, or set a smaller base model, and train again."
# A child without room or memory to say why it ends says it by its exit code (ml_backend.train).
SAID_BY_EXIT_CODE = {
    errno.ENOSPC: DISK_IS_FULL,
    errno.ENOMEM: MEMORY_RAN_OUT,
    -signal.SIGKILL: f"The training process was killed, as a system does that is out of memory. {MEMORY_RAN_OUT}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the training is, 0 to 1, and what it is doing."""

    share: float
    message: str


def write_run_folder(folder: Path, request: TrainingRequest, data: Dataset, samples: Sequence[Brief] = ()) -> None:
    """Write a fresh folder that `ml_backend.train` can be started on; what stood there is removed."""
    lines = {"examples": map(as_line, data.lessons), "golden": map(as_line, data.golden), "samples": _lines(samples)}
    _write_folder(folder, asdict(request), lines)


def write_sample_folder(folder: Path, request: dict[str, Any], samples: Sequence[Brief]) -> None:
    """Write a fresh folder that `ml_backend.sample` can be started on."""
    _write_folder(folder, request, {"samples": _lines(samples)})


def _write_folder(folder: Path, request: dict[str, Any], files: dict[str, Iterable[str]]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, lines in files.items():
        (folder / f"{name}.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    text = json.dumps(request, ensure_ascii=False, indent=1)
    (folder / "request.json").write_text(text, encoding="utf-8")


def _lines(briefs: Iterable[Brief]) -> Iterable[str]:
    return (json.dumps(asdict(brief), ensure_ascii=False, sort_keys=True) for brief in briefs)


def read_progress(folder: Path) -> Progress | None:
    """Return what the training told last; None before it said anything."""
    told = _object(folder / "progress.json")
    share = told.get("progress")
    if not isinstance(share, int | float) or not 0 <= share <= 1:
        return None
    return Progress(share=share, message=str(told.get("message", "")))


def read_report(folder: Path) -> TrainingReport:
    """Return the report of a training that ended well; raises TrainingFailed when there is none."""
    return _report(TrainingReport, folder)


def read_sample_report(folder: Path) -> SampleReport:
    """Return the drafts of a sampling that ended well; raises TrainingFailed when there is none."""
    return _report(SampleReport, folder)


def _report(kind: type[T], folder: Path) -> T:
    try:
        text = (folder / "report.json").read_text(encoding="utf-8")
        return from_json(kind, json.loads(text, parse_constant=_no_number))
    except (OSError, ValueError, RecursionError, BadRequest) as e:
        raise TrainingFailed(f"The training ended without a readable report: {e}") from e


def read_failure(folder: Path, exit_code: int) -> str:
    """Return why the training failed, in a sentence."""
    reason = _object(folder / "failure.json").get("reason")
    silent = f"The training process ended with exit code {exit_code} and gave no reason."
    return str(reason) if reason else SAID_BY_EXIT_CODE.get(exit_code, silent)


def sentence_of(error: OSError) -> str:
    """Say in a sentence why the worker could not prepare the run."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DISK_IS_FULL
    if error.errno == errno.ENOMEM:
        return MEMORY_RAN_OUT
    return f"The run's folder can't be used ({error}): mend it or its rights, and train again."


def read_log_tail(folder: Path) -> str:
    """Return the last lines that the training wrote; "" if it wrote none."""
    try:
        tail = (folder / LOG).read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace")
        return tail.replace("\0", "")  # PostgreSQL takes none
    except OSError:
        return ""


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no figure")  # nor does a database take it as JSON


def _object(path: Path) -> dict[str, object]:
    """Return a JSON object, {} where the file is missing or is something else."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
