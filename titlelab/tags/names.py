"""What the tags of old Decisions and Drafts are called today; reads, and writes nothing."""

from collections.abc import Iterable, Mapping

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
