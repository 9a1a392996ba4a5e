"""Making a queue's project, and mending what was changed in it by hand."""

from dataclasses import replace

import pytest
from pytest_django import Settings

from tests.factories import make_library
from tests.fake_label_studio import FakeLabelStudio
from tests.unit.labelstudio.scenes import Scene, State, broken_at_every_call
from titlelab.errors import LabelStudioRefused
from titlelab.labelstudio.client import ProjectSeen, WebhookSeen
from titlelab.labelstudio.events import ACTIONS
from titlelab.labelstudio.label_config import MOST_CHOICES
from titlelab.labelstudio.models import Project
from titlelab.labelstudio.provisioning import SECRET_HEADER, config_of, is_right, provision, rebuild, webhook_url

pytestmark = pytest.mark.django_db


def of_project(scene: Scene) -> ProjectSeen:
    (seen,) = scene.studio.projects.values()
    return seen


def hooks(scene: Scene) -> list[WebhookSeen]:
    return [seen for _, seen in scene.studio.hooks.values()]


def change_hook(scene: Scene, **values: object) -> None:
    ((hook_id, (project_id, seen)),) = scene.studio.hooks.items()
    scene.studio.hooks[hook_id] = (project_id, replace(seen, **values))  # type: ignore[arg-type]


def is_whole(scene: Scene) -> bool:
    """Say whether there is one project with our config, one ML backend and one webhook, all right."""
    (backend,) = (seen for _, seen in scene.studio.backends.values())
    (hook,) = hooks(scene)
    library = scene.queue.catalog.library
    extra = {"catalog": scene.queue.catalog.key, "library": library.key if library else ""}
    return (
        of_project(scene).label_config == config_of(scene.queue)
        and backend.state == "CO"
        and dict(backend.extra) == extra
        and is_right(hook)
        and Project.objects.get(queue=scene.queue).ml_backend_id == backend.id
    )


def test_a_project_is_made_with_all_it_needs(scene: Scene) -> None:
    project = provision(scene.queue, scene.studio)

    assert is_whole(scene)
    assert project.project_id == of_project(scene).id
    assert of_project(scene).title == scene.queue.name


def test_provisioning_again_changes_nothing(scene: Scene) -> None:
    provision(scene.queue, scene.studio)
    before = (dict(scene.studio.projects), dict(scene.studio.hooks), dict(scene.studio.backends))

    provision(scene.queue, scene.studio)

    assert (scene.studio.projects, scene.studio.hooks, scene.studio.backends) == before


def test_provisioning_that_breaks_at_any_call_ends_whole(db: None) -> None:
    for scene in broken_at_every_call(Scene, lambda scene: provision(scene.queue, scene.studio)):
        assert is_whole(scene)


@pytest.mark.parametrize(
    "values",
    [
        {"is_active": False},
        {"sends_payload": False},
        {"actions": frozenset(ACTIONS[:1])},
        {"headers": ()},
        {"headers": ((SECRET_HEADER, "an older secret"),)},
        {"url": "http://127.0.0.1:1/where-we-were-before/", "headers": ((SECRET_HEADER, "a secret"),)},
    ],
)
def test_a_webhook_that_was_changed_is_replaced(scene: Scene, values: dict[str, object]) -> None:
    provision(scene.queue, scene.studio)
    change_hook(scene, **values)

    provision(scene.queue, scene.studio)

    assert is_whole(scene)


def test_webhooks_of_others_stay(scene: Scene) -> None:
    project = provision(scene.queue, scene.studio)
    theirs = scene.studio.create_webhook(project.project_id, url="http://shop.example/", headers={}, actions=ACTIONS)

    provision(scene.queue, scene.studio)

    assert theirs in scene.studio.hooks
    assert {w.url for w in hooks(scene)} == {"http://shop.example/", webhook_url()}


def test_a_config_that_was_changed_by_hand_is_ours_again(scene: Scene) -> None:
    project = provision(scene.queue, scene.studio)
    scene.studio.update_config(project.project_id, "<View/>")

    provision(scene.queue, scene.studio)

    assert is_whole(scene)


def test_an_ml_backend_that_lost_its_connection_is_replaced(scene: Scene) -> None:
    provision(scene.queue, scene.studio)
    ((backend_id, (project_id, seen)),) = scene.studio.backends.items()
    scene.studio.backends[backend_id] = (project_id, replace(seen, state="ER"))

    provision(scene.queue, scene.studio)

    assert is_whole(scene)


def test_an_ml_backend_with_another_address_or_library_is_replaced(scene: Scene, settings: Settings) -> None:
    provision(scene.queue, scene.studio)
    settings.ML_BACKEND_URL = "http://127.0.0.1:9999"
    scene.queue.catalog.library = make_library()
    scene.queue.catalog.save()

    provision(scene.queue, scene.studio)

    scene.studio.hooks = {i: h for i, h in scene.studio.hooks.items() if "9090" not in h[1].url}
    assert is_whole(scene)


def test_another_choice_of_predictions_is_noticed_and_mended(pushed: Scene) -> None:
    project_id = of_project(pushed).id
    pushed.studio.show_version(project_id, "titlelab")
    pushed.push()

    assert of_project(pushed).model_version == pushed.source.serving


def test_a_label_studio_that_lost_its_data_gets_every_project_anew(db: None) -> None:
    one, other = Scene(), Scene()
    one.studio = other.studio = FakeLabelStudio(first_id=1)
    one.push()
    other.push()
    one.studio = other.studio = FakeLabelStudio(first_id=1)

    rebuild(other.queue, other.studio)  # gets the id that the first one's row still names
    rebuild(one.queue, one.studio)
    other.push()
    one.push()

    for scene in (one, other):
        project = Project.objects.get(queue=scene.queue)
        assert scene.studio.projects[project.project_id].title == scene.queue.name
        assert scene.queue.items.filter(state=State.OPEN).count() == 3
        assert {scene.studio.tasks[t.task_id].project for t in project.tasks.all()} == {project.project_id}


def test_a_description_that_somebody_wrote_does_not_lose_the_project(pushed: Scene) -> None:
    seen = of_project(pushed)
    pushed.studio.projects[seen.id] = replace(seen, description="Ours, really")

    assert pushed.push() == 0
    assert len(pushed.studio.projects) == 1


def test_what_label_studio_refuses_is_noted_and_raised(scene: Scene) -> None:
    project = provision(scene.queue, scene.studio)
    scene.studio.update_config(project.project_id, "<View/>")

    def refuse(project_id: int, label_config: str) -> None:
        raise LabelStudioRefused("annotations hold a control that is gone")

    scene.studio.update_config = refuse  # type: ignore[method-assign]
    with pytest.raises(LabelStudioRefused):
        provision(scene.queue, scene.studio)

    project.refresh_from_db()
    assert project.problem == "annotations hold a control that is gone"


def test_a_tree_of_tags_stays_when_the_library_shrinks_since_label_studio_refuses_the_way_back(db: None) -> None:
    library = make_library(tags=[f"tag {n:03}" for n in range(MOST_CHOICES + 1)])
    scene = Scene(library=library)
    provision(scene.queue, scene.studio)
    library.tags.filter(name__gte="tag 010").update(state="retired")

    provision(scene.queue, scene.studio)

    assert "<Taxonomy" in of_project(scene).label_config
    assert "tag 010" not in of_project(scene).label_config
