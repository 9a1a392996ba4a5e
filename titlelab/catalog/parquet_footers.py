"""A first look at a Parquet file's footer, by a child process: pyarrow ends its process on some that are broken."""

import subprocess
import sys
from typing import BinaryIO

LONGEST_LOOK_S = 60
_MARK = b"PAR1"
_LOOK = """
import io, sys
from pyarrow.parquet import read_metadata
found = read_metadata(io.BytesIO(sys.stdin.buffer.read()))
for n in range(found.num_row_groups):
    group = found.row_group(n)
    for c in range(found.num_columns):
        group.column(c)
"""


def require_sound_footer(file: BinaryIO) -> None:
    """Raise ValueError, in pyarrow's words, where looking at the columns would end the process.

    What else is amiss is the reader's to tell.
    """
    command = [sys.executable, "-I", "-c", _LOOK]
    try:
        done = subprocess.run(  # noqa: S603 - ourselves
            command, input=_MARK + _footer(file), capture_output=True, check=False, timeout=LONGEST_LOOK_S
        )
    except subprocess.TimeoutExpired as e:
        raise ValueError(str(e).rpartition("] ")[2]) from e
    if done.returncode < 0:
        raise ValueError(done.stderr.decode(errors="replace").strip().rpartition("\n")[2].strip())


def _footer(file: BinaryIO) -> bytes:
    """Return the footer with its length and the mark behind it; the whole file where it is shorter than they claim."""
    size = file.seek(0, 2)
    file.seek(max(size - 8, 0))
    told = int.from_bytes(file.read(8)[:4], "little")
    file.seek(max(size - 8 - told, 0))
    found = file.read()
    file.seek(0)
    return found
