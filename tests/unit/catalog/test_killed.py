"""A worker that is killed in the middle of an import leaves whole batches; the next one goes on behind them."""

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests.factories import make_catalog
from titlelab.catalog.checking import confirm_columns, execute_check, start_import
from titlelab.catalog.layouts import Layout
from titlelab.catalog.models import ImportRun
from titlelab.catalog.storing import store_upload

N_ROWS = 6000
EVERY = 100  # of so many rows one is refused
KILLED_AT = (1000, 3000)
WORKER = """
import sys
import django
django.setup()
from titlelab.catalog import importing
importing.BATCH = 20
print(importing.execute_import(int(sys.argv[1])).state)
"""


@pytest.fixture
def run(tmp_path: Path) -> ImportRun:
    """An import that was started, with no worker at it yet."""
    file = tmp_path / "goods"
    rows = (f"S{n},Norvik bottle {n},{'free' if n % EVERY == 0 else n}\n" for n in range(N_ROWS))
    file.write_text("sku,title,price\n" + "".join(rows))
    run = store_upload(make_catalog(), file, file_name="goods.csv")
    confirm_columns(run, Layout(**run.layout), run.targets)
    execute_check(run.pk)
    run.refresh_from_db()
    start_import(run)
    return run


@pytest.fixture
def database(run: ImportRun, tmp_path: Path) -> Path:
    """A copy of the test's database that other processes can open."""
    path = tmp_path / "titlelab.sqlite3"
    with closing(sqlite3.connect(path)) as copy:
        connection.connection.backup(copy)
    return path


@pytest.mark.django_db(transaction=True)
def test_an_import_whose_worker_is_killed_twice_imports_each_row_once(run: ImportRun, database: Path) -> None:
    for n_read in KILLED_AT:
        worker = _worker(run, database)
        _wait_until_read(database, n_read)
        worker.kill()
        worker.communicate()
        assert worker.returncode == -9
        _expect_whole_batches(database)
        assert _output(_worker(run, database)) == "running"  # its lease keeps others away
        _ask(database, "UPDATE catalog_importrun SET lease_until = '2026-01-01 00:00:00'")

    assert _output(_worker(run, database)) == "done"

    n_refused = N_ROWS // EVERY
    counts = _ask(database, "SELECT n_read, n_new, n_changed, n_same, n_refused FROM catalog_importrun")
    assert counts == (N_ROWS, N_ROWS - n_refused, 0, 0, n_refused)
    assert _ask(database, "SELECT count(*), count(DISTINCT sku) FROM catalog_product") == (N_ROWS - n_refused,) * 2
    assert _ask(database, "SELECT count(*), count(DISTINCT line) FROM catalog_refusedrow") == (n_refused,) * 2


def _worker(run: ImportRun, database: Path) -> "subprocess.Popen[str]":
    places = {"TITLELAB_HOME": str(settings.HOME), "TITLELAB_DATABASE_URL": f"sqlite:///{database}"}
    told = {**os.environ, **places, "DJANGO_SETTINGS_MODULE": "titlelab.settings"}
    return subprocess.Popen([sys.executable, "-c", WORKER, str(run.pk)], env=told, stdout=subprocess.PIPE, text=True)


def _output(worker: "subprocess.Popen[str]") -> str:
    return worker.communicate(timeout=120)[0].strip()


def _wait_until_read(database: Path, n_read: int) -> None:
    until = time.monotonic() + 120
    while _ask(database, "SELECT n_read FROM catalog_importrun")[0] < n_read:
        assert time.monotonic() < until, "the worker reads nothing"
        time.sleep(0.01)


def _expect_whole_batches(database: Path) -> None:
    n_products, n_refused, n_new, n_told, n_read = _ask(
        database,
        "SELECT (SELECT count(*) FROM catalog_product), (SELECT count(*) FROM catalog_refusedrow), n_new, n_refused,"
        " n_read FROM catalog_importrun",
    )
    assert (n_products, n_refused) == (n_new, n_told)
    assert n_products + n_refused == n_read < N_ROWS


def _ask(database: Path, query: str) -> tuple[int, ...]:
    with closing(sqlite3.connect(database, timeout=30)) as asked, asked:
        return tuple(asked.execute(query).fetchone() or ())
