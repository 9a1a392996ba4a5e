"""Brings a language's catalog to what the sources say now, and compiles it; polib comes with requirements-dev.txt."""

from pathlib import Path

import polib

from titlelab.languages.inventory import inventory
from titlelab.languages.sentences import PLACEHOLDER, catalog_file
from titlelab.languages.sources import Message

HEAD = {
    "Project-Id-Version": "TitleLab",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}
WIDTH = 110


def write_catalog(language: str) -> list[str]:
    """Keep what is translated, add what is new, drop what is said no more; returns the texts without a translation."""
    path = catalog_file(language).with_suffix(".po")
    known = {_key(entry): entry for entry in polib.pofile(str(path))} if path.exists() else {}
    found = polib.POFile(wrapwidth=WIDTH)
    found.metadata = {**HEAD, "Language": language}
    for message in sorted(inventory(language)):
        found.append(known.get(message) or _entry(message))
    path.parent.mkdir(parents=True, exist_ok=True)
    found.save(str(path))
    path.with_suffix(".mo").write_bytes(found.to_binary())
    return [entry.msgid for entry in found.untranslated_entries()]


def compiled(path: Path) -> bytes:
    """Return what a .po compiles to."""
    return polib.pofile(str(path)).to_binary()


def _key(entry: polib.POEntry) -> Message:
    return Message(text=entry.msgid, plural=entry.msgid_plural, context=entry.msgctxt or "")


def _entry(message: Message) -> polib.POEntry:
    return polib.POEntry(
        msgid=message.text,
        msgid_plural=message.plural,
        msgctxt=message.context or None,
        msgstr="",
        msgstr_plural={0: ""} if message.plural else {},
        flags=["python-format"] if PLACEHOLDER.search(message.text) else [],
    )
