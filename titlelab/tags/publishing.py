"""Writes a library's active tags to the models folder, where the ML backend reads them."""

import json
import os
import tempfile
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet

from ml_backend.contract import PublishedLibrary, TagSpec, library_file, to_json
from titlelab.errors import BadSetting
from titlelab.tags.models import Tag, TagLibrary


def active_tags(library: TagLibrary) -> QuerySet[Tag]:
    """Return the tags that may be given, by group and name."""
    return library.tags.filter(state=Tag.State.ACTIVE).order_by("group", "name")


def published(library: TagLibrary) -> PublishedLibrary:
    """Return the library as the ML backend is told it."""
    tags = tuple(
        TagSpec(
            name=tag.name,
            group=tag.group,
            aliases=tuple(tag.aliases),
            former_names=tuple(sorted(former.name for former in tag.former.all())),
        )
        for tag in active_tags(library).prefetch_related("former")
    )
    return PublishedLibrary(key=library.key, revision=library.revision, tags=tags)


def changed(library: TagLibrary) -> None:
    """Give the library its next revision and, once this is committed, publish it.

    Call after any change of a tag that is or was active, in the change's own transaction.
    """
    TagLibrary.objects.filter(pk=library.pk).update(revision=F("revision") + 1)
    library.refresh_from_db(fields=["revision"])
    transaction.on_commit(lambda: publish(library))


def publish(library: TagLibrary) -> None:
    """Write the library's file whole: readers see the old one or the new one. Safe to repeat.

    Raises BadSetting where the models folder can't be written.
    """
    library.refresh_from_db(fields=["revision"])
    file = library_file(settings.MODELS_FOLDER, library.key)
    try:
        replace_file(file, _json(published(library)))
    except OSError as e:
        raise BadSetting(f"the tag library can't be written to {file}: {e.strerror}") from e


def _json(library: PublishedLibrary) -> str:
    return json.dumps(to_json(library), ensure_ascii=False, indent=1)


def replace_file(file: Path, text: str) -> None:
    """Write beside the file, then rename, so that a crash leaves no half file; two writers do not meet."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        Path(aside).replace(file)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
