"""Rows of CSV, TSV and JSON Lines, one at a time; see layouts.py for encoding and delimiter."""

import csv
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from titlelab.catalog.cells import parsed
from titlelab.catalog.layouts import MOST_COLUMNS, Layout, lines
from titlelab.catalog.rows import Cells, Refusal, Refused
from titlelab.errors import BadFile

Record = tuple[int, Cells | Refusal]


def json_records(path: Path, layout: Layout) -> Iterator[Record]:
    """Yield each line's object; a line that is none is refused by itself."""
    for number, text in enumerate(lines(path, layout), start=1):
        if text.strip():
            yield number, _json_cells(number, text)


def _json_cells(line: int, text: str) -> Cells | Refusal:
    try:
        found = parsed(text)
    except Refused as e:
        return Refusal(line=line, sku="", column="", reason=e.reason)
    if not isinstance(found, dict):
        return Refusal(line=line, sku="", column="", reason="is not a JSON object")
    if len(found) > MOST_COLUMNS:
        return Refusal(line=line, sku="", column="", reason=f"has {len(found):,} fields, {MOST_COLUMNS:,} at most")
    return found


def table_records(path: Path, layout: Layout) -> Iterator[Record]:
    """Yield each row's cells by the names that the first line gives; raises BadFile on broken quoting."""
    text = lines(path, layout)
    first = next(text, "")
    if not first.strip():
        raise BadFile("the first line is empty: it must name the columns, the sku's among them")
    reader = csv.reader(chain([first], text), delimiter=layout.delimiter, strict=True)
    try:
        names = next(reader)
    except csv.Error as e:
        raise BadFile(f"the first line names no columns: {e}") from e
    columns = unique_names(names)
    line = reader.line_num + 1
    try:
        for cells in reader:
            if record := table_row(line, columns, names, cells):
                yield line, record
            line = reader.line_num + 1
    except csv.Error as e:
        raise BadFile(f"line {reader.line_num}: {e} (is a quote left open, or not doubled inside a cell?)") from e


def table_row(line: int, columns: list[str], names: list[str], cells: list[str]) -> Cells | Refusal | None:
    """Return a row by column; None for an empty one, and a refusal for one of another length or the header again."""
    if not any(map(str.strip, cells)):
        return None
    if cells == names:
        return Refusal(line=line, sku="", column="", reason="repeats the names of the columns")
    if len(cells) == len(columns):
        return dict(zip(columns, cells, strict=True))
    reason = f"has {len(cells)} cells, but the first line names {len(columns)} columns"
    return Refusal(line=line, sku="", column="", reason=reason)


def unique_names(names: list[str]) -> list[str]:
    """Return a name for every column: "Image" and "Image (2)" for a name that stands twice, "column 3" for none."""
    if len(names) > MOST_COLUMNS:
        raise BadFile(f"the first line names {len(names):,} columns, {MOST_COLUMNS:,} at most")
    if "\0" in "".join(names):
        raise BadFile(
            "the first line holds NUL characters: no text, or UTF-16 without its mark; save the file as UTF-8"
        )
    found: dict[str, None] = {}
    for place, told in enumerate(names, start=1):
        name = told.strip()[:100] or f"column {place}"
        number = 2
        while (numbered := name if number == 2 and name not in found else f"{name} ({number})") in found:
            number += 1
        found[numbered] = None
    return list(found)
