"""Executing a training run under a lease: claim, gather, train, judge, promote.

Delivered twice, a run trains once. A worker that dies lets its lease run out, and the next delivery takes the run over
from the beginning; a worker that only seemed dead finds its token gone and can write nothing more.
"""

import contextlib
import datetime as dt
import logging
import secrets
import shutil
import time
from collections.abc import Sequence, Set
from dataclasses import asdict, replace
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from ml_backend.contract import SampleReport, Trainer, TrainingReport, TrainingRequest, to_json, version_folder
from ml_backend.errors import MLBackendError, TrainingFailed
from ml_backend.tracing import traced
from titlelab.errors import NotPossibleNow, RunCancelled, RunLost
from titlelab.training import gate
from titlelab.training.dataset import Dataset, dataset
from titlelab.training.freezing import freeze_golden
from titlelab.training.golden import quality_metrics
from titlelab.training.keeping_curves import keep_curves
from titlelab.training.models import Lessons, ModelVersion, TrainingRun
from titlelab.training.number_sets import packed
from titlelab.training.promoting import promote, publish_pointer
from titlelab.training.querysets import TrainingRunQuerySet
from titlelab.training.run_folder import Progress, read_log_tail, read_progress, sentence_of, write_run_folder
from titlelab.training.samples import Sample, samples
from titlelab.training.sampling import keep_samples
from titlelab.training.scopes import ADAPT_A_BASE, TAKE_MINUTES, base_model, catalogs_of, kind_of, promotes_by_hand
from titlelab.training.tidying import highest_folder

logger = logging.getLogger(__name__)
State = TrainingRun.State

MAX_ATTEMPTS = 3  # a run that took its worker down three times will do so again
RENEWALS_PER_LEASE = 4  # so that a renewal or two may come late


def execute_run(run_id: int, trainer: Trainer) -> TrainingRun:
    """Train what a run asks for and return its row; a run that another worker holds or has ended is left alone.

    Failures of training end as the row's state and sentence, not as exceptions.
    """
    with traced(run=run_id):
        run = _claim(run_id, timezone.now())
        if run is not None:
            logger.info("%s begins, attempt %d", run, run.attempts)
            _execute_or_let_go(run, trainer)
        ended = TrainingRun.objects.get(pk=run_id)
        logger.info("%s: %s", ended, ended.message)
        return ended


def _execute_or_let_go(run: TrainingRun, trainer: Trainer) -> None:
    try:
        _execute(run, trainer)
    except RunLost as e:
        logger.info("%s", e)
        return
    except RunCancelled:
        _end_cancelled(_of(run).filter(state=State.CANCELLING), log_tail=read_log_tail(run_folder(run)))
    keep_curves(run)


def cancel_run(run: TrainingRun) -> TrainingRun:
    """Cancel a run: a queued one at once, a running one within seconds, when its worker has ended the training.

    Raises NotPossibleNow when it has ended already.
    """
    this = TrainingRun.objects.filter(pk=run.pk)
    if not _end_cancelled(this.filter(state=State.QUEUED)) and not this.filter(state=State.RUNNING).update(
        state=State.CANCELLING, message="Being cancelled."
    ):
        raise NotPossibleNow(f"{run} can't be cancelled: it is not under way.")
    run.refresh_from_db()
    return run


def forgotten_runs(now: dt.datetime | None = None) -> list[TrainingRun]:
    """Return the runs whose message may be lost: queued for longer than a lease, or left by a dead worker."""
    now = now or timezone.now()
    is_old = Q(state=State.RUNNING) | Q(created_at__lt=now - dt.timedelta(seconds=settings.LEASE_S))
    return list(TrainingRun.objects.free(now).filter(is_old).order_by("pk"))


def abandoned_runs(now: dt.datetime | None = None) -> list[TrainingRun]:
    """Return the runs that a dead worker left; those that it was to cancel are cancelled here."""
    now = now or timezone.now()
    _end_cancelled(TrainingRun.objects.left_cancelling(now))
    return list(TrainingRun.objects.free(now).filter(state=State.RUNNING).order_by("pk"))


def _claim(run_id: int, now: dt.datetime) -> TrainingRun | None:
    """Take a queued run, or one whose lease ran out; None when there is nothing to take."""
    free = TrainingRun.objects.free(now).filter(pk=run_id)
    sentence = f"Given up: {MAX_ATTEMPTS} workers died over it. See the log in the run's folder."
    free.filter(attempts__gte=MAX_ATTEMPTS).update(
        state=State.FAILED, message=sentence, finished_at=now, lease_token=""
    )
    token = secrets.token_hex(16)
    claimed = free.update(
        state=State.RUNNING,
        lease_token=token,
        lease_until=now + dt.timedelta(seconds=settings.LEASE_S),
        attempts=F("attempts") + 1,
        started_at=now,
        progress=0,
        message="Reading the Decisions.",
    )
    return TrainingRun.objects.get(pk=run_id) if claimed else None


