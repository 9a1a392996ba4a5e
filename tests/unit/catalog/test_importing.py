"""What a file makes of its catalog."""

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.factories import make_catalog, make_product
from titlelab.catalog import importing
from titlelab.catalog.checking import start_import
from titlelab.catalog.importing import execute_import, import_file, upsert_products
from titlelab.catalog.models import Catalog, ImportRun, Product, RefusedRow
from titlelab.catalog.rows import ProductRow
from titlelab.errors import BadFile

pytestmark = pytest.mark.django_db
GOOD_TITLE = "Norvik Steel Bottle 750 ml Blue"
DESCRIPTION = "A blue Norvik bottle of steel for 750 ml"


@pytest.fixture
def catalog() -> Catalog:
    return make_catalog(key="shop", name="Shop")


def counts(run: ImportRun) -> tuple[int, int, int, int]:
    return run.n_new, run.n_changed, run.n_same, run.n_refused


def imported(catalog: Catalog, tmp_path: Path, content: str, *, name: str = "products.csv") -> ImportRun:
    file = tmp_path / "upload"
    file.write_text(content, encoding="utf-8")
    return import_file(catalog, file, file_name=name)


def test_new_changed_and_unchanged_products_are_told_apart(catalog: Catalog, tmp_path: Path) -> None:
    imported(catalog, tmp_path, "sku,title\nA1,one\nA2,two\n")
    before = Product.objects.get(sku="A1")

    run = imported(catalog, tmp_path, "sku,title\nA1,one\nA2,TWO\nA3,three\n")

    same, changed = Product.objects.get(sku="A1"), Product.objects.get(sku="A2")
    assert counts(run) == (1, 1, 1, 0)
    assert run.state == "done"
    assert run.finished_at is not None
    assert (same.content_hash, same.changed_at) == (before.content_hash, before.changed_at)
    assert changed.title == "TWO"
    assert changed.changed_at > changed.created_at


def test_a_change_keeps_the_product_that_others_point_at(catalog: Catalog, tmp_path: Path) -> None:
    product = make_product(catalog=catalog, sku="A1", title="old")

    imported(catalog, tmp_path, "sku,title\nA1,new\n")

    product.refresh_from_db()
    assert (product.title, product.brand) == ("new", "")


def test_products_that_a_file_does_not_name_stay(catalog: Catalog, tmp_path: Path) -> None:
    make_product(catalog=catalog, sku="OLD")

    imported(catalog, tmp_path, "sku\nA1\n")

    assert set(catalog.products.values_list("sku", flat=True)) == {"OLD", "A1"}


def test_the_same_sku_in_another_catalog_is_another_product(catalog: Catalog, tmp_path: Path) -> None:
    make_product(sku="A1", title="theirs")

    imported(catalog, tmp_path, "sku,title\nA1,ours\n")

    assert set(Product.objects.values_list("title", flat=True)) == {"theirs", "ours"}


def test_refused_rows_are_kept_with_line_column_and_reason(catalog: Catalog, tmp_path: Path) -> None:
    run = imported(catalog, tmp_path, "sku,title,price\nA1,one,1\nA2,two,free\n,x,2\n")

    refused = RefusedRow.objects.values_list("line", "sku", "column", "reason")
    assert counts(run) == (1, 0, 0, 2)
    assert list(refused) == [
        (3, "A2", "price", "'free' is not a number such as 12.50"),
        (4, "", "sku", "is missing"),
    ]


def test_of_a_sku_that_stands_twice_the_first_row_counts(
    catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 2)  # the twin stands in another batch

    run = imported(catalog, tmp_path, "sku,title\nA1,first\nA2,x\nA3,x\nA1,second\n")

    assert counts(run) == (3, 0, 0, 1)
    assert Product.objects.get(sku="A1").title == "first"
    assert run.refused_rows.get().reason == "stands in line 2 already"


def test_a_refused_row_does_not_take_its_sku_from_a_later_good_one(catalog: Catalog, tmp_path: Path) -> None:
    run = imported(catalog, tmp_path, "sku,price\nA1,free\nA1,3\n")

    assert counts(run) == (1, 0, 0, 1)
    assert str(Product.objects.get(sku="A1").price) == "3.00"


