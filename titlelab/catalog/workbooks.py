"""Rows of an XLSX workbook's first sheet, streamed by openpyxl's read-only mode.

A workbook is a ZIP of XML: its sizes and ratios are checked before any of it is unpacked, entities are forbidden by
defusedxml (which openpyxl uses where it is installed), and formulas are never run: the values stored with them count.
"""

import datetime as dt
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

from titlelab.catalog.layouts import FREE_BYTES, LARGEST_RATIO, MOST_COLUMNS, Layout, opened
from titlelab.catalog.rows import Cells, Refusal
from titlelab.catalog.sheets import WatchedSheet
from titlelab.catalog.text_files import Record, unique_names
from titlelab.errors import BadFile

MOST_MEMBERS = 2000  # parts of a workbook; pictures are the most of them
# Sheets stream; every other part is held in memory, the shared texts as some three times as much. A catalog with more
# texts can be exported as CSV too.
MOST_HELD_BYTES = 100_000_000
MOST_EMPTY_ROWS = 10_000  # in a row; a row's number may claim a million before it
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"


def sheet_records(path: Path, layout: Layout) -> Iterator[Record]:
    """Yield each row's cells by the names in the sheet's first row; raises BadFile."""
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.utils.exceptions import InvalidFileException

    with opened(path, layout) as file:
        try:
            _require_honest_archive(file, path.stat().st_size)
            reader = ExcelReader(file, read_only=True, data_only=True, keep_links=False)
            reader.read_manifest()
            _watch_sheets(reader, _require_modest_parts(reader))
            reader.read()
            book = reader.wb
            try:
                sheet = next((s for s in book.worksheets if s.sheet_state == "visible"), None)
                if sheet is None:
                    raise BadFile("the workbook has no sheet of cells")
                sheet.reset_dimensions()  # exporters tell them wrongly, and a lie would make rows of any width
                yield from _rows(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS + 1))
            finally:
                book.close()
        except (zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, TypeError, IndexError,
                AttributeError, EOFError, NotImplementedError, zlib.error) as e:  # fmt: skip
            if _is_by_entities(e):
                raise BadFile("the workbook's XML defines entities: not what a shop exports") from e
            raise BadFile(f"the workbook is broken ({type(e).__name__}): save it anew, or export it as CSV") from e


def _is_by_entities(error: BaseException | None) -> bool:
    """Say whether defusedxml stopped it; openpyxl wraps its errors."""
    from defusedxml.common import DefusedXmlException

    while error is not None and not isinstance(error, DefusedXmlException):
        error = error.__cause__ or error.__context__
    return error is not None


def _require_honest_archive(file: BinaryIO, size_bytes: int) -> None:
    """Refuse by what the archive's directory says; zipfile reads no more of a member than it says there."""
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise BadFile(f"the workbook has {len(members):,} parts, {MOST_MEMBERS:,} at most")
    unpacked = sum(member.file_size for member in members)
    if unpacked > max(FREE_BYTES, LARGEST_RATIO * size_bytes):
        raise BadFile(f"the workbook unpacks to {unpacked:,} bytes, more than {LARGEST_RATIO} times its size")
    for member in members:
        if member.filename.endswith((".rels", "[Content_Types].xml")):
            _require_modest(member)


def _require_modest_parts(reader: Any) -> set[str]:
    """Refuse by the workbook's own list of parts: by their types, for a name may claim anything; return the modest."""
    sizes = {member.filename: member for member in reader.archive.infolist()}
    modest = set()
    for part in reader.package.Override:
        if part.ContentType != _SHEET and (member := sizes.get(part.PartName.lstrip("/"))):
            _require_modest(member)
            modest.add(member.filename)
    return modest


def _watch_sheets(reader: Any, modest: set[str]) -> None:
    """Have every part that is not known to be modest watched while it is unpacked."""
    opened_part = reader.archive.open

    def watched(name: Any, *told: Any, **named: Any) -> Any:
        part = opened_part(name, *told, **named)
        file_name = getattr(name, "filename", name)
        return part if file_name in modest or file_name.endswith(".rels") else WatchedSheet(part)

    reader.archive.open = watched


def _require_modest(member: zipfile.ZipInfo) -> None:
    if member.file_size > MOST_HELD_BYTES:
        told = f"{member.file_size:,} bytes of texts, {MOST_HELD_BYTES:,} at most"
        raise BadFile(f"the workbook holds {told}: export it as CSV")


def _rows(found: Iterator[tuple[Any, ...]]) -> Iterator[Record]:
    columns: list[str] = []
    names: list[object] = []
    n_empty = 0
    for line, told in enumerate(found, start=1):
        cells = _trimmed(told)
        n_empty = 0 if cells else n_empty + 1
        if n_empty > MOST_EMPTY_ROWS:
            raise BadFile(f"more than {MOST_EMPTY_ROWS:,} empty rows stand before line {line}: delete them")
        if cells and not columns:
            names = cells
            columns = unique_names([str(_value(cell) if cell is not None else "") for cell in cells])
        elif cells:
            yield line, _row(line, columns, names, cells)


def _row(line: int, columns: list[str], names: list[object], cells: list[Any]) -> Cells | Refusal:
    if cells == names:
        return Refusal(line=line, sku="", column="", reason="repeats the names of the columns")
    if len(cells) > len(columns):
        reason = f"has {len(cells)} cells, but the first line names {len(columns)} columns"
        return Refusal(line=line, sku="", column="", reason=reason)
    return {column: _value(cell) for column, cell in zip(columns, cells, strict=False)}


def _trimmed(cells: tuple[Any, ...]) -> list[Any]:
    """Return the row up to its last told cell."""
    last = next((n for n in range(len(cells), 0, -1) if cells[n - 1] not in (None, "")), 0)
    return list(cells[:last])


def _value(cell: object) -> object:
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return cell if isinstance(cell, str | int | float | bool) else None if cell is None else str(cell)
