"""The webhook is brought back, and what came without it is told."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.unit.labelstudio.scenes import Scene
from titlelab.labelstudio import watching
from titlelab.labelstudio.events import hint
from titlelab.labelstudio.inbox import store_event
from titlelab.labelstudio.models import LostProject, Project
from titlelab.labelstudio.provisioning import ProjectLost, is_right, provision, rebuild
from titlelab.labelstudio.pulling import process_inbox, reconcile
from titlelab.labelstudio.pushing import unsent
from titlelab.review.models import Decision

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "GRACE", dt.timedelta(0))


def project(scene: Scene) -> Project:
    return Project.objects.select_related("queue").get(queue=scene.queue)


def has_webhook(scene: Scene) -> bool:
    return any(is_right(webhook) for webhook in scene.studio.webhooks(project(scene).project_id))


def disable(scene: Scene) -> None:
    scene.studio.hooks = {i: (p, replace(hook, is_active=False)) for i, (p, hook) in scene.studio.hooks.items()}


@pytest.mark.parametrize("spoil", [disable, lambda scene: scene.studio.hooks.clear()])
def test_a_webhook_that_was_switched_off_or_deleted_is_back_after_the_next_reading(
    spoil: Callable[[Scene], None], pushed: Scene
) -> None:
    spoil(pushed)

    reconcile(project(pushed), pushed.studio)

    assert has_webhook(pushed)
    assert project(pushed).webhook_mended_at is not None


def test_a_webhook_that_is_as_it_should_be_is_left_alone(pushed: Scene) -> None:
    before = dict(pushed.studio.hooks)

    reconcile(project(pushed), pushed.studio)

    assert pushed.studio.hooks == before
    assert project(pushed).webhook_mended_at is None


def test_decisions_that_no_event_told_of_are_a_gap_until_the_next_event(pushed: Scene) -> None:
    pushed.studio.annotate(pushed.task(0))
    pushed.studio.annotate(pushed.task(1))
    pushed.studio.heard.clear()

    reconcile(project(pushed), pushed.studio)
    assert project(pushed).n_missed == 2
    assert project(pushed).missed_since is not None

    pushed.studio.annotate(pushed.task(2))
    store_event(hint(pushed.studio.heard[-1]))
    process_inbox(pushed.studio)
    assert (project(pushed).n_missed, project(pushed).missed_since) == (2, None)


def test_what_an_event_tells_that_waits_to_be_read_is_no_gap(pushed: Scene) -> None:
    pushed.studio.annotate(pushed.task())
    store_event(hint(pushed.studio.heard[-1]))

    reconcile(project(pushed), pushed.studio)

    assert (project(pushed).n_missed, project(pushed).missed_since) == (0, None)


def test_a_deleted_project_is_not_made_anew_until_a_person_wants_it(pushed: Scene) -> None:
    annotation = pushed.studio.annotate(pushed.task())
    reconcile(project(pushed), pushed.studio)
    pushed.studio.delete_project(project(pushed).project_id)
    reconcile(project(pushed), pushed.studio)

    with pytest.raises(ProjectLost, match="press “Rebuild in Label Studio”"):
        provision(pushed.queue, pushed.studio)
    assert not unsent(pushed.queue).exists()
    assert pushed.studio.projects == {}

    rebuild(pushed.queue, pushed.studio)
    assert not LostProject.objects.exists()
    assert pushed.push() == 2
    assert [d.annotation_id for d in Decision.objects.current()] == [annotation]


def test_a_project_that_stands_is_only_mended_by_a_rebuilding(pushed: Scene) -> None:
    before = project(pushed).project_id

    assert rebuild(pushed.queue, pushed.studio).project_id == before
    assert len(pushed.studio.tasks) == 3
