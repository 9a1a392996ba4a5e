"""People at work in Label Studio while its webhook goes through bad weather, and whether the ledger equals it then."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.unreliable_post import UnreliablePost
from ml_backend.labelstudio.annotations import final_values
from ml_backend.labelstudio.names import REJECT_REASON, SOURCE
from titlelab.errors import LabelStudioRefused, LabelStudioUnreachable
from titlelab.labelstudio.client import LabelStudio
from titlelab.labelstudio.models import Project
from titlelab.review.models import Decision, ReviewQueue
from titlelab.web.simulating.annotating import Annotator
from titlelab.web.simulating.answers import Answer, Page, answer
from titlelab.web.simulating.gold import Gold

LOOK_EVERY_S = 0.5
COMPARE_EVERY_S = 3.0  # each comparison reads the whole project
EMPTY_S = 2.0  # nothing to take: the queue is being refilled
PROGRESS_S = 600.0  # without one more delivery, outage apart, the storm is given up
WORDS = ("steel", "bottle", "tent", "warm", "light", "kettle", "trail", "lamp", "wool", "compact", "保温", "轻便")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How many events shall be delivered, for how long all are lost half way, and how fast people work.

    patience_s: how long the ledger may take to equal Label Studio once everybody has stopped.
    """

    deliveries: int
    outage_s: float
    pause_s: float = 0.3
    patience_s: float = 600.0
    seed: int = 7


class Person(threading.Thread):
    """One annotator, who submits, skips, changes and deletes until told to stop; `done` counts what was done."""

    def __init__(
        self, annotator: Annotator, project_id: int, groups: Mapping[str, str], plan: Plan, place: int
    ) -> None:
        super().__init__(daemon=True)
        self._annotator, self._project_id, self._groups, self._plan = annotator, project_id, groups, plan
        self._rng, self._numbers = random.Random(f"{plan.seed}-{place}"), np.random.default_rng([plan.seed, place])
        self._submitted: dict[int, Page] = {}
        self.done: Counter[str] = Counter()
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.wait(self._plan.pause_s):
            try:
                self._act()
            except LabelStudioRefused:  # such as an annotation whose task was taken back meanwhile
                self.done["refused"] += 1
            except LabelStudioUnreachable:
                self.done["unanswered"] += 1

    def _act(self) -> None:
        dice = self._rng.random()
        if self._submitted and dice < 0.45:
            self._mind_changed(is_deleted=dice < 0.1)
        elif page := self._annotator.next_page(self._project_id):
            is_skipped = dice > 0.95
            press = self._annotator.skip if is_skipped else self._annotator.submit
            self._submitted[press(page, self._answer(page))] = page
            self.done["skipped" if is_skipped else "submitted"] += 1
        else:
            self.stopping.wait(EMPTY_S)

    def _mind_changed(self, *, is_deleted: bool) -> None:
        annotation = self._rng.choice(list(self._submitted))
        page = self._submitted.pop(annotation)
        if is_deleted:
            self._annotator.delete(annotation)
            self.done["deleted"] += 1
        else:
            self._annotator.update(annotation, self._answer(page))
            self._submitted[annotation] = page
            self.done["changed"] += 1

    def _answer(self, page: Page) -> Answer:
        shown = page.shown.result if page.shown else []
        dice = self._rng.random()
        if dice < 0.3 and page.shown and final_values(shown).title:
            return Answer(result=shown, seconds=4.2, parent_prediction=page.shown.id, is_as_shown=True)
        if dice < 0.4:
            result = [*shown, _rejection("bad source")]
            return Answer(result=result, seconds=2.1, parent_prediction=None, is_as_shown=False)
        title = " ".join(self._rng.choices(WORDS, k=self._rng.randint(2, 8)))
        tags = self._rng.sample(sorted(self._groups), k=min(3, len(self._groups)))
        gold = Gold(title=title, tags=tuple(tags))
        return answer(page, gold, groups=self._groups, rng=self._numbers)


def _rejection(reason: str) -> dict[str, Any]:
    value = {"choices": [reason]}
    return {"id": "no", "from_name": REJECT_REASON, "to_name": SOURCE, "type": "choices", "value": value}


