"""`python -m ml_backend` serves drafts until it is told to stop."""

import logging
import signal
import socket
import sqlite3
import sys
import threading
from types import FrameType

import uvicorn
from fastapi import FastAPI

from ml_backend.http.app import make_app
from ml_backend.http.desk import Desk
from ml_backend.http.models import real_models
from ml_backend.http.process_health import device
from ml_backend.http.settings import Settings, WrongSetting, read_settings
from ml_backend.tracing import LINES

STOP_S = 10  # a chunk of drafts under way takes about 2 s; what is left is refused


class Server(uvicorn.Server):
    """Tells the desk of a stop as soon as the signal is there, so that a long request does not hold it up."""

    def __init__(self, config: uvicorn.Config, desk: Desk) -> None:
        super().__init__(config)
        self._desk = desk

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop drafting, then stop serving."""
        self._desk.stop()
        super().handle_exit(sig, frame)


def main() -> None:
    """Serve; a setting that can't work or a taken port ends it with one sentence and exit code 1."""
    try:
        settings = read_settings()
    except WrongSetting as e:
        sys.exit(str(e))
    lines = logging.StreamHandler()
    lines.setFormatter(LINES[settings.log_format]())
    logging.basicConfig(level=logging.INFO, handlers=[lines])
    logging.getLogger("httpx").setLevel(logging.WARNING)
    for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn raises the signal again when it has stopped
        signal.signal(number, lambda *_: sys.exit(0))
    with listening(settings) as listener:
        app = _app(settings)
        host, port = listener.getsockname()[:2]
        sys.stdout.write(f"TitleLab ML backend on http://{host}:{port}, {device()}\n")
        sys.stdout.flush()
        threading.Thread(target=app.state.desk.warm_up, daemon=True).start()
        config = uvicorn.Config(
            app, access_log=False, log_config=None, log_level="warning", timeout_graceful_shutdown=STOP_S
        )
        Server(config, app.state.desk).run(sockets=[listener])


def _app(settings: Settings) -> FastAPI:
    try:
        return make_app(settings, real_models())
    except (OSError, sqlite3.OperationalError) as e:
        sys.exit(f"The ML backend can't keep its drafts in {settings.home} ({e}): mend TITLELAB_HOME or its rights.")


def listening(settings: Settings) -> socket.socket:
    """Take the address before anything is loaded."""
    try:
        listener = socket.create_server((settings.host, settings.port), backlog=2048)
    except OSError as e:
        sys.exit(
            f"The ML backend can't listen on {settings.host}:{settings.port} ({e.strerror}): free the port, or set "
            "TITLELAB_ML_BACKEND_PORT to another."
        )
    # Connections inherit it. asyncio would set it only on a socket that was made with its protocol told, and without
    # it every answer on a kept connection waits 40 ms: for the acknowledgement between its head and its body.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


if __name__ == "__main__":
    main()
