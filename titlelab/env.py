"""Typed readers for environment variables; a wrong value stops the start with the variable's name."""

import math
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

# What an address of a mail server begins with: its port unless told, and how it is encrypted.
MAIL_SCHEMES = {"smtp": (25, ""), "smtp+starttls": (587, "starttls"), "smtps": (465, "tls")}


class WrongVariable(ValueError):
    """An environment variable is not of its type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail is handed in; backend is one of Django's, encryption "", "starttls" or "tls"."""

    backend: str
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    encryption: str = ""


def load_file(path: Path) -> None:
    """Read NAME=value lines into the environment; what is set already wins, a missing file is fine."""
    if not path.is_file():
        return
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise WrongVariable(f"{path} can't be read: {e}") from e
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        # An empty value is none, here as in the environment.
        if equals and name.strip() and value.strip() and not name.lstrip().startswith("#"):
            os.environ.setdefault(name.strip(), value.strip())


def env_str(name: str, default: str) -> str:
    return os.environ.get(name, "") or default


def env_optional(name: str, default: str) -> str:
    """Read a text that may be done without: "none" gives "", where an empty variable gives the default."""
    value = env_str(name, default)
    return "" if value.lower() == "none" else value


def env_int(name: str, default: int) -> int:
    text = os.environ.get(name, "")
    try:
        return int(text) if text else default
    except ValueError as e:
        raise WrongVariable(f"{name} must be a whole number, not {text!r}") from e


def env_float(name: str, default: float) -> float:
    text = os.environ.get(name, "")
    try:
        number = float(text) if text else default
    except ValueError as e:
        raise WrongVariable(f"{name} must be a number, not {text!r}") from e
    if not math.isfinite(number):
        raise WrongVariable(f"{name} must be a number, not {text!r}")
    return number


def env_bool(name: str, *, default: bool) -> bool:
    text = os.environ.get(name, "").lower()
    if text in ("", "1", "true", "yes", "0", "false", "no"):
        return text in ("1", "true", "yes") if text else default
    raise WrongVariable(f"{name} must be true or false, not {text!r}")


def env_list(name: str, default: list[str]) -> list[str]:
    text = os.environ.get(name, "")
    return [part.strip() for part in text.split(",") if part.strip()] if text else default


def env_mail_server(name: str) -> MailServer:
    """Read smtp+starttls://user:password@host:587, smtps://…, smtp://… or console:; "" is no mail at all.

    User and password are percent-encoded where they hold signs of an address.
    """
    text = os.environ.get(name, "")
    if text in ("", "console:"):
        return MailServer(backend=f"django.core.mail.backends.{'console' if text else 'dummy'}.EmailBackend")
    try:
        url = urlsplit(text)
        port, encryption = MAIL_SCHEMES[url.scheme]
        if not url.hostname or url.path.strip("/") or url.query:
            raise ValueError(text)
        port = url.port or port
    except (KeyError, ValueError) as e:  # without the text, which may hold a password
        schemes = ", ".join(f"{scheme}://" for scheme in MAIL_SCHEMES)
        raise WrongVariable(f"{name} must be console: or an address that begins with one of {schemes}") from e
    return MailServer(
        backend="django.core.mail.backends.smtp.EmailBackend",
        host=url.hostname,
        port=port,
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        encryption=encryption,
    )


def env_path(name: str, default: Path) -> Path:
    return Path(os.environ.get(name, "") or default).expanduser().resolve()
