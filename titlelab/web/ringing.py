"""Rings a worker once the rows are committed, and tells the user when the broker does not take the bell."""

import logging
from functools import partial
from typing import Any

from celery import Task
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)
BROKER_IS_DOWN = (
    "The message broker gave no answer. What is to be done is stored, and the sweep rings again within minutes "
    "of its return; `python manage.py doctor` says what is wrong."
)

TOLD = "titlelab.broker_is_down"  # once a request, however many bells it rings


def ring(request: HttpRequest, task: "Task[Any, Any]", *args: int) -> None:
    """Enqueue a task after the commit; a broker that is down costs time, not the request."""
    transaction.on_commit(partial(_ring, request, task, args))


def _ring(request: HttpRequest, task: "Task[Any, Any]", args: tuple[int, ...]) -> None:
    try:
        task.delay(*args)
    except (OperationalError, OSError) as e:
        logger.warning("the broker did not take the bell for %s: %s", task.name, e)
        if not request.META.get(TOLD):
            messages.warning(request, BROKER_IS_DOWN)
            request.META[TOLD] = True
