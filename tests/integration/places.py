"""A pytest plugin (`-p tests.integration.places`): a home folder, free ports and secrets, before settings are read.

The integration and browser tests run the real processes, which are told all of this by their environment.
"""

import os
import secrets
import socket
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / "var" / "cache"
PORTS = ("TITLELAB_PORT", "TITLELAB_LABEL_STUDIO_PORT", "TITLELAB_ML_BACKEND_PORT")
SECRETS = ("TITLELAB_SECRET_KEY", "TITLELAB_WEBHOOK_SECRET", "TITLELAB_ML_BACKEND_PASSWORD")


def free_ports(n: int) -> list[int]:
    """Return n ports that nobody listens on; held open together, so that they differ."""
    sockets = [socket.socket() for _ in range(n)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _test_secret(name: str) -> str:
    """Label Studio's data folder is cached between runs, and with it the token and passwords that it was made with."""
    file = CACHE / f"{name}.secret"
    if not file.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(20), encoding="utf-8")
    return file.read_text(encoding="utf-8")


def _take_places() -> None:
    (ROOT / "var").mkdir(exist_ok=True)
    os.environ["TITLELAB_HOME"] = tempfile.mkdtemp(prefix="test-", dir=ROOT / "var")
    os.environ |= {name: str(port) for name, port in zip(PORTS, free_ports(len(PORTS)), strict=True)}
    os.environ |= {name: secrets.token_hex(20) for name in SECRETS}
    os.environ["TITLELAB_LABEL_STUDIO_TOKEN"] = _test_secret("token")
    os.environ["TITLELAB_LABEL_STUDIO_PASSWORD"] = _test_secret("password")
    # The schedule is rung by the tests themselves; the one that watches beat sets short intervals of its own.
    os.environ["TITLELAB_RETRAIN_AFTER_DECISIONS"] = "4"
    os.environ["TITLELAB_BASE_MODEL"] = str(Path(os.environ["TITLELAB_HOME"]) / "tiny-base")
    os.environ["TITLELAB_TITLER_TRAINING_MINUTES"] = "0.5"


_take_places()
