"""What people do reaches the ledger, whichever way it is noticed and whatever breaks."""

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from tests.unit.labelstudio.scenes import NEW, Scene, State, broken_at_every_call, regions
from titlelab.catalog.models import Taxonomy
from titlelab.errors import LabelStudioRefused, LabelStudioUnreachable
from titlelab.labelstudio import inbox, pulling
from titlelab.labelstudio.events import START_TRAINING, Hint, TaskSeen, hint
from titlelab.labelstudio.inbox import MOST_ATTEMPTS, Reader, store_event, training_wishes
from titlelab.labelstudio.models import InboxEvent, InboxHold, Project, Task
from titlelab.labelstudio.provisioning import ProjectLost, rebuild
from titlelab.labelstudio.pulling import People, process_inbox, reconcile
from titlelab.review.filling import withdraw_stale
from titlelab.review.models import Decision, Draft, ReviewItem
from titlelab.tags.renaming import rename

pytestmark = pytest.mark.django_db


def project_of(scene: Scene) -> Project:
    return Project.objects.select_related("queue").get(queue=scene.queue)


def deliver(scene: Scene) -> None:
    """Store every event that the webhook was sent."""
    heard, scene.studio.heard = scene.studio.heard, []
    for body in heard:
        store_event(hint(body))


def read(scene: Scene) -> int:
    return reconcile(project_of(scene), scene.studio)


def test_what_is_accepted_edited_and_skipped_becomes_decisions(pushed: Scene) -> None:
    ids = [
        pushed.studio.annotate(pushed.task(0)),
        pushed.studio.annotate(pushed.task(1), regions("Typed", ["waterproof"])),
        pushed.studio.skip(pushed.task(2)),
    ]
    deliver(pushed)

    assert process_inbox(pushed.studio) == 3
    assert [Decision.objects.get(annotation_id=i).outcome for i in ids] == ["accepted", "edited", "rejected"]
    assert pushed.ledger() == pushed.truth()
    assert set(Decision.objects.values_list("person", flat=True)) == {"annotator@titlelab.local"}
    assert set(pushed.queue.items.values_list("state", flat=True)) == {State.DECIDED}
    assert set(InboxEvent.objects.values_list("state", flat=True)) == {"done"}


def in_tree(*paths: list[str]) -> list[dict[str, Any]]:
    """Return what the editor writes of tags that are ticked in a tree."""
    title, tags = regions("Typed")
    return [title, {**tags, "type": "taxonomy", "value": {"taxonomy": list(paths)}}]


def test_a_group_that_the_keyboard_ticked_in_a_tree_is_no_tag(pushed: Scene) -> None:
    library = pushed.queue.catalog.library
    assert library is not None
    library.tags.update(group="Use")
    library.tags.create(name="lost", group="Retired", state="retired")
    library.tags.create(name="Eco", group="Eco")
    paths = [["Use"], ["Use", "waterproof"], ["Retired"], ["Eco", "Eco"], ["named since"]]
    pushed.studio.annotate(pushed.task(0), in_tree(*paths))
    pushed.studio.annotate(pushed.task(1), in_tree(["Use"]))

    read(pushed)

    assert [d.tags for d in Decision.objects.order_by("annotation_id")] == [["waterproof", "Eco", "named since"], []]


def test_a_branch_that_the_keyboard_ticked_in_the_tree_of_categories_is_none(pushed: Scene) -> None:
    catalog = pushed.queue.catalog
    Taxonomy.objects.create(
        catalog=catalog, paths=[["Home", "Flasks"], ["Home", "Kettles"], ["Toys"], ["Toys", "Cars"]]
    )
    chosen = [["Home"], ["Home", "Kettles"], ["Toys"]]
    for place, path in enumerate(chosen):
        category = {
            "from_name": "category",
            "to_name": "description",
            "type": "taxonomy",
            "value": {"taxonomy": [path]},
        }
        pushed.studio.annotate(pushed.task(place), [*regions("Typed"), category])

    read(pushed)

    assert [d.category for d in Decision.objects.order_by("annotation_id")] == [[], ["Home", "Kettles"], ["Toys"]]


def test_events_that_come_twice_and_out_of_order_say_nothing_new(pushed: Scene) -> None:
    annotation = pushed.studio.annotate(pushed.task())
    pushed.studio.update(annotation, regions("Typed"))
    bodies = pushed.studio.heard * 2
    for body in reversed(bodies):
        store_event(hint(body))

    assert process_inbox(pushed.studio) == 1
    assert process_inbox(pushed.studio) == 0
    assert pushed.ledger() == pushed.truth()