def _execute(run: TrainingRun, trainer: Trainer) -> None:
    folder = run_folder(run)
    try:
        heartbeat = Heartbeat(run, folder)
        freeze_golden(kind_of(run.method), run.scope, beat=heartbeat)
        data = dataset(kind_of(run.method), run.scope, timezone.localdate(), beat=heartbeat)
        digest = data.digest(method=run.method, base_model=_base_model(run))
        _write(
            run,
            data_hash=digest,
            n_examples=len(data.examples),
            n_decisions=data.n_decisions,
            last_decision_id=data.last_decision_id,
        )
        if reason := _nothing_to_learn(run, data, digest):
            _finish(run, State.NOTHING, reason)
        elif len(data.golden) < gate.LEAST_ITEMS:  # minutes of training would end in the same verdict
            verdict = gate.too_few(len(data.golden), settings.GATE_MARGIN, data.golden_is)
            _finish(run, State.REFUSED, verdict.reason, verdict=asdict(verdict))
        else:
            request = _request(run, data, digest)
            drawn = samples(kind_of(run.method), run.scope, timezone.localdate())
            write_run_folder(folder, request, data, [sample.brief for sample in drawn])
            report = trainer.train(folder, heartbeat)
            _conclude(run, request, report, read_log_tail(folder), data, drawn)
    except (MLBackendError, NotPossibleNow) as e:
        _finish(run, State.FAILED, str(e), log_tail=read_log_tail(folder))
    except OSError as e:
        _finish(run, State.FAILED, sentence_of(e), log_tail=read_log_tail(folder))


def _nothing_to_learn(run: TrainingRun, data: Dataset, digest: str) -> str:
    """Say why training would be in vain; "" when it would not."""
    if not data.examples:
        return "There is nothing to learn from yet: no Decision and no good title outside the measured ones."
    judged = TrainingRun.objects.judged().filter(method=run.method, scope=run.scope).first()
    if judged and judged.data_hash == digest:
        return f"Nothing new to learn: the data are those of the run of {judged.started_at:%Y-%m-%d %H:%M}."
    return ""


def _request(run: TrainingRun, data: Dataset, digest: str) -> TrainingRequest:
    """Say what to train; the number is the run's own, its folder is free, and the pointer tells what to beat."""
    kind, number = kind_of(run.method), _allot_number(run)
    shutil.rmtree(version_folder(settings.MODELS_FOLDER, kind, run.scope, number), ignore_errors=True)
    publish_pointer(kind, run.scope)
    return TrainingRequest(
        kind=kind,
        method=run.method,
        scope=run.scope,
        number=number,
        models_folder=str(settings.MODELS_FOLDER),
        data_hash=digest,
        minutes=settings.TITLER_TRAINING_MINUTES if run.method in TAKE_MINUTES else None,
        base_model=_base_model(run),
        golden_is=data.golden_is,
        checkpoints=str(Path(settings.RUNS_FOLDER) / f"{run.pk}-checkpoints"),  # outlives an attempt
    )


def _base_model(run: TrainingRun) -> str:
    if run.method not in ADAPT_A_BASE:
        return ""
    return base_model(catalogs_of(run.kind, run.scope).values_list("language", flat=True).get())


def _allot_number(run: TrainingRun) -> int:
    """Give every attempt a number of its own, never used before, so that a lost child writes into no one's folder.

    Folders count too: after a database was restored from a copy, drafts of a later version may be kept somewhere under
    its name.
    """
    of_scope = {"kind": run.kind, "scope": run.scope}
    while True:
        highest = [
            model.objects.filter(**of_scope).aggregate(highest=Max("number"))["highest"] or 0
            for model in (TrainingRun, ModelVersion)
        ]
        number = max(*highest, highest_folder(run.kind, run.scope)) + 1
        try:
            with transaction.atomic():
                _write(run, number=number)
            return number
        except IntegrityError:  # a run of another method was allotted the same one just now
            continue


