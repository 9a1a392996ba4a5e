"""What is handed to the shop: accepted titles and tags, with where they come from."""

import csv
import datetime as dt
import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.factories import NOW, make_catalog, make_decision, make_draft, make_item, make_product
from titlelab.catalog.models import Catalog
from titlelab.review.classifying import Final
from titlelab.review.exporting import AcceptedRow, accepted, as_csv, as_json_lines, harmless
from titlelab.review.looking import Reviewer, accept, mend
from titlelab.review.models import Decision
from titlelab.tags.renaming import rename

pytestmark = pytest.mark.django_db
RUTH = Reviewer(email="ruth@shop.example")


@pytest.fixture
def catalog() -> Catalog:
    return make_catalog(key="shop", name="Shop")


def decide(catalog: Catalog, sku: str, title: str, *, minutes: int = 0, **fields: object) -> None:
    product = catalog.products.filter(sku=sku).first() or make_product(catalog=catalog, sku=sku)
    item = make_item(product=product, state="decided")
    draft = product.drafts.first() or make_draft(product=product, tags=["warm", "dry"], titler_version=3)
    make_decision(item=item, draft=draft, title=title, decided_at=NOW + dt.timedelta(minutes=minutes), **fields)


def test_a_row_tells_title_tags_and_where_they_come_from(catalog: Catalog) -> None:
    decide(catalog, "A1", "Blue Bottle", outcome="edited")

    assert list(accepted(catalog)) == [
        AcceptedRow(
            sku="A1",
            title="Blue Bottle",
            tags=("warm", "dry"),
            outcome="edited",
            version="t3-g0.1",
            person="anna@shop.example",
            decided_at="2026-07-30T12:00:00+00:00",
            product_changed=False,
            title_is_machines=True,
        )
    ]


def test_the_category_that_a_person_chose_is_told_as_the_import_reads_it(catalog: Catalog) -> None:
    decide(catalog, "A1", "Blue Bottle", category=["Home", "Flasks"])

    (row,) = accepted(catalog)
    (line,) = csv.DictReader(io.StringIO("".join(as_csv([row])).removeprefix("\ufeff")))

    assert row.category_decided == ("Home", "Flasks")
    assert line["category_decided"] == "Home > Flasks"


@pytest.mark.parametrize(
    ("outcome", "title_edit", "is_machines"),
    [("accepted", 0.0, True), ("edited", 0.4, True), ("edited", 0.6, False), ("written", 0.0, False)],
)
def test_a_title_is_a_machines_where_a_person_saw_it_and_left_most_of_it(
    outcome: str,
    title_edit: float,
    is_machines: bool,  # noqa: FBT001 - drawn by its name
    catalog: Catalog,
) -> None:
    decide(catalog, "A1", "Blue Bottle", outcome=outcome, title_edit=title_edit)

    assert next(accepted(catalog)).title_is_machines is is_machines


def test_the_latest_decision_on_a_product_wins(catalog: Catalog) -> None:
    decide(catalog, "A1", "second", minutes=5)
    decide(catalog, "A1", "first", minutes=1)
    decide(catalog, "A0", "other")

    assert [(row.sku, row.title) for row in accepted(catalog)] == [("A0", "other"), ("A1", "second")]


def test_rejected_superseded_and_withdrawn_decisions_and_other_catalogs_are_left_out(catalog: Catalog) -> None:
    decide(catalog, "A1", "", outcome="rejected")
    decide(catalog, "A2", "old", superseded_at=NOW)
    decide(catalog, "A3", "gone", withdrawn_at=NOW)
    decide(make_catalog(), "A4", "theirs")

    assert list(accepted(catalog)) == []


def test_a_product_changed_since_its_decision_is_told(catalog: Catalog) -> None:
    decide(catalog, "A1", "Blue Bottle")
    catalog.products.update(content_hash="f" * 32)

    assert [row.product_changed for row in accepted(catalog)] == [True]


def test_a_decision_on_an_item_that_was_shown_nothing_has_no_version(catalog: Catalog) -> None:
    item = make_item(product=make_product(catalog=catalog))
    make_decision(item=item, draft=None, title="By hand", outcome="edited")

    assert [(row.title, row.version) for row in accepted(catalog)] == [("By hand", "")]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(cell: str) -> None:
    assert harmless(cell) == "'" + cell


