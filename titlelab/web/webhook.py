"""Receives Label Studio's webhook within the annotator's request: checks, stores, rings, answers."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from kombu.exceptions import OperationalError as BrokerError

from tasks.label_studio import process_inbox
from tasks.training import answer_training_wishes
from titlelab.labelstudio.events import ACTIONS, START_TRAINING, BadEvent, hint
from titlelab.labelstudio.inbox import is_rung_for, store_event
from titlelab.labelstudio.provisioning import SECRET_HEADER

LOCK_PATIENCE_MS = 700
ONE_TRY = {"max_retries": 0}  # not retry=False: with that kombu asks a broker that is down again and again for 6 s
logger = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def label_studio(request: HttpRequest) -> HttpResponse:
    """Store what the event points at; 401 without the secret, 400 on a body that Label Studio does not send."""
    if not settings.WEBHOOK_SECRET or not constant_time_compare(
        request.headers.get(SECRET_HEADER, ""), settings.WEBHOOK_SECRET
    ):
        return JsonResponse({"detail": f"the header {SECRET_HEADER} is missing or wrong"}, status=401)
    try:
        told = hint(json.loads(request.body))
    except (ValueError, RecursionError) as e:  # a number of 5,000 digits is a plain ValueError
        return JsonResponse({"detail": f"the body is not JSON: {e}"}, status=400)
    except BadEvent as e:
        return JsonResponse({"detail": str(e)}, status=400)
    if told.action not in (*ACTIONS, START_TRAINING):
        return JsonResponse({"stored": False})
    try:
        with _impatient(), transaction.atomic():
            event = store_event(told)
            if told.action == START_TRAINING or not is_rung_for(event):
                transaction.on_commit(partial(_ring, told.action))
    except OperationalError as e:
        logger.warning("an event was not stored, reconciliation will bring what it told of: %s", e)
        return JsonResponse({"detail": "the database is busy; nothing is lost, it is read later"}, status=503)
    return JsonResponse({"stored": True})


@contextmanager
def _impatient() -> Iterator[None]:
    """Wait for SQLite's write lock less long than Label Studio, and with it the annotator, waits for us (3 s)."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        (usual,) = cursor.execute("PRAGMA busy_timeout").fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {LOCK_PATIENCE_MS}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")


def _ring(action: str) -> None:
    """Ring for who processes it; a broker that is down costs a minute, not an event, since the sweep rings again."""
    try:
        bell = answer_training_wishes if action == START_TRAINING else process_inbox
        bell.apply_async(retry_policy=ONE_TRY)
    except (BrokerError, OSError) as e:
        logger.warning("the broker did not take the bell, the sweep will: %s", e)
