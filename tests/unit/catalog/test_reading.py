"""What becomes of each row of a product file, the nasty ones too."""

import json
import os
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from titlelab.catalog.reading import ProductRow, Refusal, check, rows
from titlelab.errors import BadFile


def read(tmp_path: Path, content: str | bytes, *, name: str = "products.csv") -> list[ProductRow | Refusal]:
    file = tmp_path / "upload"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(rows(file, file_name=name))


def read_json(tmp_path: Path, *products: Any) -> list[ProductRow | Refusal]:
    return read(tmp_path, "".join(json.dumps(product) + "\n" for product in products), name="products.jsonl")


def test_a_csv_row_becomes_a_product(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "SKU, Title ,description,brand,category,attr:Colour,attributes,image_url,price,currency\n"
        'A1,Steel Bottle,Keeps tea hot,Norvik,Outdoor > Bottles,blue,"{""Volume"": ""750 ml""}",'
        "https://shop.example/a.jpg,12.5,eur\n",
    )

    assert found == [
        ProductRow(
            line=2,
            sku="A1",
            title="Steel Bottle",
            description="Keeps tea hot",
            brand="Norvik",
            category=("Outdoor", "Bottles"),
            attributes=(("Volume", "750 ml"), ("Colour", "blue")),
            image_url="https://shop.example/a.jpg",
            price=Decimal("12.50"),
            currency="EUR",
        )
    ]


def test_a_json_line_becomes_a_product(tmp_path: Path) -> None:
    product = {
        "sku": 17,
        "category": ["家居", "厨房"],
        "attributes": {"材质": ["棉", "麻"], "可机洗": True, "重量": 1.50},
    }

    found = read_json(tmp_path, {**product, "price": 12.999, "stock": "an unknown key is passed over"})

    attributes = (("材质", "棉, 麻"), ("可机洗", "yes"), ("重量", "1.5"))
    assert found == [
        ProductRow(line=1, sku="17", category=("家居", "厨房"), attributes=attributes, price=Decimal("13.00"))
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_delimiter_and_byte_order_mark_are_recognised(tmp_path: Path, delimiter: str, mark: str) -> None:
    found = read(
        tmp_path, mark + delimiter.join(["sku", "title"]) + "\r\n" + delimiter.join(["A1", '"a,b;c"']) + "\r\n"
    )

    assert found == [ProductRow(line=2, sku="A1", title="a,b;c")]


def test_a_cell_over_several_lines_is_told_by_its_first_line(tmp_path: Path) -> None:
    found = read(tmp_path, 'sku,description\nA1,"one\ntwo"\n\n,"no\nsku"\n')

    assert found == [
        ProductRow(line=2, sku="A1", description="one\ntwo"),
        Refusal(line=5, sku="", column="sku", reason="is missing"),
    ]


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("A > B > C", ("A", "B", "C")),
        ("A/B", ("A", "B")),
        ("Audio/Video > Cables", ("Audio/Video", "Cables")),
        (" > ", ()),
        ("", ()),
    ],
)
def test_a_category_path_is_parted(tmp_path: Path, text: str, levels: tuple[str, ...]) -> None:
    assert read(tmp_path, f"sku,category\nA1,{text}\n") == [ProductRow(line=2, sku="A1", category=levels)]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Warm &amp; light</p><ul><li>one</li><li>two</li></ul>", "Warm & light\none\ntwo"),
        ("safe<script>alert(1)</script> text<style>p{}</style>", "safe text"),
        ("for loads <10 lb, 5 > 3", "for loads <10 lb, 5 > 3"),
        ("<!-- hidden -->shown<br/>below", "shown\nbelow"),
        ("&#0;&#55296;odd", "\ufffd\ufffdodd"),
        ("<b>bold", "bold"),
        ("shown<!-- left open", "shown"),
        ("<!--" * 30_000, ""),
    ],
)
def test_html_is_removed_from_descriptions(tmp_path: Path, html: str, text: str) -> None:
    assert read_json(tmp_path, {"sku": "A1", "description": html}) == [ProductRow(line=1, sku="A1", description=text)]


