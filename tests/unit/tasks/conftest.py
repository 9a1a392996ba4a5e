"""What tests of tasks start from: a broker in memory that shows what was sent."""

from collections.abc import Iterator
from typing import Any

import pytest
from celery.signals import before_task_publish

from titlelab.celery import app


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, tuple[Any, ...]]]]:
    """Every message sent: its task's name and positional arguments."""
    sent: list[tuple[str, tuple[Any, ...]]] = []

    def note(sender: str, body: Any, **_: Any) -> None:
        sent.append((sender, tuple(body[0])))

    monkeypatch.setattr(app.conf, "broker_url", "memory://")
    before_task_publish.connect(note)
    yield sent
    before_task_publish.disconnect(note)
