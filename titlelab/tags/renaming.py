"""Renames and merges tags, and keeps every name by which Decisions and trained taggers may still know one."""

from django.db import transaction

from titlelab.errors import NotPossibleNow
from titlelab.tags.loading import MOST_ALIASES, check_words
from titlelab.tags.models import Tag
from titlelab.tags.publishing import changed

State = Tag.State


def rename(tag: Tag, name: str) -> None:
    """Give a tag another name; the old one stays an alias, and Decisions that hold it count for the new one.

    Raises BadFile on what can be no name, and NotPossibleNow where the library has the name already; a tag may take
    back a name of its own.
    """
    name = name.strip()
    check_words([name])
    if not name or tag.state == State.MOVED:
        raise NotPossibleNow(f"“{tag}” can't be renamed to “{name}”.")
    if name == tag.name:
        return
    with transaction.atomic():
        _take(tag, name)
        old, tag.name = tag.name, name
        tag.aliases = _with_alias([alias for alias in tag.aliases if alias != name], old)
        tag.save(update_fields=["name", "aliases"])
        Tag.objects.create(library=tag.library, name=old, state=State.MOVED, moved_to=tag)
        changed(tag.library)


def merge(tag: Tag, into: Tag) -> None:
    """Let another active tag of the library carry this one's name, aliases and Decisions; a proposed one's too.

    Raises NotPossibleNow where that is no other active tag of the library, or this one's name has moved already.
    """
    if into.pk == tag.pk or into.state != State.ACTIVE or into.library_id != tag.library_id:
        raise NotPossibleNow(f"“{tag}” can be merged into another active tag of {tag.library} only.")
    if tag.state == State.MOVED:
        raise NotPossibleNow(f"“{tag}” is merged already.")
    with transaction.atomic():
        for alias in (tag.name, *tag.aliases):
            into.aliases = _with_alias(into.aliases, alias) if alias != into.name else into.aliases
        into.save(update_fields=["aliases"])
        tag.former.update(moved_to=into)
        tag.state, tag.moved_to = State.MOVED, into
        tag.save(update_fields=["state", "moved_to"])
        changed(tag.library)


def _take(tag: Tag, name: str) -> None:
    """Free a name that is the tag's own former one or a mere proposal; raises NotPossibleNow where it is another's."""
    holder = tag.library.tags.filter(name__iexact=name).exclude(pk=tag.pk).first()
    if holder is None:
        return
    if holder.moved_to_id != tag.pk and holder.state not in (State.PROPOSED, State.REFUSED):
        raise NotPossibleNow(f"“{holder}” is in {tag.library} already: merge into it instead.")
    holder.delete()


def _with_alias(aliases: list[str], alias: str) -> list[str]:
    """Add an alias while there is room; beyond it the name is still known as a former one."""
    return list(dict.fromkeys([*aliases, alias]))[:MOST_ALIASES]