def test_a_deletion_without_a_task_id_is_found_by_its_annotation(pushed: Scene) -> None:
    annotation = pushed.studio.annotate(pushed.task())
    deliver(pushed)
    process_inbox(pushed.studio)
    pushed.studio.delete(annotation)
    deliver(pushed)

    process_inbox(pushed.studio)

    assert pushed.ledger() == {}
    assert pushed.item().state == State.OPEN
    assert Decision.objects.get().withdrawn_at is not None


def test_a_deleted_task_withdraws_its_item_and_decision(pushed: Scene) -> None:
    pushed.studio.annotate(pushed.task())
    read(pushed)
    del pushed.studio.tasks[pushed.task()]

    read(pushed)

    assert pushed.ledger() == {}
    assert pushed.item().state == State.WITHDRAWN


def test_a_task_that_is_sent_while_reconciliation_lists_is_not_taken_for_deleted(pushed: Scene) -> None:
    listed = pushed.studio.task_items

    def listed_then_pushed(project_id: int) -> dict[int, int | None]:
        answer = listed(project_id)
        pushed.items.append(pushed.chosen())
        pushed.push()
        return answer

    pushed.studio.task_items = listed_then_pushed  # type: ignore[method-assign]

    read(pushed)

    assert pushed.item(3).state == State.OPEN


def test_a_task_that_slid_between_two_pages_is_not_taken_for_deleted(pushed: Scene) -> None:
    annotation = pushed.studio.annotate(pushed.task())
    listed = pushed.studio.task_items
    pushed.studio.task_items = lambda p: {i: o for i, o in listed(p).items() if i != pushed.task()}  # type: ignore[method-assign]

    read(pushed)

    assert set(pushed.ledger()) == {annotation}


def test_a_pull_that_breaks_at_any_call_loses_and_doubles_nothing(db: None) -> None:
    def busy() -> Scene:
        scene = Scene(4)
        scene.push()
        for place in range(3):
            scene.studio.annotate(scene.task(place))
        deliver(scene)
        process_inbox(scene.studio)
        annotations = sorted(scene.studio.annotations())
        scene.studio.update(annotations[0], regions("Typed"))
        scene.studio.delete(annotations[1])
        del scene.studio.tasks[scene.task(2)]
        scene.studio.skip(scene.task(3))
        deliver(scene)
        return scene

    def pull(scene: Scene) -> None:
        process_inbox(scene.studio)
        read(scene)

    for scene in broken_at_every_call(busy, pull):
        assert scene.ledger() == scene.truth()
        assert Decision.objects.filter(item__queue=scene.queue).count() == 5
        scene.check()


def test_a_first_reconciliation_that_breaks_goes_on_where_it_was(pushed: Scene) -> None:
    pushed.studio.annotate(pushed.task(0))
    pushed.studio.annotate(pushed.task(1))
    project = project_of(pushed)
    seen = list(pushed.studio.tasks_changed_since(project.project_id, None))

    def breaking(*_: object) -> Iterator[TaskSeen]:
        yield from seen[:2]
        raise LabelStudioUnreachable("it broke")

    pushed.studio.tasks_changed_since = breaking  # type: ignore[method-assign]
    with pytest.raises(LabelStudioUnreachable):
        reconcile(project, pushed.studio)

    assert project_of(pushed).cursor == seen[1].updated_at
    assert len(pushed.ledger()) == 1


def test_label_studio_that_is_down_leaves_events_as_they_are(pushed: Scene) -> None:
    pushed.studio.annotate(pushed.task())
    deliver(pushed)
    pushed.studio.is_down = True
    with pytest.raises(LabelStudioUnreachable):
        process_inbox(pushed.studio)

    event = InboxEvent.objects.get()
    assert (event.state, event.attempts) == ("new", 0)


def test_an_event_that_can_not_be_processed_fails_after_its_attempts_and_keeps_no_other_waiting(pushed: Scene) -> None:
    pushed.studio.annotate(pushed.task(0))
    annotation = pushed.studio.annotate(pushed.task(1))
    deliver(pushed)
    pushed.studio.refuses = {pushed.task(0)}
    for _ in range(MOST_ATTEMPTS):
        process_inbox(pushed.studio)

    first, second = InboxEvent.objects.order_by("pk")
    assert (first.state, first.attempts, second.state) == ("failed", MOST_ATTEMPTS, "done")
    assert "400" in first.problem
    assert set(pushed.ledger()) == {annotation}


def test_a_worker_that_fails_late_does_not_reopen_what_another_has_done(pushed: Scene) -> None:
    event = store_event(Hint(action="ANNOTATION_CREATED", project_id=1))
    inbox.close_event(event)

    inbox.note_failure(event, "too late")

    event.refresh_from_db()
    assert (event.state, event.attempts) == ("done", 0)


