"""Pages of the admin that are more than a list: the front page's state of the loop."""

from typing import Any

from django.http import HttpRequest


def front_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the state of the loop to the admin's front page."""
    return context
