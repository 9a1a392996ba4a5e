"""`simulate --catalog KEY`: play annotators who know the answers, and measure what the loop gains by each round."""

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import product
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter
from django.utils import timezone
from django.utils.text import slugify

from ml_backend.errors import MLBackendError
from titlelab.catalog.models import Catalog
from titlelab.celery import app
from titlelab.errors import TitleLabError
from titlelab.review.backend import draft_client
from titlelab.review.models import ReviewQueue
from titlelab.training.models import TrainingRun
from titlelab.training.scopes import IN_THE_LOOP
from titlelab.web.simulating.annotating import Annotator
from titlelab.web.simulating.annotator import Manner
from titlelab.web.simulating.arms import Cast, Ground, play_pair
from titlelab.web.simulating.catalog_file import Parts, answers, parts, read
from titlelab.web.simulating.comparison import Comparison, Pair, comparison, comparison_table
from titlelab.web.simulating.copying import copy_queue, queue_of_parts
from titlelab.web.simulating.finishing import bring_pages_up_to_date
from titlelab.web.simulating.gold import Gold, gold_file, read_gold
from titlelab.web.simulating.picture import picture
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
TOLD_OPTIONS = (
    "catalog", "file", "known", "channel", "rounds", "per_round", "probe", "seed", "seeds", "close_enough", "careless",
    "methods",
)  # fmt: skip
EPILOG = """
--out holds an object of
  made_at, arguments, settings    when, and what the figures depend on
  catalogs     one for each catalog that was played, each seed's arms apart:
    catalog, queue, of (what it is a copy of), seed, arm ("learning" or "control")
    rounds     0 is the state before anybody was asked:
      number, seconds, n_decisions (so far), n_answered, n_as_shown, n_titles_kept, came_by,
      machine_seconds (training, and waiting for tasks to be drafted and sent), annotator_seconds (a person's),
      asked [sku, chosen_by, is_blind, version (that drafted it), outcome, seconds, title_edit, tags_added,
             tags_removed (all the Decision's)],
      trained [method, scope, state, sentence, number, n_examples, n_decisions (of them), seconds],
      new_drafts [kind, number, seconds (last Decision to new draft in an open task), run_seconds],
      probe [version, titler, tagger, n, unedited, accepted, title_edit, tag_f1, seconds, products]
  comparisons  one for each catalog or file, where there are two arms:
    catalog, seeds, n_probe, n_answered, n_blind (of them), n_titles_kept, n_titles_kept_by_control,
    annotator_seconds, annotator_seconds_of_control, machine_seconds, machine_seconds_per_accepted_title
    rounds     number, n_decisions, and of unedited and title_edit: learning, control and gain, each with mean,
               low and high; gain is paired by product and above 0 where learning is better; low and high bound the
               95 % interval, bootstrapped over seeds and over each seed's products
    new_drafts kind, n, median, greatest, greatest_beside_run (without the run's own seconds)
"""


