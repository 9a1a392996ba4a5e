"""A Parquet file whose footer contradicts itself is refused; pyarrow would end the process that reads it."""

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from titlelab.catalog.reading import rows
from titlelab.errors import BadFile

# "May be empty" as the footer's schema says it before the column's name, and "is always there".
OPTIONAL, REQUIRED = b"\x25\x02\x18\x05title", b"\x25\x00\x18\x05title"


def written() -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table({"sku": ["A1", "A2"], "title": ["Bottle", None]}), file)
    return file.getvalue()


def read(tmp_path: Path, data: bytes) -> int:
    path = tmp_path / "new.parquet"
    path.write_bytes(data)
    return sum(1 for _ in rows(path, file_name=path.name))


def test_a_sound_file_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, written()) == 2


def test_a_footer_that_contradicts_itself_is_refused_and_ends_no_process(tmp_path: Path) -> None:
    assert written().count(OPTIONAL) == 1

    with pytest.raises(BadFile, match=r"the Parquet file is broken: .*size mismatch"):
        read(tmp_path, written().replace(OPTIONAL, REQUIRED))


@pytest.mark.parametrize("n", [0, 3, 8, 11, -9, -4])
def test_a_file_that_is_cut_off_is_refused(tmp_path: Path, n: int) -> None:
    with pytest.raises(BadFile):
        read(tmp_path, written()[:n])
