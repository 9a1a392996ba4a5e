"""One titler trained on a catalog by the product's own training process, and its drafts: kept, so that a run resumes.

A run's folder holds the training's files, the version it wrote, and the drafts made since; what is there is not made
again. The same folder is found again for the same catalog, titler, pairs, minutes, seed and base model.
"""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml_backend.contract import (
    Brief,
    Candidate,
    Example,
    TitleProposal,
    Titler,
    TrainingRequest,
    from_json,
    to_json,
    version_folder,
)
from ml_backend.learning import base_models
from ml_backend.learning.artifacts import load_titler
from ml_backend.learning.choosing import candidates
from ml_backend.learning.edit_probability import EditModel, edit_probability, signs_of
from ml_backend.learning.ranking import weights_of
from ml_backend.learning.titler_ensemble import EnsembleTitler

ROOT = Path(__file__).resolve().parents[1]
MODELS_FOLDER = ROOT / "var" / "benchmarks" / "models"  # holds the converted base models too
RUNS_FOLDER = ROOT / "var" / "benchmarks" / "titles"
N_PROPOSALS = 6
_PROPOSALS_OF = {"language_model": 1}  # as bulk drafting asks for them: beams cost it several times as much
_BATCH = 64
_BASE_OF = {"zh": "gemma3-270m", "ja": "gemma3-270m", "ko": "gemma3-270m"}
_METHOD_OF = {"best": "full_ensemble"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What is trained: titler as on the command line; minutes bound the training."""

    catalog: Path
    titler: str
    language: str
    n_pairs: int
    minutes: float
    seed: int
    base_model: str
    n_neighbours: int = 0

    @property
    def key(self) -> str:
        """Return a name for the run that any other setting or catalog would change."""
        settings = [self.titler, self.n_pairs, self.minutes, self.seed, self.base_model]
        settings += [self.n_neighbours] if self.n_neighbours else []
        digest = hashlib.sha256(self.catalog.read_bytes() + json.dumps(settings).encode()).hexdigest()[:12]
        name = "".join(c if c.isalnum() else "-" for c in self.catalog.name.split(".")[0].lower()).strip("-")
        return f"{name[:30]}-{self.titler}-{self.n_pairs}-{digest}".replace("_", "-")

    @property
    def folder(self) -> Path:
        """Return where the run's files stand."""
        return RUNS_FOLDER / self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A finished training: seconds and peak_mb of the whole process; members hold theirs by name."""

    version: Path
    seconds: float
    peak_mb: float
    metrics: dict[str, float]


def default_base_model(language: str) -> str:
    """Name the packaged base model for a language; "" when it is not installed: then no language model is trained."""
    name = _BASE_OF.get(language.split("-")[0].lower(), "smollm2-135m")
    return name if base_models.packaged_gguf(base_models.PACKAGED[name]) else ""


def trained(course: Course, examples: Sequence[Example]) -> Trained:
    """Train in a process of its own unless that was done; exits with the training's reason when it fails."""
    result = course.folder / "trained.json"
    request = _request(course)
    version = version_folder(MODELS_FOLDER, "titler", request.scope, request.number)
    if not result.is_file() or not version.is_dir():
        course.folder.mkdir(parents=True, exist_ok=True)
        _write_json(course.folder / "request.json", to_json(request))
        _write_lines(course.folder / "examples.jsonl", [to_json(example) for example in examples])
        _write_lines(course.folder / "golden.jsonl", [])
        began = time.monotonic()
        peak_mb = _run(course.folder)
        metrics = json.loads((course.folder / "report.json").read_text(encoding="utf-8"))["metrics"]
        seconds = round(time.monotonic() - began, 1)
        _write_json(result, {"seconds": seconds, "peak_mb": peak_mb, "metrics": metrics})
    return Trained(version=version, **json.loads(result.read_text(encoding="utf-8")))


def titlers(course: Course, training: Trained) -> dict[str, Titler]:
    """Return what a training brought by name: the ensemble's members first, then itself."""
    titler = load_titler(training.version)
    if isinstance(titler, EnsembleTitler):
        return {**titler.members, "ensemble": titler}
    return {course.titler: titler}


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A chosen candidate, and how likely the titler holds it that a person edits it; None where it can't tell."""

    candidate: Candidate
    edit_probability: float | None = None


def drafted(course: Course, name: str, part: str, titler: Titler, briefs: Sequence[Brief]) -> list[Made]:
    """Return what is chosen for each Brief; drafts that were made before are read, not made again."""
    file = course.folder / f"drafts-{name}-{part}.jsonl"
    known = _drafts_in(file)
    missing = [brief for brief in briefs if brief.sku not in known]
    file.parent.mkdir(parents=True, exist_ok=True)
    n_proposals = _PROPOSALS_OF.get(name, N_PROPOSALS)
    with file.open("a", encoding="utf-8") as lines:
        for start in range(0, len(missing), _BATCH):
            batch = missing[start : start + _BATCH]
            for brief, proposals in zip(batch, titler.propose(batch, n_proposals), strict=True):
                known[brief.sku] = _made(brief, proposals, titler)
                lines.write(json.dumps({"sku": brief.sku, **to_json(known[brief.sku])}, ensure_ascii=False) + "\n")
            lines.flush()
    return [known[brief.sku] for brief in briefs]


def _made(brief: Brief, proposals: Sequence[TitleProposal], titler: Titler) -> Made:
    best = candidates(brief, proposals, weights_of(titler))[0]
    model: EditModel | None = getattr(titler, "edit_model", None)
    doubt = edit_probability(model, signs_of(brief, proposals, best.title)) if model else None
    return Made(candidate=best, edit_probability=doubt)


def _request(course: Course) -> TrainingRequest:
    return TrainingRequest(
        kind="titler",
        method=_METHOD_OF.get(course.titler, course.titler),
        scope=course.key,
        number=1,
        models_folder=str(MODELS_FOLDER),
        data_hash=course.key,
        seed=course.seed,
        minutes=course.minutes,
        base_model=course.base_model,
        checkpoints=str(course.folder / "checkpoints"),
        n_neighbours=course.n_neighbours,
    )


def _run(folder: Path) -> float:
    """Run the training's process; return its peak memory in MB."""
    with (folder / "log.txt").open("ab") as log:
        child = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "ml_backend.train", str(folder)], cwd=ROOT, stdout=log, stderr=log
        )
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        failure = folder / "failure.json"
        raise SystemExit(failure.read_text(encoding="utf-8") if failure.is_file() else f"see {folder / 'log.txt'}")
    return round(usage.ru_maxrss / 1024, 1)


def _drafts_in(file: Path) -> dict[str, Made]:
    """Read drafts by sku; a last line that a kill cut short is dropped."""
    if not file.is_file():
        return {}
    whole = file.read_text(encoding="utf-8").rpartition("\n")[0]
    file.write_text(f"{whole}\n" if whole else "", encoding="utf-8")
    return {data.pop("sku"): from_json(Made, data) for data in map(json.loads, whole.splitlines())}


def _write_json(file: Path, data: Any) -> None:  # noqa: ANN401 - JSON
    aside = file.with_suffix(".aside")
    aside.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
    aside.rename(file)


def _write_lines(file: Path, rows: Sequence[Any]) -> None:
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
