"""Typed readers for environment variables; a wrong value stops the start with the variable's name."""

import math
import os
from pathlib import Path


class WrongVariable(ValueError):
    """An environment variable is not of its type."""


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


def env_path(name: str, default: Path) -> Path:
    return Path(os.environ.get(name, "") or default).expanduser().resolve()
