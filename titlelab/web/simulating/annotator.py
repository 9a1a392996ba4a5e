"""The person that is played: what of a draft they let stand, what they mend, and when they are careless.

Computes only; answers.py makes an annotation of it. Two dials tell one person from another; with both at 0 the answer
is the right one to the letter.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
from rapidfuzz.distance import Levenshtein

from titlelab.review.classifying import Final, Shown, plain

# Who does not look closely lets a title stand that has half of the right one: the rest reads like a title, too.
LOOKS_FINE = 0.5
_PIECES = re.compile(r"\s+|[^\W\u4e00-\u9fff]+|.", re.DOTALL)  # words, single Han characters, single signs


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a person works.

    close_enough: the greatest normalised Levenshtein distance from the right title, 0 to 1, at which a drafted title
    is let stand; one that is farther off is mended by whole words until it is as close. careless: the chance, 0 to 1,
    that a page is done without care: tags are let stand, and so is a title with half of what is right in it; what is
    typed then holds a slip. Raises ValueError for what is no share.
    """

    close_enough: float = 0.0
    careless: float = 0.0

    def __post_init__(self) -> None:
        for name in ("close_enough", "careless"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must lie between 0 and 1, not at {getattr(self, name)}")


STRICT = Manner()


def decided(shown: Shown | None, right: Final, manner: Manner, rng: np.random.Generator) -> Final:
    """Return what the person submits who knows what is right; shown is None, or its title "", where none is drafted.

    Draws the same numbers whatever is shown, so that two drafts of one product meet the same mood.
    """
    is_careless, place = bool(rng.random() < manner.careless), float(rng.random())
    title = plain(right.title or "")
    if shown and shown.title:
        title = mended(plain(shown.title), title, max(manner.close_enough, LOOKS_FINE * is_careless))
    if not is_careless:
        return Final(title=title, tags=right.tags, category=right.category)
    is_typed = shown is None or title != plain(shown.title)
    return Final(
        title=slipped(title, place) if is_typed else title,
        tags=shown.tags if shown else right.tags,
        category=right.category,
    )


def mended(shown: str, right: str, close_enough: float) -> str:
    """Return the shown title with the fewest stretches of words put right that bring it close enough, longest first."""
    if Levenshtein.normalized_distance(shown, right) <= close_enough:
        return shown
    old, new = _PIECES.findall(shown), _PIECES.findall(right)
    wrong = [code for code in SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if code[0] != "equal"]
    wrong.sort(key=lambda code: _length(old[code[1] : code[2]]) + _length(new[code[3] : code[4]]), reverse=True)
    for n in range(1, len(wrong)):
        title = plain(_applied(old, new, wrong[:n]))
        if Levenshtein.normalized_distance(title, right) <= close_enough:
            return title
    return right


def slipped(title: str, place: float) -> str:
    """Return the title with two neighbouring letters in the wrong order; place, in [0, 1), says which of them."""
    pairs = [i for i in range(len(title) - 1) if title[i] != title[i + 1] and (title[i] + title[i + 1]).isalpha()]
    if not pairs:
        return title
    i = pairs[int(place * len(pairs))]
    return f"{title[:i]}{title[i + 1]}{title[i]}{title[i + 2 :]}"


def _length(pieces: Sequence[str]) -> int:
    return sum(map(len, pieces))


def _applied(old: Sequence[str], new: Sequence[str], codes: Sequence[tuple[str, int, int, int, int]]) -> str:
    """Return the old pieces with the stretches that the codes name replaced by the new ones."""
    pieces = list(old)
    for _, i, j, k, m in sorted(codes, key=lambda code: code[1], reverse=True):
        pieces[i:j] = new[k:m]
    return "".join(pieces)
