"""Whether a large catalog is drafted in flat memory, and goes on after a kill.

`python -m benchmarks.bulk_drafting [--briefs N] [--out FILE.json]` imports N generated products into a TitleLab of its
own, runs `manage.py draft` against the real ML backend with the built-in template titler, kills it half way, starts it
again, and tells the memory of both processes at ten points.
"""

import argparse
import itertools
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil

from benchmarks.staging import PASSWORD, ROOT, SAMPLES, environment, running_backend

N_POINTS = 10
LOOK_EVERY_S = 0.2


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--briefs", type=int, default=100_000)
    parser.add_argument("--candidates", type=int, default=1)
    parser.add_argument("--out", type=Path, help="a JSON file for the figures")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = _figures(Path(folder), options.briefs, options.candidates)
    print(json.dumps(figures, indent=1))
    if options.out:
        options.out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def products(n: int) -> Iterator[dict[str, Any]]:
    """Yield n products: the sample's in turn, each turn with a sku, a model code and a size of its own."""
    rows = [json.loads(line) for line in (SAMPLES / "sample-en.jsonl").read_text(encoding="utf-8").splitlines()]
    for number, row in zip(range(n), itertools.cycle(rows), strict=False):
        turn = number // len(rows)
        attributes = {**row["attributes"], "Model": f"MX-{number}", "Length": f"{10 + turn} cm"}
        yield {**row, "sku": f"{row['sku']}-{turn}", "attributes": attributes}


def _figures(home: Path, n: int, n_candidates: int) -> dict[str, Any]:
    with running_backend(home, home / "models") as backend:
        manage = _Manage(home, backend.url)
        manage.run("migrate", "--verbosity", "0")
        _import(manage, home, n)
        _tell("drafting")
        watch = _Watch(home / "titlelab.sqlite3", psutil.Process(backend.pid), n)
        killed = watch.follow(manage.start("draft", "bulk", "--candidates", str(n_candidates)), kill_at=n // 2)
        n_before = watch.n_drafts()
        seconds = watch.follow(manage.start("draft", "bulk", "--candidates", str(n_candidates)))
        n_drafts, n_products = watch.n_drafts(), watch.n_drafted_products()
    return {
        "briefs": n,
        "candidates": n_candidates,
        "drafted_before_the_kill": n_before,
        "drafts_at_the_end": n_drafts,
        "drafted_products_at_the_end": n_products,
        "products_a_second": {
            "before_the_kill": round(n_before / killed, 1),
            "after_it": round((n_drafts - n_before) / seconds, 1),
        },
        "memory_mb": watch.points,
    }


def _import(manage: "_Manage", home: Path, n: int) -> None:
    _tell(f"importing {n:,} products")
    file = home / "products.jsonl"
    with file.open("w", encoding="utf-8") as out:
        out.writelines(f"{json.dumps(row, ensure_ascii=False)}\n" for row in products(n))
    manage.run("load_tag_library", str(SAMPLES / "tags-en.json"), "--key", "tags-en")
    told = ["--catalog", "bulk", "--language", "en", "--channel", "google", "--library", "tags-en"]
    manage.run("import_catalog", str(file), *told)


class _Manage:
    """Runs `manage.py` in a TitleLab of its own."""

    def __init__(self, home: Path, backend_url: str) -> None:
        names = ("SECRET_KEY", "WEBHOOK_SECRET", "LABEL_STUDIO_TOKEN", "ML_BACKEND_PASSWORD")
        self._environment = {
            **environment(),
            **{f"TITLELAB_{name}": PASSWORD for name in names},
            "TITLELAB_HOME": str(home),
            "TITLELAB_ML_BACKEND_URL": backend_url,
        }

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=sys.stderr)  # noqa: S603

    def run(self, *arguments: str) -> None:
        if self.start(*arguments).wait():
            raise RuntimeError(f"manage.py {arguments[0]} failed")


class _Watch:
    """Looks at the drafts stored and at the memory of the command and of the backend, from outside."""

    def __init__(self, database: Path, backend: psutil.Process, n: int) -> None:
        self._database, self._backend, self._n = database, backend, n
        self.points: list[dict[str, int]] = []

    def follow(self, command: subprocess.Popen[bytes], kill_at: int | None = None) -> float:
        """Wait until the command ends, or kill it when so many drafts are stored; return the seconds it ran."""
        started, process = time.monotonic(), psutil.Process(command.pid)
        while command.poll() is None:
            time.sleep(LOOK_EVERY_S)
            n_drafts = self.n_drafts()
            if n_drafts * N_POINTS >= (len(self.points) + 1) * self._n and command.poll() is None:
                own, backend = (p.memory_info().rss // 2**20 for p in (process, self._backend))
                self.points.append({"drafts": n_drafts, "command": own, "backend": backend})
                _tell(f"{n_drafts:,} drafts: command {own} MB, backend {backend} MB")
            if kill_at is not None and n_drafts >= kill_at:
                command.kill()
                command.wait()
                return time.monotonic() - started
        if command.returncode:
            raise RuntimeError("manage.py draft failed")
        return time.monotonic() - started

    def n_drafts(self) -> int:
        return self._count("SELECT count(*) FROM review_draft")

    def n_drafted_products(self) -> int:
        return self._count("SELECT count(DISTINCT product_id) FROM review_draft")

    def _count(self, query: str) -> int:
        with closing(sqlite3.connect(self._database, timeout=30)) as connection:
            return int(connection.execute(query).fetchone()[0])


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
