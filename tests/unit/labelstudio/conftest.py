"""What the tests of the integration start from."""

import pytest

from tests.unit.labelstudio.scenes import Scene
from titlelab.labelstudio import holding


@pytest.fixture
def scene(db: None) -> Scene:
    """A queue with three chosen items."""
    return Scene()


@pytest.fixture
def pushed(scene: Scene) -> Scene:
    """The same after its first push."""
    scene.push()
    return scene


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A held queue is given up at once."""
    monkeypatch.setattr(holding, "PATIENCE_S", 0)
