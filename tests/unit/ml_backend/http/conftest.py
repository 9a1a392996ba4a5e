"""An app around small models, with a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from ml_backend.http.app import make_app
from tests.unit.ml_backend.http.fakes import AUTH, FakeLearning, make_settings


@pytest.fixture
def learning() -> FakeLearning:
    return FakeLearning()


@pytest.fixture
def told() -> list[int]:
    """The projects that titlelab was told to train for."""
    return []


@pytest.fixture
def client(tmp_path: Path, learning: FakeLearning, told: list[int]) -> Iterator[TestClient]:
    """A client that knows the password."""
    app = make_app(make_settings(tmp_path), learning.models(), trigger=told.append)
    with TestClient(app, raise_server_exceptions=False) as client:
        client.auth = AUTH
        yield client


@pytest.fixture
def models_folder(tmp_path: Path) -> Path:
    return tmp_path / "models"
