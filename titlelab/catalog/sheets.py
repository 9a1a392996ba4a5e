"""A worksheet's XML, watched while it is unpacked: a row that is far too long is refused before it fills memory.

The parser holds a row until it ends, so the bytes between two row ends bound what it holds.
"""

import re
from types import TracebackType
from typing import IO

from titlelab.errors import BadFile

MOST_ROW_BYTES = 4_000_000  # a thousand cells of the longest description that could pass need less
MOST_OTHER_BYTES = 100_000_000  # links, formats and the like, which stand behind the rows
_ROW_END = re.compile(rb"</(?:[\w.-]+:)?row\s*>")
_ROWS_END = re.compile(rb"</(?:[\w.-]+:)?sheetData\s*>")
# Within a comment or the like a row end would be none; no spreadsheet program writes them, nor UTF-16.
_NO_SHEET = re.compile(rb"<!|<\?(?!xml[\s?]|\Z|x\Z|xm\Z|xml\Z)|\0")
_OVERLAP = 40  # what is looked for may be cut by the end of a reading


class WatchedSheet:
    """A part of a workbook as openpyxl reads it; `read` raises BadFile."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._tail = b""
        self._n_held = 0
        self._most = MOST_ROW_BYTES

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size if size >= 0 else self._most + 1)
        text = self._tail + data
        if b"<!DOCTYPE" in text:
            raise BadFile("the workbook's XML defines entities: not what a shop exports")
        if _NO_SHEET.search(text):
            raise BadFile("the sheet holds XML that no spreadsheet program writes: save it anew, or export it as CSV")
        if _ROWS_END.search(text):
            self._most = MOST_OTHER_BYTES
        ends = [found.end() for found in _ROW_END.finditer(text)]
        self._n_held = len(text) - ends[-1] if ends else self._n_held + len(data)
        if self._n_held > self._most:
            raise BadFile(f"a row of the sheet holds more than {self._most:,} bytes: not a product's")
        self._tail = text[-_OVERLAP:]
        return data

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> "WatchedSheet":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
