"""`python -m ml_backend.train RUN_FOLDER [WORKER_PID]`: trains in a process of its own: CUDA does not survive a fork.

Reads request.json, examples.jsonl and golden.jsonl; writes progress.json, curves.jsonl, the version folder and, last,
report.json.
A failure ends with exit code 1 and one sentence in failure.json; a full disk, where none may fit, with ENOSPC as exit
code, and memory that ran out with ENOMEM. A child whose worker was killed ends itself; it is told who that is, who may
die while it still imports.
"""

import contextlib
import errno
import json
import logging
import os
import shutil
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ml_backend.contract import (
    Brief,
    Example,
    SampleReport,
    TrainingReport,
    TrainingRequest,
    from_json,
    to_json,
    version_folder,
)
from ml_backend.errors import BadRequest, MLBackendError
from ml_backend.learning.artifacts import write_version
from ml_backend.learning.metrics import mean
from ml_backend.learning.sampling import sample_drafts
from ml_backend.learning.trainers import Model, golden_reliability, golden_scores, serving_model, trained
from ml_backend.telling import CurveFiles

T = TypeVar("T")
logger = logging.getLogger(__name__)
REQUEST, EXAMPLES, GOLDEN, SAMPLES = "request.json", "examples.jsonl", "golden.jsonl", "samples.jsonl"
PROGRESS, REPORT, FAILURE = "progress.json", "report.json", "failure.json"
_TRAINED, _MEASURED, _COMPARED = 0.85, 0.92, 0.97  # shares of the whole
_NICENESS = 10  # whoever waits for a page or a draft on the same cores goes first
_LOOKS_EVERY_S = 2.0  # for the worker that started it


def start(arguments: list[str], work: Callable[[Path], Any]) -> int:
    """Work as a worker's child, politely; return the exit code."""
    worker = int(arguments.pop()) if len(arguments) == 2 and arguments[1].isdigit() else os.getppid()
    threading.Thread(target=end_with, args=(worker,), daemon=True).start()
    os.nice(_NICENESS)
    return main(arguments, work)


