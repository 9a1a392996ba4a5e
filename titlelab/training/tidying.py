"""Deletes the folders that nobody needs any more; rows stay, they are the ledger.

Kept are what serves, what may serve again, and the newest of all; what a run under way writes is never touched.
"""

import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings
from django.db import transaction

from titlelab.training.models import ModelVersion, TrainingRun

VERSION_FOLDER = re.compile(r"v([1-9][0-9]*)")
HALF_WRITTEN = re.compile(r"\.v[1-9][0-9]*-.+")  # by a child that was killed, see ml_backend.learning.artifacts
RUN_FOLDER = re.compile(r"([0-9]+)-(?:[0-9]+|checkpoints)")


def tidy() -> int:
    """Delete superfluous folders of versions and runs; return how many. Safe to repeat and to run twice at once."""
    return _tidy_versions() + _tidy_runs()


def kept_versions(kind: str, scope: str) -> set[int]:
    """Return the numbers whose folders stay.

    These are the serving version, the last KEPT_VERSIONS that served before it, as many that wait for promotion, and
    the newest one whatever the gate said, for who wants to look into it.
    """
    of_scope = ModelVersion.objects.filter(kind=kind, scope=scope).order_by("-number")
    n = settings.KEPT_VERSIONS
    served = of_scope.exclude(promoted_at=None).exclude(state=ModelVersion.State.SERVING)
    waiting = of_scope.filter(passed_gate=True, state=ModelVersion.State.CANDIDATE)
    chosen = (of_scope.serving(), served[:n], waiting[:n], of_scope[:1])
    return {version.number for versions in chosen for version in versions}


def highest_folder(kind: str, scope: str) -> int:
    """Return the highest number of a version folder that stands; 0 for none."""
    names = (VERSION_FOLDER.fullmatch(path.name) for path in _folders(Path(settings.MODELS_FOLDER) / kind / scope))
    return max((int(named[1]) for named in names if named), default=0)


def _tidy_versions() -> int:
    n_deleted = 0
    for kind, scope in sorted(set(TrainingRun.objects.order_by().values_list("kind", "scope"))):
        folder = Path(settings.MODELS_FOLDER) / kind / scope
        busy = set(_under_way(kind, scope))
        kept = kept_versions(kind, scope) | busy
        for path in _folders(folder):
            named = VERSION_FOLDER.fullmatch(path.name)
            if named and int(named[1]) not in kept:
                n_deleted += _delete_version(kind, scope, int(named[1]), path)
            elif not busy and HALF_WRITTEN.fullmatch(path.name):
                n_deleted += _delete(path)
    return n_deleted


def _delete_version(kind: str, scope: str, number: int, folder: Path) -> bool:
    """Delete a version's folder unless it was promoted just now; promoting.py looks for the folder under this lock."""
    with transaction.atomic():
        row = ModelVersion.objects.select_for_update().filter(kind=kind, scope=scope, number=number).first()
        is_wanted = row is not None and row.state == ModelVersion.State.SERVING
        return not is_wanted and _delete(folder)


def _tidy_runs() -> int:
    """Keep the last folders of each scope for who wants to look into them; checkpoints serve runs under way alone."""
    busy = set(TrainingRun.objects.under_way().values_list("pk", flat=True))
    kept = set(busy)
    for kind, scope in sorted(set(TrainingRun.objects.order_by().values_list("kind", "scope"))):
        of_scope = TrainingRun.objects.filter(kind=kind, scope=scope).order_by("-pk")
        kept |= set(of_scope.values_list("pk", flat=True)[: settings.KEPT_RUN_FOLDERS])
    return sum(
        _delete(path)
        for path in _folders(Path(settings.RUNS_FOLDER))
        if (named := RUN_FOLDER.fullmatch(path.name))
        and int(named[1]) not in (busy if path.name.endswith("checkpoints") else kept)
    )


def _under_way(kind: str, scope: str) -> Iterable[int | None]:
    runs = TrainingRun.objects.under_way().filter(kind=kind, scope=scope)
    return runs.values_list("number", flat=True)


def _folders(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (path for path in sorted(folder.iterdir()) if path.is_dir())


def _delete(folder: Path) -> bool:
    """Take a folder away at once, then its files: nobody reads a half."""
    aside = folder.with_name(f".{folder.name.lstrip('.')}-deleted")
    try:
        folder.rename(aside)
    except OSError:  # another worker tidies too, or the disk is read-only: the next sweep comes again
        return False
    shutil.rmtree(aside, ignore_errors=True)
    return True
