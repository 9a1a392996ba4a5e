"""An uploaded file on its way: dry run, start, interruption, and going on."""

import datetime as dt
from pathlib import Path

import pytest
from django.utils import timezone

from tests.factories import make_catalog, make_product
from titlelab.catalog import importing
from titlelab.catalog.checking import confirm_columns, execute_check, start_again, start_import, stop
from titlelab.catalog.holding import claim, forgotten_imports
from titlelab.catalog.importing import execute_import
from titlelab.catalog.layouts import Layout
from titlelab.catalog.models import Catalog, ImportRun, Product, RefusedRow
from titlelab.catalog.rows import ProductRow
from titlelab.catalog.storing import forget_old_uploads, store_upload, stored_file
from titlelab.errors import BadFile, NotPossibleNow

pytestmark = pytest.mark.django_db
GOODS = "sku,title,price\nA1,one,1\nA2,two,2\nA3,three,free\nA4,four,4\nA1,twin,1\nA5,five,5\n"


@pytest.fixture
def catalog() -> Catalog:
    return make_catalog()


@pytest.fixture
def run(catalog: Catalog, tmp_path: Path) -> ImportRun:
    """A file whose columns are confirmed."""
    file = tmp_path / "goods"
    file.write_text(GOODS)
    run = store_upload(catalog, file, file_name="../../goods.csv")
    confirm_columns(run, Layout(**run.layout), run.targets)
    return run


def counts(run: ImportRun) -> tuple[int, ...]:
    return run.n_read, run.n_new, run.n_changed, run.n_same, run.n_refused


def test_a_dry_run_tells_what_would_happen_and_writes_no_product(catalog: Catalog, run: ImportRun) -> None:
    make_product(catalog=catalog, sku="A2", title="old", attributes=[["Colour", "blue"]])

    checked = execute_check(run.pk)

    assert (checked.state, checked.n_rows) == ("checked", 6)
    assert counts(checked) == (6, 3, 1, 0, 2)
    assert [each["sku"] for each in checked.examples["new"]] == ["A1", "A4", "A5"]
    (changed,) = checked.examples["changed"]
    assert ["title", "old", "two"] in changed["differences"]
    assert ["Colour", "blue", ""] in changed["differences"]
    assert [(row.line, row.column) for row in checked.refused_rows.all()] == [(4, "price"), (6, "sku")]
    assert Product.objects.count() == 1


def test_an_import_after_its_dry_run_counts_anew_and_deletes_the_file(run: ImportRun) -> None:
    execute_check(run.pk)
    run.refresh_from_db()
    start_import(run)

    done = execute_import(run.pk)

    assert (done.state, counts(done)) == ("done", (6, 4, 0, 0, 2))
    assert done.refused_rows.count() == 2
    with pytest.raises(NotPossibleNow, match="is kept no more"):
        stored_file(done)


def test_an_interrupted_import_goes_on_behind_its_last_batch(run: ImportRun, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks_at_four(row: ProductRow, rules: object) -> bool:
        if row.title == "four":
            raise MemoryError
        return False

    monkeypatch.setattr(importing, "BATCH", 2)
    execute_check(run.pk)
    run.refresh_from_db()
    start_import(run)
    whole = importing.has_good_title
    monkeypatch.setattr(importing, "has_good_title", breaks_at_four)
    with pytest.raises(MemoryError):
        execute_import(run.pk)
    monkeypatch.setattr(importing, "has_good_title", whole)
    run.refresh_from_db()
    assert (run.state, counts(run)) == ("failed", (2, 2, 0, 0, 0))

    start_again(run)
    done = execute_import(run.pk)

    assert (done.state, counts(done)) == ("done", (6, 4, 0, 0, 2))
    assert RefusedRow.objects.count() == 2
    assert Product.objects.count() == 4


def test_a_dead_workers_import_is_found_and_taken_over(run: ImportRun) -> None:
    execute_check(run.pk)
    run.refresh_from_db()
    start_import(run)
    assert forgotten_imports() == [run]
    assert claim(run.pk) is not None
    assert claim(run.pk) is None
    assert forgotten_imports() == []

    ImportRun.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))

    assert forgotten_imports() == [run]
    assert execute_import(run.pk).state == "done"


def test_a_worker_whose_import_was_stopped_writes_nothing_more(run: ImportRun, monkeypatch: pytest.MonkeyPatch) -> None:
    def stops(row: ProductRow, rules: object) -> bool:
        stop(ImportRun.objects.get())
        return False

    monkeypatch.setattr(importing, "has_good_title", stops)
    execute_check(run.pk)
    run.refresh_from_db()
    start_import(run)

    stopped = execute_import(run.pk)

    assert (stopped.state, stopped.reason) == ("stopped", "stopped by hand after 0 rows")
    assert not Product.objects.exists()


def test_a_file_that_breaks_in_the_dry_run_tells_its_line(catalog: Catalog, tmp_path: Path) -> None:
    file = tmp_path / "goods"
    file.write_text("sku,title\n" + "A1,one\n" * 200 + 'A2,"open\n')
    run = store_upload(catalog, file, file_name="goods.csv")
    confirm_columns(run, Layout(**run.layout), run.targets)

    failed = execute_check(run.pk)

    assert failed.state == "failed"
    assert failed.reason.startswith("line 202: unexpected end of data")


def test_a_file_that_kills_its_workers_is_given_up(run: ImportRun) -> None:
    ImportRun.objects.update(attempts=5)

    execute_check(run.pk)

    run.refresh_from_db()
    assert (run.state, run.reason[:9]) == ("failed", "Given up:")


def test_a_long_import_lets_no_other_one_begin(catalog: Catalog, run: ImportRun) -> None:
    claim(run.pk)
    other = ImportRun.objects.create(catalog=catalog, file_name="other.csv")

    assert claim(other.pk) is None


def test_an_upload_is_kept_under_its_number_and_forgotten_in_time(
    catalog: Catalog, run: ImportRun, tmp_path: Path
) -> None:
    assert stored_file(run).name == str(run.pk)
    ImportRun.objects.update(state="failed", started_at=timezone.now() - dt.timedelta(days=8))

    assert forget_old_uploads() == 1
    assert forget_old_uploads() == 0


def test_a_file_that_can_not_be_read_is_not_kept(catalog: Catalog, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"PK\x03\x04")

    with pytest.raises(BadFile):
        store_upload(catalog, tmp_path / "x", file_name="x.csv")

    assert not ImportRun.objects.exists()


def test_steps_out_of_turn_are_refused(run: ImportRun) -> None:
    with pytest.raises(NotPossibleNow, match="dry run"):
        start_import(run)
    with pytest.raises(NotPossibleNow, match="never read to its end"):
        start_again(run)
