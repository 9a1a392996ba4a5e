"""Rows of a Parquet file, a small batch at a time."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from titlelab.catalog.layouts import MOST_COLUMNS, Layout, opened
from titlelab.catalog.parquet_footers import require_sound_footer
from titlelab.catalog.text_files import Record, unique_names
from titlelab.errors import BadFile

BATCH = 500
# A row group is unpacked column by column; writers make them of some 128 MB at most.
LARGEST_GROUP_BYTES = 512_000_000
LONGEST_TEXT = 1_000_000  # a dictionary tells a long text once and points at it from every row
MOST_NESTED = 100  # values of a list or map by row, on average


def parquet_records(path: Path, layout: Layout) -> Iterator[Record]:
    """Yield each row's cells by column; line counts rows from 1. Raises BadFile."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with opened(path, layout) as file:
        try:
            require_sound_footer(file)
            schema = pq.ParquetFile(file).schema_arrow
            texts = [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_binary(field.type)]
            table = pq.ParquetFile(file, read_dictionary=texts)
            _require_modest(table.metadata)
            names = unique_names(schema.names)
            line = 0
            for batch in table.iter_batches(BATCH, use_threads=False):
                columns = [_cells(name, array) for name, array in zip(names, batch.columns, strict=True)]
                for cells in zip(*columns, strict=True):
                    line += 1
                    yield line, dict(zip(names, map(_value, cells), strict=True))
        except (pa.ArrowException, OSError, ValueError, OverflowError) as e:  # ArrowIOError is an OSError
            raise BadFile(f"the Parquet file is broken: {str(e)[:200]}") from e


def _require_modest(metadata: Any) -> None:
    if metadata.num_columns > MOST_COLUMNS:
        raise BadFile(f"the file has {metadata.num_columns:,} columns, {MOST_COLUMNS:,} at most")
    for n in range(metadata.num_row_groups):
        group = metadata.row_group(n)
        if group.total_byte_size > LARGEST_GROUP_BYTES:
            told = f"{group.total_byte_size:,} bytes, {LARGEST_GROUP_BYTES:,} at most"
            raise BadFile(f"a row group holds {told}: write smaller ones")
        columns = [group.column(c) for c in range(metadata.num_columns)]
        for column in columns:
            if column.total_uncompressed_size > LONGEST_TEXT * max(column.num_values, 1):
                told = f"texts of {column.total_uncompressed_size // max(column.num_values, 1):,} bytes on average"
                raise BadFile(f"the column {column.path_in_schema[:40]!r} holds {told}, {LONGEST_TEXT:,} at most")
        most = max(column.num_values for column in columns)
        if most > MOST_NESTED * max(group.num_rows, BATCH):
            raise BadFile(f"a column holds {most:,} values in {group.num_rows:,} rows: no catalog")


def _cells(name: str, array: Any) -> list[Any]:
    """Return a column's values; what a dictionary tells is looked at before it is unpacked, and held once."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_dictionary(array.type):
        return list(array.to_pylist())
    used = array.indices.drop_null().unique()
    values = array.dictionary.take(used)
    kind = values.type
    if len(values) and (pa.types.is_string(kind) or pa.types.is_binary(kind) or pa.types.is_large_string(kind)):
        longest = pc.max(pc.binary_length(values)).as_py()
        if longest is not None and longest > LONGEST_TEXT:
            raise BadFile(f"the column {name[:40]!r} holds a text of {longest:,} bytes, {LONGEST_TEXT:,} at most")
    told = dict(zip(used.to_pylist(), values.to_pylist(), strict=True))
    return [told.get(index) for index in array.indices.to_pylist()]


def _value(cell: object) -> object:
    """Return what JSON could tell too: maps come as lists of pairs, bytes as text."""
    if isinstance(cell, list) and cell and all(isinstance(each, tuple) and len(each) == 2 for each in cell):
        return {str(name): _value(value) for name, value in cell}
    if isinstance(cell, list):
        return [_value(each) for each in cell]
    if isinstance(cell, dict):
        return {name: _value(value) for name, value in cell.items()}
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return cell.decode(errors="replace") if isinstance(cell, bytes) else cell
