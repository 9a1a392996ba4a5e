"""Counts the drafts of all catalogs up to the latest; see draft_counts.py for why."""

from django.db import transaction
from django.db.models import Max

from titlelab.catalog.models import Catalog
from titlelab.quality.draft_counts import counted
from titlelab.quality.models import DraftCount
from titlelab.review.models import Draft


def count_drafts() -> None:
    """Bring each catalog's count up to the latest draft; safe to repeat."""
    last = Draft.objects.aggregate(last=Max("pk"))["last"] or 0
    found = counted(Draft.objects.filter(pk__lte=last))
    with transaction.atomic():
        for pk in Catalog.objects.values_list("pk", flat=True):
            DraftCount.objects.update_or_create(catalog_id=pk, defaults={"n": found[pk], "last_draft": last})
