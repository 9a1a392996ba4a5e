"""Reads product files: CSV and JSON Lines become ProductRows, and Refusals where a row can't be used.

Computes only, one row at a time, so that memory stays flat; see importing.py for the writes.
"""

import csv
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html.parser import HTMLParser
from itertools import chain
from pathlib import Path

from titlelab.errors import BadFile

LONGEST_LINE_BYTES = 1_000_000  # ten times the longest row that could pass; a binary file has no line ends at all
LONGEST_CELL = {
    "sku": 100,
    "title": 1000,
    "description": 20_000,
    "brand": 200,
    "category": 200,
    "attributes": 1000,
    "image_url": 1000,
    "currency": 3,
}
MOST_ATTRIBUTES = 200
DEEPEST_CATEGORY = 10
DELIMITERS = ",;\t"
ATTRIBUTE_COLUMN = "attr:"
# Below any price of this length two decimals still fit Product.price.
PRICE_LIMIT = Decimal(10) ** 12

_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_HTML = re.compile(r"</?[a-zA-Z][^<>]*>|<!--|&(#\d+|#x[0-9a-fA-F]+|\w+);")
_COMMENT = re.compile(r"<!--.*?(-->|\Z)", re.DOTALL)
# A "<" that no ">" answers before the next "<" opens no tag.
_UNANSWERED = re.compile(r"<(?=[^<>]*(?:<|\Z))")
# Nobody sees them, but they part one sku into two and let a title read otherwise than it is written.
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
LONGEST_STACK = 30  # marks on one letter, as in Unicode's stream-safe text; normalising more takes quadratic time
_NUMBER = re.compile(r"[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]{1,3})?")

