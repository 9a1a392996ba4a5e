"""The sample catalog with a titler that has learnt from it, so that there are alternatives to pick from."""

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
from titlelab.training.models import TrainingRun
from titlelab.training.starting import start_run

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
    wait_for(lambda: TrainingRun.objects.filter(pk=run.pk, state="promoted").exists(), "the first titler")
    queue = ReviewQueue.objects.create(name=name, catalog=catalog, working_set=working_set, blind_share=0)
    fill_queue.delay(queue.pk)
    wait_for(lambda: queue.items.filter(state="open").count() == working_set, f"{working_set} open tasks")
    return queue
