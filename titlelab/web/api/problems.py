"""What goes wrong, as problem JSON (RFC 9457) with a sentence that says who can mend it."""

import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

MEDIA_TYPE = "application/problem+json"
RETRY_S = 10  # for what is expected to pass: a busy database, a drafting backend that restarts


class Problem(Exception):
    """Ends the request; errors tell of single fields, each with "where" and "reason"."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors, self.headers = status, detail, errors, headers or {}

    def response(self) -> JsonResponse:
        body: dict[str, Any] = {"title": self.status.phrase, "status": self.status.value, "detail": self.detail}
        if self.errors:
            body["errors"] = [dict(error) for error in self.errors]
        return JsonResponse(body, status=self.status, content_type=MEDIA_TYPE, headers=dict(self.headers))


def try_again(detail: str, *, after_s: float = RETRY_S, status: HTTPStatus = HTTPStatus.SERVICE_UNAVAILABLE) -> Problem:
    """Return a problem that passes by itself; Retry-After counts whole seconds."""
    return Problem(status, detail, headers={"Retry-After": str(max(1, math.ceil(after_s)))})


@csrf_exempt  # or Django would answer a PUT with a page about cookies
def no_such_page(request: HttpRequest, **_: str) -> JsonResponse:
    """Answer an address below /api/ that is none."""
    detail = f"There is nothing at {request.path[:200]}: mend the address; /api/v1/docs lists what there is."
    return Problem(HTTPStatus.NOT_FOUND, detail).response()
