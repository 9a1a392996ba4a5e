"""A real mail server on this machine, for as long as a test needs one."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from pytest_django import Settings


class Mailbox:
    """Keeps every mail."""

    def __init__(self) -> None:
        self.got: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.got.append(BytesParser(EmailMessage, policy=default).parsebytes(envelope.content))
        return "250 OK"


class NoSuchMailbox:
    """Refuses everybody."""

    async def handle_RCPT(self, *_: Any) -> str:  # noqa: N802 - aiosmtpd's name
        return "550 no such mailbox"


@contextmanager
def post_office(handler: object, settings: Settings) -> Iterator[None]:
    """Let the settings name a mail server that does with mails as the handler says."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(handler, hostname="127.0.0.1", port=port)
    settings.EMAIL_URL = f"smtp://127.0.0.1:{port}"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    server.start()
    try:
        yield
    finally:
        server.stop()
