"""Any interleaving of people, reviewers, events (doubled, late, dropped), outages and workers ends with both equal.

The ledger holds each annotator's last word as Label Studio does, and what reviewers made of it stands upon that.
Hypothesis looks for an order that does not, and shrinks it to the shortest.
"""

import contextlib
import datetime as dt
from collections.abc import Callable

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    multiple,
    rule,
    run_state_machine_as_test,
)

from tests.factories import make_item, make_product
from tests.unit.labelstudio.scenes import Scene, State, regions
from titlelab.errors import LabelStudioUnreachable, NotPossibleNow
from titlelab.labelstudio import pulling
from titlelab.labelstudio.events import hint
from titlelab.labelstudio.inbox import store_event
from titlelab.labelstudio.models import Project, Task
from titlelab.labelstudio.pulling import process_inbox, reconcile
from titlelab.review.classifying import Final
from titlelab.review.looking import Reviewer, accept, mend, send_back
from titlelab.review.models import Decision

# Enough to find each of the faults that were put in to try it, in about ten seconds.
EXAMPLES, STEPS = 25, 30
titles = st.sampled_from(["Norvik Bottle", "Norvik Bottle 750 ml", "Orvel Lamp"])
REVIEWER = Reviewer(email="reviewer@shop.example")
tags = st.lists(st.sampled_from(["gift", "waterproof"]), unique=True)


