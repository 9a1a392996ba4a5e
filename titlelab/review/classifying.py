"""What a person made of a draft: shown and final values become an outcome.

Computes only; see deciding.py for the writes. Everything is classified by value, never by what the editor says of its
regions' origin: a value that was edited back is as drafted.
"""

import unicodedata
from dataclasses import dataclass, replace
from typing import Literal

from rapidfuzz.distance import Levenshtein

Outcome = Literal["accepted", "edited", "rejected", "written"]
SKIPPED = "skipped"
NO_TITLE = "no title"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What stood before the person: the pre-filled title and tags, and all candidate titles.

    is_title_hidden: the title was drafted and kept back, with all candidates; the tags were shown.
    """

    title: str
    tags: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    is_title_hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Final:
    """What the person sent.

    title None: the title's region was removed. candidate and picked_category are the alternatives that were picked, if
    any. was_cancelled is Label Studio's word for a skipped task.
    """

    title: str | None
    candidate: str | None = None
    tags: tuple[str, ...] = ()
    suggested_tags: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    picked_category: tuple[str, ...] = ()
    reject_reason: str | None = None
    was_cancelled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What it comes to.

    title and tags are the final values, empty when rejected. title_edit is the normalised Levenshtein distance of the
    final from the drafted title, 0 to 1; 1 where none was drafted or none is left. tags_added and tags_removed are
    differences from the shown tags, both empty when rejected: a rejection says nothing of the tags. suggested_tags are
    words that the library lacks, whatever the outcome; they are no edit of the draft. category is the chosen path from
    the root, () where none was; another one than the shown is an edit.
    """

    outcome: Outcome
    title: str = ""
    tags: tuple[str, ...] = ()
    title_edit: float = 0.0
    tags_added: tuple[str, ...] = ()
    tags_removed: tuple[str, ...] = ()
    suggested_tags: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    category_changed: bool = False
    picked_candidate: bool = False
    reject_reason: str = ""


def judge(shown: Shown | None, final: Final) -> Judgement:
    """Classify a final answer; shown is None where the person saw no draft."""
    return replace(_judged(shown, final), suggested_tags=final.suggested_tags)


def _judged(shown: Shown | None, final: Final) -> Judgement:
    if final.was_cancelled or final.reject_reason:
        return _rejected(final.reject_reason or SKIPPED)
    title = _final_title(shown, final)
    if not title:
        return _rejected(NO_TITLE)
    tags = tuple(dict.fromkeys(final.tags))
    category = _final_category(shown, final)
    if shown is None:
        return Judgement(
            outcome="edited",
            title=title,
            tags=tags,
            title_edit=1.0,
            tags_added=tags,
            category=category,
            category_changed=bool(category),
        )
    compared = Judgement(
        outcome="edited",
        title=title,
        tags=tags,
        title_edit=Levenshtein.normalized_distance(plain(shown.title), title),
        tags_added=tuple(tag for tag in tags if tag not in shown.tags),
        tags_removed=tuple(tag for tag in dict.fromkeys(shown.tags) if tag not in tags),
        category=category,
        category_changed=category != shown.category,
        picked_candidate=title != plain(shown.title) and title in _alternatives(shown, final),
    )
    if shown.is_title_hidden:
        return replace(compared, outcome="written", picked_candidate=False)
    has_same_tags = not compared.tags_added and not compared.tags_removed
    is_as_drafted = title == plain(shown.title) and has_same_tags and not compared.category_changed
    return replace(compared, outcome="accepted") if is_as_drafted else compared


def plain(title: str) -> str:
    """Return a title as titles are compared and kept: NFC, white space collapsed.

    NFC and not NFKC: full-width punctuation is a choice that a Chinese title may make.
    """
    return " ".join(unicodedata.normalize("NFC", title).split())


def _final_title(shown: Shown | None, final: Final) -> str:
    """Return the typed title, or the picked candidate where the shown title was left as it stood or removed."""
    typed, picked = plain(final.title or ""), plain(final.candidate or "")
    is_untouched = shown is not None and typed == plain(shown.title)
    return picked if picked and (is_untouched or not typed) else typed


def _final_category(shown: Shown | None, final: Final) -> tuple[str, ...]:
    """Return the chosen category, or the picked one where the shown category was left as it stood or removed."""
    is_untouched = shown is not None and final.category == shown.category
    return final.picked_category if final.picked_category and (is_untouched or not final.category) else final.category


def _alternatives(shown: Shown, final: Final) -> set[str]:
    return {plain(title) for title in (*shown.candidates, final.candidate or "")}


def _rejected(reason: str) -> Judgement:
    return Judgement(outcome="rejected", title_edit=1.0, reject_reason=reason)
