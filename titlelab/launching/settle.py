"""What `up` does once the services answer: accounts, sample catalogs, their first models, queues and tasks.

Run as a program beside the processes. The samples are loaded once; what exists is never changed.
"""

import contextlib
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import django
import httpx
import numpy as np
from django.conf import settings

if TYPE_CHECKING:
    from titlelab.catalog.models import Catalog

SAMPLES = Path(__file__).resolve().parents[1] / "samples" / "data"
STARTED = time.monotonic()
SERVICE_TIMEOUT_S = 300  # Label Studio's first start migrates its database
FIRST_TRAINING_TIMEOUT_S = 300  # seconds of work; more when the machine is busy
GEMMA_HINT = """Chinese titles by a language model (Gemma 3 270M, under the Gemma terms):
  echo TITLELAB_BASE_MODEL_ZH=gemma3-270m >> {secrets} && make down up
"""


class Sample(NamedTuple):
    """A sample catalog, its files and what is made of them."""

    key: str
    name: str
    language: str
    channel: str
    library: str
    tags: str
    queue: str


ALL_SAMPLES = (
    Sample(
        "sample-en", "Sample shop (English)", "en", "google", "samples-en", "tags-en.json", "Sample titles (English)"
    ),
    Sample(
        "sample-zh", "Sample shop (Chinese)", "zh", "taobao", "samples-zh", "tags-zh.json", "Sample titles (Chinese)"
    ),
)


class NotSettled(Exception):
    """The first contents are not all there; the text says why."""


def settle() -> None:
    """Wait for the services, make what is missing, and say what to do next."""
    wait_for_services()
    make_annotator()
    if not settled_file().exists():
        load_samples()
        settled_file().touch()
    tell("\n" + summary())


def settled_file() -> Path:
    """Return the file that marks the samples as loaded: a sample that was deleted since stays deleted."""
    return Path(settings.HOME) / "samples-loaded"


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def told(what: str) -> None:
    tell(f"  {time.monotonic() - STARTED:4.0f} s  {what}")


def wait_for_services() -> None:
    """Wait until all three answer; raises NotSettled."""
    waiting = {
        "The web": f"http://127.0.0.1:{settings.PORT}/admin/login/",
        "The ML backend": f"{settings.ML_BACKEND_URL}/health",
        "Label Studio": f"{settings.LABEL_STUDIO_URL}/health",
    }

    def still_silent() -> bool:
        for name in [name for name, url in waiting.items() if _answers(url)]:
            told(f"{name} answers")
            del waiting[name]
        return bool(waiting)

    if not _wait_while(still_silent, SERVICE_TIMEOUT_S, hint=lambda: f"waiting for {', '.join(waiting)}"):
        raise NotSettled(f"No answer from {', '.join(waiting)}: read the logs in {settings.LOGS_FOLDER}")


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=3, trust_env=False).status_code < httpx.codes.INTERNAL_SERVER_ERROR
    except httpx.HTTPError:
        return False


def _wait_while(is_pending: Callable[[], bool], timeout_s: float, *, hint: Callable[[], str]) -> bool:
    """Look twice a second, and show a sign of life every 15 s; False when time ran out."""
    begun = shown = time.monotonic()
    while is_pending():
        now = time.monotonic()
        if now - begun > timeout_s:
            return False
        if now - shown > 15:
            told(f"… {hint()}")
            shown = now
        time.sleep(0.5)
    return True


def make_annotator() -> None:
    from titlelab.launching.label_studio import create_account

    name, password = os.environ["TITLELAB_ANNOTATOR_USERNAME"], os.environ["TITLELAB_ANNOTATOR_PASSWORD"]
    if create_account(settings.LABEL_STUDIO_URL, settings.LABEL_STUDIO_TOKEN, email=name, password=password):
        told(f"Label Studio has an account for {name}")


def load_samples() -> None:
    """Load both samples, train a first quick ensemble of each, and push the first tasks."""
    from titlelab.catalog.models import Catalog
    from titlelab.channels.loading import load_built_in_channels

    load_built_in_channels()
    for sample in ALL_SAMPLES:
        told(f"{_loaded(sample)} products in {sample.name}")
    runs = [_first_run(sample.key) for sample in ALL_SAMPLES]
    for run_id in runs:
        _watch(run_id)
    for sample in ALL_SAMPLES:
        n = _asked(sample, Catalog.objects.get(key=sample.key))
        told(f"{n} pre-filled tasks in “{sample.queue}”")