def test_every_refused_row_is_kept(catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BATCH", 2)

    run = imported(catalog, tmp_path, "sku,price\n" + "A,free\n" * 5)

    assert [row.line for row in run.refused_rows.all()] == [2, 3, 4, 5, 6]


def test_a_file_that_breaks_late_changes_nothing(
    catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 1)

    with pytest.raises(BadFile, match="line 4"):
        imported(catalog, tmp_path, 'sku,title\nA1,one\nA2,two\nA3,"open\n')

    run = ImportRun.objects.get()
    assert run.state == "failed"
    assert run.reason.startswith("line 4: unexpected end of data")
    assert run.finished_at is not None
    assert not Product.objects.exists()


def test_a_failure_midway_is_told_and_leaves_whole_batches(
    catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks_at_the_third(row: ProductRow, rules: object) -> bool:
        if row.title == "three":
            raise RuntimeError("a bug")
        return False

    monkeypatch.setattr(importing, "BATCH", 2)
    monkeypatch.setattr(importing, "has_good_title", breaks_at_the_third)

    with pytest.raises(RuntimeError):
        imported(catalog, tmp_path, "sku,title\nA1,one\nA2,two\nA3,three\nA4,four\n")

    run = ImportRun.objects.get()
    assert (run.state, run.reason) == ("failed", "stopped by RuntimeError; what was counted is imported")
    assert run.n_new == Product.objects.count() == 2


def test_the_shops_own_titles_are_marked_good_or_not(catalog: Catalog, tmp_path: Path) -> None:
    imported(
        catalog, tmp_path, f"sku,title,description\nA1,{GOOD_TITLE},{DESCRIPTION}\nA2,bottle,{DESCRIPTION}\nA3,,\n"
    )

    good = dict(Product.objects.values_list("sku", "has_good_title"))
    assert good == {"A1": True, "A2": False, "A3": False}


def test_a_title_that_is_too_long_on_the_day_is_not_good(catalog: Catalog, tmp_path: Path) -> None:
    catalog.channel.policies.create(valid_from=dt.date(2026, 7, 27), max_length=10)
    file = tmp_path / "p.jsonl"
    file.write_text(json.dumps({"sku": "A1", "title": GOOD_TITLE, "description": DESCRIPTION}))

    import_file(catalog, file, file_name="p.jsonl", day=dt.date(2026, 7, 27))

    assert not Product.objects.get().has_good_title


def test_the_command_takes_columns_encoding_and_delimiter_at_their_word(tmp_path: Path) -> None:
    file = tmp_path / "shop.csv"
    file.write_bytes("Nr:Titel:Lager\nA1:Café:7\n".encode("cp1252"))

    call_command(
        "import_catalog", file, catalog="new-shop", encoding="cp1252", delimiter=":", column=["Nr=sku", "Titel=title"],
        stdout=io.StringIO(),
    )  # fmt: skip

    assert list(Product.objects.values_list("sku", "title")) == [("A1", "Café")]


def test_the_command_makes_the_catalog_and_tells_the_counts(tmp_path: Path) -> None:
    file = tmp_path / "shop.csv"
    file.write_text("sku,price\nA1,1\nA2,free\n")
    out = io.StringIO()

    call_command("import_catalog", file, catalog="new-shop", name="New shop", channel="amazon", stdout=out)

    catalog = Catalog.objects.get(key="new-shop")
    assert (catalog.name, catalog.language, catalog.channel.key, catalog.library) == ("New shop", "en", "amazon", None)
    assert out.getvalue().splitlines() == [
        "New shop: 1 new, 0 changed, 0 unchanged, 1 refused",
        "  line 3 A2 price: 'free' is not a number such as 12.50",
    ]


def test_the_commands_dry_run_tells_what_would_change_and_writes_no_product(catalog: Catalog, tmp_path: Path) -> None:
    make_product(catalog=catalog, sku="A2", title="old", description="", brand="", category=[], attributes=[])
    file, out = tmp_path / "goods.csv", io.StringIO()
    file.write_text("sku,title,price\nA1,one,\nA2,two,\nA3,three,free\n")

    call_command("import_catalog", file, "--dry-run", catalog="shop", stdout=out, no_color=True)

    assert out.getvalue().splitlines() == [
        "Shop: would be 1 new, 1 changed, 0 unchanged, 1 refused",
        "  line 4 A3 price: 'free' is not a number such as 12.50",
        "  new, line 2: A1 one",
        "  changed, line 3: A2 title: 'old' → 'two'",
        "No product was written: the import waits in the admin, under Imports, for its start.",
    ]
    assert list(Product.objects.values_list("sku", "title")) == [("A2", "old")]
    start_import(ImportRun.objects.get())
    assert execute_import(ImportRun.objects.get().pk).n_new == 1


@pytest.mark.parametrize(
    ("catalog_key", "content", "reason"),
    [
        ("none-such", "sku\nA1\n", "there is no such catalog yet"),
        ("shop", 'sku\nA1\n"open\n', "is a quote left open"),
        ("shop", "sku\n", "holds no products"),
    ],
)
def test_a_dry_run_that_can_not_be_is_refused_with_one_sentence(
    catalog_key: str, content: str, reason: str, catalog: Catalog, tmp_path: Path
) -> None:
    (tmp_path / "goods.csv").write_text(content)

    with pytest.raises(CommandError, match=reason):
        call_command("import_catalog", tmp_path / "goods.csv", "--dry-run", catalog=catalog_key)

    assert not Product.objects.exists()
    assert Catalog.objects.count() == 1


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"catalog": "shop", "channel": "zz"}, "there is no channel 'zz'; there are: amazon, custom"),
        ({"catalog": "shop", "library": "zz"}, "there is no tag library 'zz'; there are: none yet"),
        ({"catalog": "../shop"}, "'../shop' is no key"),
        ({"catalog": "shop", "file": "none.csv"}, "none.csv can't be read"),
        ({"catalog": "shop", "column": ["Nr=sku"]}, "the file has no column 'Nr'; it has: sku"),
        ({"catalog": "shop", "column": ["sku=title"]}, "No column tells the sku"),
    ],
)
def test_the_command_refuses_with_one_sentence(tmp_path: Path, options: dict[str, Any], sentence: str) -> None:
    file = tmp_path / "products.csv"
    file.write_text("sku\nA1\n")
    path = tmp_path / options.pop("file", "products.csv")

    with pytest.raises(CommandError) as refused:
        call_command("import_catalog", path, **options)

    assert str(refused.value).startswith(sentence)
    assert not Product.objects.exists()


def test_a_batch_creates_replaces_and_refuses_without_a_file(catalog: Catalog) -> None:
    make_product(catalog=catalog, sku="A1", title="old", brand="Norvik")

    done = upsert_products(
        catalog, [{"sku": "A1", "title": "new"}, {"title": "no sku"}, {"sku": "A2"}, {"sku": "A2", "title": "twin"}]
    )

    assert (done.n_new, done.n_changed, done.n_same) == (1, 1, 0)
    assert [(r.line, r.column, r.reason) for r in done.refusals] == [
        (2, "sku", "is missing"),
        (4, "sku", "stands in line 3 already"),
    ]
    assert list(catalog.products.values_list("sku", "title", "brand")) == [("A1", "new", ""), ("A2", "", "")]
