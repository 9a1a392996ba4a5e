"""Sending items: once each, whatever breaks."""

from collections.abc import Sequence
from itertools import count

import pytest

from ml_backend.contract import Brief, Draft
from tests.factories import make_decision, make_library
from tests.fakes import FakeDraftSource
from tests.unit.labelstudio.scenes import NEW, OLD, Scene, State, broken_at_every_call, regions
from titlelab.errors import LabelStudioRefused
from titlelab.labelstudio import adopting, holding, pushing
from titlelab.labelstudio.holding import HeldElsewhere, Hold, held
from titlelab.labelstudio.models import InboxEvent, Project, Task
from titlelab.labelstudio.pulling import process_inbox, reconcile
from titlelab.labelstudio.pushing import push_queue
from titlelab.review.filling import withdraw_stale
from titlelab.review.models import Decision, ReviewItem, Showing

pytestmark = pytest.mark.django_db


def change_product(item: ReviewItem) -> None:
    item.product.content_hash = f"{next(_hashes):032x}"
    item.product.save()


_hashes = count(10**6)


def withdraw(scene: Scene, place: int = 0) -> None:
    change_product(scene.items[place])
    assert withdraw_stale(scene.queue, scene.items[place].created_at) == 1


def test_chosen_items_become_prefilled_tasks(scene: Scene) -> None:
    assert scene.push() == 3

    scene.check()
    shown = scene.studio.shown(scene.task())
    assert shown is not None
    assert (shown.model_version, shown.score) == (OLD, scene.items[0].rank)
    assert Project.objects.get(queue=scene.queue).model_version == OLD


def test_pushing_again_sends_nothing(pushed: Scene) -> None:
    before = set(pushed.studio.tasks)

    assert pushed.push() == 0
    assert set(pushed.studio.tasks) == before


def test_a_catalog_without_a_library_is_pushed_without_tags(db: None) -> None:
    scene = Scene(library=None)

    assert scene.push() == 3
    scene.check()


def test_a_push_that_breaks_at_any_call_leaves_one_task_an_item(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushing, "BATCH", 2)

    for scene in broken_at_every_call(Scene, Scene.push):
        scene.check()
        assert scene.queue.items.filter(state=State.OPEN).count() == 3
        assert Project.objects.get(queue=scene.queue).model_version == OLD
        assert len(scene.studio.projects) == 1


def test_a_push_with_tasks_to_take_back_that_breaks_at_any_call_takes_them_back(db: None) -> None:
    def with_one_withdrawn() -> Scene:
        scene = Scene()
        scene.push()
        withdraw(scene)
        scene.items.append(scene.chosen())
        return scene

    for scene in broken_at_every_call(with_one_withdrawn, Scene.push):
        scene.check()
        assert len(scene.studio.tasks) == 3
        assert Task.objects.get(item=scene.items[0]).deleted_at is not None


def test_items_that_a_second_worker_wants_to_send_at_once_are_sent_once(scene: Scene, impatient: None) -> None:
    def push_too() -> None:
        with pytest.raises(HeldElsewhere):
            scene.push()

    scene.studio.meanwhile = push_too

    assert scene.push() == 3
    scene.check()


def test_a_worker_that_was_overtaken_while_it_drafted_sends_nothing(scene: Scene) -> None:
    class SlowSource(FakeDraftSource):
        def drafts(self, briefs: Sequence[Brief]) -> list[Draft]:
            holding.QueueHold.objects.update(until=holding.LONG_AGO)
            assert Hold(scene.queue).taken()
            return super().drafts(briefs)

    scene.source = SlowSource(serving=OLD)
    with pytest.raises(HeldElsewhere):
        scene.push()

    assert scene.studio.tasks == {}


def test_a_hold_of_a_dead_worker_runs_out(scene: Scene, impatient: None) -> None:
    assert Hold(scene.queue).taken()
    with pytest.raises(HeldElsewhere), held(scene.queue):
        pass

    holding.QueueHold.objects.update(until=holding.LONG_AGO)

    assert scene.push() == 3


def test_an_item_that_is_withdrawn_while_it_is_drafted_is_not_sent(scene: Scene) -> None:
    class Withdrawing(FakeDraftSource):
        def drafts(self, briefs: Sequence[Brief]) -> list[Draft]:
            withdraw(scene)
            return super().drafts(briefs)

    scene.source = Withdrawing(serving=OLD)

    assert scene.push() == 2
    scene.source = FakeDraftSource(serving=OLD)
    scene.push()
    scene.check()
    assert not Showing.objects.filter(item=scene.items[0]).exists()


def test_an_item_that_is_withdrawn_while_it_is_sent_is_taken_back(scene: Scene) -> None:
    scene.studio.meanwhile = lambda: withdraw(scene)
    scene.push()

    scene.push()

    scene.check()
    assert len(scene.studio.tasks) == 2


def test_a_changed_products_task_is_withdrawn_and_replaced(pushed: Scene) -> None:
    withdraw(pushed)
    old = pushed.task()
    product = pushed.items[0].product
    pushed.queue.items.create(product=product, arm="random", rank=0, content_hash=product.content_hash)

    assert pushed.push() == 1

    pushed.check()
    assert old not in pushed.studio.tasks
    assert len(pushed.studio.tasks) == 3


