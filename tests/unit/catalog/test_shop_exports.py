"""Exports as shops have them, of invented goods, in every kind of file."""

import datetime as dt
import gzip
import io
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from titlelab.catalog import workbooks
from titlelab.catalog.detection import layout_of
from titlelab.catalog.layouts import Layout
from titlelab.catalog.reading import ProductRow, Refusal, check, rows, sample
from titlelab.errors import BadFile


def read(tmp_path: Path, content: bytes, name: str, **told: str) -> list[ProductRow | Refusal]:
    file = tmp_path / "upload"
    file.write_bytes(content)
    layout = layout_of(file, file_name=name, **told)
    return list(rows(file, file_name=name, layout=layout))


def workbook(table: list[list[Any]]) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in table:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def parquet(columns: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


def reason_of(tmp_path: Path, content: bytes, name: str) -> str:
    file = tmp_path / "upload"
    file.write_bytes(content)
    with pytest.raises(BadFile) as refused:
        check(file, file_name=name)
    return str(refused.value)


WEB_SHOP = """\
Handle;Title;Body (HTML);Vendor;Product Category;Color;Material;Variant SKU;Variant Price;Image Src;Image Src
mug;Fjell Mug;"<p>Keeps <b>tea</b> hot.</p><ul><li>350&nbsp;ml</li></ul>";Norvik;Home > Mugs;Blue|White;;FJ-1;"€ 1.290,00";https://shop.example/1.jpg;https://shop.example/2.jpg
Handle;Title;Body (HTML);Vendor;Product Category;Color;Material;Variant SKU;Variant Price;Image Src;Image Src
cup;Fjell Cup;;Norvik;Home > Mugs;red;"steel
enamel";;"12,50 €";;
;;;;;;;;;;
"""


def test_a_web_shops_table_with_its_header_again_merged_values_and_a_missing_sku(tmp_path: Path) -> None:
    found = read(tmp_path, WEB_SHOP.encode(), "products_export.csv")

    assert found == [
        ProductRow(
            line=2,
            sku="FJ-1",
            title="Fjell Mug",
            description="Keeps tea hot.\n350 ml",
            brand="Norvik",
            category=("Home", "Mugs"),
            attributes=(("Color", "Blue, White"),),
            image_url="https://shop.example/1.jpg",
            price=Decimal("1290.00"),
            currency="EUR",
        ),
        Refusal(line=3, sku="", column="", reason="repeats the names of the columns"),
        Refusal(line=4, sku="", column="sku", reason="is missing"),
    ]


def test_attributes_merged_into_one_cell_are_parted(tmp_path: Path) -> None:
    found = read(
        tmp_path, "货号,商品标题,商品属性\nB-7,保温杯,颜色:蓝色;颜色:白色;容量:500ml\n".encode("gb18030"), "export.csv"
    )

    attributes = (("颜色", "蓝色, 白色"), ("容量", "500ml"))
    assert found == [ProductRow(line=2, sku="B-7", title="保温杯", attributes=attributes)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~"])
def test_encoding_and_delimiter_are_found_out(encoding: str, delimiter: str, tmp_path: Path) -> None:
    text = "\r\n".join(delimiter.join(cells) for cells in (["sku", "title"], ["B-7", "保温杯 蓝色"], ["B-8", "茶壶"]))

    found = read(tmp_path, text.encode(encoding), "export.txt")

    assert found == [ProductRow(line=2, sku="B-7", title="保温杯 蓝色"), ProductRow(line=3, sku="B-8", title="茶壶")]


def test_gb18030_is_found_out_though_it_begins_late_and_is_mostly_latin(tmp_path: Path) -> None:
    goods = "sku,title\n" + "".join(f"A{n},Mug {n} ml\n" for n in range(30_000)) + "B1,保温杯 350ml，€ 12 㐀\n"

    found = read(tmp_path, goods.encode("gb18030"), "export.csv")

    assert found[-1] == ProductRow(line=30_002, sku="B1", title="保温杯 350ml，€ 12 㐀")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Crème brûlée, café, thé à la menthe", "cp1252"),
        ("Größe groß, weiß, schön", "cp1252"),
        ("Łódź, żółty kubek", "cp1250"),
    ],
)
def test_western_text_is_never_taken_for_chinese(text: str, encoding: str, tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"line 2 is not UTF-8 .*save the file as UTF-8, or tell its encoding"):
        read(tmp_path, f'sku;title\nA1;"{text}"\n'.encode(encoding), "export.csv")