def test_csv_can_be_read_back_with_its_formulas_harmless(catalog: Catalog) -> None:
    decide(catalog, "-A1", '=HYPERLINK("http://x"), "quoted"')

    text = "".join(as_csv(accepted(catalog)))

    assert text.startswith("\ufeffsku,title,tags,outcome,version,person,decided_at,product_changed,category_decided,")
    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert (row["sku"], row["title"]) == ("'-A1", '\'=HYPERLINK("http://x"), "quoted"')
    assert (row["tags"], row["product_changed"]) == ("warm|dry", "False")


def test_json_lines_hold_the_values_as_they_are(catalog: Catalog) -> None:
    decide(catalog, "A1", "=蓝色水杯")

    (line,) = as_json_lines(accepted(catalog))

    assert "=蓝色水杯" in line
    assert json.loads(line)["tags"] == ["warm", "dry"]


def test_the_command_writes_a_file_whole(catalog: Catalog, tmp_path: Path) -> None:
    decide(catalog, "A1", "Blue Bottle")
    out = io.StringIO()

    call_command("export_catalog", "shop", out=tmp_path / "titles.csv", stdout=out)

    assert out.getvalue() == f"Shop: 1 accepted titles in {tmp_path / 'titles.csv'}\n"
    assert [file.name for file in tmp_path.iterdir()] == ["titles.csv"]
    assert "A1,Blue Bottle,warm|dry" in (tmp_path / "titles.csv").read_text(encoding="utf-8")


def test_the_command_writes_json_lines_to_standard_output(catalog: Catalog) -> None:
    decide(catalog, "A1", "Blue Bottle")
    out = io.StringIO()

    call_command("export_catalog", "shop", "--format", "jsonl", stdout=out)

    assert json.loads(out.getvalue())["sku"] == "A1"


@pytest.mark.parametrize("file_format", ["csv", "jsonl", "parquet", "xml"])
def test_the_command_writes_every_kind_of_file(file_format: str, catalog: Catalog, tmp_path: Path) -> None:
    decide(catalog, "A1", "Blue Bottle")

    call_command("export_catalog", "shop", "--format", file_format, out=tmp_path / "titles", stdout=io.StringIO())

    assert b"Blue Bottle" in (tmp_path / "titles").read_bytes()


def test_the_command_refuses_what_it_can_not_do_with_one_sentence(catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="there is no catalog 'zz'; there are: shop"):
        call_command("export_catalog", "zz")
    with pytest.raises(CommandError, match="Parquet is no text: tell a file by --out"):
        call_command("export_catalog", "shop", "--format", "parquet")
    with pytest.raises(CommandError, match="can't be written: No such file or directory"):
        call_command("export_catalog", "shop", out=tmp_path / "none" / "titles.csv")


def test_tags_are_exported_under_their_names_of_today(catalog: Catalog) -> None:
    decide(catalog, "A1", "Blue Bottle", tags=["waterproof", "gift"])
    assert catalog.library is not None
    rename(catalog.library.tags.get(name="gift"), "Gift idea")

    assert [row.tags for row in accepted(catalog)] == [("waterproof", "Gift idea")]


def test_who_was_asked_once_more_overrules_no_reviewer_until_the_product_changes(catalog: Catalog) -> None:
    decide(catalog, "A1", "Settled", outcome="edited")
    accept(Decision.objects.get(), by=RUTH, now=NOW)
    decide(catalog, "A1", "Said again", minutes=5, outcome="edited")
    assert [row.title for row in accepted(catalog)] == ["Settled"]

    catalog.products.update(content_hash="f" * 32)
    decide(catalog, "A1", "Of the changed product", minutes=9, outcome="edited")

    assert [row.title for row in accepted(catalog)] == ["Of the changed product"]


def test_what_a_reviewer_mended_later_counts(catalog: Catalog) -> None:
    decide(catalog, "A1", "First", outcome="edited")
    accept(Decision.objects.get(), by=RUTH, now=NOW)
    decide(catalog, "A1", "Said again", minutes=5, outcome="edited")
    again = Decision.objects.get(title="Said again")
    mend(again, Final(title="Mended"), by=RUTH, reason="wrong", now=NOW + dt.timedelta(minutes=9))

    assert [row.title for row in accepted(catalog)] == ["Mended"]
