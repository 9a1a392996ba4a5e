"""A product that changes while its task waits is asked about with fresh tags: told by a file or through the API."""

import json
import time
from pathlib import Path

import httpx
from django.conf import settings
from django.contrib.auth.models import User

from ml_backend.labelstudio.annotations import final_values
from ml_backend.tracing import REQUEST_HEADER
from tasks.scoring import fill_queue
from tests.factories import make_token
from tests.integration.rows import imported_catalog, products
from tests.integration.stack import running, wait_for
from titlelab.catalog.importing import import_file
from titlelab.catalog.models import Catalog
from titlelab.labelstudio.client import LabelStudioClient
from titlelab.review.models import ReviewItem, ReviewQueue

WITHIN_S = 60
CHANGED = "For camping, water resistant: a fine present."
TRAIL = "told-by-the-shop"
FRESH_TAGS = {"gift", "outdoor", "waterproof"}


def trail(process: str) -> list[str]:
    """Return the lines of a process's log that carry the request's id."""
    lines = (settings.LOGS_FOLDER / f"{process}.log").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if f" request={TRAIL}" in line]


def filled_queue(catalog: Catalog, name: str) -> ReviewQueue:
    queue = ReviewQueue.objects.create(name=name, catalog=catalog, working_set=6, blind_share=0)
    fill_queue.delay(queue.pk)
    wait_for(lambda: queue.items.filter(state="open").count() == 6, "six open tasks")
    return queue


def changed_row(item: ReviewItem) -> dict[str, object]:
    row = next(row for row in products() if row["sku"] == item.product.sku)
    return {**row, "description": CHANGED}


def renewed(old: ReviewItem, studio: LabelStudioClient) -> ReviewItem:
    """Wait for the item that stands in the old one's place."""
    found = ReviewItem.objects.filter(product=old.product, state="open").exclude(pk=old.pk)
    wait_for(lambda: found.exists() and studio.task(old.task.task_id) is None, "the new task in the old one's place")
    return found.get()


def shown_tags(item: ReviewItem, studio: LabelStudioClient) -> set[str]:
    seen = studio.task(item.task.task_id)
    assert seen is not None
    return set(final_values(seen.predictions[-1].result).tags)


def test_a_changed_product_has_fresh_tags_within_a_minute_by_the_schedule_alone(
    stack: None, studio: LabelStudioClient, tmp_path: Path
) -> None:
    catalog = imported_catalog("fresh-tags", tmp_path)
    old = filled_queue(catalog, "Fresh tags").items.filter(state="open").order_by("rank")[2]

    with running("beat"):
        file = tmp_path / "changed.jsonl"
        file.write_text(json.dumps(changed_row(old)))
        import_file(catalog, file, file_name=file.name)
        changed_at = time.monotonic()
        new = renewed(old, studio)
        seconds = time.monotonic() - changed_at

    assert shown_tags(new, studio) == FRESH_TAGS
    assert (new.rank, new.arm) == (old.rank, old.arm)
    assert seconds < WITHIN_S


def test_a_product_changed_through_the_api_has_fresh_drafts_and_tags_within_a_minute(
    stack: None, studio: LabelStudioClient, tmp_path: Path
) -> None:
    catalog = imported_catalog("fresh-api", tmp_path)
    old = filled_queue(catalog, "Fresh by API").items.filter(state="open").order_by("rank")[2]
    admin = User.objects.create(username="api-admin", is_superuser=True)
    _, secret = make_token("shop", [catalog], made_by=admin, rights=["write", "draft"])
    sku = old.product.sku
    row = changed_row(old)
    del row["sku"]

    with httpx.Client(
        base_url=f"{settings.TITLELAB_URL}/api/v1/catalogs/{catalog.key}",
        headers={"Authorization": f"Bearer {secret}", REQUEST_HEADER: TRAIL},
        timeout=WITHIN_S,
        trust_env=False,
    ) as shop:
        answer = shop.put(f"/products/{sku}", json=row)
        changed_at = time.monotonic()
        drafted = shop.post("/drafts", json={"skus": [sku]})
        seconds_to_draft = time.monotonic() - changed_at
        new = renewed(old, studio)
        seconds = time.monotonic() - changed_at

    assert (answer.status_code, answer.json()["became"]) == (200, "changed")
    assert set(drafted.json()["drafts"][0]["tags"]) == FRESH_TAGS
    assert shown_tags(new, studio) == FRESH_TAGS
    assert seconds_to_draft < WITHIN_S
    assert seconds < WITHIN_S
    # One id through all three: the worker was rung for by the web process, and asked ml_backend in its turn.
    assert any(f"PUT /api/v1/catalogs/{catalog.key}/products/{sku} 200" in line for line in trail("web"))
    wait_for(lambda: any("task=push_queue" in line for line in trail("worker")), "the worker to tell of its push")
    asked_by = ["task=" in line for line in trail("ml-backend")]
    assert set(asked_by) == {True, False}
