"""Whether the ledger equals Label Studio after a storm: webhook events lost, doubled, reordered, and an outage.

`python -m benchmarks.webhook_storm [--deliveries 1000] [--outage 300]` starts a Label Studio, ml_backend, admin, worker
and schedule of its own, with a proxy where Label Studio finds TitleLab. People submit, skip, change and delete through
Label Studio's API until so many events were delivered, half way with an outage. Then every annotation that stands in
Label Studio is compared with the current Decisions, by value. Prints the counts as JSON; exit code 1 on a difference.
"""

import argparse
import json
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.unreliable_post import UnreliablePost, Weather, running_post

if TYPE_CHECKING:
    from titlelab.review.models import ReviewQueue

N_PEOPLE = 3
# More than people get through: a Label Studio on SQLite that imports while they annotate is a storm of its own.
MOST_TASKS = 600
N_PRODUCTS = 3000
NEVER = "1000000000"


def main() -> None:
    """Let it storm, print the counts, and end with 1 on a difference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deliveries", type=int, default=1000)
    parser.add_argument("--outage", type=float, default=300.0, metavar="SECONDS")
    parser.add_argument("--dropped", type=float, default=0.2)
    parser.add_argument("--doubled", type=float, default=0.3)
    parser.add_argument("--held", type=float, default=8.0, metavar="SECONDS", help="an event is held back, at most")
    parser.add_argument("--pause", type=float, default=1.0, metavar="SECONDS", help="of each person between two acts")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, help="a JSON file for the counts")
    told = parser.parse_args()
    weather = Weather(dropped=told.dropped, doubled=told.doubled, held_s=told.held)
    with _stack(weather, told.seed) as post:
        counts = _counts(post, told)
    print(json.dumps(counts, indent=1))
    if told.out:
        told.out.write_text(json.dumps(counts, indent=1) + "\n", encoding="utf-8")
    sys.exit(1 if counts["differences"] else 0)


@contextmanager
def _stack(weather: Weather, seed: int) -> Iterator[UnreliablePost]:
    """Run everything but the training worker in a home of its own, which is deleted in the end."""
    import tests.integration.places as places  # takes a home, ports and secrets

    port = places.free_ports(1)[0]
    os.environ["TITLELAB_URL"] = f"http://127.0.0.1:{port}"  # noqa: TID251 - before settings are read
    os.environ["TITLELAB_RETRAIN_AFTER_DECISIONS"] = NEVER  # noqa: TID251
    os.environ["TITLELAB_RETRAIN_FULL_ENSEMBLE_AFTER_DECISIONS"] = NEVER  # noqa: TID251
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "titlelab.settings")  # noqa: TID251
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from tests.integration.stack import answers, running, running_label_studio, wait_for

    try:
        call_command("migrate", verbosity=0)
        with ExitStack() as stack:
            post = stack.enter_context(running_post(port, f"http://127.0.0.1:{settings.PORT}", weather, seed=seed))
            stack.enter_context(running_label_studio())
            for name in ("ml-backend", "web", "worker", "beat"):
                stack.enter_context(running(name))
            wait_for(lambda: answers(f"{settings.ML_BACKEND_URL}/health"), "ml_backend")
            wait_for(lambda: answers(f"{settings.TITLELAB_URL}/admin/login/"), "the web process behind the proxy")
            yield post
    finally:
        shutil.rmtree(settings.HOME, ignore_errors=True)


def _counts(post: UnreliablePost, told: argparse.Namespace) -> dict[str, Any]:
    from django.conf import settings

    from benchmarks.storm import Plan, storm
    from tests.integration.stack import wait_for
    from titlelab.labelstudio.client import label_studio
    from titlelab.web.simulating.annotating import Annotator

    studio, queue = label_studio(), _queue(settings.HOME, told.deliveries)
    wait_for(lambda: queue.items.filter(state="open").count() >= queue.working_set, "open tasks", within_s=900)
    plan = Plan(deliveries=told.deliveries, outage_s=told.outage, pause_s=told.pause, seed=told.seed)
    with ExitStack() as stack:
        annotators = []
        for n in range(1, N_PEOPLE + 1):
            password = secrets.token_hex(12)
            studio.make_account(f"storm-{n}@shop.example", password)
            annotators.append(stack.enter_context(Annotator(settings.LABEL_STUDIO_URL)))
            annotators[-1].log_in(f"storm-{n}@shop.example", password)
        return storm(queue, studio, post, annotators, plan, tell=lambda line: print(line, file=sys.stderr, flush=True))


def _queue(folder: Path, deliveries: int) -> "ReviewQueue":
    """Make a queue of generated products; the schedule fills and pushes it."""
    from benchmarks.bulk_drafting import products
    from benchmarks.staging import SAMPLES
    from titlelab.catalog.importing import import_file
    from titlelab.catalog.models import Catalog
    from titlelab.channels.loading import load_built_in_channels
    from titlelab.channels.models import Channel
    from titlelab.review.models import ReviewQueue
    from titlelab.tags.loading import load_library

    load_built_in_channels()
    library = load_library(SAMPLES / "tags-en.json", key="storm-tags")
    channel = Channel.objects.get(key="google")
    catalog = Catalog.objects.create(key="storm", name="Storm", language="en", channel=channel, library=library)
    file = folder / "storm.jsonl"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in products(N_PRODUCTS)), encoding="utf-8")
    import_file(catalog, file, file_name=file.name)
    n_tasks = min(MOST_TASKS, deliveries)
    return ReviewQueue.objects.create(name="Storm", catalog=catalog, working_set=n_tasks, asks_about_good_titles=True)


if __name__ == "__main__":
    main()
