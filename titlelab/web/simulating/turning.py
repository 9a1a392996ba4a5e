"""Turns the loop: reserves the probe, lets the annotator work, and waits for what the workers make of it.

All that is learnt comes from Label Studio's annotations by the way of the ledger; the work is done by the running
stack, and nothing here reaches past it.
"""

import datetime as dt
import time
import zlib
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
from titlelab.review.drafting import DraftSource, serving_version
from titlelab.review.filling import askable, room_in, unwanted
from titlelab.review.models import Decision, ReviewItem, ReviewQueue, Showing
from titlelab.tags.publishing import published
from titlelab.training.models import ModelVersion, TrainingRun
from titlelab.training.scopes import kind_of, trainable
from titlelab.training.starting import FIRST_GOOD_TITLES, start_run
from titlelab.web.simulating.annotating import Annotator
from titlelab.web.simulating.annotator import STRICT, Manner
from titlelab.web.simulating.answers import Answer, answer
from titlelab.web.simulating.gold import Gold
from titlelab.web.simulating.probe import Measurement, drawn, measurement
from titlelab.web.simulating.report import Asked, NewDraft, Round, Story, Trained

POLL_S = 0.3
SETTLING_TIMEOUT_S = 600.0  # a language model drafts a pool of 200 in a minute, more on a busy machine
WEBHOOK_TIMEOUT_S = 30.0  # a Decision is there in about a second
RECONCILING_TIMEOUT_S = 120.0
TRAINING_TIMEOUT_S = 3600.0  # a language model takes minutes, and runs queue up behind each other


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How many rounds of how many Decisions by what kind of person, on how large a probe, learnt by which methods."""

    n_rounds: int
    per_round: int
    n_probe: int
    seed: int
    methods: Collection[str]
    manner: Manner = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What the annotator did in a round; last_at is when the last Decision was made, refill_s the waiting for tasks."""

    answers: Mapping[int, Answer]
    came_by: str = ""
    refill_s: float = 0.0
    asked: tuple[Asked, ...] = ()
    last_at: dt.datetime | None = None


