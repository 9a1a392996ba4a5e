"""Reads compiled message catalogs (.mo), each English message with what it is in the other language.

Format: GNU gettext manual, section "The Format of GNU MO Files".
"""

import struct
from pathlib import Path

CONTEXT = "\x04"  # parts a message's context from the message
PLURAL = "\0"


def messages(catalog: Path) -> dict[str, str]:
    """Return what stands for each message; a plural's forms are messages of their own, with the last translation."""
    data = catalog.read_bytes()
    order = "<" if data[:4] == b"\xde\x12\x04\x95" else ">"
    n, originals, translations = struct.unpack(f"{order}3I", data[8:20])
    found: dict[str, str] = {}
    for i in range(n):
        ids, told = (_text(data, order, table + 8 * i) for table in (originals, translations))
        found |= dict.fromkeys(ids.split(PLURAL), told.split(PLURAL)[-1])
    found.pop("", None)  # the catalog's own head
    return found


def _text(data: bytes, order: str, at: int) -> str:
    length, start = struct.unpack(f"{order}2I", data[at : at + 8])
    return data[start : start + length].decode()
