"""The whole stack, started once for all integration and browser tests, and rows made in the database it uses."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.management import call_command
from pytest_django import DjangoDbBlocker

from tests.integration.stack import answers, running, running_label_studio, wait_for
from titlelab.celery import app
from titlelab.labelstudio.client import LabelStudioClient, label_studio


@pytest.fixture(scope="session")
def database(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database file that the workers use too, not a test database of this process alone."""
    if "test-" not in settings.HOME.name:
        pytest.fail("run these with: python -m pytest -p tests.integration.places tests/integration tests/browser")
    with django_db_blocker.unblock():
        call_command("migrate", verbosity=0)
        yield


@pytest.fixture(scope="session")
def stack(database: None) -> Iterator[None]:
    """Label Studio, ml_backend, web, and both workers; no beat."""
    with (
        running_label_studio(),
        running("ml-backend"),
        running("web"),
        running("worker"),
        running("training"),
    ):
        wait_for(lambda: answers(f"{settings.ML_BACKEND_URL}/health"), "ml_backend")
        wait_for(lambda: answers(f"{settings.TITLELAB_URL}/admin/login/"), "the web process")
        wait_for(lambda: len(app.control.ping(timeout=1) or []) == 2, "both workers")
        yield
        label_studio().close()


@pytest.fixture
def studio(stack: None) -> LabelStudioClient:
    """A client of the running Label Studio, as the administrator."""
    return label_studio()