Cells = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRow:
    """One product as a file tells it, cleaned; line counts from 1 and is where the row begins."""

    line: int
    sku: str
    title: str = ""
    description: str = ""
    brand: str = ""
    category: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    image_url: str = ""
    price: Decimal | None = None
    currency: str = ""

    def content_hash(self) -> str:
        """Return 32 hex digits that change whenever a told field does; the line is not told by the shop."""
        price = None if self.price is None else f"{self.price:.2f}"
        texts = [self.sku, self.title, self.description, self.brand, self.image_url, price, self.currency]
        told = json.dumps([*texts, self.category, self.attributes], ensure_ascii=False)
        return hashlib.sha256(told.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A row that can't be used, and why; column is "" where the whole row is meant."""

    line: int
    sku: str
    column: str
    reason: str


class _Refused(Exception):
    """Carries a column and a reason to the row's Refusal."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.reason = column, reason


def rows(path: Path, *, file_name: str) -> Iterator[ProductRow | Refusal]:
    """Yield what each row of the file becomes, in its order; `file_name`'s ending tells CSV from JSON Lines.

    Raises BadFile where the file as a whole can't be read: not UTF-8, no sku column, broken quoting, empty.
    """
    for line, cells in _records(path, file_name):
        yield cells if isinstance(cells, Refusal) else product_row(line, cells)


def check(path: Path, *, file_name: str) -> None:
    """Read the file to its end without judging its rows; raises BadFile as `rows` would."""
    for _ in _records(path, file_name):
        pass


def _records(path: Path, file_name: str) -> Iterator[tuple[int, Cells | Refusal]]:
    ending = Path(file_name).suffix.lower()
    readers = {".csv": _csv_records, ".tsv": _csv_records, ".jsonl": _json_records, ".ndjson": _json_records}
    if ending not in readers:
        raise BadFile(f"{file_name}: the name must end in .csv, .tsv, .jsonl or .ndjson, not {ending or 'nothing'!r}")
    is_empty = True
    for record in readers[ending](_lines(path)):
        is_empty = False
        yield record
    if is_empty:
        raise BadFile(f"{file_name} holds no products")


def _lines(path: Path) -> Iterator[str]:
    """Decode line by line, so that a wrong byte is told with its line."""
    number = 0
    if path.exists() and not path.is_file():
        raise BadFile(f"{path.name} is no file")  # opening a pipe would wait for ever
    try:
        with path.open("rb") as file:
            while raw := file.readline(LONGEST_LINE_BYTES + 1):
                number += 1
                if len(raw) > LONGEST_LINE_BYTES:
                    raise BadFile(f"line {number} is longer than {LONGEST_LINE_BYTES:,} bytes: not a product file")
                yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as e:
        raise BadFile(f"line {number} is not UTF-8 (byte 0x{e.object[e.start]:02x}): save the file as UTF-8") from e
    except OSError as e:
        raise BadFile(f"{path.name} can't be read: {e.strerror}") from e


# --- CSV ---------------------------------------------------------------------------------------------------------


def _csv_records(lines: Iterator[str]) -> Iterator[tuple[int, Cells | Refusal]]:
    first = next(lines, "")
    if not first.strip():
        raise BadFile("the first line is empty: it must name the columns, sku among them")
    delimiter, columns = _header(first)
    reader = csv.reader(chain([first], lines), delimiter=delimiter, strict=True)
    try:
        next(reader)
        line = reader.line_num + 1
        for cells in reader:
            if len(cells) == len(columns):
                yield line, dict(zip(columns, cells, strict=True))
            elif any(cell.strip() for cell in cells):
                reason = f"has {len(cells)} cells, but the first line names {len(columns)} columns"
                yield line, Refusal(line=line, sku="", column="", reason=reason)
            line = reader.line_num + 1
    except csv.Error as e:
        raise BadFile(f"line {reader.line_num}: {e} (is a quote left open, or not doubled inside a cell?)") from e


def _header(first: str) -> tuple[str, list[str]]:
    """Return the delimiter under which the first line names a sku column, and the names."""
    try:
        names = {d: [_column(c) for c in next(csv.reader([first], delimiter=d))] for d in DELIMITERS}
    except csv.Error as e:
        raise BadFile(f"the first line names no columns: {e}") from e
    delimiter = max(DELIMITERS, key=lambda d: ("sku" in names[d], len(names[d])))
    columns = names[delimiter]
    if "sku" not in columns:
        raise BadFile(f"no column is named sku; the first line names {_listed(columns)}")
    if twice := sorted({c for c in columns if c and columns.count(c) > 1}):
        raise BadFile(f"the first line names {_listed(twice)} more than once")
    return delimiter, columns


def _listed(columns: Sequence[str]) -> str:
    """Return the names for a person: a file of another kind may have anything in its first line."""
    return "".join(c if c.isprintable() else "?" for c in ", ".join(columns)[:300])


def _column(name: str) -> str:
    """Column names are told apart by letter case only where they name an attribute."""
    name = name.strip()
    is_attribute = name.lower().startswith(ATTRIBUTE_COLUMN)
    return ATTRIBUTE_COLUMN + name[len(ATTRIBUTE_COLUMN) :].strip() if is_attribute else name.lower()


# --- JSON Lines --------------------------------------------------------------------------------------------------


def _json_records(lines: Iterator[str]) -> Iterator[tuple[int, Cells | Refusal]]:
    for number, text in enumerate(lines, start=1):
        if text.strip():
            yield number, _json_cells(number, text)


def _json_cells(line: int, text: str) -> Cells | Refusal:
    try:
        found = _parsed(text)
    except _Refused as e:
        return Refusal(line=line, sku="", column="", reason=e.reason)
    if not isinstance(found, dict):
        return Refusal(line=line, sku="", column="", reason="is not a JSON object")
    cells = {_column(name): value for name, value in found.items()}
    if len(cells) < len(found):
        return Refusal(line=line, sku="", column="", reason="names a field twice, by other letter case")
    return cells


def _parsed(text: str) -> object:
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, ArithmeticError, RecursionError) as e:
        raise _Refused("", f"is not JSON: {str(e)[:200]}") from e


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not a number that JSON knows")


# --- cells -------------------------------------------------------------------------------------------------------


def product_row(line: int, cells: Cells) -> ProductRow | Refusal:
    """Return what a file's or a caller's row becomes; keys other than the known columns are passed over."""
    sku = ""
    try:
        sku = _one_line("sku", cells.get("sku"))
        if not sku:
            raise _Refused("sku", "is missing")
        return ProductRow(
            line=line,
            sku=sku,
            title=_one_line("title", cells.get("title")),
            description=_short(
                "description", _without_html("description", _text("description", cells.get("description")))
            ),
            brand=_one_line("brand", cells.get("brand")),
            category=_category(cells.get("category")),
            attributes=_attributes(cells),
            image_url=_image_url(cells.get("image_url")),
            price=_price(cells.get("price")),
            currency=_currency(cells.get("currency")),
        )
    except _Refused as e:
        return Refusal(line=line, sku=sku, column=e.column, reason=e.reason)


def _text(column: str, cell: object) -> str:
    """Return a scalar as clean text; raises _Refused on a list, an object or a character that no text holds."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        cell = "yes" if cell else "no"
    if not isinstance(cell, str | int | Decimal):
        raise _Refused(column, f"must be text, not {'a list' if isinstance(cell, list) else 'an object'}")
    text = _INVISIBLE.sub("", _composed(column, str(cell))).strip()
    if found := _FORBIDDEN.search(text):
        raise _Refused(column, f"holds the control character U+{ord(found[0]):04X}")
    return text


def _composed(column: str, text: str) -> str:
    stack = 0
    for character in "" if text.isascii() else text:
        stack = stack + 1 if unicodedata.combining(character) else 0
        if stack > LONGEST_STACK:
            raise _Refused(column, f"holds a letter with more than {LONGEST_STACK} marks")
    return unicodedata.normalize("NFC", text)


def _one_line(column: str, cell: object) -> str:
    return _short(column, " ".join(_without_html(column, _text(column, cell)).split()))


def _short(column: str, text: str) -> str:
    if len(text) > LONGEST_CELL[column]:
        raise _Refused(column, f"has {len(text):,} characters, {LONGEST_CELL[column]:,} at most")
    return text


def _category(cell: object) -> tuple[str, ...]:
    """Accept a list, "A > B > C" or "A/B"; a slash parts only where no > does."""
    if isinstance(cell, list):
        parts: Sequence[object] = cell
    else:
        text = _text("category", cell)
        parts = re.split("[>＞]", text) if re.search("[>＞]", text) else text.split("/")
    levels = tuple(level for part in parts if (level := _one_line("category", part)))
    if len(levels) > DEEPEST_CATEGORY:
        raise _Refused("category", f"has {len(levels)} levels, {DEEPEST_CATEGORY} at most")
    return levels


def _attributes(cells: Cells) -> tuple[tuple[str, str], ...]:
    """Join the attributes column, an object or its JSON text, with the columns named attr:…, in the file's order."""
    found = cells.get("attributes")
    if isinstance(found, str) and found.strip():
        try:
            found = _parsed(found)
        except _Refused as e:
            raise _Refused("attributes", e.reason) from e
    if not found and found is not False:
        found = {}
    if not isinstance(found, dict):
        raise _Refused("attributes", 'must be an object such as {"Colour": "blue"}')
    columns = {c.removeprefix(ATTRIBUTE_COLUMN): cells[c] for c in cells if c.startswith(ATTRIBUTE_COLUMN)}
    told = {_one_line("attributes", name): _value(name, cell) for name, cell in {**found, **columns}.items()}
    attributes = tuple((name, value) for name, value in told.items() if name and value)
    if len(attributes) > MOST_ATTRIBUTES:
        raise _Refused("attributes", f"are {len(attributes):,}, {MOST_ATTRIBUTES} at most")
    return attributes


def _value(name: str, cell: object) -> str:
    values: Sequence[object] = cell if isinstance(cell, list) else [cell]
    try:
        return _short("attributes", ", ".join(text for v in values if (text := _one_line("attributes", v))))
    except _Refused as e:
        raise _Refused("attributes", f"{name[:40]!r} {e.reason}") from e


def _image_url(cell: object) -> str:
    url = _short("image_url", _text("image_url", cell))
    if url and not re.fullmatch(r"https?://[^\s<>\"']+", url):
        raise _Refused("image_url", "must begin with http:// or https:// and hold no spaces or quotes")
    return url


def _price(cell: object) -> Decimal | None:
    text = "" if isinstance(cell, bool) else _text("price", cell)
    if not text and not isinstance(cell, bool):
        return None
    if text.startswith("-") and _NUMBER.fullmatch(text[1:]):
        raise _Refused("price", "is negative")
    if not _NUMBER.fullmatch(text):
        raise _Refused("price", f"{str(cell)[:40]!r} is not a number such as 12.50")
    # Rounding may reach the limit, and can't be done far beyond it.
    if Decimal(text) >= PRICE_LIMIT or (price := Decimal(text).quantize(Decimal("0.01"))) >= PRICE_LIMIT:
        raise _Refused("price", "is too large")
    return price


def _currency(cell: object) -> str:
    text = _text("currency", cell).upper()
    if not re.fullmatch("([A-Z]{3})?", text):
        raise _Refused("currency", f"{text[:20]!r} is not three letters such as EUR")
    return text


# --- HTML --------------------------------------------------------------------------------------------------------


class _TextOfHtml(HTMLParser):
    """Collects text; whatever is not text (scripts, styles, comments, tags) is left out."""

    BREAKS = frozenset({"br", "p", "div", "li", "tr", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol"})
    SILENT = frozenset({"script", "style"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.n_silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.n_silent += tag in self.SILENT
        self.parts.append("\n" if tag in self.BREAKS else "")

    def handle_endtag(self, tag: str) -> None:
        self.n_silent -= tag in self.SILENT and self.n_silent > 0
        self.parts.append("\n" if tag in self.BREAKS else "")

    def handle_data(self, data: str) -> None:
        self.parts.append("" if self.n_silent else data)


def _without_html(column: str, text: str) -> str:
    """Return the text a browser would show; text without tags and entities stays as it is, "<10 lb" too."""
    if not _HTML.search(text):
        return text
    parser = _TextOfHtml()
    # HTMLParser itself takes 20 s for 30,000 comments left open, and hours for a megabyte of tags left open.
    parser.feed(_UNANSWERED.sub("&lt;", _COMMENT.sub("", text)))
    parser.close()
    shown = _INVISIBLE.sub("", _FORBIDDEN.sub("", _composed(column, "".join(parser.parts))))
    lines = (" ".join(line.split()) for line in shown.splitlines())
    return "\n".join(line for line in lines if line)
