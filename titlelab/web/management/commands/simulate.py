"""`simulate --catalog KEY`: play annotators who know the answers, and measure what the loop gains by each round."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ml_backend.errors import MLBackendError
from titlelab.catalog.models import Catalog
from titlelab.celery import app
from titlelab.errors import TitleLabError
from titlelab.review.backend import draft_client
from titlelab.review.models import ReviewQueue
from titlelab.training.models import TrainingRun
from titlelab.training.scopes import IN_THE_LOOP
from titlelab.web.simulating.annotating import Annotator
from titlelab.web.simulating.gold import gold_file, read_gold
from titlelab.web.simulating.report import Story, table
from titlelab.web.simulating.turning import Plan, Simulation

METHODS = tuple(TrainingRun.Method.values)
WORKER_QUEUES = {"default", "training"}
# What a result depends on beside the arguments.
TOLD_SETTINGS = (
    "BASE_MODEL",
    "BASE_MODEL_ZH",
    "TITLER_TRAINING_MINUTES",
    "GATE_MARGIN",
    "GATE_LEAST_GOLDEN",
    "RETRAIN_AFTER_DECISIONS",
    "RETRAIN_FULL_ENSEMBLE_AFTER_DECISIONS",
    "SCORING_POOL",
)


class Command(BaseCommand):
    """Works against the running stack: what the annotator submits reaches the models by the true loop."""

    help = (
        "Play an annotator who types the right title and tags, and measure after each round on products that are kept "
        "from people and models (the queue's reserved skus). Needs the running stack (`make up`)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--catalog", action="append", required=True, metavar="KEY", help="once for each catalog")
        parser.add_argument("--rounds", type=int, default=4)
        parser.add_argument("--per-round", type=int, default=25, help="Decisions in a round")
        parser.add_argument("--probe", type=int, default=60, help="products to measure on; a drawn probe stays")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument(
            "--methods",
            default=",".join(IN_THE_LOOP),
            help=f"what is trained, of {', '.join(METHODS)} (default: %(default)s)",
        )
        parser.add_argument("--gold", type=Path, help="the answers (JSON Lines); by default the sample's hidden ones")
        parser.add_argument("--annotator", default=settings.ANNOTATOR_USERNAME, help="whose account is used")
        parser.add_argument("--out", type=Path, help="a JSON file for everything that was seen")

    def handle(self, **options: Any) -> None:
        plan, queues = _plan(options), [_queue(key) for key in options["catalog"]]
        _require_workers()
        try:
            stories = [self._story(queue, plan, options) for queue in queues]
        except (TitleLabError, MLBackendError) as e:
            raise CommandError(str(e)) from e
        for story in stories:
            self.stdout.write(f"\n{table(story)}")
        if out := options["out"]:
            _write(out, options, stories)

    def _story(self, queue: ReviewQueue, plan: Plan, options: dict[str, Any]) -> Story:
        key = queue.catalog.key
        gold = read_gold(options["gold"] or gold_file(key))
        with Annotator(settings.LABEL_STUDIO_URL) as annotator:
            annotator.log_in(options["annotator"], settings.ANNOTATOR_PASSWORD)
            return Simulation(queue, gold, annotator, draft_client(), plan, lambda line: self._tell(key, line)).run()

    def _tell(self, key: str, line: str) -> None:
        self.stdout.write(f"{timezone.localtime():%H:%M:%S}  {key}  {line}")
        self.stdout.flush()


def _plan(options: dict[str, Any]) -> Plan:
    methods = [method for method in options["methods"].split(",") if method]
    if unknown := sorted(set(methods) - set(METHODS)):
        raise CommandError(f"--methods: there is no {', '.join(unknown)}; there are {', '.join(METHODS)}")
    for name in ("rounds", "per_round", "probe"):
        if options[name] < 1:
            raise CommandError(f"--{name.replace('_', '-')} must be at least 1")
    return Plan(
        n_rounds=options["rounds"],
        per_round=options["per_round"],
        n_probe=options["probe"],
        seed=options["seed"],
        methods=frozenset(methods),
    )


def _queue(key: str) -> ReviewQueue:
    queues = ReviewQueue.objects.is_open().filter(catalog__key=key).select_related("catalog__library")
    queue = queues.order_by("pk").first()
    if queue is None:
        known = ", ".join(Catalog.objects.filter(queues__state="open").distinct().values_list("key", flat=True))
        raise CommandError(f"no catalog {key!r} has an open queue; these have one: {known or 'none'}")
    return queue


def _require_workers() -> None:
    answers = app.control.inspect(timeout=2).active_queues() or {}
    read = {queue["name"] for queues in answers.values() for queue in queues}
    if missing := sorted(WORKER_QUEUES - read):
        raise CommandError(f"no worker reads the queue {' and '.join(missing)}: start the stack with `make up`")


def _write(out: Path, options: dict[str, Any], stories: list[Story]) -> None:
    told = ("catalog", "rounds", "per_round", "probe", "seed", "methods")
    everything = {
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "arguments": {name: options[name] for name in told},
        "settings": {name: getattr(settings, name) for name in TOLD_SETTINGS},
        "catalogs": [asdict(story) for story in stories],
    }
    try:
        out.write_text(json.dumps(everything, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as e:
        raise CommandError(f"{out} can't be written: {e.strerror}") from e
