"""Writes proposed tags, and what an admin makes of each: accepted or refused.

Merging one into another tag's aliases is merging, see renaming.py.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

from django.db import transaction

from titlelab.errors import BadFile, NotPossibleNow
from titlelab.tags.candidates import Candidate, Told, candidates, is_covered
from titlelab.tags.loading import check_words
from titlelab.tags.models import Tag, TagLibrary, TagProposal
from titlelab.tags.publishing import changed

State = Tag.State
MOST_WAITING = 40  # proposals of a library at a time: what an admin looks through in a few minutes


def propose_tags(
    library: TagLibrary, told: Sequence[Told], *, settled: Iterable[str], without: Collection[str], now: dt.datetime
) -> int:
    """Propose what the library lacks and return how many proposals are new.

    Safe to repeat: what waits keeps its place with fresh counts, or goes if a tag has come to cover it; what stands in
    the library in any other state, refused too, is not proposed again. settled and without as in candidates.py.
    Proposed tags change no revision.
    """
    known = list(library.tags.all())
    active = {tag.name: tag.aliases for tag in known if tag.state == State.ACTIVE}
    waiting = {tag.name for tag in known if tag.state == State.PROPOSED}
    done = [word for tag in known if tag.name not in waiting for word in (tag.name, *tag.aliases)]
    groups = {tag.group for tag in known}
    found = candidates(told, active, settled=[*settled, *done, *groups], without=without)
    overtaken = [tag.pk for tag in known if tag.name in waiting and is_covered(tag.name, active)]
    with transaction.atomic():
        library.tags.filter(pk__in=overtaken, state=State.PROPOSED).delete()
        for candidate in found:
            if candidate.name in waiting:
                _note(library.tags.get(name=candidate.name), candidate, now)
        room = max(0, MOST_WAITING - len(waiting))
        fresh = [candidate for candidate in found if candidate.name not in waiting and _is_speakable(candidate.name)]
        for candidate in fresh[:room]:
            tag = Tag.objects.create(library=library, name=candidate.name, state=State.PROPOSED)
            _note(tag, candidate, now)
        TagLibrary.objects.filter(pk=library.pk).update(searched_at=now)
    return len(fresh[:room])


def accept(tag: Tag) -> None:
    """Make a proposed tag one that annotators may choose. Raises NotPossibleNow on any other."""
    _require_proposed(tag)
    tag.state = State.ACTIVE
    tag.save(update_fields=["state"])
    changed(tag.library)


def refuse(tag: Tag) -> None:
    """Keep a proposed phrase from coming back. Raises NotPossibleNow on any other tag."""
    _require_proposed(tag)
    tag.state = State.REFUSED
    tag.save(update_fields=["state"])


def _require_proposed(tag: Tag) -> None:
    if tag.state != State.PROPOSED:
        raise NotPossibleNow(f"“{tag}” is {tag.get_state_display().lower()}, not proposed.")


def _note(tag: Tag, candidate: Candidate, now: dt.datetime) -> None:
    TagProposal.objects.update_or_create(
        tag=tag,
        defaults={
            "n_products": candidate.n_products,
            "n_suggestions": candidate.n_suggestions,
            "score": candidate.score,
            "examples": [list(example) for example in candidate.examples],
            "nearest": [list(near) for near in candidate.nearest],
            "found_at": now,
        },
    )


def _is_speakable(name: str) -> bool:
    try:
        check_words([name])
    except BadFile:
        return False
    return True
