"""Keeps uploaded product files until they are imported, under the run's number: no user's name reaches the disk."""

import datetime as dt
import shutil
from dataclasses import asdict
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from titlelab.catalog.detection import layout_of
from titlelab.catalog.mapping import guessed
from titlelab.catalog.models import Catalog, ImportRun
from titlelab.catalog.reading import sample
from titlelab.errors import NotPossibleNow

KEPT_DAYS = 7  # a file that nobody started, or that failed; then it goes, and its row stays


def store_upload(catalog: Catalog, file: Path, *, file_name: str) -> ImportRun:
    """Keep a copy of the file and return a run that waits for its columns to be confirmed.

    Raises BadFile, and keeps nothing, where the file is of no kind that can be read.
    """
    layout = layout_of(file, file_name=file_name)
    targets = guessed(sample(file, layout).columns)
    run = ImportRun.objects.create(
        catalog=catalog,
        file_name=file_name[-300:],
        state=ImportRun.State.UPLOADED,
        layout=asdict(layout),
        targets=targets,
    )
    try:
        stored = _place(run)
        stored.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, stored)
    except BaseException:
        run.delete()
        raise
    return run


def stored_file(run: ImportRun) -> Path:
    """Return where the run's file is; raises NotPossibleNow if it is kept no more."""
    if not _place(run).is_file():
        raise NotPossibleNow(f"{run.file_name} is kept no more: import it again; what is imported is not doubled.")
    return _place(run)


def forget_upload(run: ImportRun) -> None:
    """Delete the run's file; its row stays."""
    _place(run).unlink(missing_ok=True)


def forget_old_uploads() -> int:
    """Delete the files of runs that nobody touched for KEPT_DAYS, and return how many."""
    old = timezone.now() - dt.timedelta(days=KEPT_DAYS)
    is_at_work = [ImportRun.State.CHECKING, ImportRun.State.RUNNING]
    runs = ImportRun.objects.filter(started_at__lt=old).exclude(state__in=is_at_work)
    kept = [run for run in runs.only("pk") if _place(run).is_file()]
    for run in kept:
        forget_upload(run)
    return len(kept)


def _place(run: ImportRun) -> Path:
    return Path(settings.MEDIA_ROOT) / "imports" / str(run.pk)
