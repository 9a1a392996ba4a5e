"""A catalog that asks for categories: its page in Label Studio, and what comes back."""

from typing import Any

import pytest

from tests.unit.labelstudio.scenes import Scene, regions
from titlelab.catalog.models import Catalog
from titlelab.labelstudio.models import Project
from titlelab.labelstudio.pulling import reconcile
from titlelab.review.categories import follow_categories
from titlelab.review.models import Decision, Draft

pytestmark = pytest.mark.django_db
BOTTLES, FLASKS = ("Outdoor", "Bottles"), ("Home", "Flasks")


@pytest.fixture
def asking() -> Scene:
    """A pushed queue whose products stand under two paths, and whose drafts choose the first."""
    scene = Scene(asks_for_category=True)
    scene.queue.catalog.products.filter(pk=scene.items[0].product_id).update(category=list(FLASKS))
    scene.source.category = FLASKS
    follow_categories()
    scene.push()
    return scene


def category(*path: str) -> dict[str, Any]:
    value = {"taxonomy": [list(path)]}
    return {"from_name": "category", "to_name": "description", "type": "taxonomy", "value": value}


def config(scene: Scene) -> str:
    (seen,) = scene.studio.projects.values()
    return seen.label_config


def decided(scene: Scene, place: int = 0) -> Decision:
    reconcile(Project.objects.select_related("queue").get(queue=scene.queue), scene.studio)
    return Decision.objects.get(item=scene.items[place])


def test_the_tree_is_prefilled_and_accepting_it_decides_the_category(asking: Scene) -> None:
    shown = asking.studio.shown(asking.task())
    asking.studio.annotate(asking.task())

    decision = decided(asking)

    assert '<Taxonomy name="category"' in config(asking)
    assert shown is not None
    assert shown.result[-1]["value"] == {"taxonomy": [list(FLASKS)]}
    assert Draft.objects.values_list("categories", flat=True)[0] == [
        {"path": list(FLASKS), "proba": 0.7, "reasons": ["flask"]}
    ]
    assert (decision.outcome, decision.category, decision.category_changed) == ("accepted", list(FLASKS), False)


def test_another_choice_is_an_edit_and_changing_it_again_another_decision(asking: Scene) -> None:
    shown = asking.studio.shown(asking.task())
    assert shown is not None
    others = shown.result[:-1]
    annotation = asking.studio.annotate(asking.task(), [*others, category(*BOTTLES)])
    first = decided(asking)
    asking.studio.update(annotation, [*others, category(*FLASKS)])

    reconcile(Project.objects.get(queue=asking.queue), asking.studio)

    second = Decision.objects.current().get(item=asking.items[0])
    assert (first.outcome, first.category, first.category_changed) == ("edited", list(BOTTLES), True)
    assert (second.outcome, second.category, second.category_changed) == ("accepted", list(FLASKS), False)


def test_a_path_that_the_taxonomy_has_lost_is_not_prefilled(asking: Scene) -> None:
    asking.source.category = ("Gone", "Elsewhere")
    asking.source.serving = "t1-g0.1-c0.1"

    asking.refresh()

    shown = asking.studio.shown(asking.task())
    assert shown is not None
    assert [region["from_name"] for region in shown.result] == ["title", "tags"]


def test_a_project_that_has_asked_keeps_its_control_when_the_catalog_asks_no_more(asking: Scene) -> None:
    asking.studio.annotate(asking.task())
    Catalog.objects.update(asks_for_category=False)
    asking.queue.catalog.refresh_from_db()
    asking.chosen()

    asking.push()

    assert '<Taxonomy name="category"' in config(asking)


def test_asking_for_the_category_does_not_turn_checkboxes_into_a_tree(asking: Scene) -> None:
    project = Project.objects.get(queue=asking.queue)

    assert (project.asks_for_category, project.asks_by_tree) == (True, False)
    assert '<Choices name="tags"' in config(asking)


def test_a_catalog_that_does_not_ask_is_shown_what_it_always_was(pushed: Scene) -> None:
    pushed.studio.annotate(pushed.task(), regions("Typed"))

    assert "Taxonomy" not in config(pushed)
    assert decided(pushed).category == []
