"""An admin brings a file into a catalog: upload, columns, dry run, start, refused rows."""

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from tests.factories import make_catalog, make_product
from tests.unit.web.reading import clicked, text_of, told
from titlelab.catalog.checking import execute_check
from titlelab.catalog.importing import execute_import
from titlelab.catalog.models import Catalog, ImportRun, Product

pytestmark = pytest.mark.django_db
Rung = list[tuple[str, tuple[Any, ...]]]
FILE = b"Nr;Name;Colour;Lager\nA1;Mug;blue;3\n=A2;Cup;red;4\n;Pot;;\n"


@pytest.fixture
def catalog() -> Catalog:
    return make_catalog()


@pytest.fixture
def run(boss: Client, catalog: Catalog) -> ImportRun:
    address = reverse("admin:catalog_catalog_upload", args=[catalog.pk])
    boss.post(address, {"file": SimpleUploadedFile("goods.csv", FILE)})
    return ImportRun.objects.get()


def columns(boss: Client, run: ImportRun, **form: str) -> Any:
    address = reverse("admin:catalog_importrun_columns", args=[run.pk])
    return boss.post(address, {"encoding": "utf-8", "delimiter": ";", **form})


def page(boss: Client, run: ImportRun) -> str:
    return text_of(boss.get(reverse("admin:catalog_importrun_change", args=[run.pk])))


def test_an_upload_leads_to_its_columns_with_a_guess_and_the_first_rows(boss: Client, run: ImportRun) -> None:
    response = boss.get(reverse("admin:catalog_importrun_columns", args=[run.pk]))

    html = response.content.decode()
    assert run.state == "uploaded"
    assert run.targets == {"Nr": "", "Name": "title", "Colour": "attr:Colour", "Lager": ""}
    assert '<option value="attr:Colour" selected>' in html
    assert '<td class="tl-sample">Mug</td>' in html


def test_columns_that_do_not_do_are_told_and_nothing_is_rung(boss: Client, run: ImportRun, rung: Rung) -> None:
    response = columns(boss, run, **{"column-1": "title"})

    run.refresh_from_db()
    assert "No column tells the sku" in text_of(response)
    assert (run.state, rung) == ("uploaded", [])


def test_another_delimiter_or_encoding_is_tried_before_anything_is_confirmed(boss: Client, run: ImportRun) -> None:
    response = columns(boss, run, delimiter=",", again="1")
    broken = columns(boss, run, encoding="utf-16", again="1")

    run.refresh_from_db()
    assert "Nr;Name;Colour;Lager" in text_of(response)
    assert "is not UTF-16" in text_of(broken)
    assert run.layout["delimiter"] == ";"


def test_after_the_dry_run_the_start_is_the_first_button_and_stands_out(boss: Client, run: ImportRun) -> None:
    ImportRun.objects.filter(pk=run.pk).update(state="checked", n_rows=3)

    html = boss.get(reverse("admin:catalog_importrun_change", args=[run.pk])).content.decode()

    start = html.index("Start the import</button>")
    assert html.rindex('class="tl-button tl-primary"', 0, start) > html.rindex("<form", 0, start)
    assert start < html.index("Choose the columns")
    assert html.count("tl-primary") == 1


def test_the_whole_way_from_columns_to_products(
    boss: Client,
    catalog: Catalog,
    run: ImportRun,
    rung: Rung,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    make_product(catalog=catalog, sku="A1", title="Old mug")

    with django_capture_on_commit_callbacks(execute=True):
        columns(boss, run, **{"column-0": "sku", "column-1": "title", "column-2": "attr:Colour"})
    execute_check(run.pk)
    checked = page(boss, run)
    with django_capture_on_commit_callbacks(execute=True):
        started = clicked(boss, "catalog_importrun", run.pk, "start")
    execute_import(run.pk)

    assert "3 of 3 rows read (100%): 1 new, 1 changed, 0 the same, 1 refused." in checked
    assert "A1 title Old mug Mug" in checked
    assert "=A2 Cup" in checked
    assert told(started) == ["The import of goods.csv is started."]
    assert rung == [("tasks.importing.check_upload", (run.pk,)), ("tasks.importing.import_upload", (run.pk,))]
    assert dict(Product.objects.values_list("sku", "title")) == {"A1": "Mug", "=A2": "Cup"}
    assert "Done" in (shown := page(boss, run))
    assert "('done'" not in shown


def test_refused_rows_are_downloaded_with_formulas_harmless(boss: Client, run: ImportRun) -> None:
    run.refused_rows.create(line=4, sku="=cmd", column="price", reason="'x' is not a number such as 12.50")

    response = boss.get(reverse("admin:catalog_importrun_refused", args=[run.pk]))

    body = b"".join(response.streaming_content).decode("utf-8-sig")
    assert list(csv.DictReader(io.StringIO(body))) == [
        {"line": "4", "sku": "'=cmd", "column": "price", "reason": "'x' is not a number such as 12.50"}
    ]


def test_a_file_is_discarded_and_a_run_at_work_stopped(boss: Client, run: ImportRun) -> None:
    clicked(boss, "catalog_importrun", run.pk, "throw_away")

    run.refresh_from_db()
    assert (run.state, run.reason) == ("stopped", "discarded")
    ImportRun.objects.update(state="running", n_rows=3, n_read=2)
    clicked(boss, "catalog_importrun", run.pk, "halt")
    run.refresh_from_db()
    assert (run.state, run.reason) == ("stopped", "stopped by hand after 2 rows")
    kept_no_more = "goods.csv is kept no more: import it again; what is imported is not doubled."
    assert told(clicked(boss, "catalog_importrun", run.pk, "go_on"))[-1] == kept_no_more


def test_nobody_without_the_right_confirms_columns(clerk: Client, run: ImportRun) -> None:
    assert clerk.get(reverse("admin:catalog_importrun_columns", args=[run.pk])).status_code == 403
    assert clerk.get(reverse("admin:catalog_importrun_refused", args=[run.pk])).status_code == 404  # not even in sight
