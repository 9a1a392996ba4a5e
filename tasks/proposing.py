"""Searches products and annotators' suggestions for tags that the libraries lack."""

from django.db import OperationalError
from django.utils import timezone

from titlelab.celery import app
from titlelab.review import gathering
from titlelab.tags.models import TagLibrary


@app.task
def search_all() -> int:
    """Ring for every library about which something new is told; returns how many."""
    libraries = [library for library in TagLibrary.objects.all() if gathering.is_due(library)]
    for library in libraries:
        search_for_tags.delay(library.pk)
    return len(libraries)


@app.task(autoretry_for=(OperationalError,), max_retries=2)
def search_for_tags(library_id: int) -> int:
    """Propose what one library lacks; safe to repeat. Returns how many proposals are new."""
    return gathering.search_for_tags(TagLibrary.objects.get(pk=library_id), timezone.now())