class Loop(RuleBasedStateMachine):
    """Label Studio, its annotators, a webhook that can't be relied upon, and our workers."""

    bodies = Bundle("bodies")

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.scene = Scene(4)
        product = make_product(catalog=self.scene.queue.catalog)
        self.scene.items.append(
            make_item(queue=self.scene.queue, product=product, state=State.CHOSEN, arm="random", is_blind=True)
        )

    @initialize()
    def begin(self) -> None:
        self.scene.push()

    # --- people ------------------------------------------------------------------------------------------------

    @rule(which=st.integers(0, 20), title=st.none() | titles, tags=tags)
    def annotate(self, which: int, title: str | None, tags: list[str]) -> None:
        task = self._one(sorted(self.scene.studio.tasks), which)
        self.scene.studio.annotate(task, None if title is None else regions(title, tags))

    @rule(which=st.integers(0, 20))
    def skip(self, which: int) -> None:
        self.scene.studio.skip(self._one(sorted(self.scene.studio.tasks), which))

    @rule(which=st.integers(0, 20), title=titles, tags=tags)
    def change(self, which: int, title: str, tags: list[str]) -> None:
        annotation = self._one(sorted(self.scene.studio.annotations()), which)
        self.scene.studio.update(annotation, regions(title, tags))

    @rule(which=st.integers(0, 20))
    def take_back(self, which: int) -> None:
        self.scene.studio.delete(self._one(sorted(self.scene.studio.annotations()), which))

    @rule(which=st.integers(0, 20))
    def delete_task(self, which: int) -> None:
        assume(len(self.scene.studio.tasks) > 2)
        del self.scene.studio.tasks[self._one(sorted(self.scene.studio.tasks), which)]

    # --- reviewers ---------------------------------------------------------------------------------------------

    @rule(which=st.integers(0, 20))
    def accept(self, which: int) -> None:
        accept(self._current(which), by=REVIEWER, now=timezone.now())

    @rule(which=st.integers(0, 20), title=titles, tags=tags)
    def mend(self, which: int, title: str, tags: list[str]) -> None:
        final = Final(title=title, tags=tuple(tags))
        with contextlib.suppress(NotPossibleNow):  # nothing was changed
            mend(self._current(which), final, by=REVIEWER, reason="better so", now=timezone.now())

    @rule(which=st.integers(0, 20))
    def send_back(self, which: int) -> None:
        send_back(self._current(which), by=REVIEWER, reason="wrong", now=timezone.now())

    # --- the webhook -------------------------------------------------------------------------------------------

    @rule(target=bodies)
    def send(self) -> object:
        """What Label Studio has told so far is on its way, and may come once, twice, late or never."""
        heard, self.scene.studio.heard = self.scene.studio.heard, []
        return multiple(*heard)

    @rule(body=bodies)
    def deliver(self, body: dict[str, object]) -> None:
        store_event(hint(body))

    @rule()
    def switch_webhook_off(self) -> None:
        self.scene.studio.hooks.clear()

    # --- outages -----------------------------------------------------------------------------------------------

    @rule(is_down=st.booleans())
    def fail(self, is_down: bool) -> None:  # noqa: FBT001 - drawn by its name
        self.scene.studio.is_down = is_down

    @rule(calls=st.integers(1, 12), after=st.booleans())
    def break_a_call(self, calls: int, after: bool) -> None:  # noqa: FBT001 - drawn by its name
        self.scene.studio.fails_at, self.scene.studio.fails_after = self.scene.studio.n_calls + calls, after

    # --- our workers -------------------------------------------------------------------------------------------

    @rule()
    def read_events(self) -> None:
        self._work(lambda: process_inbox(self.scene.studio))

    @rule()
    def poll(self) -> None:
        self._work(lambda: reconcile(self._project(), self.scene.studio))

    @rule(version=st.sampled_from(["t0-g0.1", "t1-g0.1", "t2-g0.1"]))
    def promote(self, version: str) -> None:
        self.scene.source.serving = version
        self._work(self.scene.refresh)

    @rule()
    def ask_about_one_more(self) -> None:
        self.scene.chosen()
        self._work(self.scene.push)

    # --- the end -----------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        """When the outage is over, polling alone makes them equal, and nothing was counted twice."""
        try:
            self._settle()
        finally:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    def _settle(self) -> None:
        self.scene.studio.is_down, self.scene.studio.fails_at = False, None
        for _ in range(2):  # what was adopted in the first round is read in the second
            self.scene.push()
            process_inbox(self.scene.studio)
            reconcile(self._project(), self.scene.studio)
        assert self.scene.ledger() == self.scene.truth()
        self.scene.push()
        self.scene.check()
        self.scene.check_looks()
        for task in Task.objects.filter(item__state=State.OPEN, deleted_at=None):
            assert f"by {self.scene.source.serving}" in self.scene.studio.tasks[task.task_id].data["review_hint"]
        assert self.scene.studio.hooks, "the watchdog did not bring the webhook back"

    def _work(self, work: Callable[[], object]) -> None:
        with contextlib.suppress(LabelStudioUnreachable):
            work()

    def _project(self) -> Project:
        return Project.objects.select_related("queue").get(queue=self.scene.queue)

    def _current(self, which: int) -> Decision:
        unseen = Decision.objects.current().filter(item__queue=self.scene.queue, second_look=None, mends=None)
        return Decision.objects.get(pk=self._one(list(unseen.order_by("pk").values_list("pk", flat=True)), which))

    def _one(self, rows: list[int], which: int) -> int:
        assume(rows)
        return rows[which % len(rows)]


BOUNDED = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    derandomize=True,  # a red build says something of the change, not of the dice
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)


@pytest.fixture(autouse=True)
def _eager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulling, "OVERLAP", dt.timedelta(0))  # a cursor that runs ahead shows at once


@pytest.mark.django_db
def test_any_interleaving_of_events_and_outages_ends_with_the_ledger_equal_to_label_studio() -> None:
    run_state_machine_as_test(Loop, settings=BOUNDED)


@pytest.mark.django_db
def test_the_search_finds_a_reading_that_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that finds nothing may be blind: here polling does not look, and it must say so."""
    monkeypatch.setattr(pulling, "_pull_changed", lambda *_: 0)

    with pytest.raises(AssertionError):
        run_state_machine_as_test(Loop, settings=settings(BOUNDED, phases=[Phase.generate]))
