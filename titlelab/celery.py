"""The Celery app; its queues and its default schedule stand in settings.py."""

import logging
import os
import time
from pathlib import Path
from typing import Any

from celery import Celery, Task
from celery.signals import before_task_publish, setup_logging, task_postrun, task_prerun

from ml_backend.tracing import begin, from_header, header, ids, request_id
from titlelab import broker

logger = logging.getLogger(__name__)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "titlelab.settings")
broker.use()
app = Celery("titlelab")
app.config_from_object("django.conf:settings", namespace="CELERY")
for folder in app.conf.broker_transport_options.values() if app.conf.broker_url.startswith("filesystem") else ():
    if isinstance(folder, str):
        Path(folder).mkdir(parents=True, exist_ok=True)  # kombu fails on a missing folder
_TASKS = ("label_studio", "scoring", "training", "quality", "alerts", "proposing", "people", "importing", "sweeping")
app.conf.imports = tuple(f"tasks.{name}" for name in _TASKS)
TRACE = "titlelab_trace"  # in a message's headers: which request or run rang the bell
_begun: dict[str, float] = {}


@setup_logging.connect
def _keep_logging(**_: object) -> None:
    """Let settings.LOGGING hold in workers and beat; Celery would put its own in its place."""


@before_task_publish.connect
def _send_ids(headers: dict[str, object], **_: object) -> None:
    if ids():
        headers[TRACE] = header()


@task_prerun.connect
def _take_ids(task: Task[..., Any], task_id: str, **_: object) -> None:
    """Go on with the ids of who rang; a task of the schedule begins a trail of its own."""
    begin({"request": request_id(None), **_ids_of_who_rang(task), "task": task.name.rpartition(".")[2]})
    _begun[task_id] = time.monotonic()


@task_postrun.connect
def _drop_ids(task: Task[..., Any], task_id: str, state: str, **_: object) -> None:
    """Tell what became of a task that somebody rang for; those of the schedule would tell of nothing, all day long."""
    took_s = time.monotonic() - _begun.pop(task_id, time.monotonic())
    if _ids_of_who_rang(task):
        logger.info("%s %s in %d ms", task.name, state, round(1000 * took_s))
    begin({})


def _ids_of_who_rang(task: Task[..., Any]) -> dict[str, str]:
    return from_header((task.request.headers or {}).get(TRACE))
