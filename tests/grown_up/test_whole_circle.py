"""The whole circle on PostgreSQL and Redis, by the schedule alone, while its parts are killed at random points."""

import contextlib
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from pytest_django import DjangoDbBlocker

from ml_backend.labelstudio.annotations import final_values
from tests.grown_up.parts import Parts
from tests.integration.annotating import Annotator
from tests.integration.rows import gold, imported_catalog
from tests.integration.stack import answers, running_label_studio, wait_for
from titlelab.labelstudio.client import LabelStudioClient, label_studio
from titlelab.labelstudio.provisioning import provision
from titlelab.review.models import Decision, ReviewQueue
from titlelab.training.models import ModelVersion, TrainingRun

N = 16  # of which eight or so are random: the gate has enough to say
ORPHAN_S = 30  # within which a training ends itself whose worker was killed, be it while its libraries load
TAKEOVER_S = 60
LONG_S = 180  # for a few runs of seconds on two busy cores


@pytest.fixture
def parts(django_db_blocker: DjangoDbBlocker) -> Iterator[Parts]:
    """Everything that runs, on a database and a broker of its own."""
    with django_db_blocker.unblock():
        call_command("migrate", verbosity=0)
        with running_label_studio(), Parts() as parts:
            parts.start("ml-backend", "web", "worker", "training", "beat")
            wait_for(lambda: answers(f"{settings.ML_BACKEND_URL}/health"), "ml_backend")
            wait_for(lambda: answers(f"{settings.TITLELAB_URL}/health"), "the web process")
            yield parts
            label_studio().close()
        connection.close()


def test_the_whole_circle_survives_the_death_of_each_part(parts: Parts, tmp_path: Path) -> None:
    assert (connection.vendor, settings.CELERY_BROKER_URL[:8]) == ("postgresql", "redis://")
    seed = time.time_ns() % 10_000
    print(f"points of death drawn with {seed}")  # noqa: T201 - to draw them again
    chance, studio = random.Random(seed), label_studio()
    catalog = imported_catalog("grown-up", tmp_path, language="zh")  # no base model: the full ensemble takes seconds
    queue = ReviewQueue.objects.create(name="Grown up", catalog=catalog, working_set=N, random_share=0.5)
    provision(queue, studio)

    for part in ("ml-backend", "worker"):  # while the schedule drafts, fills and pushes
        time.sleep(chance.uniform(0, 2))
        parts.kill(part)
        parts.start(part)
    wait_for(lambda: TrainingRun.objects.filter(state="running").exists(), "a run on the first good titles")
    time.sleep(chance.uniform(0, 2))
    taken = list(TrainingRun.objects.filter(state="running").values_list("pk", flat=True))
    parts.kill("training")
    wait_for(lambda: not trainings(), "the orphaned training to end itself", within_s=ORPHAN_S)
    parts.start("training")
    killed_at = time.monotonic()
    wait_for(lambda: not TrainingRun.objects.filter(pk__in=taken, state="running", attempts=1), "the takeover")
    assert time.monotonic() - killed_at < TAKEOVER_S
    wait_for(lambda: is_settled(queue, studio), "tasks that show what serves", within_s=LONG_S)
    assert {run.state for run in TrainingRun.objects.filter(pk__in=taken)} <= {"promoted", "refused"}
    assert_no_twins(queue, studio)

    parts.kill("web")  # an outage: what is decided meanwhile, no webhook tells
    with contextlib.closing(Annotator(queue, studio)) as annotator:
        for place, item in enumerate(queue.items.filter(state="open").order_by("rank")):
            title, tags = gold(item.product.sku)
            annotator.edit(title=title, tags=tags, item=item)
            if place == N // 2:
                parts.start("web")
    wait_for(lambda: ledger(queue) == label_studio_holds(queue, studio), "the ledger to equal Label Studio")
    assert len(ledger(queue)) == N

    learnt = TrainingRun.objects.judged().filter(trigger="schedule")
    wait_for(
        lambda: {run.kind for run in learnt.all()} == {"titler", "tagger"}, "what nobody asked for", within_s=LONG_S
    )
    wait_for(lambda: is_settled(queue, studio), "new tasks that show what serves", within_s=LONG_S)
    assert ModelVersion.objects.serving().exists()
    assert_no_twins(queue, studio)
    assert ledger(queue) == label_studio_holds(queue, studio)


def is_settled(queue: ReviewQueue, studio: LabelStudioClient) -> bool:
    """Say whether no run is under way, the queue is full, and every open task shows the titler that serves."""
    if TrainingRun.objects.under_way().exists() or queue.items.filter(state="open").count() != N:
        return False
    serving = ModelVersion.objects.serving().filter(kind="titler", scope=queue.catalog.key).first()
    return shown(queue, studio) == {f"t{serving.number if serving else 0}"}


def trainings() -> list[psutil.Process]:
    """Return the training processes of this test's home."""
    home = str(settings.RUNS_FOLDER)
    found = psutil.process_iter(["cmdline"])
    return [p for p in found if "ml_backend.train" in (p.info["cmdline"] or []) and home in " ".join(p.info["cmdline"])]


def ledger(queue: ReviewQueue) -> dict[int, str]:
    current = Decision.objects.current().filter(item__queue=queue)
    return {decision.annotation_id: decision.title for decision in current}


def label_studio_holds(queue: ReviewQueue, studio: LabelStudioClient) -> dict[int, str]:
    seen = studio.tasks_changed_since(queue.project.project_id, None)
    return {a.id: final_values(a.result).title or "" for task in seen for a in task.annotations}


def shown(queue: ReviewQueue, studio: LabelStudioClient) -> set[str]:
    """Return the titlers whose drafts stand newest on open tasks."""
    tasks = [studio.task(item.task.task_id) for item in queue.items.filter(state="open").select_related("task")]
    newest = [max(task.predictions, key=lambda p: p.id).model_version for task in tasks if task]
    return {version.partition("-")[0] for version in newest}


def assert_no_twins(queue: ReviewQueue, studio: LabelStudioClient) -> None:
    asked = Counter(studio.task_items(queue.project.project_id).values())
    assert set(asked.values()) == {1}, asked
