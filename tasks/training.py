"""Training in the worker of the queue "training"; what is due is found by the schedule."""

from functools import partial

from django.db import OperationalError, transaction

from tasks import label_studio
from titlelab.celery import app
from titlelab.training.child import ChildProcessTrainer
from titlelab.training.running import execute_run
from titlelab.training.scopes import open_queues
from titlelab.training.starting import start_due_runs as start_runs


@app.task(autoretry_for=(OperationalError,), retry_backoff=30, retry_backoff_max=300, max_retries=5)
def execute_training_run(run_id: int) -> None:
    """Train, judge and promote; then let open tasks show the new version's drafts. Delivered twice, it trains once."""
    run = execute_run(run_id, ChildProcessTrainer())
    if run.state == run.State.PROMOTED:
        for queue_id in open_queues(run.kind, run.scope):
            label_studio.refresh_open_tasks.delay(queue_id)


@app.task(autoretry_for=(OperationalError,), max_retries=2)
def start_due_runs() -> int:
    """Queue a run for everything that has enough changed Decisions, and ring for each."""
    runs = start_runs()
    for run in runs:
        transaction.on_commit(partial(execute_training_run.delay, run.pk))
    return len(runs)
