"""Half of the golden items show no drafted title: what people type then is led by no draft."""

import json

import pytest

from tests.factories import make_item, make_product
from tests.unit.labelstudio.scenes import NEW, Scene, State, regions
from titlelab.labelstudio.models import Project, Task
from titlelab.labelstudio.pulling import reconcile
from titlelab.review.models import Decision, Draft, ReviewItem

pytestmark = pytest.mark.django_db


@pytest.fixture
def blind(db: None) -> Scene:
    """A pushed queue whose only item is a blind one."""
    scene = Scene(0)
    product = make_product(catalog=scene.queue.catalog)
    scene.items.append(
        make_item(queue=scene.queue, product=product, state=State.CHOSEN, arm=ReviewItem.Arm.RANDOM, is_blind=True)
    )
    scene.push()
    return scene


def decided(scene: Scene, title: str, tags: list[str]) -> Decision:
    annotation = scene.studio.annotate(scene.task(), regions(title, tags))
    reconcile(Project.objects.get(queue=scene.queue), scene.studio)
    return Decision.objects.get(annotation_id=annotation)


def test_a_blind_task_shows_tags_and_nothing_of_the_drafted_titles(blind: Scene) -> None:
    task, draft = blind.studio.tasks[blind.task()], Draft.objects.get()
    (shown,) = task.predictions

    assert {region["from_name"] for region in shown.result} == {"tags"}
    assert task.data["candidates"] == []
    assert task.data["is_blind"] is True
    told = json.dumps([task.data, shown.result], ensure_ascii=False)
    assert not [candidate["title"] for candidate in draft.candidates if candidate["title"] in told]


def test_what_is_typed_without_a_draft_is_written_and_measured_against_the_unseen_draft(blind: Scene) -> None:
    draft = Draft.objects.get()

    decision = decided(blind, f"{draft.title}!", ["gift"])

    assert (decision.outcome, decision.draft, decision.title) == ("written", draft, f"{draft.title}!")
    assert decision.title_edit == pytest.approx(1 / len(decision.title))
    assert (decision.tags_added, decision.tags_removed) == ([], [])


def test_who_types_the_very_draft_has_not_accepted_it(blind: Scene) -> None:
    decision = decided(blind, Draft.objects.get().title, ["gift"])

    assert (decision.outcome, decision.title_edit) == ("written", 0.0)


def test_a_blind_task_that_is_sent_without_a_title_is_rejected(blind: Scene) -> None:
    annotation = blind.studio.annotate(blind.task())
    reconcile(Project.objects.get(queue=blind.queue), blind.studio)

    decision = Decision.objects.get(annotation_id=annotation)
    assert (decision.outcome, decision.reject_reason) == ("rejected", "no title")


def test_a_new_version_leaves_a_blind_task_blind(blind: Scene) -> None:
    blind.source.serving = NEW

    assert blind.refresh() == 1
    task = blind.studio.tasks[Task.objects.get().task_id]
    assert all(region["from_name"] != "title" for p in task.predictions for region in p.result)
    assert task.data["candidates"] == []
