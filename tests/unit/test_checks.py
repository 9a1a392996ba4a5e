"""Settings that cannot work are refused by name, before anything starts."""

from pathlib import Path

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from titlelab.checks import needs_secrets, settings_can_work


def told() -> list[str]:
    return [problem.msg for problem in settings_can_work(None)]


def test_the_settings_of_the_tests_can_work() -> None:
    assert told() == []


def test_the_checks_run_before_every_command(settings: Settings) -> None:
    settings.WEBHOOK_SECRET = ""

    assert "TITLELAB_WEBHOOK_SECRET is empty" in [problem.msg for problem in run_checks(tags=["settings"])]


@pytest.mark.parametrize("name", ["WEBHOOK_SECRET", "ML_BACKEND_PASSWORD", "LABEL_STUDIO_TOKEN"])
def test_an_empty_secret_is_refused(settings: Settings, name: str) -> None:
    setattr(settings, name, "")

    assert told() == [f"TITLELAB_{name} is empty"]


def test_only_what_writes_secrets_or_needs_none_may_start_without_them() -> None:
    assert not needs_secrets(["manage.py", "up"])
    assert not needs_secrets(["manage.py", "makemigrations", "catalog"])
    assert not needs_secrets(["manage.py", "migrate"])
    assert needs_secrets(["manage.py", "simulate", "up"])
    assert needs_secrets(["celery"])


def test_two_processes_do_not_share_a_port(settings: Settings) -> None:
    settings.ML_BACKEND_PORT = settings.PORT

    assert told() == ["TITLELAB_ML_BACKEND_PORT is 8000, and so is TITLELAB_PORT"]


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_is_none_is_refused(settings: Settings, port: int) -> None:
    settings.PORT = port

    assert told() == [f"TITLELAB_PORT is {port}, which is no port"]


@pytest.mark.parametrize("sender", ["titles", "titles@", "Titles <titles>"])
def test_a_sender_that_is_no_address_is_refused(settings: Settings, sender: str) -> None:
    settings.DEFAULT_FROM_EMAIL = sender

    assert told() == [f"TITLELAB_EMAIL_FROM is {sender!r}, which is no address"]


@pytest.mark.parametrize("sender", ["titles@shop.example", "Titles <titles@shop.example>", "titlelab@localhost"])
def test_a_sender_may_have_a_name(settings: Settings, sender: str) -> None:
    settings.DEFAULT_FROM_EMAIL = sender

    assert told() == []


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://host", "http://", "http://[::1", ""])
def test_an_address_that_is_none_is_refused(settings: Settings, url: str) -> None:
    settings.LABEL_STUDIO_URL = url

    assert told() == [f"TITLELAB_LABEL_STUDIO_URL is {url!r}, which is no address"]


def test_a_folder_below_a_file_is_refused(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings.MODELS_FOLDER = tmp_path / "file" / "models"

    assert told() == [f"TITLELAB_MODELS_FOLDER can't be written: {tmp_path / 'file'} is in the way"]


def test_a_folder_that_is_yet_to_be_made_is_fine(settings: Settings, tmp_path: Path) -> None:
    settings.MODELS_FOLDER = tmp_path / "new" / "models"

    assert told() == []


def test_a_time_of_nothing_and_a_margin_of_everything_are_refused(settings: Settings) -> None:
    settings.LEASE_S = 0
    settings.GATE_MARGIN = 1.0

    assert told() == ["TITLELAB_LEASE_S is 0", "TITLELAB_GATE_MARGIN is 1.0"]
