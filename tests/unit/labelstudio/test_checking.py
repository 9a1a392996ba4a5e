"""What the doctor is told of a queue's project."""

import datetime as dt
from dataclasses import replace

import pytest
from django.utils import timezone

from tests.unit.labelstudio.scenes import Scene
from titlelab.labelstudio.checking import problems
from titlelab.labelstudio.models import Project
from titlelab.labelstudio.pulling import reconcile
from titlelab.review.models import Decision

pytestmark = pytest.mark.django_db


def only_problem(scene: Scene) -> str:
    (problem,) = problems(scene.queue, scene.studio)
    return problem


def test_a_pushed_queue_has_none(pushed: Scene) -> None:
    assert problems(pushed.queue, pushed.studio) == []


def test_a_queue_without_a_project_has_to_be_set_up(scene: Scene) -> None:
    assert "no project in Label Studio yet" in only_problem(scene)


def test_a_project_that_is_gone_is_named(pushed: Scene) -> None:
    pushed.studio.projects.clear()

    assert "is gone from Label Studio" in only_problem(pushed)


def test_an_ml_backend_that_is_missing_or_out_of_reach_is_named(pushed: Scene) -> None:
    ((backend_id, (project_id, seen)),) = pushed.studio.backends.items()
    pushed.studio.backends[backend_id] = (project_id, replace(seen, state="ER"))
    assert "can't reach the ML backend" in only_problem(pushed)

    pushed.studio.backends.clear()
    assert "not connected to the ML backend" in only_problem(pushed)


def test_a_webhook_that_was_switched_off_is_named(pushed: Scene) -> None:
    ((hook_id, (project_id, seen)),) = pushed.studio.hooks.items()
    pushed.studio.hooks[hook_id] = (project_id, replace(seen, is_active=False))

    assert "no active webhook" in only_problem(pushed)


def test_a_decision_that_no_event_announced_is_noticed_after_a_while(pushed: Scene) -> None:
    pushed.studio.annotate(pushed.task())
    reconcile(Project.objects.get(queue=pushed.queue), pushed.studio)
    assert problems(pushed.queue, pushed.studio) == []

    Decision.objects.update(recorded_at=timezone.now() - dt.timedelta(hours=1))

    assert "came without a webhook" in only_problem(pushed)
    Project.objects.update(last_event_at=timezone.now())
    assert problems(pushed.queue, pushed.studio) == []
