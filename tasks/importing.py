"""Dry runs and imports of uploaded files; the row is the record, and the sweep rings again for what was left."""

from django.db import OperationalError

from tasks.scoring import refill_all
from titlelab.catalog.checking import execute_check
from titlelab.catalog.holding import forgotten_imports
from titlelab.catalog.importing import execute_import
from titlelab.celery import app


@app.task(autoretry_for=(OperationalError,), retry_backoff=5, retry_backoff_max=60, max_retries=5)
def check_upload(run_id: int) -> None:
    """Read the file without writing a product; delivered twice, it is read once."""
    execute_check(run_id)
    ring_for_imports()


@app.task(autoretry_for=(OperationalError,), retry_backoff=5, retry_backoff_max=60, max_retries=5)
def import_upload(run_id: int) -> None:
    """Import the file, and let queues that wait for products be filled; delivered twice, it is imported once."""
    if execute_import(run_id).state == "done":
        refill_all.delay()
    ring_for_imports()


def ring_for_imports() -> int:
    """Ring for the dry runs and imports that nobody works on; returns for how many."""
    found = forgotten_imports()
    for run in found:
        (check_upload if run.state == run.State.CHECKING else import_upload).delay(run.pk)
    return len(found)
