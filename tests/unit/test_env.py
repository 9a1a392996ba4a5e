"""What of the environment is taken, and what stops the start with a sentence."""

import os
from pathlib import Path

import pytest

from titlelab.env import MailServer, WrongVariable, env_float, env_mail_server, env_optional, load_file


@pytest.mark.parametrize("text", ["soon", "nan", "inf", "1e400"])
def test_what_is_no_number_is_told_by_its_name(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TITLELAB_PATIENCE", text)

    with pytest.raises(WrongVariable, match="TITLELAB_PATIENCE must be a number"):
        env_float("TITLELAB_PATIENCE", 1)


@pytest.mark.parametrize(("text", "value"), [("", "small"), ("large", "large"), ("none", ""), ("None", "")])
def test_what_is_optional_can_be_done_without(text: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TITLELAB_MODEL", text)

    assert env_optional("TITLELAB_MODEL", "small") == value


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://relay", ("relay", 25, "", "", "")),
        ("smtp+starttls://me%40shop.example:p%2Fw%3A@mail:2525", ("mail", 2525, "me@shop.example", "p/w:", "starttls")),
        ("smtps://me:secret@mail.shop.example", ("mail.shop.example", 465, "me", "secret", "tls")),
    ],
)
def test_an_address_tells_all_of_a_mail_server(
    url: str, server: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TITLELAB_MAIL", url)

    found = env_mail_server("TITLELAB_MAIL")

    assert (found.host, found.port, found.user, found.password, found.encryption) == server
    assert found.backend == "django.core.mail.backends.smtp.EmailBackend"


@pytest.mark.parametrize(("url", "backend"), [("", "dummy"), ("console:", "console")])
def test_mail_may_go_nowhere_or_to_the_console(url: str, backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TITLELAB_MAIL", url)

    assert env_mail_server("TITLELAB_MAIL") == MailServer(backend=f"django.core.mail.backends.{backend}.EmailBackend")


@pytest.mark.parametrize(
    "url", ["mail.shop.example", "http://mail", "smtp://", "smtp://me:hush@mail:port", "smtp://m/x"]
)
def test_what_is_no_mail_server_is_told_without_its_password(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TITLELAB_MAIL", url)

    with pytest.raises(WrongVariable, match="TITLELAB_MAIL must be console: or an address") as told:
        env_mail_server("TITLELAB_MAIL")

    assert "hush" not in str(told.value)


def test_odd_lines_of_the_secrets_file_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TITLELAB_ODD", raising=False)
    file = tmp_path / "secrets.env"
    file.write_text("=x\nTITLELAB_ODD=\n# A=b\nnothing\n TITLELAB_ODD = a=b \n")

    load_file(file)

    assert os.environ.pop("TITLELAB_ODD") == "a=b"


def test_a_secrets_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / "secrets.env"
    file.write_bytes(b"\xff\xfe")

    with pytest.raises(WrongVariable, match=r"secrets\.env can't be read"):
        load_file(file)