def main(arguments: list[str], work: Callable[[Path], Any]) -> int:
    """Let the work on a folder end in its report, or in the reason why not; return the exit code."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        sys.stderr.write("usage: python -m ml_backend.train|sample RUN_FOLDER [WORKER_PID]\n")
        return 2
    run_folder = Path(arguments[0])
    try:
        _write(run_folder / REPORT, to_json(work(run_folder)))
    except MLBackendError as e:
        return _failed(run_folder, str(e))
    except Exception as e:  # noqa: BLE001 - the run's last resort: a person must read why it ended
        with contextlib.suppress(OSError):  # the log stands on the same disk
            traceback.print_exc()
        return _shortage(e) or _failed(run_folder, f"the training stopped unexpectedly: {type(e).__name__}: {e}")
    return 0


def _failed(run_folder: Path, reason: str) -> int:
    """Leave the reason where there is room for it; return the exit code."""
    try:
        _write(run_folder / FAILURE, {"reason": reason})
    except OSError as e:
        return _shortage(e) or 1
    return 1


def _shortage(error: BaseException | None) -> int:
    """Return the errno of what the machine ran out of, 0 for another error; libraries wrap theirs in their own."""
    while error is not None:
        # torch raises OutOfMemoryError on a GPU, and on a processor a RuntimeError with these words.
        if isinstance(error, MemoryError) or "OutOfMemory" in type(error).__name__ or "can't allocate" in str(error):
            return errno.ENOMEM
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.ENOMEM):
            return errno.ENOMEM if error.errno == errno.ENOMEM else errno.ENOSPC
        error = error.__cause__ or error.__context__
    return 0


def end_with(worker: int) -> None:
    """End this process as soon as its parent is another than its worker, which is dead then."""
    while os.getppid() == worker:
        time.sleep(_LOOKS_EVERY_S)
    os._exit(1)


def run(run_folder: Path) -> TrainingReport:
    """Train, write the version and measure it beside the serving one; raises MLBackendError with a sentence."""
    started = time.monotonic()
    progress = _progress(run_folder)
    request: TrainingRequest = from_json(TrainingRequest, read_json(run_folder / REQUEST))
    examples, golden = _examples(run_folder / EXAMPLES), _examples(run_folder / GOLDEN)
    serving_version, serving = serving_model(request)
    with CurveFiles(run_folder) as curve:
        result = trained(request, examples, lambda share, message: progress(share * _TRAINED, message), curve)
    candidate_scores = golden_scores(
        request,
        result.model,
        golden,
        lambda x: progress(_TRAINED + x * (_MEASURED - _TRAINED), "measuring the new version"),
    )
    serving_scores = golden_scores(
        request,
        serving,
        golden,
        lambda x: progress(_MEASURED + x * (_COMPARED - _MEASURED), "measuring the serving version"),
    )
    honesty = golden_reliability(request, result.model, golden)
    metrics = {
        **result.metrics,
        **({"ece": honesty.ece} if honesty else {}),
        "quality": mean([score.quality for score in candidate_scores]),
        "unedited": mean([float(score.unedited) for score in candidate_scores]),
        "serving_quality": mean([score.quality for score in serving_scores]),
    }
    folder = version_folder(Path(request.models_folder), request.kind, request.scope, request.number)
    write_version(
        folder,
        result.model,
        kind=request.kind,
        scope=request.scope,
        method=request.method,
        number=request.number,
        data_hash=request.data_hash,
        base_model=request.base_model,
        metrics=metrics,
    )
    progress(_COMPARED, "drafting sample products")
    samples = _samples(request, result.model, serving, run_folder / SAMPLES)
    if request.checkpoints:  # the version stands: nothing is left to go on from
        shutil.rmtree(request.checkpoints, ignore_errors=True)
    progress(1.0, "done")
    return TrainingReport(
        version_folder=str(folder),
        n_examples=len(examples),
        seconds=round(time.monotonic() - started, 2),
        device=result.device,
        metrics=metrics,
        serving_version=serving_version,
        candidate=candidate_scores,
        serving=serving_scores,
        reliability=honesty,
        samples=samples,
    )


def _samples(request: TrainingRequest, model: Model, serving: Model, file: Path) -> SampleReport | None:
    """Let both versions draft the sample products; whatever goes wrong with these, the version stands."""
    try:
        briefs = read_briefs(file) if file.exists() else []
        folder, scope = Path(request.models_folder), request.scope
        drafted, beside = (
            sample_drafts(request.kind, each, briefs, models_folder=folder, scope=scope) for each in (model, serving)
        )
    except Exception:
        logger.exception("the sample products could not be drafted")
        return None
    return SampleReport(drafted=drafted, beside=beside) if briefs else None


def _progress(run_folder: Path) -> Callable[[float, str], None]:
    def write(share: float, message: str) -> None:
        _write(run_folder / PROGRESS, {"progress": round(share, 3), "message": message})

    return write


def _write(file: Path, data: Any) -> None:  # noqa: ANN401 - JSON
    """Write JSON aside and rename it into place, so that nobody reads a half."""
    aside = file.with_suffix(".aside")
    aside.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    aside.rename(file)


def read_json(file: Path) -> Any:  # noqa: ANN401 - JSON
    """Return what a file holds; raises BadRequest."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as e:
        raise BadRequest(f"{file.name} can't be read: {e}") from e


def read_briefs(file: Path) -> Sequence[Brief]:
    """Read one Brief a line; raises BadRequest naming the line."""
    return _lines(file, Brief)


def _examples(file: Path) -> list[Example]:
    return _lines(file, Example)


def _lines(file: Path, kind: type[T]) -> list[T]:
    """Read one value a line; raises BadRequest naming the line."""
    found: list[T] = []
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except OSError as e:
        raise BadRequest(f"{file.name} can't be read: {e}") from e
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found.append(from_json(kind, json.loads(line)))
        except (ValueError, BadRequest) as e:
            raise BadRequest(f"{file.name}, line {number}: {e}") from e
    return found


if __name__ == "__main__":
    sys.exit(start(sys.argv[1:], run))
