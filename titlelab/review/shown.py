"""What a stored Draft put before a person, as the value that answers are judged by; reads, and writes nothing."""

from titlelab.review.classifying import Shown
from titlelab.review.models import Draft
from titlelab.tags.names import PresentNames


def shown_values(draft: Draft | None, names: PresentNames, *, is_blind: bool) -> Shown | None:
    """Return title, tags by their names of today, category and candidates; None where nothing was drafted."""
    if draft is None:
        return None
    return Shown(
        title=draft.title,
        tags=tuple(names.of(draft.proposed_tags)),
        category=tuple(draft.category),
        candidates=() if is_blind else tuple(c["title"] for c in draft.candidates),
        is_title_hidden=is_blind,
    )
