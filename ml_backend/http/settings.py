"""Every setting of the ML backend, read from the environment and the secrets file once, at the start."""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from ml_backend.tracing import LINES

REPOSITORY = Path(__file__).resolve().parents[2]


class WrongSetting(ValueError):
    """A variable is missing or not of its type: mend the environment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where the backend listens, whom it lets in, where it reads versions, and where Start Training is told.

    password is never empty. draft_cache_mb bounds the drafts kept on disk. webhook_secret "" means that nobody is
    told of Start Training. log_format is "text" for people or "json" for machines.
    """

    home: Path
    models_folder: Path
    host: str
    port: int
    username: str
    password: str
    titlelab_url: str
    webhook_secret: str
    draft_cache_mb: int
    log_format: str = "text"


def settings_of(variables: Mapping[str, str]) -> Settings:
    """Make settings of variables; an empty value counts as absent. Raises WrongSetting with one sentence."""
    home = Path(variables.get("TITLELAB_HOME") or REPOSITORY / "var").expanduser().resolve()
    found = {**_secrets(home / "secrets.env"), **{name: value for name, value in variables.items() if value}}
    titlelab = f"http://{found.get('TITLELAB_HOST', '127.0.0.1')}:{found.get('TITLELAB_PORT', '8000')}"
    return Settings(
        home=home,
        models_folder=Path(found.get("TITLELAB_MODELS_FOLDER", home / "models")).expanduser().resolve(),
        host=found.get("TITLELAB_ML_BACKEND_HOST", "127.0.0.1"),
        port=_whole(found, "TITLELAB_ML_BACKEND_PORT", 9090, least=0, most=65535),
        username=found.get("TITLELAB_ML_BACKEND_USERNAME", "titlelab"),
        password=_present(found, "TITLELAB_ML_BACKEND_PASSWORD"),
        titlelab_url=found.get("TITLELAB_URL", titlelab).rstrip("/"),
        webhook_secret=found.get("TITLELAB_WEBHOOK_SECRET", ""),
        # A draft takes about 3 kB: room for some 60,000 of them.
        draft_cache_mb=_whole(found, "TITLELAB_DRAFT_CACHE_MB", 200, least=1, most=1_000_000),
        log_format=_one_of(found, "TITLELAB_LOG_FORMAT", LINES),
    )


def read_settings() -> Settings:
    """Read the process's environment; raises WrongSetting."""
    return settings_of(os.environ)


def _secrets(path: Path) -> dict[str, str]:
    """Return the NAME=value lines that `make up` wrote; {} when there is no such file."""
    if not path.is_file():
        return {}
    pairs = (line.partition("=") for line in path.read_text(encoding="utf-8").splitlines())
    return {
        name.strip(): value.strip() for name, equals, value in pairs if equals and not name.lstrip().startswith("#")
    }


def _present(variables: Mapping[str, str], name: str) -> str:
    if not variables.get(name):
        raise WrongSetting(f"{name} is not set: `make up` writes one to secrets.env, or set it in the environment.")
    return variables[name]


def _one_of(variables: Mapping[str, str], name: str, choices: Collection[str]) -> str:
    """Return a variable that must be one of the choices, the first if it is not set."""
    said = variables.get(name, next(iter(choices)))
    if said not in choices:
        raise WrongSetting(f"{name} must be {' or '.join(choices)}, not {said!r}.")
    return said


def _whole(variables: Mapping[str, str], name: str, default: int, *, least: int, most: int) -> int:
    text = variables.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and least <= int(text) <= most):
        raise WrongSetting(f"{name} must be a whole number from {least} to {most}, not {text!r}.")
    return int(text)
