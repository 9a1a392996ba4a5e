"""A product that changes while its task waits is asked about with fresh tags, by the schedule alone."""

import json
import time
from pathlib import Path

from ml_backend.labelstudio.annotations import final_values
from tasks.scoring import fill_queue
from tests.integration.rows import imported_catalog, products
from tests.integration.stack import running, wait_for
from titlelab.catalog.importing import import_file
from titlelab.labelstudio.client import LabelStudioClient
from titlelab.review.models import ReviewItem, ReviewQueue

WITHIN_S = 60


def test_a_changed_product_has_fresh_tags_within_a_minute(
    stack: None, studio: LabelStudioClient, tmp_path: Path
) -> None:
    catalog = imported_catalog("fresh-tags", tmp_path)
    queue = ReviewQueue.objects.create(name="Fresh tags", catalog=catalog, working_set=6, blind_share=0)
    fill_queue.delay(queue.pk)
    wait_for(lambda: queue.items.filter(state="open").count() == 6, "six open tasks")
    old = queue.items.filter(state="open").order_by("rank")[2]

    with running("beat"):
        row = next(row for row in products() if row["sku"] == old.product.sku)
        file = tmp_path / "changed.jsonl"
        file.write_text(json.dumps({**row, "description": "For camping, water resistant: a fine present."}))
        import_file(catalog, file, file_name=file.name)
        changed_at = time.monotonic()
        renewed = ReviewItem.objects.filter(product=old.product, state="open").exclude(pk=old.pk)
        wait_for(
            lambda: renewed.exists() and studio.task(old.task.task_id) is None, "the new task in the old one's place"
        )
        seconds = time.monotonic() - changed_at

    new = renewed.get()
    seen = studio.task(new.task.task_id)
    assert seen is not None
    assert set(final_values(seen.predictions[-1].result).tags) == {"gift", "outdoor", "waterproof"}
    assert (new.rank, new.arm) == (old.rank, old.arm)
    assert seconds < WITHIN_S
