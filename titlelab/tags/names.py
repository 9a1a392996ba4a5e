"""What the tags of old Decisions and Drafts are called today, and which names are none; reads, and writes nothing."""

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Q

from titlelab.tags.models import Tag, TagLibrary


class PresentNames:
    """A library's former names, read once."""

    def __init__(self, library: TagLibrary | None) -> None:
        self._now: Mapping[str, str] = {}
        if library is not None:
            moved = library.tags.filter(state=Tag.State.MOVED)
            self._now = dict(moved.values_list("name", "moved_to__name"))

    def name(self, name: str) -> str:
        """Return a tag's name of today; a name that never moved is its own."""
        return self._now.get(name, name)

    def of(self, names: Iterable[str]) -> list[str]:
        """Return the names of today in the order of the old ones; of tags that were merged, one."""
        return list(dict.fromkeys(map(self.name, names)))


def without_groups(names: Sequence[str], library: TagLibrary | None) -> list[str]:
    """Leave out names of groups: Label Studio's tree lets the keyboard tick one, though only its tags can be clicked.

    What is a tag's name too stays, and so does a name that the library has lost.
    """
    if library is None or not names:
        return list(names)
    known = library.tags.filter(Q(name__in=names) | Q(group__in=names)).values_list("name", "group")
    groups = {group for _, group in known} - {name for name, _ in known}
    return [name for name in names if name not in groups]
