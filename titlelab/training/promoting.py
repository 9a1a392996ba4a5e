"""Which version serves: the rows are the record, the pointer files follow them.

The row changes first and the pointer after the commit. A crash between the two leaves the old version answering, whole
and healthy, until the sweep's `publish_pointers` lets the pointer follow; a pointer is never ahead of its row.
"""

import datetime as dt
import json
import os
from functools import partial
from pathlib import Path
from typing import cast

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from ml_backend.contract import Kind, pointer_file, version_folder
from titlelab.errors import NotPossibleNow
from titlelab.training.models import ModelVersion, Spell, TrainingRun

State = ModelVersion.State


def promote(version: ModelVersion) -> ModelVersion:
    """Let a version that passed its gate serve its scope; the one that served is retired.

    Raises NotPossibleNow when it serves already, did not pass its gate, or its folder is gone.
    """
    if not version.passed_gate:
        raise NotPossibleNow(f"{version} did not pass its gate.")
    try:
        with transaction.atomic():
            others = (
                ModelVersion.objects.serving().filter(kind=version.kind, scope=version.scope).exclude(pk=version.pk)
            )
            others.update(state=State.RETIRED)
            now = timezone.now()
            idle = ModelVersion.objects.filter(pk=version.pk).exclude(state=State.SERVING)
            if not idle.update(state=State.SERVING, promoted_at=now):
                raise NotPossibleNow(f"{version} serves already.")
            _end_spells(version.kind, version.scope, now)
            Spell.objects.create(version=version, began_at=now)
            if not has_folder(version):  # looked at under the row's lock, which tidying.py takes too
                raise NotPossibleNow(f"The folder of {version} is missing; train again.")
            TrainingRun.objects.filter(pk=version.run_id, state="done").update(state=TrainingRun.State.PROMOTED)
            _publish_on_commit(version.kind, version.scope)
    except IntegrityError as e:
        raise NotPossibleNow(f"Another version of {version.kind} {version.scope} was promoted just now.") from e
    version.refresh_from_db()
    return version


def roll_back(kind: str, scope: str) -> ModelVersion | None:
    """Let the version that served before serve again; None means the built-in model.

    Steps down by number, so that two rollbacks go two steps back, not back and forth; versions whose folder is gone
    are passed over. Raises NotPossibleNow when the built-in model serves already.
    """
    with transaction.atomic():
        serving = ModelVersion.objects.serving().filter(kind=kind, scope=scope).first()
        if serving is None:
            raise NotPossibleNow(f"The built-in {kind} serves {scope} already.")
        served = ModelVersion.objects.filter(kind=kind, scope=scope, passed_gate=True, promoted_at__isnull=False)
        earlier = served.filter(number__lt=serving.number).order_by("-number")
        before = next((version for version in earlier if has_folder(version)), None)
        if before is not None:
            return promote(before)
        ModelVersion.objects.filter(pk=serving.pk).update(state=State.RETIRED)
        _end_spells(kind, scope, timezone.now())
        _publish_on_commit(kind, scope)
    return None


def _end_spells(kind: str, scope: str, now: dt.datetime) -> None:
    Spell.objects.filter(version__kind=kind, version__scope=scope, ended_at=None).update(ended_at=now)


def retire(version: ModelVersion) -> ModelVersion:
    """Take a candidate out of what waits for promotion; raises NotPossibleNow for any other version."""
    candidate = ModelVersion.objects.filter(pk=version.pk, state=State.CANDIDATE)
    if not candidate.update(state=State.RETIRED):
        raise NotPossibleNow(f"{version} is no candidate: a serving version is rolled back.")
    version.refresh_from_db()
    return version


def publish_pointers() -> int:
    """Let every pointer file say what its row says; return how many did not. Safe to repeat."""
    scopes = ModelVersion.objects.order_by().values_list("kind", "scope").distinct()
    return sum(publish_pointer(kind, scope) for kind, scope in scopes)


def publish_pointer(kind: str, scope: str) -> bool:
    """Let one pointer file say what its row says; False when it did already.

    The row is looked at again after each writing: it may have moved on while this process was held up.
    """
    path = pointer_file(settings.MODELS_FOLDER, cast(Kind, kind), scope)
    has_written = False
    while _pointed_at(path) != (number := _serving_number(kind, scope)):
        _replace_file(path, json.dumps({"number": number}))
        has_written = True
    return has_written


def _serving_number(kind: str, scope: str) -> int:
    serving = ModelVersion.objects.serving().filter(kind=kind, scope=scope).first()
    return serving.number if serving else 0


def has_folder(version: ModelVersion) -> bool:
    """Say whether the version's artifacts stand on this disk."""
    folder = version_folder(settings.MODELS_FOLDER, cast(Kind, version.kind), version.scope, version.number)
    return (folder / "manifest.json").is_file()


def _publish_on_commit(kind: str, scope: str) -> None:
    # robust: the rows are committed by then, so a full disk is the sweep's to mend, not the caller's to hear of.
    transaction.on_commit(partial(publish_pointer, kind, scope), robust=True)


def _pointed_at(path: Path) -> int | None:
    """Return the pointer's number, 0 where there is no pointer, None where it can't be read."""
    try:
        number = json.loads(path.read_text(encoding="utf-8"))["number"]
    except FileNotFoundError:
        return 0
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return number if isinstance(number, int) else None


def _replace_file(path: Path, text: str) -> None:
    """Write aside, sync, rename: a reader sees the old file or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    with aside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