def storm(
    queue: ReviewQueue,
    studio: LabelStudio,
    post: UnreliablePost,
    annotators: Sequence[Annotator],
    plan: Plan,
    *,
    nudge: Callable[[], None] = lambda: None,
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Let the annotators work until the plan's events are delivered, and compare; returns the counts.

    `nudge` is called again and again once all have stopped, where no schedule reconciles.
    """
    project = Project.objects.get(queue=queue)
    library = queue.catalog.library
    groups = dict(library.tags.values_list("name", "group")) if library else {}
    people = [Person(one, project.project_id, groups, plan, place) for place, one in enumerate(annotators)]
    begun = time.monotonic()
    for person in people:
        person.start()
    try:
        _await_deliveries(post, plan.deliveries // 2, tell)
        n_before, n_told = post.counts["delivered"], post.counts["told"]
        tell(f"outage of {plan.outage_s:.0f} s")
        post.begin_outage(plan.outage_s)
        _wait_until(lambda: not post.is_out, plan.outage_s + 60)
        tell(f"the outage is over, {post.counts['told'] - n_told} events were sent in it")
        _await_deliveries(post, max(plan.deliveries, n_before + 1), tell)
    finally:
        for person in people:
            person.stopping.set()
        for person in people:
            person.join()
    stopped = time.monotonic()
    _wait_until(lambda: post.is_empty, plan.patience_s)
    found = _settled(queue, studio, plan.patience_s, nudge)
    tell("compared")
    project.refresh_from_db()
    done = sum((person.done for person in people), Counter())
    return {
        "webhook": {**dict(sorted(post.counts.items())), "outage_s": plan.outage_s},
        "people": dict(sorted(done.items())),
        "decisions_by_polling_alone": project.n_missed,
        "problem": project.problem,
        **found,
        "working_s": round(stopped - begun, 1),
        "equal_after_s": round(time.monotonic() - stopped, 1),
    }


Told = tuple[Any, ...]


def in_label_studio(queue: ReviewQueue, studio: LabelStudio) -> Counter[Told]:
    """Return every annotation that stands in the queue's project, by value."""
    people = studio.people()
    held: Counter[Told] = Counter()
    for task in studio.tasks_changed_since(queue.project.project_id, None):
        for annotation in task.annotations:
            values = final_values(annotation.result)
            is_rejected = annotation.was_cancelled or bool(values.reject_reason)
            told = ("", ()) if is_rejected else (values.title or "", tuple(sorted(values.tags)))
            person = people.get(annotation.completed_by or 0, "unknown")
            held[task.item_id, annotation.id, annotation.updated_at, person, is_rejected, *told] += 1
    return held


def in_ledger(queue: ReviewQueue) -> Counter[Told]:
    """Return every current Decision of the queue, by value."""
    return Counter(
        (
            decision.item_id,
            decision.annotation_id,
            decision.annotation_updated_at,
            decision.person,
            decision.outcome == Decision.Outcome.REJECTED,
            decision.title,
            tuple(sorted(decision.tags)),
        )
        for decision in Decision.objects.current().filter(item__queue=queue)
    )


def _settled(queue: ReviewQueue, studio: LabelStudio, patience_s: float, nudge: Callable[[], None]) -> dict[str, Any]:
    """Compare until both are equal, or patience ends."""
    deadline = time.monotonic() + patience_s
    while True:
        held, ledger = in_label_studio(queue, studio), in_ledger(queue)
        lacking, astray = held - ledger, ledger - held
        if not (lacking or astray) or time.monotonic() > deadline:
            of_queue = Decision.objects.filter(item__queue=queue)
            return {
                "annotations": held.total(),
                "current_decisions": ledger.total(),
                "superseded_or_withdrawn_decisions": of_queue.count() - of_queue.current().count(),
                "differences": lacking.total() + astray.total(),
                "lacking": [str(told) for told in list(lacking)[:5]],
                "astray": [str(told) for told in list(astray)[:5]],
            }
        nudge()
        time.sleep(COMPARE_EVERY_S)


def _await_deliveries(post: UnreliablePost, n: int, tell: Callable[[str], None]) -> None:
    while (so_far := post.counts["delivered"]) < n:
        tell(f"{so_far} of {n} delivered")
        wanted = min(n, so_far + 50)
        _wait_until(lambda wanted=wanted: post.counts["delivered"] >= wanted, PROGRESS_S)  # type: ignore[misc]


def _wait_until(question: Callable[[], bool], within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not question():
        if time.monotonic() > deadline:
            raise RuntimeError(f"nothing moved for {within_s:.0f} s")
        time.sleep(LOOK_EVERY_S)
