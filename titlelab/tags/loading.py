"""Reads tag libraries from CSV (name, group, aliases parted by |) and JSON files, and writes them to the database."""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from ml_backend.contract import library_file
from ml_backend.errors import BadRequest
from titlelab.errors import BadFile
from titlelab.tags.models import Tag, TagLibrary
from titlelab.tags.publishing import changed, publish

LONGEST_NAME = 100  # the column's width; a tag is a word or two
MOST_ALIASES = 50
MOST_TAGS = 20_000  # an annotator's page and a tagger both end far below
LARGEST_FILE_BYTES = 20_000_000
N_REASONS = 5  # of a wrong file that are told at once

# "|" parts aliases in CSV and tags in exports; the last two stand in no XML, and so in no labeling config.
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff|]")


@dataclass(frozen=True, slots=True, kw_only=True)
class TagRow:
    """One tag of a file, cleaned."""

    name: str
    group: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryFile:
    """A whole file; name and language are "" where it does not tell them."""

    name: str
    language: str
    tags: tuple[TagRow, ...]


class _Refused(Exception):
    """Carries a row's reason."""


def check_words(words: Iterable[str]) -> None:
    """Refuse what can be no name, group or alias of a tag; raises BadFile."""
    try:
        for word in words:
            _clean("the tag's", word)
    except _Refused as e:
        raise BadFile(str(e)) from e


def load_library(path: Path, *, key: str, name: str = "", language: str = "") -> TagLibrary:
    """Create or update the library of this key from the file, publish it, and return it.

    Tags are matched by name whatever the letter case: groups and aliases follow the file, names and states stay, and
    tags that the file does not name are left alone. A proposed or refused phrase that the file names is a tag from now
    on; a former name says nothing of the tag that was renamed. `name` and `language` win over the file's. Safe to
    repeat: a file that changes nothing gives no new revision. Raises BadFile with the first reasons, and then nothing
    has changed.
    """
    _require_plain(key)
    file = read_library(path)
    with transaction.atomic():
        defaults = {"name": name or file.name or key, "language": language or file.language or "en"}
        library, _ = TagLibrary.objects.get_or_create(key=key, defaults=defaults)
        is_changed = _write_tags(library, file.tags)
        if name or file.name or language or file.language:
            library.name = name or file.name or library.name
            library.language = language or file.language or library.language
            library.save(update_fields=["name", "language"])
        if is_changed:
            changed(library)
        else:
            transaction.on_commit(lambda: publish(library))
    return library


def read_library(path: Path) -> LibraryFile:
    """Read a .csv or .json file; raises BadFile with the first reasons."""
    readers = {".csv": _read_csv, ".json": _read_json}
    ending = path.suffix.lower()
    if ending not in readers:
        raise BadFile(f"{path.name}: a tag library's name must end in .csv or .json")
    file = readers[ending](_text(path))
    if not file.tags:
        raise BadFile(f"{path.name} holds no tags")
    return file


def _write_tags(library: TagLibrary, rows: Sequence[TagRow]) -> bool:
    """Create or update each tag; True if an active one is new or another."""
    known = {tag.name.casefold(): tag for tag in library.tags.all()}
    is_changed = False
    for row in rows:
        tag = known.get(row.name.casefold()) or Tag(library=library, name=row.name)
        if tag.state == Tag.State.MOVED:
            continue
        is_wanted = tag.state in (Tag.State.PROPOSED, Tag.State.REFUSED)
        if tag.pk and not is_wanted and (tag.group, tuple(tag.aliases)) == (row.group, row.aliases):
            continue
        tag.state = Tag.State.ACTIVE if is_wanted else tag.state
        tag.group, tag.aliases = row.group, list(row.aliases)
        tag.save()  # one by one, so that each change has its history
        is_changed |= tag.state == Tag.State.ACTIVE
    return is_changed


def _require_plain(key: str) -> None:
    try:
        library_file(Path(), key)
    except BadRequest as e:
        raise BadFile(str(e)) from e


