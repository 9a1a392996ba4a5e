"""Turns the loop: reserves the probe, lets the annotator work, and waits for what the workers make of it.

All that is learnt comes from Label Studio's annotations by the way of the ledger; the work is done by the running
stack, and nothing here reaches past it.
"""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
from django.utils import timezone

from tasks.label_studio import reconcile
from tasks.scoring import fill_queue
from tasks.training import execute_training_run
from titlelab.catalog.briefing import briefs
from titlelab.catalog.models import Catalog, Product
from titlelab.errors import NotPossibleNow
from titlelab.labelstudio.models import Project, Task
from titlelab.labelstudio.refreshing import serving_version
from titlelab.review.drafting import DraftSource
from titlelab.review.filling import askable, room_in, unwanted
from titlelab.review.models import Decision, ReviewItem, ReviewQueue, Showing
from titlelab.tags.publishing import published
from titlelab.training.models import ModelVersion, TrainingRun
from titlelab.training.scopes import trainable
from titlelab.training.starting import start_run
from titlelab.web.simulating.annotating import Annotator
from titlelab.web.simulating.answers import Answer, answer
from titlelab.web.simulating.gold import Gold
from titlelab.web.simulating.probe import Measurement, drawn, measurement
from titlelab.web.simulating.report import Round, Story, Trained

POLL_S = 0.3
SETTLING_TIMEOUT_S = 600.0  # a language model drafts a pool of 200 in a minute, more on a busy machine
WEBHOOK_TIMEOUT_S = 30.0  # a Decision is there in about a second
RECONCILING_TIMEOUT_S = 120.0
TRAINING_TIMEOUT_S = 3600.0  # a language model takes minutes, and runs queue up behind each other


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How many rounds of how many Decisions, on how large a probe, learnt from by which methods."""

    n_rounds: int
    per_round: int
    n_probe: int
    seed: int
    methods: Collection[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What the annotator did in a round."""

    n: int
    n_as_shown: int
    came_by: str


class Simulation:
    """One catalog's queue, played by an annotator who knows the answers; `tell` takes a line for whoever watches.

    Raises NotPossibleNow when the stack does not do its part in time, and what Label Studio's and the ML backend's
    clients raise.
    """

    def __init__(
        self,
        queue: ReviewQueue,
        gold: Mapping[str, Gold],
        annotator: Annotator,
        source: DraftSource,
        plan: Plan,
        tell: Callable[[str], object],
    ) -> None:
        self.queue, self.annotator, self.source, self.plan, self.tell = queue, annotator, source, plan, tell
        self.catalog: Catalog = queue.catalog
        tags = published(self.catalog.library).tags if self.catalog.library else ()
        self.groups = {tag.name: tag.group for tag in tags}
        self.gold = {sku: _tickable(each, self.groups) for sku, each in gold.items()}
        self.rng = np.random.default_rng(plan.seed)

    def run(self) -> Story:
        """Play all rounds; ends early when nothing is left to ask."""
        probe = reserve_probe(self.queue, self.gold, self.plan)
        self.tell(f"{len(probe)} products are reserved to measure on")
        self.refill()
        begun = time.monotonic()
        rounds = [self._round(0, Answered(n=0, n_as_shown=0, came_by=""), (), probe, begun)]
        for number in range(1, self.plan.n_rounds + 1):
            begun = time.monotonic()
            answered = self.annotate(self.plan.per_round)
            if not answered.n:
                self.tell("nothing is left to ask about")
                break
            rounds.append(self._round(number, answered, self.train(), probe, begun))
            self.refill()
        return Story(catalog=self.catalog.key, queue=self.queue.name, rounds=tuple(rounds))

    def _round(
        self, number: int, answered: Answered, trained: tuple[Trained, ...], probe: Collection[Product], begun: float
    ) -> Round:
        measured = self.measure(probe)
        self.tell(f"round {number}: {measured.unedited:.0%} unedited, title edit {measured.title_edit:.3f}")
        return Round(
            number=number,
            n_decisions=Decision.objects.of_catalog(self.catalog.pk).current().count(),
            n_answered=answered.n,
            n_as_shown=answered.n_as_shown,
            came_by=answered.came_by,
            trained=trained,
            probe=measured,
            seconds=time.monotonic() - begun,
        )

    def refill(self) -> None:
        """Have the queue filled, pushed, and shown with the drafts of the version that serves now."""
        fill_queue.delay(self.queue.pk)
        wait_until(
            lambda: is_settled(self.queue, self.source), f"{self.queue} to be full and pushed", SETTLING_TIMEOUT_S
        )

    def annotate(self, n: int) -> Answered:
        """Answer n tasks in the order in which Label Studio serves them, fewer where no more are left."""
        project = Project.objects.get(queue=self.queue)
        answers: list[Answer] = []
        ways: list[str] = []
        while len(answers) < n and (sitting := self._sitting(project, n - len(answers))):
            ways.append(await_decisions(project, list(sitting)))
            answers += sitting.values()
            if len(answers) < n:  # a decided item has left its place by now
                self.refill()
        n_as_shown = sum(each.is_as_shown for each in answers)
        self.tell(f"{len(answers)} answered, {n_as_shown} of them as they were shown")
        return Answered(n=len(answers), n_as_shown=n_as_shown, came_by=" and ".join(sorted(set(ways))))

    def _sitting(self, project: Project, n: int) -> dict[int, Answer]:
        """Answer up to n tasks of those that stand open; return the answers by annotation id."""
        answers: dict[int, Answer] = {}
        while len(answers) < n and (page := self.annotator.next_page(project.project_id)):
            if page.sku not in self.gold:
                raise NotPossibleNow(f"There is no answer for {page.sku}, which is asked about next.")
            given = answer(page, self.gold[page.sku], groups=self.groups, rng=self.rng)
            answers[self.annotator.submit(page, given)] = given
        return answers

    def train(self) -> tuple[Trained, ...]:
        """Learn by each of the plan's methods that the catalog has; the gate decides what serves."""
        pairs = [(method, scope) for method, scope in trainable(self.catalog) if method in self.plan.methods]
        runs = [self._started(method, scope) for method, scope in pairs]
        return tuple(self._trained(run) for run in runs)

    def _started(self, method: str, scope: str) -> TrainingRun:
        """Start a run after the one that the schedule may have started, which may have missed the last Decisions."""
        wait_until(
            lambda: not TrainingRun.objects.under_way().filter(method=method, scope=scope).exists(),
            f"the {method} run of {scope} that is under way",
            TRAINING_TIMEOUT_S,
        )
        run = start_run(method, scope)
        execute_training_run.delay(run.pk)
        return run

    def _trained(self, run: TrainingRun) -> Trained:
        wait_until(lambda: not TrainingRun.objects.under_way().filter(pk=run.pk).exists(), f"{run}", TRAINING_TIMEOUT_S)
        run.refresh_from_db()
        self.tell(f"{run}: {run.message}")
        return Trained(
            method=run.method,
            scope=run.scope,
            state=run.state,
            sentence=run.message,
            number=run.number,
            n_examples=run.n_examples,
            seconds=(run.finished_at - run.started_at).total_seconds() if run.finished_at and run.started_at else 0.0,
        )

    def measure(self, probe: Collection[Product]) -> Measurement:
        """Ask for the probe's drafts as the queue does, and compare them with the answers; nothing is stored."""
        questions = briefs(self.catalog, probe, timezone.localdate())
        begun = time.monotonic()
        drafts = self.source.drafts(questions)
        seconds = time.monotonic() - begun
        library = self.catalog.library.key if self.catalog.library else ""
        return measurement(
            drafts,
            self.gold,
            titler=_named("titler", self.catalog.key, drafts[0].titler_version),
            tagger=_named("tagger", library, drafts[0].tagger_version) if library else "none",
            seconds=seconds,
        )


