"""What one Decision says of its draft, in figures. Computes only; see recording.py for the writes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Literal

from titlelab.quality.edits import Mark, edit_marks
from titlelab.quality.likeness import chrf, rouge_l
from titlelab.review.classifying import plain

# The version of what is counted here, in likeness.py and edits.py: raise it with every change, and all is counted anew.
RULES = 5
LONGEST_S = 600.0  # whoever has a task open for longer was away

Change = Literal["kept", "added", "removed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A Decision and the draft before it, as far as they are measured.

    drafted is None where nothing was drafted. proposed and tags are by their names of today; category is the drafted
    and chosen path, from the root. brand is the product's, banned the phrases that its channel forbids.
    """

    outcome: str
    is_blind: bool
    seconds: float | None
    drafted: str | None
    title: str
    title_edit: float
    proposed: Sequence[str] = ()
    tags: Sequence[str] = ()
    drafted_category: Sequence[str] = ()
    category: Sequence[str] = ()
    brand: str = ""
    banned: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What it comes to; the columns of DecisionMeasure by the same names, what became of each tag, and the edits."""

    seconds: float | None = None
    edit: float | None = None
    chrf: float | None = None
    rouge_l: float | None = None
    n_proposed: int = 0
    n_final: int = 0
    n_kept: int = 0
    kept_category: bool | None = None
    tags: dict[str, Change] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()


def measure_of(answer: Answer) -> Measured:
    """Measure a Decision. A rejection says nothing of tags and category, nor does one without a draft.

    Of a title that was kept back nobody made another: it has a distance, but neither likeness nor edits.
    """
    seconds = None if answer.seconds is None else min(answer.seconds, LONGEST_S)
    if answer.drafted is None or answer.outcome == "rejected":
        return Measured(seconds=seconds)
    drafted, changes = plain(answer.drafted), tag_changes(answer.proposed, answer.tags)
    is_asked = bool(answer.drafted_category or answer.category)
    return Measured(
        seconds=seconds,
        edit=answer.title_edit,
        chrf=None if answer.is_blind else chrf(drafted, answer.title),
        rouge_l=None if answer.is_blind else rouge_l(drafted, answer.title),
        n_proposed=len(set(answer.proposed)),
        n_final=len(set(answer.tags)),
        n_kept=sum(change == "kept" for change in changes.values()),
        kept_category=list(answer.drafted_category) == list(answer.category) if is_asked else None,
        tags=changes,
        marks=() if answer.is_blind else edit_marks(drafted, answer.title, brand=answer.brand, banned=answer.banned),
    )


def tag_changes(proposed: Collection[str], final: Collection[str]) -> dict[str, Change]:
    """Say what became of each tag, the proposed ones first."""
    changes: dict[str, Change] = {name: "kept" if name in final else "removed" for name in proposed}
    return changes | {name: "added" for name in final if name not in changes}
