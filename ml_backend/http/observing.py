"""Notes every request: its ids for the log, its number and seconds for Prometheus."""

import logging
import time

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ml_backend.http.metrics import Metrics
from ml_backend.tracing import HEADER, REQUEST_HEADER, begin, end, from_header, request_id

logger = logging.getLogger(__name__)
QUIET = ("/health", "/metrics", "/versions")  # asked every few seconds


class Observed:
    """ASGI middleware: the ids that a caller's header carries hold while it is answered, and stand in the answer."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and note it when it is answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, status, started = Headers(scope=scope), 500, time.monotonic()
        told = from_header(headers.get(HEADER))
        told["request"] = request_id(told.get("request") or headers.get(REQUEST_HEADER))

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message.get("headers", []),
                    (REQUEST_HEADER.lower().encode(), told["request"].encode()),
                ]
            await send(message)

        token = begin(told)
        try:
            await self._app(scope, receive, noting)
        finally:
            self._note(scope, status, time.monotonic() - started)
            end(token)

    def _note(self, scope: Scope, status: int, took_s: float) -> None:
        """Count by the route's pattern: a caller who makes paths up makes no new figures."""
        path = getattr(scope.get("route"), "path", "other")
        self._metrics.requests.labels(path, status).inc()
        self._metrics.seconds.labels(path).observe(took_s)
        if path not in QUIET:
            logger.info("%s %s %d in %d ms", scope["method"], scope["path"], status, round(1000 * took_s))