def _text(path: Path) -> str:
    if path.exists() and not path.is_file():
        raise BadFile(f"{path.name} is no file")  # opening a pipe would wait for ever
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise BadFile(f"{path.name} is larger than {LARGEST_FILE_BYTES:,} bytes: not a tag library")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as e:
        line = e.object[: e.start].count(b"\n") + 1
        raise BadFile(f"{path.name}: line {line} is not UTF-8: save the file as UTF-8") from e
    except OSError as e:
        raise BadFile(f"{path.name} can't be read: {e.strerror}") from e


def _read_csv(text: str) -> LibraryFile:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or []]
        if "name" not in reader.fieldnames:
            raise BadFile(f"no column is named name; the first line names {', '.join(reader.fieldnames)[:300]}")
        if len(set(reader.fieldnames)) < len(reader.fieldnames):
            raise BadFile(f"the first line names a column twice: {', '.join(reader.fieldnames)[:300]}")
        found = [(f"line {reader.line_num}", {**row, "aliases": _parted(row.get("aliases"))}) for row in reader]
    except csv.Error as e:
        raise BadFile(f"line {reader.reader.line_num}: {e} (is a quote left open?)") from e
    return LibraryFile(name="", language="", tags=_checked(found))


def _parted(cell: object) -> list[str]:
    return [part for part in str(cell or "").split("|") if part.strip()]


def _read_json(text: str) -> LibraryFile:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as e:
        raise BadFile(f"not JSON: {str(e)[:200]}") from e
    tags = found.get("tags") if isinstance(found, dict) else None
    if not isinstance(tags, list):
        raise BadFile('a tag library is an object such as {"name": "…", "language": "en", "tags": [{"name": "…"}]}')
    try:
        name, language = (_clean(field, found.get(field)) for field in ("name", "language"))
    except _Refused as e:
        raise BadFile(str(e)) from e
    if len(language) > 10:
        raise BadFile(f"language {language[:40]!r} is not a tag such as en or zh")
    return LibraryFile(
        name=name, language=language, tags=_checked((f"tag {n}", tag) for n, tag in enumerate(tags, start=1))
    )


def _checked(found: Iterable[tuple[str, object]]) -> tuple[TagRow, ...]:
    """Return the rows, each with its place told; raises BadFile if any is refused or stands twice."""
    rows: dict[str, TagRow] = {}
    reasons: list[str] = []
    for place, cells in found:
        try:
            row = _row(cells)
            if row.name.casefold() in rows:
                raise _Refused(f"{row.name!r} stands twice")
            rows[row.name.casefold()] = row
        except _Refused as e:
            reasons.append(f"{place}: {e}")
    if len(rows) > MOST_TAGS:
        raise BadFile(f"{len(rows):,} tags are too many, {MOST_TAGS:,} at most")
    if reasons:
        more = f" (and {len(reasons) - N_REASONS} more)" if len(reasons) > N_REASONS else ""
        raise BadFile("; ".join(reasons[:N_REASONS]) + more)
    return tuple(rows.values())


def _row(cells: object) -> TagRow:
    if isinstance(cells, str):
        cells = {"name": cells}
    if not isinstance(cells, dict):
        raise _Refused("is neither a name nor an object")
    if None in cells:  # where csv puts what stands beyond the last column
        raise _Refused("has more cells than the first line names")
    name = _clean("name", cells.get("name"))
    if not name:
        raise _Refused("name is missing")
    aliases = cells.get("aliases") or []
    if not isinstance(aliases, list):
        raise _Refused("aliases must be a list")
    clean = dict.fromkeys(alias for a in aliases if (alias := _clean("alias", a)) and alias != name)
    if len(clean) > MOST_ALIASES:
        raise _Refused(f"{len(clean)} aliases are too many, {MOST_ALIASES} at most")
    return TagRow(name=name, group=_clean("group", cells.get("group")), aliases=tuple(clean))


def _clean(field: str, cell: object) -> str:
    if cell is not None and not isinstance(cell, str):
        raise _Refused(f"{field} must be text")
    text = unicodedata.normalize("NFC", cell or "").strip()
    if _FORBIDDEN.search(text):
        raise _Refused(f"{field} {text[:40]!r} holds a control character or |")
    if len(text) > LONGEST_NAME:
        raise _Refused(f"{field} has {len(text)} characters, {LONGEST_NAME} at most")
    return text
