"""Says that this process answers; whether the whole loop is well, `make doctor` says."""

from django.http import HttpRequest, JsonResponse


def health(request: HttpRequest) -> JsonResponse:
    """Answer at once, without the database, so that a busy one does not look like a dead process."""
    return JsonResponse({"status": "ok"})
