"""One cell of 300 MB: refused before it fills memory, or within a bound that the file's own parts set."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.unit.catalog.test_shop_exports import BOOK, SHEET
from titlelab.catalog.reading import check
from titlelab.catalog.sheets import MOST_ROW_BYTES
from titlelab.errors import BadFile

MEGABYTE = b"x" * 1_000_000
HEAD = (
    b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b'<row r="1"><c r="A1" t="inlineStr"><is><t>sku</t></is></c></row><row r="2"><c r="A2" t="inlineStr"><is><t>'
)
TAIL = b"</t></is></c></row></sheetData></worksheet>"
# In a process of its own, since memory that was once taken shows for ever.
READ = """
import resource, sys
from pathlib import Path
from titlelab.catalog.reading import check
from titlelab.errors import BadFile
import openpyxl, pyarrow.parquet
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    check(Path(sys.argv[1]), file_name=Path(sys.argv[1]).name)
except BadFile as e:
    reason = str(e)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024, reason, sep="|")
"""
WRITE = """
import sys
import pyarrow as pa, pyarrow.parquet as pq
n = int(sys.argv[2])
table = pa.table({"sku": [f"A{i}" for i in range(n)], "title": ["x" * 300_000_000] + ["Mug"] * (n - 1)})
pq.write_table(table, sys.argv[1], use_dictionary=False, compression="none", write_statistics=False)
"""


def run(code: str, *told: object) -> str:
    return subprocess.check_output([sys.executable, "-c", code, *map(str, told)], text=True)


def book_with(path: Path, parts: list[bytes]) -> Path:
    """Write a workbook whose sheet holds the parts, not packed: its size tells nothing."""
    with zipfile.ZipFile(path, "w") as new, zipfile.ZipFile(io.BytesIO(BOOK)) as old:
        for name in old.namelist():
            if name != SHEET:
                new.writestr(name, old.read(name))
        with new.open(SHEET, "w") as sheet:
            for part in parts:
                sheet.write(part)
    return path


def test_a_cell_of_300_mb_in_a_workbook_is_refused_in_little_memory(tmp_path: Path) -> None:
    book = book_with(tmp_path / "giant.xlsx", [HEAD, *[MEGABYTE] * 300, TAIL])

    took_mb, reason = run(READ, book).strip().split("|")

    assert reason == "a row of the sheet holds more than 4,000,000 bytes: not a product's"
    assert int(took_mb) < 60


@pytest.mark.parametrize(
    "evasion",
    [
        b"<![CDATA[</row>]]>",
        b"<!--</row>-->",
        b"<?x </row>?>",
        "</row>".encode("utf-16-le"),
    ],
)
def test_what_would_hide_a_long_row_from_the_watch_is_refused(evasion: bytes, tmp_path: Path) -> None:
    book = book_with(tmp_path / "sly.xlsx", [HEAD, MEGABYTE, evasion, MEGABYTE, TAIL])

    with pytest.raises(BadFile, match="no spreadsheet program writes"):
        check(book, file_name=book.name)


def test_a_long_row_of_many_texts_is_refused_and_many_rows_are_not(tmp_path: Path) -> None:
    run_of_text = b"<r><t>" + b"y" * 90_000 + b"</t></r>"
    row = HEAD.partition(b'<row r="2">')[2].removesuffix(b"<t>")
    long = book_with(tmp_path / "long.xlsx", [HEAD.removesuffix(b"<t>"), run_of_text * 60, TAIL.removeprefix(b"</t>")])
    rows = [b'<row r="%d">' % n + row + b"<t>" + b"z" * 15_000 + b"</t></is></c></row>" for n in range(2, 600)]
    many = book_with(tmp_path / "many.xlsx", [HEAD.partition(b'<row r="2">')[0], *rows, b"</sheetData></worksheet>"])

    with pytest.raises(BadFile, match="a row of the sheet"):
        check(long, file_name=long.name)
    assert sum(map(len, rows)) > 2 * MOST_ROW_BYTES
    assert check(many, file_name=many.name) == 598


def test_a_cell_of_300_mb_in_a_parquet_file_takes_no_more_memory_than_its_row_group(tmp_path: Path) -> None:
    file = tmp_path / "giant.parquet"
    run(WRITE, file, 1000)

    took_mb, reason = run(READ, file).strip().split("|")

    assert "holds a text of 300,000,000 bytes, 1,000,000 at most" in reason
    assert int(took_mb) < 450


def test_a_parquet_column_whose_texts_are_too_long_on_average_is_refused_unread(tmp_path: Path) -> None:
    told = pa.table({"sku": ["A1", "A2"], "title": ["x" * 3_000_000, ""]})
    file = tmp_path / "giant.parquet"
    pq.write_table(told, file, use_dictionary=False, compression="none")

    with pytest.raises(BadFile, match=r"the column 'title' holds texts of 1,500,0\d\d bytes on average"):
        check(file, file_name=file.name)