def _conclude(
    run: TrainingRun,
    request: TrainingRequest,
    report: TrainingReport,
    log_tail: str,
    data: Dataset,
    drawn: Sequence[Sample],
) -> None:
    """Judge the version and let it serve if it may; a worker that lost its lease changes nothing."""
    folder = version_folder(settings.MODELS_FOLDER, request.kind, request.scope, request.number)
    if not (folder / "manifest.json").is_file():
        raise TrainingFailed(f"The training reported success but left no version {request.number}.")
    verdict = gate.verdict(report, margin=settings.GATE_MARGIN, golden_is=request.golden_is)
    with transaction.atomic():
        _finish(
            run,
            State.DONE if verdict.passed else State.REFUSED,
            verdict.reason,
            verdict=asdict(verdict),
            report=to_json(replace(report, samples=None)),
            log_tail=log_tail,
            progress=1,
        )
        version = ModelVersion.objects.create(
            kind=request.kind,
            method=run.method,
            scope=request.scope,
            number=request.number,
            run=run,
            metrics=report.metrics | quality_metrics(report.candidate) | _parts(report, data.frozen),
            passed_gate=verdict.passed,
        )
        Lessons.objects.create(run=run, packed=packed(data.decision_ids))
        if report.samples:
            _keep_samples(version, drawn, report.samples, report.serving_version)
        if verdict.passed and _may_promote(version, report):
            _promote_unless_overtaken(version)


def _keep_samples(version: ModelVersion, drawn: Sequence[Sample], report: SampleReport, beside: int) -> None:
    try:
        keep_samples(version, drawn, report, beside)
    except NotPossibleNow as e:  # an extra: the version stands without it
        logger.warning("%s: %s", version, e)


def _parts(report: TrainingReport, frozen: Set[str]) -> dict[str, float]:
    """Return the mean quality on the frozen part of the golden set, by which versions compare over time, and the rest.

    frozen holds its skus; without a frozen part there is nothing to tell apart.
    """
    told = {
        "quality_frozen": [score.quality for score in report.candidate if score.sku in frozen],
        "quality_fresh": [score.quality for score in report.candidate if score.sku not in frozen],
    }
    return {name: sum(part) / len(part) for name, part in told.items() if part} if frozen else {}


def _may_promote(version: ModelVersion, report: TrainingReport) -> bool:
    """Promote unasked only what beat the version that serves now, and only where no one wants to do it by hand."""
    serving = ModelVersion.objects.serving().filter(kind=version.kind, scope=version.scope).first()
    if report.serving_version != (serving.number if serving else 0):
        return False
    return not promotes_by_hand(version.kind, version.scope)


def _promote_unless_overtaken(version: ModelVersion) -> None:
    with contextlib.suppress(NotPossibleNow):  # another version was promoted just now; this one waits for a hand
        promote(version)


def _finish(run: TrainingRun, state: str, message: str, **fields: object) -> None:
    _write(run, state=state, message=message, finished_at=timezone.now(), **fields)


def _write(run: TrainingRun, **fields: object) -> None:
    """Change the row if this worker still holds it; raises RunCancelled or RunLost otherwise."""
    if not _of(run).filter(state=State.RUNNING).update(**fields):
        _require_held(run)


def _require_held(run: TrainingRun) -> None:
    """Raise RunCancelled when somebody cancelled the run, RunLost when this worker no longer holds it."""
    state = _of(run).values_list("state", flat=True).first()
    if state == State.CANCELLING:
        raise RunCancelled(f"Run {run.pk} was cancelled.")
    if state != State.RUNNING:
        raise RunLost(f"Run {run.pk} was taken over by another worker.")


def _of(run: TrainingRun) -> TrainingRunQuerySet:
    """Return the run's row as long as this worker holds its lease."""
    return TrainingRun.objects.filter(pk=run.pk, lease_token=run.lease_token)


def _end_cancelled(runs: TrainingRunQuerySet, **fields: object) -> bool:
    """Let runs be cancelled; False if there were none. The version that serves serves on."""
    message = "Cancelled; the serving version is as it was."
    return bool(runs.update(state=State.CANCELLED, message=message, finished_at=timezone.now(), **fields))


def run_folder(run: TrainingRun) -> Path:
    """Return the folder of the run's present attempt; a child that outlived its worker writes into another."""
    return Path(settings.RUNS_FOLDER) / f"{run.pk}-{run.attempts}"


class Heartbeat:
    """Renews the lease and copies the child's progress to the row.

    Raises RunLost when another worker took over, and RunCancelled when somebody cancelled the run.
    """

    def __init__(self, run: TrainingRun, folder: Path) -> None:
        self.run, self.folder = run, folder
        self.told: Progress | None = None
        self.renewed_at = time.monotonic()

    def __call__(self) -> None:
        """Write when there is news or the lease has aged, not every second: other processes write too."""
        progress = read_progress(self.folder)
        is_aged = time.monotonic() - self.renewed_at > settings.LEASE_S / RENEWALS_PER_LEASE
        news = {"progress": progress.share, "message": progress.message} if progress else {}
        try:
            if progress == self.told and not is_aged:
                _require_held(self.run)
                return
            _write(self.run, lease_until=timezone.now() + dt.timedelta(seconds=settings.LEASE_S), **news)
        except OperationalError:  # a busy database is asked again in a second; minutes of training are not thrown away
            return
        self.told, self.renewed_at = progress, time.monotonic()