def _loaded(sample: Sample) -> int:
    """Load what is missing of a sample; returns how many products its catalog has."""
    from titlelab.catalog.importing import import_file
    from titlelab.catalog.models import Catalog
    from titlelab.channels.models import Channel
    from titlelab.tags.loading import load_library
    from titlelab.tags.models import TagLibrary

    library = TagLibrary.objects.filter(key=sample.library).first()
    library = library or load_library(SAMPLES / sample.tags, key=sample.library)
    channel = Channel.objects.get(key=sample.channel)
    told_once = {"name": sample.name, "language": sample.language, "channel": channel, "library": library}
    catalog, _ = Catalog.objects.get_or_create(key=sample.key, defaults=told_once)
    if not catalog.products.exists():
        file = SAMPLES / f"{sample.key}.jsonl"
        import_file(catalog, file, file_name=file.name)
    return catalog.products.count()


def _first_run(scope: str) -> int:
    """Start a catalog's first training, unless there has been one; returns a run that is worth waiting for."""
    from tasks.training import execute_training_run
    from titlelab.errors import NotPossibleNow
    from titlelab.training.models import TrainingRun
    from titlelab.training.starting import start_run

    runs = TrainingRun.objects.filter(method="ensemble", scope=scope)
    if not runs.exists():
        with contextlib.suppress(NotPossibleNow):  # the schedule was first
            execute_training_run.delay(start_run("ensemble", scope, "first").pk)
    return runs.earliest("pk").pk


def _watch(run_id: int) -> None:
    from titlelab.training.models import TrainingRun

    def run() -> TrainingRun:
        return TrainingRun.objects.get(pk=run_id)

    def is_pending() -> bool:
        return run().state in (TrainingRun.State.QUEUED, TrainingRun.State.RUNNING)

    finished = _wait_while(
        is_pending, FIRST_TRAINING_TIMEOUT_S, hint=lambda: f"{run()}: {run().progress:.0%} {run().message}"
    )
    told(f"{run()}: {run().message}" if finished else f"{run()} goes on in the background")


def _asked(sample: Sample, catalog: "Catalog") -> int:
    """Make the sample's queue and push its first tasks; returns how many wait in it."""
    from django.utils import timezone

    from titlelab.labelstudio.client import label_studio
    from titlelab.labelstudio.pushing import push_queue
    from titlelab.review.backend import draft_client
    from titlelab.review.filling import fill_queue
    from titlelab.review.models import ReviewQueue

    queue, _ = ReviewQueue.objects.get_or_create(name=sample.queue, defaults={"catalog": catalog})
    source = draft_client()
    fill_queue(queue, source, rng=np.random.default_rng(), now=timezone.now())
    push_queue(queue, label_studio(), source)
    return queue.items.filter(state="open").count()


def summary() -> str:
    """Say where everything is, who logs in where, and what to try."""
    secrets = Path(settings.HOME) / "secrets.env"
    names = {role: os.environ.get(f"TITLELAB_{role}_USERNAME", "") for role in ("ADMIN", "ANNOTATOR")}
    gemma = "" if settings.BASE_MODEL_ZH else GEMMA_HINT.format(secrets=secrets)
    return f"""TitleLab is up. Passwords stand in {secrets} under the names in brackets.

  TitleLab      {settings.TITLELAB_URL}/admin/
                {names["ADMIN"]} (TITLELAB_ADMIN_PASSWORD)
  Label Studio  {settings.LABEL_STUDIO_URL}/
                {names["ANNOTATOR"]} (TITLELAB_ANNOTATOR_PASSWORD)
                {settings.LABEL_STUDIO_USERNAME}, its administrator (TITLELAB_LABEL_STUDIO_PASSWORD)
  ML backend    {settings.ML_BACKEND_URL}/health

Try next: log in to Label Studio as the annotator, open “{ALL_SAMPLES[0].queue}”, press “Label All Tasks”
and accept or edit some titles. TitleLab learns from them by itself: after {settings.RETRAIN_AFTER_DECISIONS}
Decisions in seconds, after {settings.RETRAIN_FULL_ENSEMBLE_AFTER_DECISIONS} for some minutes. Watch its front page.
{gemma}Something is wrong? make doctor. Stop with Ctrl-C here, or make down."""


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "titlelab.settings")
    django.setup()
    from kombu.exceptions import OperationalError as BrokerError

    from ml_backend.errors import MLBackendError
    from titlelab.errors import TitleLabError

    try:
        settle()
    except (TitleLabError, MLBackendError, BrokerError, NotSettled) as e:
        tell(f"\nThe first contents are not complete: {e}\nThe next make up goes on from here; make doctor says more.")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
