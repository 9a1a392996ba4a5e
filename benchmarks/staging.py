"""What the speed benchmarks stand on: sample Briefs, and the real ML backend in a process and a folder of its own."""

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.channels import built_in_rules
from ml_backend.contract import (
    Brief,
    Example,
    PublishedLibrary,
    TagSpec,
    TrainingRequest,
    from_json,
    library_file,
    to_json,
)
from ml_backend.rules.families import family
from titlelab.catalog.brief import brief_of
from titlelab.catalog.reading import ProductRow, rows

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "titlelab" / "samples" / "data"
KEPT = ROOT / "var" / "benchmarks"  # a base model is converted once, not at every run
PASSWORD = "of-a-benchmark"  # noqa: S105 - opens a backend that lives for a minute
AUTH = ("titlelab", PASSWORD)
CHANNEL_OF = {"en": "google", "zh": "taobao"}
START_S = 60.0  # importing scikit-learn beside a busy training takes ten


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """A running ML backend: its address and its process."""

    url: str
    pid: int


def sample_briefs(language: str) -> list[Brief]:
    """Return the Briefs of a sample catalog ("en", "zh"), as the shop tells its products."""
    rules = built_in_rules(dt.date.max)[CHANNEL_OF[language]]
    file = SAMPLES / f"sample-{language}.jsonl"
    return [
        brief_of(row, catalog=f"sample-{language}", library=f"tags-{language}", language=language, channel=rules)
        for row in rows(file, file_name=file.name)
        if isinstance(row, ProductRow)
    ]


def sample_examples(language: str) -> list[Example]:
    """Return the sample products with the titles that the sample's maker holds for good."""
    hidden = (SAMPLES.parent / "hidden" / f"sample-{language}.gold.jsonl").read_text(encoding="utf-8")
    titles = {row["sku"]: row["title"] for row in map(json.loads, hidden.splitlines())}
    return [
        Example(
            brief=brief,
            title=titles[brief.sku],
            tags=None,
            source="catalog",
            family=family(titles[brief.sku], brief.brand),
        )
        for brief in sample_briefs(language)
        if brief.sku in titles
    ]


def publish_sample_library(models_folder: Path, language: str) -> None:
    """Publish a sample's tag library as titlelab would."""
    told = json.loads((SAMPLES / f"tags-{language}.json").read_text(encoding="utf-8"))
    publish_library(models_folder, f"tags-{language}", [from_json(TagSpec, tag) for tag in told["tags"]])


def publish_library(models_folder: Path, key: str, tags: Sequence[TagSpec]) -> None:
    """Publish a tag library as titlelab would."""
    file = library_file(models_folder, key)
    file.parent.mkdir(parents=True, exist_ok=True)
    library = PublishedLibrary(key=key, revision=1, tags=tuple(tags))
    file.write_text(json.dumps(to_json(library), ensure_ascii=False), encoding="utf-8")


@contextmanager
def running_backend(
    home: Path, models_folder: Path, *, variables: Mapping[str, str] | None = None
) -> Iterator[Backend]:
    """Run `python -m ml_backend` on a free port until the block ends; raises RuntimeError when it does not start."""
    log = home / "ml_backend.log"
    told = {
        "TITLELAB_HOME": str(home),
        "TITLELAB_MODELS_FOLDER": str(models_folder),
        "TITLELAB_ML_BACKEND_PASSWORD": PASSWORD,
        "TITLELAB_ML_BACKEND_PORT": "0",
    }
    command = [sys.executable, "-m", "ml_backend"]
    with log.open("wb") as out:
        child = subprocess.Popen(  # noqa: S603
            command, cwd=ROOT, stdout=out, stderr=out, env={**environment(), **told, **(variables or {})}
        )
    try:
        yield Backend(url=_address(child, log), pid=child.pid)
    finally:
        child.terminate()
        child.wait()


@contextmanager
def training(folder: Path, request: TrainingRequest, examples: Sequence[Example]) -> Iterator[subprocess.Popen[bytes]]:
    """Run `python -m ml_backend.train`, which is niced, on one thread from its first step until the block ends.

    Raises RuntimeError when it ends before the block does: then nothing was measured beside a training.
    """
    folder.mkdir(parents=True)
    (folder / "request.json").write_text(json.dumps(to_json(request)), encoding="utf-8")
    for name, some in (("examples", examples), ("golden", examples[:5])):
        lines = "".join(f"{json.dumps(to_json(example), ensure_ascii=False)}\n" for example in some)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    log = folder / "train.log"
    with log.open("wb") as out:
        child = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "ml_backend.train", str(folder)],
            cwd=ROOT,
            stdout=out,
            stderr=out,
            env={**environment(), "OMP_NUM_THREADS": "1"},
        )
    try:
        _wait_for_steps(child, folder)
        yield child
        if child.poll() is not None:
            raise RuntimeError(f"the training ended too early: {_last_words(log)}")
    finally:
        child.send_signal(signal.SIGKILL)  # what it has learnt is not wanted
        child.wait()


def _wait_for_steps(child: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait until the base model is loaded and the training proper has begun."""
    for _ in range(int(10 * START_S)):
        time.sleep(0.1)
        if child.poll() is not None:
            raise RuntimeError(f"the training did not start: {_last_words(folder / 'train.log')}")
        file = folder / "progress.json"
        if file.is_file() and json.loads(file.read_text(encoding="utf-8"))["progress"] > 0:
            return
    raise RuntimeError(f"no step of training in {START_S:g} s")


def _address(child: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(int(10 * START_S)):
        time.sleep(0.1)
        if child.poll() is not None:
            raise RuntimeError(f"the ML backend did not start: {_last_words(log)}")
        first = log.read_text(encoding="utf-8").partition("\n")[0]
        if "http://" in first and _is_up(url := first.split(" on ")[1].split(",")[0]):
            return url
    raise RuntimeError(f"the ML backend does not answer: {_last_words(log)}")


def _is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", trust_env=False).is_success
    except httpx.TransportError:
        return False


def environment() -> dict[str, str]:
    """Return this process's environment without what is set for another TitleLab."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TITLELAB_")}  # noqa: TID251


def _last_words(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-1000:]
