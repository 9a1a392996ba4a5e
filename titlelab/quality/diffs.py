"""What became of a text, word by word, Han by character. Computes only."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import Indel

from ml_backend.rules.text import HAN, is_han

PieceKind = Literal["same", "removed", "added"]

# Numbers keep their points (1.5, 1,000) and words their joints (T-Shirt, Men's): half of one is no word.
_TOKEN = re.compile(
    rf"\s+|[{HAN}]|\d+(?:[.,]\d+)*|(?:(?![{HAN}\d])[^\W_])+(?:[-'’&](?:(?![{HAN}])[^\W_])+)*|.", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that stayed, went or came."""

    kind: PieceKind
    text: str


def word_diff(before: str, after: str) -> tuple[Piece, ...]:
    """Return the pieces in reading order; of what was replaced, the old words stand right before the new ones.

    The same and removed pieces joined are `before`, the same and added ones `after`, to the last blank. What stayed
    between two changes is told as changed when it's no more than a blank, a mark or a lone Han character: one long
    replacement reads better than confetti.
    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    changes = [
        (old[op.src_start : op.src_end], new[op.dest_start : op.dest_end], op.tag == "equal")
        for op in Indel.opcodes(old, new)
    ]
    return tuple(_pieces(_quiet(list(_told_together(changes)))))


_Change = tuple[list[str], list[str], bool]


def _told_together(changes: Iterable[_Change]) -> Iterator[_Change]:
    """Join a deletion and the insertion beside it, in whichever order they come."""
    gone: list[str] = []
    come: list[str] = []
    for old, new, is_same in changes:
        if not is_same:
            gone += old
            come += new
            continue
        if gone or come:
            yield gone, come, False
            gone, come = [], []
        yield old, new, True
    if gone or come:
        yield gone, come, False


def _quiet(changes: list[_Change]) -> list[_Change]:
    """Swallow the small same stretches between two changes."""
    kept: list[_Change] = []
    for i, (old, new, is_same) in enumerate(changes):
        is_small = is_same and 0 < i < len(changes) - 1 and _is_confetti(old)
        if kept and not kept[-1][2] and (is_small or not is_same):
            kept[-1] = (kept[-1][0] + old, kept[-1][1] + new, False)
        else:
            kept.append((old, new, is_same))
    return kept


def _is_confetti(tokens: list[str]) -> bool:
    text = "".join(tokens).strip()
    return len(text) <= 1 and (not text.isalnum() or is_han(text))


def _pieces(changes: Iterable[_Change]) -> Iterator[Piece]:
    for old, new, is_same in changes:
        if is_same:
            yield Piece("same", "".join(old))
            continue
        if old:
            yield Piece("removed", "".join(old))
        if new:
            yield Piece("added", "".join(new))
