"""Refuses a request whose body is too large, while it arrives."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 20 * 1024 * 1024  # Label Studio's largest /predict measured, 3,000 tasks, was 2.5 MB


class BodyLimit:
    """ASGI middleware: counts what arrives, and answers 413 beyond the limit instead of keeping it all."""

    def __init__(self, app: ASGIApp, most_bytes: int = MOST_BYTES) -> None:
        self._app = app
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a counting `receive`."""
        n_bytes = 0

        async def counting() -> Message:
            nonlocal n_bytes
            message = await receive()
            n_bytes += len(message.get("body", b""))
            if n_bytes > self._most_bytes:
                raise HTTPException(413, f"the body is larger than {self._most_bytes // 2**20} MB: send less at once")
            return message

        await self._app(scope, counting if scope["type"] == "http" else receive, send)
