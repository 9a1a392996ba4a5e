"""Writing the secrets once, into a private file that the settings read."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

# What a person types is short enough to read off a screen.
MADE_BY: dict[str, Callable[[], str]] = {
    "TITLELAB_SECRET_KEY": lambda: secrets.token_urlsafe(50),
    "TITLELAB_WEBHOOK_SECRET": lambda: secrets.token_urlsafe(32),
    "TITLELAB_ML_BACKEND_PASSWORD": lambda: secrets.token_urlsafe(32),
    "TITLELAB_LABEL_STUDIO_TOKEN": lambda: secrets.token_hex(20),  # 40 hex digits, as Label Studio's own
    "TITLELAB_LABEL_STUDIO_PASSWORD": lambda: secrets.token_urlsafe(12),
    "TITLELAB_ANNOTATOR_USERNAME": lambda: "annotator@titlelab.local",
    "TITLELAB_ANNOTATOR_PASSWORD": lambda: secrets.token_urlsafe(12),
    "TITLELAB_ADMIN_USERNAME": lambda: "admin",
    "TITLELAB_ADMIN_PASSWORD": lambda: secrets.token_urlsafe(12),
}


def secrets_file(home: Path) -> Path:
    return home / "secrets.env"


def keep_secrets(home: Path) -> list[str]:
    """Add the secrets that the file lacks, readable by its owner alone; return their names.

    What stands in the file is never changed, so other settings may stand there too.
    """
    file = secrets_file(home)
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    told = (line.partition("=") for line in text.splitlines())
    known = {name.strip() for name, _, value in told if value.strip()}
    missing = [name for name in MADE_BY if name not in known]
    if missing:
        home.mkdir(parents=True, exist_ok=True)
        end = "" if not text or text.endswith("\n") else "\n"
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as out:
            file.chmod(0o600)  # the user may have made it, readable by all
            out.write(end + "".join(f"{name}={MADE_BY[name]()}\n" for name in missing))
    return missing
