"""Label Studio sees what it needs and nothing of ours."""

from pathlib import Path

import pytest

from titlelab.launching.label_studio import label_studio_environment, start_command

PASSWORD = "x" * 12


def environment(data_folder: Path) -> dict[str, str]:
    return label_studio_environment(
        data_folder=data_folder, port=8085, username="admin@titlelab.local", password=PASSWORD, token="a" * 40
    )


@pytest.mark.parametrize(
    "name", ["TITLELAB_SECRET_KEY", "PASSWORD", "HOST", "DEBUG", "SENTRY_DSN", "DJANGO_SETTINGS_MODULE"]
)
def test_nothing_of_our_environment_reaches_label_studio(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "ours")

    assert "ours" not in environment(tmp_path).values()


def test_label_studio_keeps_where_programs_and_the_home_folder_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")

    assert environment(tmp_path)["HOME"] == "/home/somebody"


def test_label_studio_tells_nobody_outside(tmp_path: Path) -> None:
    told = environment(tmp_path)

    assert told["LABEL_STUDIO_COLLECT_ANALYTICS"] == "false"
    assert told["LABEL_STUDIO_SENTRY_DSN"] == ""


def test_label_studio_listens_on_loopback_only() -> None:
    command = start_command(8085)

    assert command[command.index("--internal-host") + 1] == "127.0.0.1"
    assert command[command.index("--port") + 1] == "8085"