def test_text_is_composed_and_titles_stand_on_one_line(tmp_path: Path) -> None:
    found = read_json(tmp_path, {"sku": " A1 ", "title": "Cafe\u0301 \n  mug\u3000blue"})

    assert found == [ProductRow(line=1, sku="A1", title="Café mug blue")]


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"sku": None}, "sku", "is missing"),
        ({"sku": "   "}, "sku", "is missing"),
        ({"sku": "S" * 101}, "sku", "has 101 characters, 100 at most"),
        ({"sku": {}}, "sku", "must be text, not an object"),
        ({"title": "t" * 1001}, "title", "has 1,001 characters, 1,000 at most"),
        ({"title": ["a"]}, "title", "must be text, not a list"),
        ({"title": "a\x00b"}, "title", "holds the control character U+0000"),
        ({"title": "a\x1bb"}, "title", "holds the control character U+001B"),
        ({"title": "a\ud800b"}, "title", "holds the control character U+D800"),
        ({"description": "d" * 20_001}, "description", "has 20,001 characters, 20,000 at most"),
        ({"category": ["x"] * 11}, "category", "has 11 levels, 10 at most"),
        ({"category": [["x"]]}, "category", "must be text, not a list"),
        ({"attributes": ["x"]}, "attributes", 'must be an object such as {"Colour": "blue"}'),
        ({"attributes": "blue"}, "attributes", "'blue' has no name: write such as Colour: blue | Size: 40"),
        ({"attributes": "{broken"}, "attributes", "is not JSON: Expecting property name enclosed in double quotes"),
        ({"attributes": {"a": {"b": 1}}}, "attributes", "'a' must be text, not an object"),
        ({"attributes": {str(n): "x" for n in range(201)}}, "attributes", "are 201, 200 at most"),
        ({"attributes": {"a": "v" * 1001}}, "attributes", "'a' has 1,001 characters, 1,000 at most"),
        ({"image_url": "javascript:alert(1)"}, "image_url", "must begin with http:// or https://"),
        ({"image_url": 'https://x/"onload="'}, "image_url", "must begin with http:// or https://"),
        ({"price": "cheap"}, "price", "'cheap' is not a number such as 12.50"),
        ({"price": "1.299"}, "price", "'1.299' may mean 1299 or 1.29: write two decimals"),
        ({"price": "NaN"}, "price", "'NaN' is not a number such as 12.50"),
        ({"price": True}, "price", "'True' is not a number such as 12.50"),
        ({"price": -1}, "price", "is negative"),
        ({"price": 1e300}, "price", "is too large"),
        ({"currency": "€"}, "currency", "'€' is not three letters such as EUR"),
    ],
)
def test_a_row_that_can_not_be_used_is_refused_with_its_column(
    tmp_path: Path, cells: dict[str, Any], column: str, reason: str
) -> None:
    (refusal,) = read_json(tmp_path, {"sku": "A1", **cells})

    assert isinstance(refusal, Refusal)
    assert (refusal.line, refusal.column) == (1, column)
    assert refusal.reason.startswith(reason)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{'sku': 'A1'}", "is not JSON"),
        ('["A1"]', "is not a JSON object"),
        ('{"sku": "A1", "price": NaN}', "is not JSON: NaN is not a number that JSON knows"),
        ("[" * 100_000, "is not JSON"),
        ('{"sku": ' + "9" * 5000 + "}", "is not JSON"),
    ],
)
def test_a_line_that_is_no_json_object_is_refused_and_the_next_is_read(tmp_path: Path, line: str, reason: str) -> None:
    refusal, product = read(tmp_path, f'{line}\n{{"sku": "A2"}}\n', name="x.jsonl")

    assert isinstance(refusal, Refusal)
    assert refusal.reason.startswith(reason)
    assert product == ProductRow(line=2, sku="A2")