def reserve_probe(queue: ReviewQueue, gold: Mapping[str, Gold], plan: Plan) -> list[Product]:
    """Return the queue's probe; where it has none yet, draw it of what would be asked and nobody ever decided on.

    Raises NotPossibleNow when there is nothing to draw from.
    """
    if not queue.reserved_skus:
        products = queue.catalog.products.exclude(items__decisions__isnull=False)
        if not queue.asks_about_good_titles:
            products = products.filter(has_good_title=False)
        known = [sku for sku in products.values_list("sku", flat=True) if sku in gold]
        queue.reserved_skus = drawn(known, plan.n_probe, plan.seed)
        queue.save(update_fields=["reserved_skus"])
    probe = list(queue.catalog.products.filter(sku__in=[s for s in queue.reserved_skus if s in gold]).order_by("sku"))
    if not probe:
        raise NotPossibleNow(f"{queue.catalog} has no product with an answer that would be asked about.")
    return probe


def await_decisions(project: Project, annotation_ids: Collection[int]) -> str:
    """Wait until the ledger holds a Decision for each annotation; return how the last of them came."""
    decisions = Decision.objects.current().filter(item__queue=project.queue, annotation_id__in=annotation_ids)

    def is_complete() -> bool:
        return decisions.count() == len(annotation_ids)

    try:
        wait_until(is_complete, "the webhook", WEBHOOK_TIMEOUT_S)
    except NotPossibleNow:
        reconcile.delay(project.pk)
        wait_until(is_complete, "the Decisions by webhook and reconciliation", RECONCILING_TIMEOUT_S)
        return "reconciliation"
    return "webhook"


def is_settled(queue: ReviewQueue, source: DraftSource) -> bool:
    """Say whether the queue is full and stands in Label Studio as it should, with the serving version's drafts."""
    is_full = not room_in(queue) or not askable(queue).exists()
    if not is_full or unwanted(queue).exists():
        return False
    return not queue.items.unsent().exists() and _shows(queue, serving_version(queue, source))


def _shows(queue: ReviewQueue, version: str) -> bool:
    tasks = Task.objects.filter(item__queue=queue, deleted_at=None)
    to_take_back = tasks.filter(item__state=ReviewItem.State.WITHDRAWN, item__decisions=None)
    open_items = queue.items.filter(state=ReviewItem.State.OPEN)
    up_to_date = Showing.objects.filter(draft__version=version).exclude(sent_at=None).values("item")
    if to_take_back.exists() or open_items.exclude(pk__in=up_to_date).exists():
        return False
    return not open_items.exists() or Project.objects.filter(queue=queue, model_version=version).exists()


def wait_until(question: Callable[[], bool], what: str, within_s: float) -> None:
    """Return when the answer is yes; raises NotPossibleNow with what was waited for."""
    deadline = time.monotonic() + within_s
    while not question():
        if time.monotonic() > deadline:
            raise NotPossibleNow(f"Waited {within_s:.0f} s in vain for {what}: `make doctor` says more.")
        time.sleep(POLL_S)


def _tickable(gold: Gold, tags: Collection[str]) -> Gold:
    return replace(gold, tags=tuple(tag for tag in gold.tags if tag in tags))


def _named(kind: str, scope: str, number: int) -> str:
    version = ModelVersion.objects.filter(kind=kind, scope=scope, number=number).first()
    return f"{version.method} v{number}" if version else "built in"