def test_a_declared_encoding_and_delimiter_are_taken_at_their_word(tmp_path: Path) -> None:
    found = read(tmp_path, "sku:title\nB-7:café, crème\n".encode("cp1252"), "x.csv", encoding="cp1252", delimiter=":")

    assert found == [ProductRow(line=2, sku="B-7", title="café, crème")]


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"encoding": "rot13"}, "'rot13' is no encoding that is read here"),
        ({"encoding": "nonsense"}, "'nonsense' is no encoding"),
        ({"delimiter": '"'}, "the delimiter must be one character"),
        ({"delimiter": "||"}, "the delimiter must be one character"),
    ],
)
def test_a_declaration_that_can_not_be_is_refused(told: dict[str, str], reason: str, tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=reason):
        read(tmp_path, b"sku\nA1\n", "x.csv", **told)


def test_an_encoding_that_lies_is_told_by_its_line(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="line 3 is not UTF-8"):
        read(tmp_path, b"sku,title\nA1,ok\nA2,\xb1\xa3\n", "x.csv", encoding="utf-8")


def test_packed_text_is_unpacked(tmp_path: Path) -> None:
    assert read(tmp_path, gzip.compress(b'{"sku": "A1"}\n'), "x.jsonl.gz") == [ProductRow(line=1, sku="A1")]


def test_a_sheet_becomes_products_with_codes_as_texts_and_dates_as_dates(tmp_path: Path) -> None:
    sheet = workbook(
        [
            ["EAN", "Product name", "Price", "Season", "Size", "Stock"],
            [4006381333931, "Fjell Mug", 12.5, dt.date(2026, 7, 27), 40.0, 3],
            [None, None, None, None, None, None],
            ["EAN", "Product name", "Price", "Season", "Size", "Stock"],
            [None, "no sku", "=1+1", None, None, None],
        ]
    )

    assert read(tmp_path, sheet, "x.xlsx") == [
        ProductRow(
            line=2,
            sku="4006381333931",
            title="Fjell Mug",
            attributes=(("Season", "2026-07-27"), ("Size", "40")),
            price=Decimal("12.50"),
        ),
        Refusal(line=4, sku="", column="", reason="repeats the names of the columns"),
        Refusal(line=5, sku="", column="sku", reason="is missing"),
    ]


def test_a_parquet_file_becomes_products_with_lists_and_maps(tmp_path: Path) -> None:
    table = parquet(
        {
            "sku": ["A1", None],
            "title": pa.array(["Mug", "Cup"]).dictionary_encode(),
            "category": [["Home", "Mugs"], []],
            "attributes": pa.array([[("Colour", "blue")], []], pa.map_(pa.string(), pa.string())),
            "price": pa.array([Decimal("12.50"), None], pa.decimal128(10, 2)),
        }
    )

    assert read(tmp_path, table, "x.parquet") == [
        ProductRow(
            line=1,
            sku="A1",
            title="Mug",
            category=("Home", "Mugs"),
            attributes=(("Colour", "blue"),),
            price=Decimal("12.50"),
        ),
        Refusal(line=2, sku="", column="sku", reason="is missing"),
    ]


def test_columns_of_one_name_are_told_apart_in_a_parquet_file(tmp_path: Path) -> None:
    file = io.BytesIO()
    pq.write_table(
        pa.Table.from_arrays([pa.array(["A1"]), pa.array(["Mug"]), pa.array(["red"])], ["sku", "x", "x"]), file
    )

    (tmp_path / "x").write_bytes(file.getvalue())

    assert sample(tmp_path / "x", Layout(kind="parquet")).rows == ({"sku": "A1", "x": "Mug", "x (2)": "red"},)


