"""How settings are read, and which stop the start."""

from pathlib import Path

import pytest

from ml_backend.http.settings import WrongSetting, settings_of


def test_the_secrets_file_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / "secrets.env").write_text(
        "# once\nTITLELAB_ML_BACKEND_PASSWORD=from=file\nTITLELAB_WEBHOOK_SECRET=w\nTITLELAB_ML_BACKEND_PORT=1\n"
    )

    settings = settings_of({"TITLELAB_HOME": str(tmp_path), "TITLELAB_ML_BACKEND_PORT": "9191", "TITLELAB_URL": ""})

    assert (settings.password, settings.webhook_secret, settings.port) == ("from=file", "w", 9191)
    assert settings.titlelab_url == "http://127.0.0.1:8000"
    assert settings.models_folder == tmp_path / "models"


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({}, "TITLELAB_ML_BACKEND_PASSWORD"),
        ({"TITLELAB_ML_BACKEND_PASSWORD": ""}, "TITLELAB_ML_BACKEND_PASSWORD"),
        ({"TITLELAB_ML_BACKEND_PASSWORD": "x", "TITLELAB_ML_BACKEND_PORT": "ten"}, "TITLELAB_ML_BACKEND_PORT"),
        ({"TITLELAB_ML_BACKEND_PASSWORD": "x", "TITLELAB_ML_BACKEND_PORT": "65536"}, "TITLELAB_ML_BACKEND_PORT"),
        ({"TITLELAB_ML_BACKEND_PASSWORD": "x", "TITLELAB_DRAFT_CACHE_MB": "0"}, "TITLELAB_DRAFT_CACHE_MB"),
    ],
)
def test_what_can_not_work_is_refused_by_its_name(tmp_path: Path, variables: dict[str, str], named: str) -> None:
    with pytest.raises(WrongSetting, match=named):
        settings_of({"TITLELAB_HOME": str(tmp_path), **variables})
