"""Finds out how a product file is written: its kind by its name, encoding and delimiter by its content.

Reads the file and writes nothing.
"""

import codecs
import csv
from collections import Counter
from itertools import islice
from pathlib import Path

from titlelab.catalog.layouts import KINDS, Kind, Layout, lines, opened
from titlelab.errors import BadFile

ENDINGS = ".csv, .tsv, .txt, .jsonl, .ndjson, .parquet or .xlsx (the first five also with .gz)"
ENCODINGS = ("utf-8", "utf-16", "gb18030", "big5", "shift_jis", "euc_kr", "cp1252", "cp1251", "iso8859-15")
DELIMITERS = ",;\t|^~"
SAMPLE_ROWS = 50
CHUNK = 1_000_000
MAGIC = {
    b"PK\x03\x04": "a ZIP archive, such as XLSX",
    b"PAR1": "Parquet",
    b"\x1f\x8b": "gzip",
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old Excel file (save it as .xlsx)",
}
EXPECTED = {"xlsx": b"PK\x03\x04", "parquet": b"PAR1"}
TELLING_LINES = 10_000  # with more than ASCII in them
GB_PAIR_SHARE = 0.9  # of characters whose bytes are both in the upper half


def layout_of(path: Path, *, file_name: str, encoding: str = "", delimiter: str = "") -> Layout:
    """Return how the file is written; a declared encoding or delimiter ("" for none) is taken at its word.

    Raises BadFile on a kind that is not read, content of another kind, and an encoding that can't be told.
    """
    suffixes = [suffix.lower() for suffix in Path(file_name).suffixes]
    is_packed = suffixes[-1:] == [".gz"]
    ending = (suffixes[:-1] if is_packed else suffixes)[-1:]
    kind = KINDS.get(ending[0]) if ending else None
    if kind is None or (is_packed and kind in EXPECTED):
        raise BadFile(f"{file_name}: the name must end in {ENDINGS}, not {''.join(suffixes[-2:]) or 'nothing'!r}")
    layout = Layout(kind=kind, is_packed=is_packed)
    with opened(path, layout) as file:
        _require_kind(file.read(4), kind, file_name)
    if kind in EXPECTED:
        return layout
    if encoding and not _is_known(encoding):
        raise BadFile(f"{encoding!r} is no encoding that is read here; there are: {', '.join(ENCODINGS)}")
    layout = Layout(kind=kind, is_packed=is_packed, encoding=encoding or _encoding(path, layout))
    if kind == "jsonl":
        return layout
    if delimiter and (len(delimiter) != 1 or delimiter in '"\r\n\0'):
        raise BadFile(f"the delimiter must be one character that is neither a quote nor a line end, not {delimiter!r}")
    found = delimiter or _delimiter(path, layout, "\t" if ending == [".tsv"] else ",")
    return Layout(kind=kind, is_packed=is_packed, encoding=layout.encoding, delimiter=found)


def _require_kind(begin: bytes, kind: Kind, file_name: str) -> None:
    if (expected := EXPECTED.get(kind)) and begin != expected:
        raise BadFile(f"{file_name} is no {kind.upper() if kind == 'xlsx' else 'Parquet'} file, whatever its name says")
    for magic, told in MAGIC.items():
        if begin.startswith(magic) and magic != expected:
            raise BadFile(f"{file_name} holds {told}, whatever its name says")


def _is_known(encoding: str) -> bool:
    try:
        return codecs.lookup(encoding).name.replace("_", "-") in {e.replace("_", "-") for e in ENCODINGS}
    except LookupError:
        return False


def _encoding(path: Path, layout: Layout) -> str:
    """Read the file to its end if need be: the first wrong byte may stand in the last line."""
    with opened(path, layout) as file:
        begin = file.read(2)
    if begin in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    if _decodes(path, layout, "utf-8"):
        return "utf-8"
    if _decodes(path, layout, "gb18030") and _looks_chinese(path, layout):
        return "gb18030"
    return "utf-8"  # its reader tells the line and the byte


def _decodes(path: Path, layout: Layout, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with opened(path, layout) as file:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _looks_chinese(path: Path, layout: Layout) -> bool:
    """Western text also decodes as GB18030 by chance; Chinese has both bytes of a character in the upper half."""
    pairs: Counter[bool] = Counter()
    with opened(path, layout) as file:
        told = (line for line in iter(lambda: file.readline(CHUNK), b"") if not line.isascii())
        for line in islice(told, TELLING_LINES):
            at = 0
            while at < len(line) - 1:
                if line[at] < 0x80:
                    at += 1
                elif 0x30 <= line[at + 1] <= 0x39:  # a rare character, of four bytes
                    at += 4
                else:
                    pairs[line[at + 1] >= 0xA1] += 1
                    at += 2
    return pairs.total() > 0 and pairs[True] >= GB_PAIR_SHARE * pairs.total()


def _delimiter(path: Path, layout: Layout, usual: str) -> str:
    """Return the delimiter that parts the first rows alike and into most cells."""
    text = list(islice(lines(path, layout), SAMPLE_ROWS))
    scores = {}
    for delimiter in DELIMITERS:
        try:
            lengths = [len(cells) for cells in csv.reader(text, delimiter=delimiter) if cells]
        except csv.Error:
            continue
        alike = sum(n == lengths[0] for n in lengths) / len(lengths) if lengths else 0
        scores[delimiter] = (lengths[0] > 1, alike, lengths[0], delimiter == usual) if lengths else (False, 0, 0, False)
    if not scores or not max(scores.values())[0]:
        return usual
    return max(scores, key=lambda delimiter: scores[delimiter])
