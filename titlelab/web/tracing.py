"""Gives every request an id that its log lines, its tasks and the ML backend's lines carry."""

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from ml_backend.tracing import REQUEST_HEADER, request_id, traced

logger = logging.getLogger(__name__)
QUIET = ("/health", "/metrics", "/static/")  # asked every few seconds, or without anything to tell


class RequestIds:
    """Takes the id that a proxy gave, or makes one, and answers with it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        number = request_id(request.headers.get(REQUEST_HEADER))
        with traced(request=number):
            started = time.monotonic()
            response = self._get_response(request)
            response[REQUEST_HEADER] = number
            if not request.path.startswith(QUIET):
                took_ms = round(1000 * (time.monotonic() - started))
                logger.info("%s %s %d in %d ms", request.method, request.path, response.status_code, took_ms)
            return response
