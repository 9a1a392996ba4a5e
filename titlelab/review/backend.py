"""The ML backend that the settings name, as a source of drafts."""

from django.conf import settings

from ml_backend.client import DraftClient


def draft_client() -> DraftClient:
    return DraftClient(
        url=settings.ML_BACKEND_URL,
        username=settings.ML_BACKEND_USERNAME,
        password=settings.ML_BACKEND_PASSWORD,
        timeout_s=settings.ML_BACKEND_TIMEOUT_S,
    )