def test_events_of_foreign_projects_are_ignored(pushed: Scene) -> None:
    store_event(Hint(action="ANNOTATION_CREATED", project_id=10**6, task_ids=(pushed.task(),)))
    store_event(Hint(action=START_TRAINING, project_id=10**6))

    assert process_inbox(pushed.studio) == 0
    assert training_wishes() == []
    assert set(InboxEvent.objects.values_list("state", flat=True)) == {"ignored"}


def test_start_training_is_a_wish_of_its_project(pushed: Scene) -> None:
    event = store_event(Hint(action=START_TRAINING, project_id=project_of(pushed).project_id))

    assert process_inbox(pushed.studio) == 0
    assert training_wishes() == [(event, project_of(pushed))]


def test_a_prediction_that_label_studio_fetched_itself_is_copied(pushed: Scene) -> None:
    told = {"task": pushed.task(), "model_version": NEW, "result": regions("Fetched", ["gift"]), "score": 1.0}
    pushed.studio.import_predictions(project_of(pushed).project_id, [told])
    fetched = pushed.studio.tasks[pushed.task()].predictions[-1]
    pushed.studio.annotate(pushed.task(), fetched.result, parent=fetched.id)

    read(pushed)

    decision = Decision.objects.get()
    assert decision.outcome == "accepted"
    assert decision.draft == Draft.objects.get(version=NEW)
    assert decision.draft.title == "Fetched"
    pushed.check()


def test_an_annotation_of_nothing_shown_is_taken_for_what_was_sent_last(pushed: Scene) -> None:
    annotation = pushed.studio.annotate(pushed.task(), regions("Typed"), parent=10**9)

    read(pushed)

    assert Decision.objects.get(annotation_id=annotation).draft == pushed.item().drafts.get()


@pytest.mark.parametrize("result", [["no region"], regions("a") * 2, regions("x" * 1001), regions("\ud800")])
def test_an_annotation_that_can_not_be_read_is_a_rejection_that_says_so(pushed: Scene, result: list[object]) -> None:
    pushed.studio.annotate(pushed.task(), result)

    read(pushed)

    decision = Decision.objects.get()
    assert decision.outcome == "rejected"
    assert decision.reject_reason.startswith("unreadable: ")


def test_a_project_deleted_by_hand_is_rebuilt_when_a_person_wants_it_and_what_waited_is_sent_again(
    pushed: Scene,
) -> None:
    annotation = pushed.studio.annotate(pushed.task())
    read(pushed)
    deliver(pushed)
    pushed.studio.delete_project(project_of(pushed).project_id)

    process_inbox(pushed.studio)
    read(pushed)
    assert set(pushed.ledger()) == {annotation}
    assert not Project.objects.filter(queue=pushed.queue).exists()
    with pytest.raises(ProjectLost, match="Rebuild in Label Studio"):
        pushed.push()

    rebuild(pushed.queue, pushed.studio)
    assert pushed.push() == 2
    pushed.check()
    assert set(pushed.ledger()) == {annotation}
    assert pushed.item().state == State.DECIDED


def test_a_lost_project_that_comes_back_is_taken_in_with_all_its_tasks(pushed: Scene) -> None:
    project = project_of(pushed)
    annotation = pushed.studio.annotate(pushed.task())
    back = dict(pushed.studio.projects)
    pushed.studio.projects.clear()
    read(pushed)
    pushed.studio.projects |= back

    rebuild(pushed.queue, pushed.studio)
    pushed.push()
    process_inbox(pushed.studio)

    assert project_of(pushed).project_id == project.project_id
    pushed.check()
    assert set(pushed.ledger()) == {annotation}


def test_accounts_are_asked_for_once_and_only_when_somebody_decided(pushed: Scene) -> None:
    people = People(pushed.studio)
    before = pushed.studio.n_calls

    assert people.name(2) == people.name(2) == "annotator@titlelab.local"
    assert people.name(None) == "unknown"
    assert pushed.studio.n_calls == before + 1


@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_in_whatever_order_the_ledger_ends_equal_to_label_studio(
    db: None, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "OVERLAP", dt.timedelta(0))  # a cursor that runs ahead shows at once
    chance = random.Random(seed)
    scene = Scene(5)
    scene.push()
    for _ in range(60):
        step(scene, chance)
    scene.studio.fails_at = None
    for _ in range(2):
        scene.push()
        process_inbox(scene.studio)
        read(scene)

    scene.check()
    assert scene.ledger() == scene.truth()
    decided = {item.pk for item in scene.queue.items.filter(state=State.DECIDED)}
    assert decided <= {d.item_id for d in Decision.objects.current()}


