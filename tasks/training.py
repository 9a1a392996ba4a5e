"""Training in the worker of the queue "training"; what is due is found by the schedule."""

from contextlib import suppress
from functools import partial

from django.db import OperationalError, transaction

from tasks.label_studio import refresh_open_tasks
from titlelab.celery import app
from titlelab.errors import NotPossibleNow
from titlelab.labelstudio.inbox import close_event, training_wishes
from titlelab.training.child import ChildProcessDrafter, ChildProcessTrainer
from titlelab.training.models import TrainingRun
from titlelab.training.running import abandoned_runs, execute_run
from titlelab.training.sampling import draft_samples
from titlelab.training.scopes import methods_of, open_queues
from titlelab.training.starting import start_due_runs as start_runs
from titlelab.training.starting import start_run


@app.task(autoretry_for=(OperationalError,), retry_backoff=30, retry_backoff_max=300, max_retries=5)
def execute_training_run(run_id: int) -> None:
    """Train, judge and promote; then let open tasks show the new version's drafts. Delivered twice, it trains once."""
    run = execute_run(run_id, ChildProcessTrainer())
    if run.state == run.State.PROMOTED:
        for queue_id in open_queues(run.kind, run.scope):
            refresh_open_tasks.delay(queue_id)


@app.task(autoretry_for=(OperationalError,), max_retries=2)
def draft_version_samples(version_id: int) -> None:
    """Let a version draft the sample products that were asked for; delivered twice, it drafts once."""
    draft_samples(version_id, ChildProcessDrafter())


@app.task(autoretry_for=(OperationalError,), max_retries=2)
def start_due_runs() -> int:
    """Queue a run for everything that has enough changed Decisions, and ring for each."""
    runs = start_runs()
    for run in runs:
        transaction.on_commit(partial(execute_training_run.delay, run.pk))
    return len(runs)


@app.task
def resume_abandoned_runs() -> int:
    """Ring for the runs that a dead worker left; returns how many."""
    runs = abandoned_runs()
    for run in runs:
        execute_training_run.delay(run.pk)
    return len(runs)


@app.task(autoretry_for=(OperationalError,), max_retries=2)
def answer_training_wishes() -> int:
    """Start what learns from a project where Label Studio's Start Training was clicked; returns how many clicks."""
    wishes = training_wishes()
    for event, project in wishes:
        for method, scope in methods_of(project.queue.catalog):
            # One that is at work already learns from the same Decisions.
            with suppress(NotPossibleNow):
                execute_training_run.delay(start_run(method, scope, TrainingRun.Trigger.LABEL_STUDIO).pk)
        close_event(event)
    return len(wishes)
