"""What a page says, for tests of the admin."""

import html
import re
from typing import Any

from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse


def told(response: Any) -> list[str]:
    """Return the messages that a click left for the next page."""
    return [re.sub(r"<[^>]+>", "", html.unescape(str(message))) for message in get_messages(response.wsgi_request)]


def clicked(client: Client, model: str, row_id: int, name: str) -> Any:
    return client.post(reverse(f"admin:{model}_click", args=[row_id, name]))


def text_of(response: Any) -> str:
    """Return the page's words, without markup and repeated space."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())
