"""How a product file is written, and its bytes and lines under that; see detection.py for finding it out.

Reads the file and writes nothing.
"""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Literal, cast

from titlelab.errors import BadFile

Kind = Literal["table", "jsonl", "parquet", "xlsx"]
KINDS: dict[str, Kind] = {
    ".csv": "table", ".tsv": "table", ".txt": "table", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet",
    ".xlsx": "xlsx",
}  # fmt: skip
MOST_COLUMNS = 1000
LONGEST_LINE_BYTES = 1_000_000  # ten times the longest row that could pass; a binary file has no line ends at all
# Text packs by 3 to 20, a sheet's XML by up to 50; a bomb by 1,000.
LARGEST_RATIO = 200
FREE_BYTES = 50_000_000  # below it a ratio harms nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """encoding and delimiter are "" where the kind has none."""

    kind: Kind
    is_packed: bool = False
    encoding: str = ""
    delimiter: str = ""


@contextmanager
def opened(path: Path, layout: Layout) -> Iterator[BinaryIO]:
    """Open the file's content, unpacked; raises BadFile where it can't be read or unpacks to far too much."""
    if path.exists() and not path.is_file():
        raise BadFile(f"{path.name} is no file")  # opening a pipe would wait for ever
    try:
        with path.open("rb") as raw:
            if layout.is_packed:
                most = max(FREE_BYTES, LARGEST_RATIO * path.stat().st_size)
                yield cast(BinaryIO, _Unpacked(raw, most))
            else:
                yield raw
    except (gzip.BadGzipFile, EOFError, zlib.error) as e:
        raise BadFile(f"{path.name} is broken gzip: {e}") from e
    except OSError as e:
        raise BadFile(f"{path.name} can't be read: {e.strerror}") from e


class _Unpacked(gzip.GzipFile):
    """Stops at more bytes than an honest archive of this size holds."""

    def __init__(self, raw: BinaryIO, most: int) -> None:
        super().__init__(fileobj=raw, mode="rb")
        self.most, self.n_read = most, 0

    def read(self, size: int | None = -1) -> bytes:
        return self._counted(super().read(size if size and size > 0 else self.most + 1))

    def read1(self, size: int = -1) -> bytes:
        return self._counted(super().read1(size))

    def readline(self, size: int | None = -1) -> bytes:
        return self._counted(super().readline(-1 if size is None else size))

    def _counted(self, found: bytes) -> bytes:
        self.n_read += len(found)
        if self.n_read > self.most:
            raise BadFile(f"the archive unpacks to more than {self.most:,} bytes, {LARGEST_RATIO} times its size")
        return found


def lines(path: Path, layout: Layout) -> Iterator[str]:
    """Decode line by line, so that a wrong byte is told with its line; raises BadFile."""
    with opened(path, layout) as file:
        if layout.encoding == "utf-16":  # its line ends are no bytes of their own
            yield from _wide_lines(file)
            return
        encoding, number = layout.encoding, 0
        while raw := file.readline(LONGEST_LINE_BYTES + 1):
            number += 1
            _require_length(raw, number)
            try:
                yield raw.decode("utf-8-sig" if number == 1 and encoding == "utf-8" else encoding)
            except UnicodeDecodeError as e:
                raise _not_in(encoding, number, e) from e


def _wide_lines(file: IO[bytes]) -> Iterator[str]:
    text, number = io.TextIOWrapper(cast(io.BufferedReader, file), "utf-16", newline=""), 0
    try:
        while line := text.readline(LONGEST_LINE_BYTES + 1):
            number += 1
            _require_length(line, number)
            yield line
    except UnicodeError as e:
        raise BadFile(f"after line {number} the file is not UTF-16: save it as UTF-8") from e
    finally:
        text.detach()


def _require_length(line: str | bytes, number: int) -> None:
    if len(line) > LONGEST_LINE_BYTES:
        raise BadFile(f"line {number} is longer than {LONGEST_LINE_BYTES:,} bytes: not a product file")


def _not_in(encoding: str, number: int, error: UnicodeDecodeError) -> BadFile:
    name = encoding.upper()
    return BadFile(
        f"line {number} is not {name} (byte 0x{error.object[error.start]:02x}): "
        "save the file as UTF-8, or tell its encoding"
    )
