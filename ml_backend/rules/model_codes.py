"""Codes of models and standards, whatever their spelling: WH-1000 XM4, WH1000XM4, TN-3390, E27, 4K."""

import re

_CODE = re.compile(
    r"(?<![A-Za-z0-9.])(?:"
    r"(?:[A-Za-z]{1,5}|[A-Z]{6,10})(?:-[A-Za-z]{1,4})?[-.]?\d[A-Za-z0-9]*(?:[-.]?(?:\d[A-Za-z0-9]*|[A-Z]+\d*[A-Za-z0-9]*))*"
    r"|\d+(?:\.\d+)?[A-Za-z]+\d*[A-Za-z0-9]*(?:-[A-Z0-9]+)*"
    r")(?![A-Za-z0-9])"
)
_RUN = re.compile(r"[a-z0-9]+(?:[^\w|,;]{1,3}[a-z0-9]+)*")
_PIECE = re.compile(r"[a-z]+|\d+")
_LONGEST = 24  # letters and digits of a code and its neighbours; a longer one is looked up by its front
_NO_CODE = re.compile(
    r"\d+(?:st|nd|rd|th|s|x|in\d)|(?:pack|set|size|pcs|no|of|for|age|ages|and|to|with|in)[-.]?\d+|(?-i:x)\d{1,2}",
    re.IGNORECASE,
)


def codes(text: str) -> list[re.Match[str]]:
    """Return what mixes letters and digits like the code of a model; numbers with units do too (500ml)."""
    return [match for match in _CODE.finditer(text) if not _NO_CODE.fullmatch(match[0])]


def squeezed(code: str) -> str:
    """Return a code without case, blanks and signs."""
    return "".join(_PIECE.findall(code.lower()))[:_LONGEST]


def spellings(text: str) -> frozenset[str]:
    """Return, squeezed, whatever neighbouring words and numbers of a text may be written as in one."""
    found: set[str] = set()
    for run in _RUN.findall(text.lower()):
        pieces = _PIECE.findall(run)
        for start in range(len(pieces)):
            joined = ""
            for piece in pieces[start:]:
                joined += piece
                found.add(joined[:_LONGEST])
                if len(joined) >= _LONGEST:
                    break
    return frozenset(found)