def step(scene: Scene, chance: random.Random) -> None:
    """Let one thing happen: people, events, workers, or a broken call."""
    studio = scene.studio
    open_tasks = [i for i, task in studio.tasks.items() if not task.annotations]
    annotations = sorted(studio.annotations())
    what = chance.randrange(13)
    try:
        if what <= 1 and open_tasks:
            task = chance.choice(open_tasks)
            studio.annotate(task, chance.choice([None, regions("Typed", ["gift"])]))
        elif what == 2 and open_tasks:
            studio.skip(chance.choice(open_tasks))
        elif what == 3 and annotations:
            studio.update(chance.choice(annotations), regions(f"Typed {chance.random()}"))
        elif what == 4 and annotations:
            studio.delete(chance.choice(annotations))
        elif what == 5 and studio.tasks and chance.random() < 0.3:
            del studio.tasks[chance.choice(sorted(studio.tasks))]
        elif what == 6 and studio.heard:
            chance.shuffle(studio.heard)
            for body in studio.heard[: chance.randrange(4)] * chance.randrange(1, 3):
                store_event(hint(body))
        elif what == 7:
            process_inbox(studio)
        elif what == 8:
            read(scene)
        elif what == 9:
            item = chance.choice(list(scene.queue.items.all()))
            item.product.content_hash = f"{chance.getrandbits(120):032x}"
            item.product.save()
            withdraw_stale(scene.queue, item.created_at)
            scene.chosen()
        elif what == 10:
            scene.push()
        elif what == 11:
            scene.source.serving = f"t{chance.randrange(4)}-g0.1"
            scene.refresh()
        else:
            studio.fails_at, studio.fails_after = studio.n_calls + chance.randrange(1, 12), chance.random() < 0.5
    except LabelStudioUnreachable:
        pass
    except Project.DoesNotExist:
        scene.push()


def test_a_refused_reading_does_not_move_the_cursor_past_it(pushed: Scene) -> None:
    pushed.studio.annotate(pushed.task())
    del pushed.studio.tasks[pushed.task(1)]
    pushed.studio.refuses = {pushed.task(1)}
    with pytest.raises(LabelStudioRefused):
        read(pushed)
    pushed.studio.refuses = set()

    read(pushed)

    assert Task.objects.get(item=pushed.items[1]).deleted_at is not None
    assert ReviewItem.objects.get(pk=pushed.items[1].pk).state == State.WITHDRAWN


def test_a_tag_that_was_renamed_while_the_task_was_open_is_no_edit(pushed: Scene) -> None:
    library = pushed.queue.catalog.library
    assert library is not None
    rename(library.tags.get(name="gift"), "Gift idea")

    pushed.studio.annotate(pushed.task())  # a page that was opened before
    read(pushed)

    decision = Decision.objects.get()
    assert (decision.outcome, decision.tags) == ("accepted", ["Gift idea"])


def test_a_task_is_read_once_for_all_the_events_that_wait(pushed: Scene) -> None:
    annotation = pushed.studio.annotate(pushed.task())
    for _ in range(4):
        pushed.studio.update(annotation, regions("Typed"))
    deliver(pushed)
    asked: list[int] = []
    task = pushed.studio.task
    pushed.studio.task = lambda task_id: (asked.append(task_id), task(task_id))[1]  # type: ignore[method-assign]

    process_inbox(pushed.studio)

    assert asked == [pushed.task()]
    assert pushed.ledger() == pushed.truth()
    assert set(InboxEvent.objects.values_list("state", flat=True)) == {"done"}


def test_one_worker_reads_the_inbox_at_a_time_and_brings_what_comes_meanwhile(pushed: Scene) -> None:
    pushed.studio.annotate(pushed.task(0))
    deliver(pushed)
    elsewhere: list[int] = []
    task = pushed.studio.task

    def slow(task_id: int) -> TaskSeen | None:
        if not elsewhere:  # while the first is read, somebody annotates another task and a second worker is rung for
            elsewhere.append(0)
            pushed.studio.annotate(pushed.task(1))
            deliver(pushed)
            elsewhere.append(process_inbox(pushed.studio))
        return task(task_id)

    pushed.studio.task = slow  # type: ignore[method-assign]

    assert process_inbox(pushed.studio) == 2
    assert elsewhere == [0, 0]
    assert pushed.ledger() == pushed.truth()


def test_the_inbox_of_a_dead_worker_is_taken_over(pushed: Scene) -> None:
    pushed.studio.annotate(pushed.task())
    deliver(pushed)
    assert Reader().takes()

    assert process_inbox(pushed.studio) == 0
    InboxHold.objects.update(until=timezone.now() - dt.timedelta(seconds=1))
    assert process_inbox(pushed.studio) == 1
