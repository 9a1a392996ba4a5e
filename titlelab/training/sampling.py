"""Lets a version draft the sample products beside another: at the end of its training, or later when asked."""

import datetime as dt
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Protocol, cast

from django.conf import settings
from django.utils import timezone

from ml_backend.contract import Kind, SampleReport, SampleRequest, to_json
from ml_backend.errors import MLBackendError
from titlelab.errors import NotPossibleNow
from titlelab.training.models import ModelVersion, SampleDrafts
from titlelab.training.promoting import has_folder
from titlelab.training.run_folder import sentence_of, write_sample_folder
from titlelab.training.samples import Sample, samples

NEWEST = 20  # versions of a scope whose samples are kept though they never served; each takes some 15 kB


class Drafter(Protocol):
    """Drafts a folder's samples with two versions; the real one is child.ChildProcessDrafter."""

    def draft(self, folder: Path, heartbeat: Callable[[], None]) -> SampleReport:
        """Return the report; raises TrainingFailed."""
        ...


def keep_samples(version: ModelVersion, drawn: Sequence[Sample], report: SampleReport, beside: int) -> SampleDrafts:
    """Store what two versions made of the samples in place of what was stored; the drafts stand in their order.

    Samples of old versions that never served are forgotten: nobody compares with those.

    Raises NotPossibleNow when the report is not about these samples.
    """
    if not len(drawn) == len(report.drafted) == len(report.beside):
        raise NotPossibleNow(f"{len(report.drafted)} drafts came for {len(drawn)} sample products: draft them again.")
    lines = [
        {
            "product": sample.product_id,
            "brief": sample.brief.digest(),
            "drafted": to_json(drafted),
            "beside": to_json(other),
        }
        for sample, drafted, other in zip(drawn, report.drafted, report.beside, strict=True)
    ]
    told = {"beside": beside, "lines": lines, "asked_at": None, "problem": ""}
    _forget_old(version)
    return SampleDrafts.objects.update_or_create(version=version, defaults=told)[0]


def ask_for_samples(version: ModelVersion, now: dt.datetime | None = None) -> SampleDrafts:
    """Note that the samples are asked for; the caller rings the training worker.

    Raises NotPossibleNow when the version's folder is gone.
    """
    if not has_folder(version):
        raise NotPossibleNow(f"The folder of {version} was tidied away: it can draft nothing any more.")
    told = {"asked_at": now or timezone.now(), "problem": ""}
    return SampleDrafts.objects.update_or_create(version=version, defaults=told)[0]


def draft_samples(version_id: int, drafter: Drafter) -> SampleDrafts | None:
    """Draft what is asked for and return its row, with the problem if it failed; None when nothing is asked for.

    Delivered twice, the second finds nothing to do; a message that was lost is sent again by another click.
    """
    asked = SampleDrafts.objects.filter(version=version_id).exclude(asked_at=None)
    row = asked.select_related("version__run").first()
    if row is None:
        return None
    folder = Path(settings.RUNS_FOLDER) / f"samples-{version_id}"
    try:
        return _drafted(row.version, folder, drafter)
    except (MLBackendError, NotPossibleNow) as e:
        return _failed(row, str(e))
    except OSError as e:
        return _failed(row, sentence_of(e))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def number_beside(version: ModelVersion) -> int:
    """Return the version that this one is seen beside: the serving one, or the one that it took over from itself."""
    if version.state != ModelVersion.State.SERVING:
        serving = ModelVersion.objects.serving().filter(kind=version.kind, scope=version.scope).first()
        return serving.number if serving else 0
    return int((version.run.report or {}).get("serving_version", 0))


def _drafted(version: ModelVersion, folder: Path, drafter: Drafter) -> SampleDrafts:
    drawn = samples(version.kind, version.scope, timezone.localdate())
    beside = _standing(version, number_beside(version))
    request = SampleRequest(
        kind=cast(Kind, version.kind),
        scope=version.scope,
        models_folder=str(settings.MODELS_FOLDER),
        number=version.number,
        beside=beside,
    )
    write_sample_folder(folder, asdict(request), [sample.brief for sample in drawn])
    return keep_samples(version, drawn, drafter.draft(folder, lambda: None), beside)


def _standing(version: ModelVersion, number: int) -> int:
    """Return the number, or 0 where that version's folder is gone: the built-in model is always there."""
    found = ModelVersion.objects.filter(kind=version.kind, scope=version.scope, number=number).first()
    return number if found and has_folder(found) else 0


def _forget_old(version: ModelVersion) -> None:
    of_scope = ModelVersion.objects.filter(kind=version.kind, scope=version.scope)
    newest = list(of_scope.order_by("-number").values_list("pk", flat=True)[:NEWEST])
    old = of_scope.filter(promoted_at=None).exclude(pk__in=newest)
    SampleDrafts.objects.filter(version__in=old.order_by().values("pk")).delete()


def _failed(row: SampleDrafts, reason: str) -> SampleDrafts:
    row.asked_at, row.problem = None, reason
    row.save(update_fields=["asked_at", "problem"])
    return row