def test_a_row_with_too_few_or_too_many_cells_is_refused(tmp_path: Path) -> None:
    found = read(tmp_path, "sku,title\nA1\nA2,b,c\nA3,d\n")

    assert found == [
        Refusal(line=2, sku="", column="", reason="has 1 cells, but the first line names 2 columns"),
        Refusal(line=3, sku="", column="", reason="has 3 cells, but the first line names 2 columns"),
        ProductRow(line=4, sku="A3", title="d"),
    ]


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"sku,title\nA1,caf\xe9\n", "p.csv", "line 2 is not UTF-8 (byte 0xe9): save the file as UTF-8"),
        (b"sku,title\nA1,caf\xe9s\n", "p.csv", "line 2 is not UTF-8 (byte 0xe9)"),
        (b"\xff\xfes\x00k\x00\x00\xd8\n\x00", "p.csv", "after line 0 the file is not UTF-16"),
        (b"", "p.csv", "the first line is empty"),
        (b"", "p.jsonl", "the file holds no products"),
        (b"sku,title\n", "p.csv", "the file holds no products"),
        (b"stock,title\n1,x\n", "p.csv", "No column tells the sku: choose the one that names a product once."),
        ("sku,x\nA1,y\n".encode("utf-16-le"), "p.csv", "the first line holds NUL characters"),
        (b"sku,SKU\nA1,x\n", "p.csv", "The columns sku, SKU both tell the sku: choose one."),
        (b"sku" + b",x" * 1000 + b"\n", "p.csv", "the first line names 1,001 columns, 1,000 at most"),
        (b'sku,title\nA1,"open\nA2,x\n', "p.csv", "line 3: unexpected end of data (is a quote left open"),
        (b'sku,title\nA1,"5" wide"\n', "p.csv", "line 2: ',' expected after '\"' (is a quote left open"),
        (b"sku,title\nA1," + b"x" * 140_000, "p.csv", "line 2: field larger than field limit"),
        (b"sku,title\rA1,x\r", "p.csv", "the first line names no columns: new-line character seen"),
        (b"sku," + b"x" * 140_000, "p.csv", "the first line names no columns: field larger than field limit"),
        (b"x" * 1_000_001, "p.jsonl", "line 1 is longer than 1,000,000 bytes"),
        (
            b"sku",
            "p.xls",
            "p.xls: the name must end in .csv, .tsv, .txt, .jsonl, .ndjson, .parquet or .xlsx (the first",
        ),
        (b"sku", "p", "p: the name must end in .csv, .tsv, .txt, .jsonl"),
        (b"PK\x03\x04", "p.xlsx.gz", "p.xlsx.gz: the name must end in"),
        (b"PK\x03\x04", "p.csv", "p.csv holds a ZIP archive, such as XLSX, whatever its name says"),
        (b"sku,title\nA1,x\n", "p.xlsx", "p.xlsx is no XLSX file, whatever its name says"),
        (b"sku,title\nA1,x\n", "p.parquet", "p.parquet is no Parquet file, whatever its name says"),
        (b"sku,title\nA1,x\n", "p.csv.gz", "upload is broken gzip: Not a gzipped file"),
    ],
)
def test_a_file_that_can_not_be_read_is_refused_whole(tmp_path: Path, content: bytes, name: str, reason: str) -> None:
    file = tmp_path / "upload"
    file.write_bytes(content)

    with pytest.raises(BadFile) as refused:
        check(file, file_name=name)

    assert str(refused.value).startswith(reason)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"none\.csv can't be read: No such file or directory"):
        check(tmp_path / "none.csv", file_name="none.csv")


def test_the_content_hash_changes_with_every_told_field_and_not_with_the_line() -> None:
    row = ProductRow(line=2, sku="A1", title="a")
    others = [
        ProductRow(line=2, sku="A1", title="b"),
        ProductRow(line=2, sku="A1", title="a", price=Decimal(1)),
        ProductRow(line=2, sku="A1", title="a", attributes=(("x", "y"),)),
        ProductRow(line=2, sku="A1", title="a", category=("x",)),
    ]

    hashes = {other.content_hash() for other in others}

    assert ProductRow(line=9, sku="A1", title="a").content_hash() == row.content_hash()
    assert len(hashes | {row.content_hash()}) == 5
    assert len(row.content_hash()) == 32


def test_what_nobody_sees_is_left_out(tmp_path: Path) -> None:
    cells = {"sku": "A1\u200b", "title": "\ufeffBlue \u202egum\u202c", "brand": "<b>&#8238;No</b>"}
    found = read_json(tmp_path, {**cells, "category": ["Gum\uffff", "Blue\ufffe"]})  # in no XML, nor labeling config

    assert found == [ProductRow(line=1, sku="A1", title="Blue gum", brand="No", category=("Gum", "Blue"))]


@pytest.mark.parametrize(
    "text", ["<b>" + "<a " * 30_000, "<b>" + '<a b="' * 20_000, "<b>" + "</" * 40_000, "<b>" + "<a b='\">" * 9000]
)
def test_tags_left_open_cost_no_time(tmp_path: Path, text: str) -> None:
    started = time.process_time()
    read_json(tmp_path, {"sku": "A1", "description": text})

    assert time.process_time() - started < 3  # minutes, were each read to the text's end


@pytest.mark.parametrize("marks", ["\u0327\u0301" * 40_000, "&#807;&#769;" * 50_000])
def test_a_tower_of_marks_is_refused_before_it_is_normalised(tmp_path: Path, marks: str) -> None:
    (found,) = read_json(tmp_path, {"sku": "A1", "title": f"a{marks}"})

    assert isinstance(found, Refusal)
    assert (found.column, found.reason) == ("title", "holds a letter with more than 30 marks")


def test_a_json_line_that_names_a_field_twice_is_refused(tmp_path: Path) -> None:
    (found,) = read_json(tmp_path, {"sku": "A1", "SKU": "A2"})

    assert found == Refusal(line=1, sku="", column="sku", reason="is told by two columns")


def test_a_price_that_rounds_up_to_the_limit_is_refused(tmp_path: Path) -> None:
    (found,) = read_json(tmp_path, {"sku": "A1", "price": "999999999999.999"})

    assert found == Refusal(line=1, sku="A1", column="price", reason="is too large")


def test_a_pipe_or_a_folder_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")

    for place in (tmp_path / "pipe.csv", tmp_path):
        with pytest.raises(BadFile, match="is no file"):
            check(place, file_name="pipe.csv")
