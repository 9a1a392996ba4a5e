"""How fast the admin's pages are when there are many Decisions, how many queries they make, and what a snapshot takes.

`python -m benchmarks.quality_pages [--decisions 200000] [--repeats 3] [--out FILE.json]` makes an invented ledger in a
folder of its own and takes its quality snapshots job by job: the first ones, those after a few further Decisions, and
those after a change of the rules by which Decisions are measured. Then it asks for every page. `--products 1000000`
gives a catalog so many products, each drafted ahead. Seconds are told by the clock and of the processor: the machine
may be busy with other things. `--keep FOLDER` leaves the ledger there, to look at:
`TITLELAB_HOME=FOLDER python manage.py runserver`; where one stands already, it is measured as it is.
"""

import argparse
import contextlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.own_database import set_up
from benchmarks.spread import spread
from ml_backend.learning.ensemble_training import peak_mb

BAR_S, BAR_QUERIES, BAR_SNAPSHOT_S = 1.0, 30, 60.0
N_FURTHER = 20  # Decisions between two snapshots of a busy shop


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decisions", type=int, default=200_000)
    parser.add_argument("--products", type=int, default=0, help="of one catalog, drafted ahead (default: the ledger's)")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="the ledger's folder (default: one that is thrown away)")
    parser.add_argument("--out", type=Path, help="a JSON file for the figures")
    options = parser.parse_args()
    with _home(options.keep) as home:
        os.environ.update(TITLELAB_HOME=str(home), TITLELAB_SECRET_KEY="of-a-benchmark")  # noqa: TID251, S106
        figures = measured(options.decisions, options.products, options.repeats)
    print(json.dumps(figures, indent=1))
    if options.out:
        options.out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def measured(n_decisions: int, n_products: int, repeats: int) -> dict[str, Any]:
    """Make the ledger and return the figures, of the server alone."""
    set_up()
    from django.utils import timezone

    from benchmarks.synthetic_ledger import add_products, draft_ahead, make_ledger
    from tasks.quality import take_snapshots
    from titlelab.catalog.models import Catalog, Product
    from titlelab.review.models import Decision

    if not Decision.objects.exists():
        took_ledger = _seconds(lambda: make_ledger(n_decisions, now=timezone.now()))
        print(f"{Decision.objects.count():,} Decisions made in {took_ledger:.0f} s", flush=True)
    if n_products > Product.objects.count():
        first = Catalog.objects.earliest("pk")
        add_products(first, n_products - Product.objects.count())
        draft_ahead(first)
        print(f"{Product.objects.count():,} products", flush=True)
    snapshots = {}
    for case, happens in {"first": _nothing, "after_a_few": _some_further, "after_a_change_of_rules": _rules}.items():
        happens()
        snapshots[case] = _jobs(take_snapshots)
        print(f"snapshots, {case}: {snapshots[case]}", flush=True)
    pages = dict(_pages(repeats))
    return {
        "decisions": Decision.objects.count(),
        "products": Product.objects.count(),
        "snapshots": snapshots,
        "longest_job_s": max(jobs["longest_s"] for jobs in snapshots.values()),
        "pages": pages,
        "slowest_s": max(page["seconds"]["median"] for page in pages.values()),
        "slowest_cpu_s": max(page["cpu_s"] for page in pages.values()),
        "most_queries": max(page["queries"] for page in pages.values()),
        "bars": {"seconds": BAR_S, "queries": BAR_QUERIES, "job_s": BAR_SNAPSHOT_S},
        "peak_mb": peak_mb(),
        "cpus": os.cpu_count(),
        "load_average": round(os.getloadavg()[0], 1),
    }


def _pages(repeats: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Ask for every page as an admin; the first time is not counted, it compiles the templates."""
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    client.force_login(User.objects.get_or_create(username="boss", is_superuser=True, is_staff=True)[0])
    for path in _paths():
        status = client.get(path).status_code
        if status != 200:
            raise SystemExit(f"{path} answers {status}")
        started = time.process_time()
        took = [_seconds(lambda path=path: client.get(path)) for _ in range(repeats)]  # type: ignore[misc]
        cpu = (time.process_time() - started) / repeats
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        page = {"seconds": spread(took), "cpu_s": round(cpu, 2), "queries": len(queries)}
        print(f"{spread(took)['median']:6.2f} s ({cpu:.2f} s) {len(queries):3} queries  {path}", flush=True)
        yield path, page


def _paths() -> list[str]:
    """Return the front page, every list, and every quality page with the filters that people use."""
    from django.contrib import admin
    from django.urls import reverse

    from titlelab.web.admin.quality import PAGES

    lists = [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
        if model.__module__.startswith("titlelab.")
    ]
    return [reverse("admin:index"), *sorted(lists), *(reverse(f"admin:{name}") for _, name, _ in PAGES)]


def _jobs(take_snapshots: Callable[[], int]) -> dict[str, float]:
    """Take snapshots as a worker does, a job at a time until one has nothing left to measure."""
    from titlelab.catalog.models import Catalog
    from titlelab.quality.unmeasured import n_unmeasured

    catalogs = list(Catalog.objects.values_list("pk", flat=True))
    took: list[float] = []
    cpu: list[float] = []
    while not took or n_unmeasured(catalogs):
        started = time.process_time()
        took.append(_seconds(take_snapshots))
        cpu.append(time.process_time() - started)
    all_and_longest = {"all_s": sum(took), "longest_s": max(took), "all_cpu_s": sum(cpu), "longest_cpu_s": max(cpu)}
    return {"jobs": len(took), **{name: round(seconds, 1) for name, seconds in all_and_longest.items()}}


def _nothing() -> None:
    """Leave the ledger as it stands."""


def _some_further() -> None:
    """Let the latest Decisions be unmeasured, as new ones are."""
    from titlelab.quality.models import DecisionMeasure

    latest = list(DecisionMeasure.objects.order_by("-pk").values_list("pk", flat=True)[:N_FURTHER])
    DecisionMeasure.objects.filter(pk__in=latest).delete()


def _rules() -> None:
    """Let all measures be of older rules, as after an upgrade that counts otherwise."""
    from titlelab.quality.models import DecisionMeasure

    DecisionMeasure.objects.update(rules=0)


def _seconds(does: Callable[[], object]) -> float:
    started = time.perf_counter()
    does()
    return time.perf_counter() - started


@contextlib.contextmanager
def _home(kept: Path | None) -> Iterator[Path]:
    if kept is None:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
        return
    kept.mkdir(parents=True, exist_ok=True)
    yield kept


if __name__ == "__main__":
    main()
