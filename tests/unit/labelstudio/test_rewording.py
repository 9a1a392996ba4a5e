"""Open tasks follow a new form of the page: what it asks for stands in their data before it is shown."""

from dataclasses import replace

import pytest

from tests.factories import make_decision, make_item, make_product
from tests.unit.labelstudio.scenes import Scene
from titlelab.labelstudio.provisioning import config_of, provision
from titlelab.labelstudio.rewording import asks_for_more
from titlelab.review.models import ReviewItem

pytestmark = pytest.mark.django_db
OLD_FORM = '<View><HyperText name="hint" value="$review_hint"/><Text name="description" value="$description"/></View>'


def make_old(scene: Scene) -> None:
    """Make of a pushed queue one that was pushed when the page had fewer fields."""
    ((project_id, seen),) = scene.studio.projects.items()
    scene.studio.projects[project_id] = replace(seen, label_config=OLD_FORM)
    for task in scene.studio.tasks.values():
        task.data = {"item": task.data["item"], "review_hint": "old", "description": "old"}


def test_open_tasks_of_an_older_form_are_worded_anew_with_the_drafts_they_show(pushed: Scene) -> None:
    before = {task_id: dict(task.data) for task_id, task in pushed.studio.tasks.items()}
    n_predictions = [len(task.predictions) for task in pushed.studio.tasks.values()]
    make_old(pushed)

    provision(pushed.queue, pushed.studio)

    ((_, seen),) = pushed.studio.projects.items()
    assert seen.label_config == config_of(pushed.queue)
    assert {task_id: task.data for task_id, task in pushed.studio.tasks.items()} == before
    assert [len(task.predictions) for task in pushed.studio.tasks.values()] == n_predictions


def test_a_decided_task_stays_as_it_was_answered(pushed: Scene) -> None:
    make_old(pushed)
    ReviewItem.objects.filter(pk=pushed.item().pk).update(state=ReviewItem.State.DECIDED)

    provision(pushed.queue, pushed.studio)

    assert pushed.studio.tasks[pushed.task()].data["review_hint"] == "old"


def test_only_a_config_that_shows_another_field_needs_it() -> None:
    assert asks_for_more(OLD_FORM, OLD_FORM.replace("$description", "$note"))
    assert not asks_for_more(OLD_FORM, OLD_FORM.replace("hint", "header", 1))
    assert not asks_for_more(OLD_FORM, '<View><Text name="description" value="$description"/></View>')


def test_a_task_shows_what_people_settled_on_for_near_twins_and_a_blind_one_does_not() -> None:
    scene = Scene(0, name="twins")
    catalog = scene.queue.catalog
    twin = make_item(product=make_product(catalog=catalog), queue=scene.queue)
    make_decision(item=twin, title="Norvik Bottle 750 ml red")
    for is_blind in (False, True):
        product = make_product(catalog=catalog)
        arm = ReviewItem.Arm.RANDOM if is_blind else ReviewItem.Arm.UNCERTAIN
        chosen = {"state": ReviewItem.State.CHOSEN, "arm": arm, "is_blind": is_blind}
        scene.items.append(make_item(queue=scene.queue, product=product, **chosen))

    scene.push()

    shown, blind = (scene.studio.tasks[scene.task(n)].data["source_html"] for n in (0, 1))
    assert "<ins>Bottle 750 ml red</ins>" in shown
    assert "750 ml red" not in blind
