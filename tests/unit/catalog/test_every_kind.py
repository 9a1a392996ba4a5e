"""The same rows in every kind of file: a dry run promises what the import then does, and refuses what it refuses."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import make_catalog
from titlelab.catalog import importing, reading
from titlelab.catalog.checking import confirm_columns, execute_check, start_import
from titlelab.catalog.importing import execute_import, import_file
from titlelab.catalog.layouts import Layout
from titlelab.catalog.models import ImportRun, Product
from titlelab.catalog.storing import store_upload
from titlelab.errors import BadFile

pytestmark = pytest.mark.django_db
Row = tuple[str, str, str]
HEADER = ("sku", "title", "price")
FIRST_LINE = {"csv": 2, "tsv": 2, "gb.csv": 2, "jsonl": 1, "parquet": 1, "xlsx": 2}  # where the first product stands
KINDS = st.sampled_from(sorted(FIRST_LINE))
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["A1", "A2", "A3", "A4", "A5", ""]),
        st.sampled_from(["保温杯", "Mug", "t" * 1001]),
        st.sampled_from(["1", "12.50", "free", "-3"]),
    ),
    min_size=1,
    max_size=12,
)


def written(kind: str, rows: Sequence[Sequence[str]], *, header: Sequence[str] = HEADER) -> bytes:
    """Return the rows as a file of the kind."""
    if kind == "jsonl":
        return "".join(json.dumps(dict(zip(header, row, strict=True))) + "\n" for row in rows).encode()
    if kind == "parquet":
        file = io.BytesIO()
        pq.write_table(pa.table({name: [row[n] for row in rows] for n, name in enumerate(header)}), file)
        return file.getvalue()
    if kind == "xlsx":
        book, file = openpyxl.Workbook(), io.BytesIO()
        for row in (header, *rows):
            book.active.append(row)
        book.save(file)
        return file.getvalue()
    text = io.StringIO()
    csv.writer(text, delimiter="\t" if kind == "tsv" else ",").writerows([header, *rows])
    return text.getvalue().encode("gb18030" if kind == "gb.csv" else "utf-8")


def told(run: ImportRun) -> dict[str, Any]:
    refused = run.refused_rows.order_by("line").values_list("line", "sku", "column", "reason")
    counts = {name: getattr(run, name) for name in ("n_rows", "n_read", "n_new", "n_changed", "n_same", "n_refused")}
    return {**counts, "refused": list(refused)}


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=ROWS, rows=ROWS, kind=KINDS)
def test_a_dry_run_promises_what_the_import_does(
    before: list[Row], rows: list[Row], kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 3)  # twins stand in one batch or in two
    catalog, file, name = make_catalog(), tmp_path / "goods", f"goods.{kind}"
    file.write_bytes(written("csv", before))
    import_file(catalog, file, file_name="before.csv")
    stored = list(catalog.products.order_by("sku").values_list("sku", "content_hash"))
    file.write_bytes(written(kind, rows))
    run = store_upload(catalog, file, file_name=name)
    confirm_columns(run, Layout(**run.layout), run.targets)

    promised = told(execute_check(run.pk))
    assert list(catalog.products.order_by("sku").values_list("sku", "content_hash")) == stored
    run.refresh_from_db()
    start_import(run)
    done = execute_import(run.pk)

    assert done.state == "done"
    assert told(done) == promised
    assert done.n_read == done.n_new + done.n_changed + done.n_same + done.n_refused == len(rows)
    assert catalog.products.count() == len(stored) + done.n_new


@pytest.mark.parametrize("kind", FIRST_LINE)
def test_every_kind_refuses_the_same_rows_by_its_own_lines(kind: str, tmp_path: Path) -> None:
    rows = [("A1", "Mug", "1"), ("A2", "保温杯", "free"), ("", "Cup", "2"), ("A1", "Pot", "3")]
    (tmp_path / "goods").write_bytes(written(kind, rows))

    run = import_file(make_catalog(), tmp_path / "goods", file_name=f"goods.{kind}")

    first = FIRST_LINE[kind]
    assert [(r.line - first, r.sku, r.column, r.reason) for r in run.refused_rows.order_by("line")] == [
        (1, "A2", "price", "'free' is not a number such as 12.50"),
        (2, "", "sku", "is missing"),
        (3, "A1", "sku", f"stands in line {first} already"),
    ]
    assert Product.objects.get().title == "Mug"


@pytest.mark.parametrize("kind", FIRST_LINE)
def test_a_file_of_too_many_columns_is_refused(kind: str, tmp_path: Path) -> None:
    names = ("sku", *(f"column {n}" for n in range(1000)))
    (tmp_path / "goods").write_bytes(written(kind, [("x",) * 1001], header=names))

    try:
        run = import_file(make_catalog(), tmp_path / "goods", file_name=f"goods.{kind}")
        reason = run.refused_rows.get().reason  # a line of JSON names its own columns
    except BadFile as e:
        reason = str(e)

    assert "1,001" in reason
    assert reason.endswith("1,000 at most")
    assert not Product.objects.exists()


@pytest.mark.parametrize("kind", FIRST_LINE)
def test_a_file_of_too_many_rows_is_refused_before_a_product_is_written(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 2)
    (tmp_path / "goods").write_bytes(written(kind, [(f"A{n}", "杯", "1") for n in range(3)]))

    with pytest.raises(BadFile, match="holds more than 2 rows: import it in parts"):
        import_file(make_catalog(), tmp_path / "goods", file_name=f"goods.{kind}")

    assert not Product.objects.exists()
