"""Which request, run or item a line of a log is about, through every process that has a hand in it.

Ids travel within a process by a context variable, between processes by a header of HTTP or of a task's message.
"""

import json
import logging
import re
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from types import MappingProxyType
from typing import Any

REQUEST_HEADER = "X-Request-ID"  # as proxies and Prometheus' friends know it
HEADER = "X-TitleLab-Trace"  # all ids: "request=3f2a,run=12"
NAMES = ("request", "task", "run", "queue", "item")
Ids = Mapping[str, str]

_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")  # what is let into a log from outside
_NOTHING: Ids = MappingProxyType({})
_current: ContextVar[Ids] = ContextVar("titlelab_ids", default=_NOTHING)


def ids() -> Ids:
    """Return the ids that hold here."""
    return _current.get()


def begin(started: Ids) -> Token[Ids]:
    """Let these ids hold, and no others, until `end`."""
    return _current.set(started)


def end(token: Token[Ids]) -> None:
    """Let the ids hold again that held before."""
    _current.reset(token)


@contextmanager
def traced(**more: object) -> Iterator[None]:
    """Let more ids hold within the block."""
    token = begin({**ids(), **{name: str(value) for name, value in more.items()}})
    try:
        yield
    finally:
        end(token)


def request_id(given: str | None) -> str:
    """Return the id that a caller gave if it may stand in a log, else a new one."""
    return given if given and _ID.fullmatch(given) else secrets.token_hex(8)


def header() -> str:
    """Return the ids as they travel; "" where none hold."""
    return ",".join(f"{name}={value}" for name, value in ids().items())


def from_header(text: str | None) -> dict[str, str]:
    """Read ids back; what is no id of ours is dropped."""
    pairs = (part.partition("=") for part in (text or "")[:1000].split(","))
    return {name: value for name, _, value in pairs if name in NAMES and _ID.fullmatch(value)}


class TextLines(logging.Formatter):
    """One line for a person: time, level, logger, ids as key=value, message; a traceback follows."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}{ids}: {message}", "%Y-%m-%dT%H:%M:%SZ", style="{")

    def format(self, record: logging.LogRecord) -> str:
        """Return the line with the ids that hold now, which is where the record is made."""
        record.ids = "".join(f" {name}={value}" for name, value in ids().items())
        return super().format(record)


class JsonLines(logging.Formatter):
    """One JSON object a line, for a machine."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        """Return the object; the traceback, if any, stands in it as text."""
        told: dict[str, Any] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ"),
            "level": record.levelname,
            "logger": record.name,
            **ids(),
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


LINES: dict[str, type[logging.Formatter]] = {"text": TextLines, "json": JsonLines}
