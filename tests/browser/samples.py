"""Queues to open in the browser: the sample with a titler that has learnt from it, and libraries of any size."""

import json
from pathlib import Path

from tasks.scoring import fill_queue
from tasks.training import execute_training_run
from tests.integration.paths import ROOT
from tests.integration.stack import wait_for
from titlelab.catalog.importing import import_file
from titlelab.catalog.models import Catalog
from titlelab.channels.loading import load_built_in_channels
from titlelab.channels.models import Channel
from titlelab.review.models import ReviewQueue
from titlelab.tags.loading import load_library
from titlelab.tags.models import Tag, TagLibrary
from titlelab.tags.publishing import changed
from titlelab.training.models import TrainingRun
from titlelab.training.starting import start_run

TRAINING_S = 300  # half a minute where nothing else runs
DATA = Path(ROOT) / "titlelab" / "samples" / "data"


def sample_queue(name: str, *, working_set: int) -> ReviewQueue:
    """Import the English sample, train its quick ensemble and let the worker fill and push a queue."""
    load_built_in_channels()
    library = load_library(DATA / "tags-en.json", key="browser-tags")
    channel = Channel.objects.get(key="google")
    catalog = Catalog.objects.create(key="browser", name="Sample shop (English)", library=library, channel=channel)
    import_file(catalog, DATA / "sample-en.jsonl", file_name="sample-en.jsonl")
    run = start_run("ensemble", catalog.key, "first")
    execute_training_run.delay(run.pk)
    promoted = TrainingRun.objects.filter(pk=run.pk, state="promoted")
    wait_for(promoted.exists, "the first titler", within_s=TRAINING_S)
    queue = ReviewQueue.objects.create(name=name, catalog=catalog, working_set=working_set, blind_share=0)
    fill_queue.delay(queue.pk)
    wait_for(lambda: queue.items.filter(state="open").count() == working_set, f"{working_set} open tasks")
    return queue


def library_queue(key: str, n_tags: int, folder: Path, *, n_groups: int) -> ReviewQueue:
    """Make a catalog with n_tags tags and two products for which "Outdoor" is proposed, and push them."""
    load_built_in_channels()
    library = TagLibrary.objects.create(key=key, name=key)
    tags = [Tag(library=library, name=f"Trait {n}", group=f"Group {n % n_groups}") for n in range(n_tags - 1)]
    Tag.objects.bulk_create([*tags, Tag(library=library, name="Outdoor", group="Use", aliases=["camping"])])
    changed(library)
    channel = Channel.objects.get(key="google")
    catalog = Catalog.objects.create(key=key, name=key, library=library, channel=channel)
    file = folder / f"{key}.jsonl"
    rows = [{"sku": f"L-{n}", "brand": "Norvik", "description": "A lamp for camping."} for n in range(2)]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    import_file(catalog, file, file_name=file.name)
    queue = ReviewQueue.objects.create(name=f"Library {key}", catalog=catalog, working_set=2, blind_share=0)
    fill_queue.delay(queue.pk)
    wait_for(lambda: queue.items.filter(state="open").count() == 2, "two open tasks")
    return queue
