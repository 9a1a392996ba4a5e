"""Rings a worker once the rows are committed, and tells the user when the broker does not take the bell."""

import logging
from functools import partial
from typing import Protocol

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)
BROKER_IS_DOWN = (
    "The message broker gave no answer. What is to be done is stored, and the sweep rings again within minutes "
    "of its return; `make doctor` says what is wrong."
)
TOLD = "titlelab.broker_is_down"  # once a request, however many bells it rings


class Bell(Protocol):
    """A Celery task, as far as it is rung."""

    name: str

    def delay(self, *args: int) -> object: ...


def ring(request: HttpRequest, bell: Bell, *args: int) -> None:
    """Enqueue a task after the commit; a broker that is down costs time, not the request."""
    transaction.on_commit(partial(_ring, request, bell, args))


def ring_quietly(bell: Bell, *args: int) -> None:
    """Do the same for a caller who reads no messages; what is to be done waits for the schedule then."""
    transaction.on_commit(partial(_is_taken, bell, args))


def _ring(request: HttpRequest, bell: Bell, args: tuple[int, ...]) -> None:
    if not _is_taken(bell, args) and not request.META.get(TOLD):
        messages.warning(request, BROKER_IS_DOWN)
        request.META[TOLD] = True


def _is_taken(bell: Bell, args: tuple[int, ...]) -> bool:
    try:
        bell.delay(*args)
    except (OperationalError, OSError) as e:
        logger.warning("the broker did not take the bell for %s: %s", bell.name, e)
        return False
    return True
