"""How fast `/predict` answers for stored drafts over HTTP while a training is busy.

`python -m benchmarks.predicting [--out FILE.json]` starts the real ML backend in a folder of its own, has it draft the
sample products once, trains a language model beside it (niced, one thread), and asks again and again.
"""

import argparse
import base64
import http.client
import json
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.spread import percentile, spread
from benchmarks.staging import (
    AUTH,
    KEPT,
    Backend,
    publish_sample_library,
    running_backend,
    sample_briefs,
    sample_examples,
    training,
)
from ml_backend.client import DraftClient
from ml_backend.contract import Brief, Draft, TrainingRequest
from titlelab.labelstudio.label_config import task_data

BATCH = 100
BARS = {"p95_ms": 20.0, "tasks_per_s": 1000.0}


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--singles", type=int, default=2000, help="requests with one task")
    parser.add_argument("--batches", type=int, default=400, help=f"requests with {BATCH} tasks")
    parser.add_argument("--no-training", action="store_true", help="measure on an idle machine, for comparison")
    parser.add_argument("--out", type=Path, help="a JSON file for the figures")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        figures = _figures(home, options.singles, options.batches, trains=not options.no_training)
    print(json.dumps(figures, indent=1))
    if options.out:
        options.out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def _figures(home: Path, n_singles: int, n_batches: int, *, trains: bool) -> dict[str, Any]:
    models_folder = home / "models"
    briefs = sample_briefs("en")
    publish_sample_library(models_folder, "en")
    with running_backend(home, models_folder) as backend:
        tasks = _tasks(briefs, _warm_cache(backend, briefs))
        with _busy(home) if trains else nullcontext():
            single = _seconds(backend, [[task] for task in tasks], n_singles)
            batches = [(tasks * 2)[start : start + BATCH] for start in range(0, len(tasks), BATCH)]
            batch = _seconds(backend, batches, n_batches)
    figures: dict[str, Any] = {
        "beside_training": trains,
        "one_task": {
            "n": len(single),
            **{f"p{p}_ms": round(1000 * percentile(single, p / 100), 2) for p in (50, 95, 99)},
        },
        "batches_of_100": {"n": len(batch), "tasks_per_s": spread([BATCH / seconds for seconds in batch])},
    }
    met = figures["one_task"]["p95_ms"] < BARS["p95_ms"]
    met_batches = figures["batches_of_100"]["tasks_per_s"]["median"] >= BARS["tasks_per_s"]
    return {**figures, "bars": BARS, "met": met and met_batches}


def _warm_cache(backend: Backend, briefs: Sequence[Brief]) -> list[Draft]:
    return DraftClient(url=backend.url, username=AUTH[0], password=AUTH[1]).drafts(briefs)


def _tasks(briefs: Sequence[Brief], drafts: Sequence[Draft]) -> list[dict[str, Any]]:
    """Make tasks as Label Studio sends them: what titlelab pushed, with Label Studio's own fields around it."""
    return [
        {
            "id": number,
            "data": task_data(
                item_id=number, brief=brief, draft=draft, image_url="", why="least certain", asked_as="choices"
            ),
            "annotations": [],
            "predictions": [],
            "project": 1,
            "created_at": "2026-01-01T00:00:00Z",
        }
        for number, (brief, draft) in enumerate(zip(briefs, drafts, strict=True), start=1)
    ]


def _busy(home: Path) -> Any:  # noqa: ANN401 - a context manager of a child process
    request = TrainingRequest(
        kind="titler",
        method="language_model",
        scope="busy",
        number=1,
        models_folder=str(KEPT / "models"),
        data_hash="0" * 64,
        minutes=10,
        base_model="smollm2-135m",
    )
    return training(home / "run", request, sample_examples("en"))


def _seconds(backend: Backend, batches: Sequence[Sequence[dict[str, Any]]], n: int) -> list[float]:
    """Return how long each of n requests took, from sending to the answer's last byte."""
    bodies = [json.dumps({"tasks": list(tasks), "project": "1.1", "params": {}}).encode() for tasks in batches]
    with closing(http.client.HTTPConnection(urlsplit(backend.url).netloc)) as connection:
        results = json.loads(_answer(connection, bodies[0]))["results"]
        if len(results) != len(batches[0]) or not all(result["result"] for result in results):
            raise RuntimeError("/predict left a task without a prediction")
        return [_timed(connection, bodies[i % len(bodies)]) for i in range(n)]


def _timed(connection: http.client.HTTPConnection, body: bytes) -> float:
    started = time.perf_counter()
    _answer(connection, body)
    return time.perf_counter() - started


def _answer(connection: http.client.HTTPConnection, body: bytes) -> bytes:
    secret = base64.b64encode(":".join(AUTH).encode()).decode()
    headers = {"Authorization": f"Basic {secret}", "Content-Type": "application/json"}
    connection.request("POST", "/predict", body, headers)
    response = connection.getresponse()
    content = response.read()
    if response.status != 200:
        raise RuntimeError(f"/predict answered {response.status}: {content[:200]!r}")
    return content


if __name__ == "__main__":
    main()