def test_a_withdrawn_task_that_somebody_annotated_meanwhile_stays_and_is_recorded(pushed: Scene) -> None:
    annotation = pushed.studio.annotate(pushed.task())
    withdraw(pushed)
    pushed.push()

    reconcile(Project.objects.get(queue=pushed.queue), pushed.studio)

    assert pushed.task() in pushed.studio.tasks
    assert pushed.item().state == State.WITHDRAWN
    assert set(pushed.ledger()) == {annotation}


def test_a_withdrawn_task_whose_annotation_was_deleted_is_taken_back(pushed: Scene) -> None:
    annotation = pushed.studio.annotate(pushed.task())
    withdraw(pushed)
    project = Project.objects.get(queue=pushed.queue)
    reconcile(project, pushed.studio)
    pushed.studio.delete(annotation)
    reconcile(project, pushed.studio)

    pushed.push()

    assert pushed.task() not in pushed.studio.tasks
    assert pushed.ledger() == {}


def test_a_paused_queue_is_sent_nothing_but_taken_back_from(pushed: Scene) -> None:
    withdraw(pushed)
    pushed.chosen()
    pushed.queue.state = "paused"
    pushed.queue.save()

    assert pushed.push() == 0
    assert len(pushed.studio.tasks) == 2


def test_an_item_that_was_annotated_before_its_task_was_confirmed_is_recorded(scene: Scene) -> None:
    scene.studio.fails_at, scene.studio.fails_after = calls_until_import(), True
    with pytest.raises(Exception, match="broke"):
        scene.push()
    (task, *_) = scene.studio.tasks
    annotation = scene.studio.annotate(task, regions("Typed"))
    reconcile(Project.objects.get(queue=scene.queue), scene.studio)

    process_inbox(scene.studio)

    scene.check()
    assert scene.ledger() == {annotation: (False, "Typed", ())}


def calls_until_import() -> int:
    """Count the calls of a first push up to the import of its tasks."""
    scene = Scene()
    calls: list[int] = []
    scene.studio.meanwhile = lambda: calls.append(scene.studio.n_calls)
    scene.push()
    return calls[0]


def test_an_unconfirmed_task_of_an_item_withdrawn_since_is_deleted(scene: Scene) -> None:
    scene.studio.fails_at, scene.studio.fails_after = calls_until_import(), True
    with pytest.raises(Exception, match="broke"):
        scene.push()
    withdraw(scene)

    scene.push()

    scene.check()
    assert len(scene.studio.tasks) == 2


def twin(scene: Scene, place: int = 0) -> int:
    """Import the item's task a second time, as an answer that came too late leaves it."""
    task = scene.studio.tasks[scene.task(place)]
    told = [{"model_version": p.model_version, "result": p.result, "score": p.score} for p in task.predictions]
    (made,) = scene.studio.import_tasks(task.project, [{"data": task.data, "predictions": told}])
    return made


def test_reconciliation_finds_a_twin_and_deletes_it(pushed: Scene) -> None:
    extra = twin(pushed)

    reconcile(Project.objects.get(queue=pushed.queue), pushed.studio)

    pushed.check()
    assert extra not in pushed.studio.tasks


def test_the_twin_that_was_annotated_stays(pushed: Scene) -> None:
    extra = twin(pushed)
    annotation = pushed.studio.annotate(extra)

    reconcile(Project.objects.get(queue=pushed.queue), pushed.studio)
    process_inbox(pushed.studio)

    pushed.check()
    assert pushed.task() == extra
    assert set(pushed.ledger()) == {annotation}
    assert InboxEvent.objects.get().action == adopting.ADOPTED


def test_two_annotated_twins_are_left_to_a_person(pushed: Scene) -> None:
    extra = twin(pushed)
    pushed.studio.annotate(extra)
    annotation = pushed.studio.annotate(pushed.task())

    project = Project.objects.get(queue=pushed.queue)
    reconcile(project, pushed.studio)

    project.refresh_from_db()
    assert str(extra) in project.problem
    assert set(pushed.ledger()) == {annotation}


def test_tasks_that_people_imported_themselves_are_left_alone(pushed: Scene) -> None:
    project = Project.objects.get(queue=pushed.queue)
    theirs = [{"data": {"item": item}, "predictions": []} for item in (None, "5", [1], 10**9, True)]
    made = pushed.studio.import_tasks(project.project_id, theirs)

    reconcile(project, pushed.studio)
    pushed.push()

    assert set(made) <= set(pushed.studio.tasks)


def test_a_refusal_is_shown_with_the_project(pushed: Scene) -> None:
    def refuse() -> None:
        raise LabelStudioRefused("Prediction 0: no such tag")

    pushed.chosen()
    pushed.studio.meanwhile = refuse
    with pytest.raises(LabelStudioRefused):
        pushed.push()
    assert Project.objects.get(queue=pushed.queue).problem == "Prediction 0: no such tag"

    pushed.push()
    assert Project.objects.get(queue=pushed.queue).problem == ""


def test_a_decided_item_is_not_sent_again(pushed: Scene) -> None:
    make_decision(item=pushed.items[0], draft=None)

    assert push_queue(pushed.queue, pushed.studio, pushed.source) == 0
    assert Decision.objects.count() == 1


def test_a_tag_that_is_new_reaches_the_config(pushed: Scene) -> None:
    pushed.queue.catalog.library = make_library(tags=["gift", "brand new"])
    pushed.queue.catalog.save()
    pushed.source.serving = NEW

    pushed.push()

    (project,) = pushed.studio.projects.values()
    assert "brand new" in project.label_config
    pushed.check()