def test_a_sample_names_the_columns_and_shows_the_first_rows_short(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("sku,text,text,\nA1," + "x" * 500 + ",b,c\n")

    found = sample(file, Layout(kind="table", encoding="utf-8", delimiter=","))

    assert found.columns == ("sku", "text", "text (2)", "column 4")
    assert found.rows == ({"sku": "A1", "text": "x" * 119 + "…", "text (2)": "b", "column 4": "c"},)


def test_gzip_that_unpacks_to_far_too_much_is_refused(tmp_path: Path) -> None:
    assert reason_of(tmp_path, gzip.compress(b"sku\n" + b"A\n" * 40_000_000), "x.csv.gz").startswith(
        "the archive unpacks to more than 50,000,000 bytes"
    )


def rewritten(book: bytes, member: str, content: bytes) -> bytes:
    """Return the workbook with a part of it replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for each in old.namelist():
            if each != member:
                new.writestr(each, old.read(each))
        new.writestr(member, content)
    return out.getvalue()


BOOK = workbook([["sku", "title"], ["A1", "Mug"]])
ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1"
t="inlineStr"><is><t>sku&a;</t></is></c></row></sheetData></worksheet>"""
FAR_ROWS = b"""<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
<row r="1"><c r="A1" t="inlineStr"><is><t>sku</t></is></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>
</sheetData></worksheet>"""
TYPES = zipfile.ZipFile(io.BytesIO(BOOK)).read("[Content_Types].xml")
TEXTS = b"""<Override PartName="/xl/texts.xml"
ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>"""
SHARED = rewritten(BOOK, "[Content_Types].xml", TYPES.replace(b"</Types>", TEXTS))
SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("book", "reason"),
    [
        (rewritten(BOOK, "xl/media/bomb.xml", b"0" * 60_000_000), "the workbook unpacks to 60,0"),
        (rewritten(BOOK, SHEET, ENTITIES), "the workbook's XML defines entities"),
        (rewritten(SHARED, "xl/texts.xml", ENTITIES), "the workbook's XML defines entities"),
        (rewritten(BOOK, SHEET, FAR_ROWS), "more than 10,000 empty rows stand before line 10002"),
        (rewritten(BOOK, SHEET, b"<worksheet><broken"), "the workbook is broken (ParseError): save it anew"),
        (rewritten(BOOK, "xl/workbook.xml", b"<none/>"), "the workbook has no sheet of cells"),
        (BOOK[: len(BOOK) // 2], "the workbook is broken (BadZipFile)"),
    ],
)
def test_a_workbook_that_attacks_is_refused(book: bytes, reason: str, tmp_path: Path) -> None:
    assert reason_of(tmp_path, book, "x.xlsx").startswith(reason)


def test_a_workbook_of_too_many_texts_is_sent_to_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MOST_HELD_BYTES", 10_000)
    texts = rewritten(SHARED, "xl/texts.xml", b"<sst>" + b"<si/>" * 2000 + b"</sst>")

    assert "texts, 10,000 at most: export it as CSV" in reason_of(tmp_path, texts, "x.xlsx")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"PAR1" + b"\0" * 50, "the Parquet file is broken"),
        (
            parquet({"sku": ["A1"] * 400, "x": ["x" * 1_000_001] * 400}),
            "the column 'x' holds a text of 1,000,001 bytes",
        ),
        (parquet({"sku": ["A1"], "x": [["y"] * 60_000]}), "a column holds 60,000 values in 1 rows: no catalog"),
    ],
)
def test_a_parquet_file_that_attacks_is_refused(content: bytes, reason: str, tmp_path: Path) -> None:
    assert reason_of(tmp_path, content, "x.parquet").startswith(reason)