NOBODY = Answered(answers={})


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

    def run(self, first: tuple[Trained, ...] = ()) -> Story:
        """Play all rounds; ends early when nothing is left to ask. first: what was learnt before anybody was asked."""
        probe = self.probe()
        self.tell(f"{len(probe)} products are reserved to measure on")
        begun = time.monotonic()
        rounds = [self._round(0, NOBODY, first, probe, begun)]
        for number in range(1, self.plan.n_rounds + 1):
            begun = time.monotonic()
            answered = self.annotate(self.plan.per_round)
            if not answered.answers:
                self.tell("nothing is left to ask about")
                break
            rounds.append(self._round(number, answered, self.train(), probe, begun))
        return Story(catalog=self.catalog.key, queue=self.queue.name, rounds=tuple(rounds), seed=self.plan.seed)

    def probe(self) -> list[Product]:
        return reserve_probe(self.queue, self.gold, self.plan)

    def _round(
        self, number: int, answered: Answered, trained: tuple[Trained, ...], probe: Collection[Product], begun: float
    ) -> Round:
        refill_s = answered.refill_s + self.refill()
        measured = self.measure(probe)
        self.tell(f"round {number}: {measured.unedited:.0%} unedited, title edit {measured.title_edit:.3f}")
        answers = answered.answers.values()
        return Round(
            number=number,
            n_decisions=Decision.objects.of_catalog(self.catalog.pk).current().count(),
            n_answered=len(answers),
            n_as_shown=sum(each.is_as_shown for each in answers),
            n_titles_kept=sum(each.keeps_title for each in answers),
            came_by=answered.came_by,
            trained=trained,
            probe=measured,
            seconds=time.monotonic() - begun,
            machine_seconds=refill_s + sum(each.seconds for each in trained),
            annotator_seconds=sum(each.seconds for each in answers),
            asked=answered.asked,
            new_drafts=new_drafts(self.queue, trained, answered.last_at) if answered.last_at else (),
        )

    def ring(self) -> None:
        """Have the queue filled and pushed, as the schedule does."""
        fill_queue.delay(self.queue.pk)

    def refill(self) -> float:
        """Wait until the queue is full, pushed, and shown with the drafts of the version that serves now.

        Returns for how many seconds.
        """
        begun = time.monotonic()
        self.ring()
        wait_until(
            lambda: is_settled(self.queue, self.source), f"{self.queue} to be full and pushed", SETTLING_TIMEOUT_S
        )
        return time.monotonic() - begun

    def annotate(self, n: int) -> Answered:
        """Answer n tasks in the order in which Label Studio serves them, fewer where no more are left."""
        project = Project.objects.get(queue=self.queue)
        answers: dict[int, Answer] = {}
        ways: list[str] = []
        refill_s = 0.0
        while len(answers) < n and (sitting := self._sitting(project, n - len(answers))):
            ways.append(await_decisions(project, list(sitting)))
            answers |= sitting
            if len(answers) < n:  # a decided item has left its place by now
                refill_s += self.refill()
        self.ring()  # so that tasks stand open to show what is learnt now
        n_as_shown = sum(each.is_as_shown for each in answers.values())
        self.tell(f"{len(answers)} answered, {n_as_shown} of them as they were shown")
        decisions = Decision.objects.current().filter(item__queue=self.queue, annotation_id__in=list(answers))
        return Answered(
            answers=answers,
            came_by=" and ".join(sorted(set(ways))),
            refill_s=refill_s,
            asked=tuple(map(_asked, decisions.select_related("item__product", "draft").order_by("item__rank", "pk"))),
            last_at=max((d.decided_at for d in decisions), default=None),
        )

    def _sitting(self, project: Project, n: int) -> dict[int, Answer]:
        """Answer up to n tasks of those that stand open; return the answers by annotation id."""
        answers: dict[int, Answer] = {}
        while len(answers) < n and (page := self.annotator.next_page(project.project_id)):
            if page.sku not in self.gold:
                raise NotPossibleNow(f"There is no answer for {page.sku}, which is asked about next.")
            # Of the product alone, so that two arms of one seed meet the same mood.
            rng = np.random.default_rng([self.plan.seed, zlib.crc32(page.sku.encode())])
            given = answer(page, self.gold[page.sku], groups=self.groups, rng=rng, manner=self.plan.manner)
            answers[self.annotator.submit(page, given)] = given
        return answers

    def train_first(self) -> tuple[Trained, ...]:
        """Learn from the catalog's own good titles, before anybody has decided anything, as the rounds learn later."""
        if self.catalog.products.filter(has_good_title=True).count() < FIRST_GOOD_TITLES:
            return ()
        titlers = [method for method, _ in trainable(self.catalog) if kind_of(method) == "titler"]
        wanted = [method for method in titlers if method in self.plan.methods] or [TrainingRun.Method.ENSEMBLE]
        return tuple(self._trained(self._started(method, self.catalog.key)) for method in wanted)

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
            n_decisions=run.n_decisions,
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


def new_drafts(queue: ReviewQueue, trained: Collection[Trained], since: dt.datetime) -> tuple[NewDraft, ...]:
    """Look up when each promoted version's first draft was sent to an open task of the queue after a moment."""
    found = []
    for each in trained:
        kind = kind_of(each.method)
        showings = Showing.objects.filter(item__queue=queue, sent_at__gt=since)
        of_version = showings.filter(**{f"draft__{kind}_version": each.number})
        sent_at = of_version.order_by("sent_at").values_list("sent_at", flat=True).first()
        if each.state == TrainingRun.State.PROMOTED and each.number and sent_at:
            seconds = (sent_at - since).total_seconds()
            found.append(NewDraft(kind=kind, number=each.number, seconds=seconds, run_seconds=each.seconds))
    return tuple(found)


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
    return not queue.items.unsent().exists() and _shows(queue, serving_version(queue.catalog, source))


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


def _asked(decision: Decision) -> Asked:
    item, draft = decision.item, decision.draft
    return Asked(
        sku=item.product.sku,
        chosen_by=item.arm,
        is_blind=item.is_blind,
        version=draft.version if draft else "",
        outcome=decision.outcome,
        seconds=decision.seconds,
        title_edit=decision.title_edit,
        tags_added=tuple(decision.tags_added),
        tags_removed=tuple(decision.tags_removed),
    )


def _tickable(gold: Gold, tags: Collection[str]) -> Gold:
    return replace(gold, tags=tuple(tag for tag in gold.tags if tag in tags))


def _named(kind: str, scope: str, number: int) -> str:
    version = ModelVersion.objects.filter(kind=kind, scope=scope, number=number).first()
    return f"{version.method} v{number}" if version else "built in"
