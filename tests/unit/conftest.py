"""What every unit test starts from: folders and secrets of its own, whatever the machine's `var/` holds."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from celery.signals import before_task_publish
from django.conf import settings as django_settings
from pytest_django import Settings

from titlelab.celery import app

SECRETS = {
    "SECRET_KEY": "a-key-for-tests-that-signs-nothing-real-0123456789",
    "LABEL_STUDIO_TOKEN": "a-token-for-tests",
    "WEBHOOK_SECRET": "a-webhook-secret-for-tests",
    "ML_BACKEND_PASSWORD": "a-password-for-tests",
}


@pytest.fixture(scope="session", autouse=True)
def _private_environment(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Child processes of tests find a folder and secrets of their own.

    pytest-django has read the settings before any conftest runs, so this process gets its own by `_private_settings`.
    The key is set once for all: Django refuses to go back to an empty one.
    """
    os.environ["TITLELAB_HOME"] = str(tmp_path_factory.mktemp("home"))
    os.environ.update({f"TITLELAB_{name}": value for name, value in SECRETS.items()})
    django_settings.SECRET_KEY = SECRETS["SECRET_KEY"]


@pytest.fixture(autouse=True)
def _private_settings(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let nothing that a test writes reach the machine's own folders, and no secret of the machine reach a test."""
    home = tmp_path_factory.mktemp("home")
    folders = {"models": "MODELS_FOLDER", "runs": "RUNS_FOLDER", "logs": "LOGS_FOLDER", "uploads": "MEDIA_ROOT"}
    for folder, name in {"": "HOME", **folders}.items():
        (home / folder).mkdir(exist_ok=True)
        setattr(settings, name, home / folder)
    for name in SECRETS.keys() - {"SECRET_KEY"}:
        setattr(settings, name, SECRETS[name])


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
