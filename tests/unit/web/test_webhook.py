"""What the webhook lets in."""

import json
import time
from typing import Any

import pytest
from celery import Celery
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from titlelab.labelstudio.inbox import RUNG
from titlelab.labelstudio.models import InboxEvent
from titlelab.labelstudio.provisioning import SECRET_HEADER
from titlelab.web.webhook import LOCK_PATIENCE_MS, process_inbox

pytestmark = pytest.mark.django_db
Rung = list[tuple[str, tuple[Any, ...]]]
EVENT = {"action": "ANNOTATION_CREATED", "project": {"id": 7}, "task": {"id": 70}, "annotation": {"id": 700}}


def sent(client: Client, body: Any, *, secret: str | None = None) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {SECRET_HEADER: settings.WEBHOOK_SECRET if secret is None else secret}
    return client.post(reverse("label-studio-webhook"), content, content_type="application/json", headers=headers)


def test_an_event_is_stored_and_the_inbox_is_rung_for(
    client: Client, rung: Rung, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = sent(client, EVENT)

    event = InboxEvent.objects.get()
    assert (response.status_code, response.json()) == (200, {"stored": True})
    assert event.body == {"project": 7, "tasks": [70], "annotations": [700]}
    assert rung == [(process_inbox.name, ())]


def test_a_storm_of_events_rings_once_and_again_when_the_bell_may_be_lost(
    client: Client, rung: Rung, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(5):
            sent(client, EVENT)
    assert len(rung) == 1

    InboxEvent.objects.update(received_at=timezone.now() - RUNG)
    with django_capture_on_commit_callbacks(execute=True):
        sent(client, EVENT)
    assert len(rung) == 2


@pytest.mark.parametrize("secret", ["", "wrong", "schlüssel"])
def test_a_wrong_secret_is_refused_and_nothing_stored(client: Client, secret: str) -> None:
    assert sent(client, EVENT, secret=secret).status_code == 401
    assert not InboxEvent.objects.exists()


def test_no_secret_at_all_lets_nobody_in(client: Client, settings: Any) -> None:
    settings.WEBHOOK_SECRET = ""

    assert sent(client, EVENT, secret="").status_code == 401


@pytest.mark.parametrize(
    "body", [b"{", b"\xff", b"[]", b'"text"', b"null", b"{}", {"action": 5}, b"[" * 100_000, b"9" * 5000]
)
def test_a_body_that_label_studio_does_not_send_is_refused(client: Client, body: Any) -> None:
    response = sent(client, body)

    assert response.status_code == 400
    assert response.json()["detail"]
    assert not InboxEvent.objects.exists()


def test_a_locked_database_keeps_the_annotator_waiting_less_than_label_studio_does(client: Client, rung: Rung) -> None:
    patience: list[int] = []

    def locked(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        if not sql.startswith("INSERT"):
            return execute(sql, params, many, context)
        patience.append(execute("PRAGMA busy_timeout", (), many, context).fetchone()[0])
        raise OperationalError("database is locked")

    with connection.execute_wrapper(locked):
        response = sent(client, EVENT)

    assert response.status_code == 503
    assert "nothing is lost" in response.json()["detail"]
    assert (patience, rung) == ([LOCK_PATIENCE_MS], [])
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA busy_timeout").fetchone()[0] > LOCK_PATIENCE_MS


def test_an_event_that_nothing_listens_to_is_let_go(client: Client) -> None:
    response = sent(client, {**EVENT, "action": "PROJECT_UPDATED"})

    assert (response.status_code, response.json()) == (200, {"stored": False})
    assert not InboxEvent.objects.exists()


def test_reading_the_address_is_not_allowed(client: Client) -> None:
    assert client.get(reverse("label-studio-webhook")).status_code == 405


@pytest.mark.parametrize("broker", ["amqp://127.0.0.1:1//", "redis://127.0.0.1:1/0"])
def test_a_broker_that_is_down_keeps_neither_the_annotator_waiting_nor_the_event_from_being_stored(
    broker: str,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    unreachable = Celery(broker=broker, set_as_current=False)
    bell = unreachable.task(process_inbox.run, name=process_inbox.name)
    monkeypatch.setattr("titlelab.web.webhook.process_inbox", bell)
    started = time.monotonic()

    with django_capture_on_commit_callbacks(execute=True):
        response = sent(client, EVENT)

    assert response.json() == {"stored": True}
    assert InboxEvent.objects.count() == 1
    assert time.monotonic() - started < 2
