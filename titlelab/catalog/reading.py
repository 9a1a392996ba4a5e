"""Reads product files of every kind: rows become ProductRows, and Refusals where a row can't be used.

Computes only, one row at a time, so that memory stays flat; see importing.py for the writes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from titlelab.catalog.cells import product_row
from titlelab.catalog.detection import layout_of
from titlelab.catalog.layouts import Layout
from titlelab.catalog.mapping import Targets, flaws, guessed, seen_through
from titlelab.catalog.parquet_files import parquet_records
from titlelab.catalog.rows import Cells, ProductRow, Refusal, Refused
from titlelab.catalog.text_files import Record, json_records, table_records
from titlelab.catalog.workbooks import sheet_records
from titlelab.errors import BadFile

__all__ = [
    "ProductRow",
    "Refusal",
    "Sample",
    "check",
    "product_row",
    "records",
    "row_of",
    "rows",
    "sample",
    "usable_guess",
]

SAMPLE_ROWS = 100  # JSON Lines name their columns row by row
MOST_ROWS = 5_000_000
LONGEST_SHOWN = 120
_READERS = {"table": table_records, "jsonl": json_records, "parquet": parquet_records, "xlsx": sheet_records}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A file's columns in its order, and its first rows as texts of at most LONGEST_SHOWN characters by column."""

    columns: tuple[str, ...]
    rows: tuple[dict[str, str], ...]


def rows(
    path: Path, *, file_name: str, layout: Layout | None = None, targets: Targets | None = None
) -> Iterator[ProductRow | Refusal]:
    """Yield what each row of the file becomes, in its order; layout and targets are found out and guessed if None.

    Raises BadFile where the file as a whole can't be read: wrong encoding, no sku column, broken quoting, empty.
    """
    layout = layout or layout_of(path, file_name=file_name)
    targets = usable_guess(path, layout) if targets is None else targets
    for line, cells in records(path, file_name=file_name, layout=layout):
        yield cells if isinstance(cells, Refusal) else row_of(line, cells, targets)


def row_of(line: int, cells: Cells, targets: Targets) -> ProductRow | Refusal:
    """Return what a row becomes whose columns tell the targets' fields."""
    try:
        return product_row(line, seen_through(targets, cells))
    except Refused as e:
        return Refusal(line=line, sku="", column=e.column, reason=e.reason)


def check(path: Path, *, file_name: str) -> int:
    """Read the file to its end without judging its rows; returns how many. Raises BadFile as `rows` would."""
    layout = layout_of(path, file_name=file_name)
    usable_guess(path, layout)
    return sum(1 for _ in records(path, file_name=file_name, layout=layout))


def sample(path: Path, layout: Layout, *, n_rows: int = 5) -> Sample:
    """Return the columns of the file's first rows, and some of these rows. Raises BadFile."""
    found = [cells for _, cells in islice(_READERS[layout.kind](path, layout), SAMPLE_ROWS)]
    told: Sequence[Cells] = [cells for cells in found if not isinstance(cells, Refusal)]
    if not told:
        raise BadFile(found[0].reason if found and isinstance(found[0], Refusal) else "the file holds no products")
    columns = dict.fromkeys(str(column) for cells in told for column in cells)
    return Sample(
        columns=tuple(columns),
        rows=tuple({column: _shown(cells.get(column)) for column in columns} for cells in told[:n_rows]),
    )


def usable_guess(path: Path, layout: Layout) -> dict[str, str]:
    """Return the guessed targets of a file that nobody confirms; raises BadFile where they do not do."""
    targets = guessed(sample(path, layout).columns)
    if found := flaws(targets, are_optional=layout.kind == "jsonl"):
        columns = "".join(c if c.isprintable() else "?" for c in ", ".join(targets)[:300])
        raise BadFile(f"{found[0]} The columns are {columns}.")
    return targets


def records(path: Path, *, file_name: str, layout: Layout) -> Iterator[Record]:
    """Yield each row's line and cells by column, or its refusal; raises BadFile."""
    n_rows = 0
    for record in _READERS[layout.kind](path, layout):
        n_rows += 1
        if n_rows > MOST_ROWS:
            raise BadFile(f"{file_name} holds more than {MOST_ROWS:,} rows: import it in parts")
        yield record
    if not n_rows:
        raise BadFile(f"{file_name} holds no products")


def _shown(cell: object) -> str:
    text = "" if cell is None else " ".join(str(cell)[: 10 * LONGEST_SHOWN].split())
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
