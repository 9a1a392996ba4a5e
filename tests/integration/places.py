"""A pytest plugin (`-p tests.integration.places`): a home folder, free ports and secrets, before settings are read.

The integration and browser tests run the real processes, which are told all of this by their environment.
"""

import os
import secrets
import socket
import tempfile

from tests.integration.paths import ROOT

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


def _take_places() -> None:
    for name in [name for name in os.environ if name.startswith("TITLELAB_")]:
        del os.environ[name]  # a developer's own settings would lead the tests to the developer's Label Studio
    (ROOT / "var").mkdir(exist_ok=True)
    os.environ["TITLELAB_HOME"] = tempfile.mkdtemp(prefix="test-", dir=ROOT / "var")
    os.environ |= {name: str(port) for name, port in zip(PORTS, free_ports(len(PORTS)), strict=True)}
    os.environ |= {name: secrets.token_hex(20) for name in SECRETS}
    # Label Studio's data folder is cached between runs, and with it the token and password that it was made with.
    os.environ["TITLELAB_LABEL_STUDIO_TOKEN"] = "0123456789abcdef" * 2 + "01234567"
    os.environ["TITLELAB_LABEL_STUDIO_PASSWORD"] = "a-password-for-tests-on-loopback"  # noqa: S105
    # The schedule is rung by the tests themselves; the one that watches beat sets short intervals of its own.
    os.environ["TITLELAB_RETRAIN_AFTER_DECISIONS"] = "4"
    os.environ["TITLELAB_GATE_LEAST_GOLDEN"] = "8"
    # Epochs, not minutes, bound the language model's training, so that a busy machine learns as much as an idle one.
    os.environ["TITLELAB_TITLER_TRAINING_MINUTES"] = "30"


_take_places()
