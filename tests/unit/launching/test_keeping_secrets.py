"""Secrets are made once, at random, and only their owner can read them."""

import stat
from pathlib import Path

from titlelab.launching.keeping_secrets import keep_secrets, secrets_file


def test_only_the_owner_can_read_the_secrets(tmp_path: Path) -> None:
    keep_secrets(tmp_path / "var")

    assert stat.S_IMODE(secrets_file(tmp_path / "var").stat().st_mode) == 0o600


def test_a_second_start_keeps_the_first_secrets(tmp_path: Path) -> None:
    keep_secrets(tmp_path)
    first = secrets_file(tmp_path).read_text()

    assert keep_secrets(tmp_path) == []
    assert secrets_file(tmp_path).read_text() == first


def test_what_the_user_wrote_into_the_file_stays(tmp_path: Path) -> None:
    secrets_file(tmp_path).write_text("TITLELAB_ADMIN_USERNAME=boss\nTITLELAB_PORT=8001")

    added = keep_secrets(tmp_path)

    lines = secrets_file(tmp_path).read_text().splitlines()
    assert lines[:2] == ["TITLELAB_ADMIN_USERNAME=boss", "TITLELAB_PORT=8001"]
    assert "TITLELAB_ADMIN_USERNAME" not in added
    assert "TITLELAB_ADMIN_PASSWORD" in added


def test_two_installations_share_no_secret(tmp_path: Path) -> None:
    keep_secrets(tmp_path / "a")
    keep_secrets(tmp_path / "b")

    first, second = (set(secrets_file(tmp_path / name).read_text().splitlines()) for name in "ab")
    assert {line.partition("=")[0] for line in first & second} == {
        "TITLELAB_ADMIN_USERNAME",
        "TITLELAB_ANNOTATOR_USERNAME",
    }


def test_label_studio_gets_a_token_of_its_own_form(tmp_path: Path) -> None:
    keep_secrets(tmp_path)

    values = dict(line.split("=", 1) for line in secrets_file(tmp_path).read_text().splitlines())
    assert len(bytes.fromhex(values["TITLELAB_LABEL_STUDIO_TOKEN"])) == 20


def test_an_empty_secret_is_none(tmp_path: Path) -> None:
    secrets_file(tmp_path).write_text("TITLELAB_ADMIN_PASSWORD=\n", encoding="utf-8")

    assert "TITLELAB_ADMIN_PASSWORD" in keep_secrets(tmp_path)
    assert "TITLELAB_ADMIN_PASSWORD" not in keep_secrets(tmp_path)


def test_a_file_that_all_may_read_is_closed_to_them(tmp_path: Path) -> None:
    secrets_file(tmp_path).touch(mode=0o644)

    keep_secrets(tmp_path)

    assert secrets_file(tmp_path).stat().st_mode & 0o077 == 0