class Command(BaseCommand):
    """Works against the running stack: what the annotator submits reaches the models by the true loop."""

    help = (
        "Play an annotator who knows the right title and tags, and measure after each round on products that are kept "
        "from people and models (the queue's reserved skus). Needs the running stack (`make up`)."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, epilog=EPILOG, formatter_class=_Formatter, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--catalog", action="append", default=[], metavar="KEY", help="once for each catalog")
        parser.add_argument(
            "--file",
            action="append",
            default=[],
            type=Path,
            help="a catalog file (JSON Lines, also .gz; every title right), once for each: titles of its train "
            "families are known, those of the others hidden, and the annotator alone knows these; implies --seeds 1",
        )
        parser.add_argument("--known", type=int, help="of a file's train titles the first so many (default: all)")
        parser.add_argument("--channel", default="google", help="of a file's catalog (default: %(default)s)")
        parser.add_argument("--rounds", type=int, default=4)
        parser.add_argument("--per-round", type=int, default=25, help="Decisions in a round")
        parser.add_argument("--probe", type=int, default=60, help="products to measure on; a drawn probe stays")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument(
            "--seeds",
            type=int,
            default=0,
            help="play so many times, from --seed on, each time on a fresh copy of the catalog, beside a control: "
            "another copy where the same products are asked of the same annotator, and versions are frozen. "
            "0: play the catalog itself, without a control",
        )
        parser.add_argument(
            "--close-enough",
            type=float,
            default=0.0,
            help="the edit distance from the right title, 0 to 1, at which the annotator lets a drafted title stand; "
            "one farther off is mended until it is as close (default: the right title to the letter)",
        )
        parser.add_argument(
            "--careless",
            type=float,
            default=0.0,
            help="the share of pages that the annotator does without care: half-right titles and all tags are let "
            "stand, typed titles hold a slip (default: none)",
        )
        parser.add_argument(
            "--methods",
            default=",".join(IN_THE_LOOP),
            help=f"what is trained, of {', '.join(METHODS)} (default: %(default)s)",
        )
        parser.add_argument("--gold", type=Path, help="the answers (JSON Lines); by default the sample's hidden ones")
        parser.add_argument("--annotator", default=settings.ANNOTATOR_USERNAME, help="whose account is used")
        parser.add_argument("--out", type=Path, help="a JSON file for everything that was seen; see below")
        parser.add_argument("--picture", type=Path, help="an SVG file for the curves of both arms; needs --seeds")

    def handle(self, **options: Any) -> None:
        plan = _plan(options)
        queues = [_queue(key) for key in options["catalog"]]
        _require_workers()
        try:
            with Annotator(settings.LABEL_STUDIO_URL) as annotator:
                annotator.log_in(options["annotator"], settings.ANNOTATOR_PASSWORD)
                if options["seeds"] or options["file"]:
                    self._compare([*_copies(queues, options), *_files(options, plan)], plan, annotator, options)
                else:
                    self._play(queues, plan, annotator, options)
            bring_pages_up_to_date()  # so that they agree with what is written
        except (TitleLabError, MLBackendError) as e:
            raise CommandError(str(e)) from e

    def _play(
        self, queues: Sequence[ReviewQueue], plan: Plan, annotator: Annotator, options: Mapping[str, Any]
    ) -> None:
        """Play the catalogs themselves."""
        stories = [
            Simulation(
                queue, _gold(queue, options), annotator, draft_client(), plan, self._teller(queue.catalog.key)
            ).run()
            for queue in queues
        ]
        for story in stories:
            self.stdout.write(f"\n{table(story)}")
        _write(options, stories, [])

    def _compare(self, grounds: Sequence[Ground], plan: Plan, annotator: Annotator, options: Mapping[str, Any]) -> None:
        """Play every seed with its control; what was seen is written after each, so that a late failure costs one."""
        pairs: dict[str, list[Pair]] = {}
        compared: list[Comparison] = []
        for ground, seed in product(grounds, range(plan.seed, plan.seed + max(options["seeds"], 1))):
            cast = Cast(annotator=annotator, source=draft_client(), tell=self._teller(f"{ground.of} seed {seed}"))
            pairs.setdefault(ground.of, []).append(play_pair(ground, replace(plan, seed=seed), cast))
            compared = [comparison(of, own) for of, own in pairs.items()]
            stories = [story for own in pairs.values() for pair in own for story in (pair.learning, pair.control)]
            _write(options, stories, compared)
        for each in compared:
            self.stdout.write(f"\n{comparison_table(each)}")

    def _teller(self, of: str) -> Callable[[str], None]:
        def tell(line: str) -> None:
            self.stdout.write(f"{timezone.localtime():%H:%M:%S}  {of}  {line}")
            self.stdout.flush()

        return tell


class _Formatter(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Keeps the lines of the epilog as they are."""


def _copies(queues: Sequence[ReviewQueue], options: Mapping[str, Any]) -> list[Ground]:
    def ground(queue: ReviewQueue) -> Ground:
        return Ground(of=queue.catalog.key, make=lambda key, _: copy_queue(queue, key), gold=_gold(queue, options))

    return [ground(queue) for queue in queues]


def _files(options: Mapping[str, Any], plan: Plan) -> list[Ground]:
    def ground(file: Path) -> Ground:
        rows = read(file)

        def shared_out(seed: int) -> Parts:
            return parts(rows, known=options["known"], n_probe=plan.n_probe, seed=seed)

        return Ground(
            of=slugify(file.name.split(".")[0]),
            make=lambda key, seed: queue_of_parts(shared_out(seed), key, options["channel"]),
            gold=answers(rows),
        )

    return [ground(file) for file in options["file"]]


def _gold(queue: ReviewQueue, options: Mapping[str, Any]) -> dict[str, Gold]:
    return read_gold(options["gold"] or gold_file(queue.catalog.key))


def _plan(options: Mapping[str, Any]) -> Plan:
    methods = [method for method in options["methods"].split(",") if method]
    if unknown := sorted(set(methods) - set(METHODS)):
        raise CommandError(f"--methods: there is no {', '.join(unknown)}; there are {', '.join(METHODS)}")
    for name in ("rounds", "per_round", "probe", "known"):
        if options[name] is not None and options[name] < 1:
            raise CommandError(f"--{name.replace('_', '-')} must be at least 1")
    if not options["catalog"] and not options["file"]:
        raise CommandError("name at least one --catalog or --file")
    if options["picture"] and not options["seeds"] and not options["file"]:
        raise CommandError("--picture shows both arms: add --seeds 1 or more")
    try:
        manner = Manner(close_enough=options["close_enough"], careless=options["careless"])
    except ValueError as e:
        raise CommandError(f"the annotator's {e}") from e
    return Plan(
        n_rounds=options["rounds"],
        per_round=options["per_round"],
        n_probe=options["probe"],
        seed=options["seed"],
        methods=frozenset(methods),
        manner=manner,
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


def _write(options: Mapping[str, Any], stories: Sequence[Story], compared: Sequence[Comparison]) -> None:
    """Write what was seen to --out, and the curves to --picture."""
    everything = {
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "arguments": {name: _plain(options[name]) for name in TOLD_OPTIONS},
        "settings": {name: getattr(settings, name) for name in TOLD_SETTINGS},
        "catalogs": [asdict(story) for story in stories],
        "comparisons": [asdict(each) for each in compared],
    }
    if options["out"]:
        _replace(options["out"], json.dumps(everything, ensure_ascii=False, indent=1) + "\n")
    if options["picture"] and compared:
        _replace(options["picture"], picture(compared))


def _plain(value: object) -> object:
    """Return an option as JSON holds it; of a file its name alone, wherever it stands."""
    return [path.name if isinstance(path, Path) else path for path in value] if isinstance(value, list) else value


def _replace(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as e:
        raise CommandError(f"{file} can't be written: {e.strerror}") from e
