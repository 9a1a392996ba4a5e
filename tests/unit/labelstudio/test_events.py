"""What Label Studio's webhook bodies point at, and that nothing else gets in."""

import datetime as dt
from typing import Any

import pytest

from titlelab.labelstudio.events import BadEvent, Hint, hint, task_seen

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
PROJECT = {"id": 5, "title": "Titles", "label_config": "<View/>", "token": "invite-token", "task_data_password": "x"}
TASK = {"id": 6109, "data": {"item": 7}, "meta": {}, "is_labeled": True, "total_annotations": 1}
ANNOTATION = {
    "id": 5,
    "task": 6109,
    "project": 5,
    "completed_by": 3,
    "was_cancelled": False,
    "lead_time": 4.049,
    "parent_prediction": 6140,
    "created_at": "2026-11-21T23:39:10.000000Z",
    "updated_at": "2026-11-21T23:39:12.000000Z",
    "result": [{"id": "title1", "from_name": "title", "type": "textarea", "value": {"text": ["A"]}}],
    "prediction": {"id": 6140, "model_version": "t0-g0.1"},
}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            {"action": "ANNOTATION_CREATED", "annotation": ANNOTATION, "task": TASK},
            Hint(action="ANNOTATION_CREATED", project_id=5, task_ids=(6109,), annotation_ids=(5,)),
        ),
        (
            {"action": "ANNOTATION_CREATED", "annotation": ANNOTATION | {"was_cancelled": True}, "task": TASK},
            Hint(action="ANNOTATION_CREATED", project_id=5, task_ids=(6109,), annotation_ids=(5,)),
        ),
        (  # "Create annotations from predictions": lists under singular names
            {
                "action": "ANNOTATIONS_CREATED",
                "annotation": [ANNOTATION, ANNOTATION | {"id": 6, "task": 6110}],
                "task": [TASK, TASK | {"id": 6110}],
            },
            Hint(action="ANNOTATIONS_CREATED", project_id=5, task_ids=(6109, 6110), annotation_ids=(5, 6)),
        ),
        (
            {"action": "ANNOTATION_UPDATED", "annotation": ANNOTATION, "task": TASK},
            Hint(action="ANNOTATION_UPDATED", project_id=5, task_ids=(6109,), annotation_ids=(5,)),
        ),
        (  # no task is named
            {"action": "ANNOTATIONS_DELETED", "annotations": [{"id": 1}, {"id": 2}]},
            Hint(action="ANNOTATIONS_DELETED", project_id=5, annotation_ids=(1, 2)),
        ),
        (
            {"action": "TASKS_CREATED", "tasks": [TASK]},
            Hint(action="TASKS_CREATED", project_id=5, task_ids=(6109,)),
        ),
        (
            {"action": "TASKS_DELETED", "tasks": [{"id": 1}, {"id": 2}]},
            Hint(action="TASKS_DELETED", project_id=5, task_ids=(1, 2)),
        ),
        ({"action": "PROJECT_UPDATED"}, Hint(action="PROJECT_UPDATED", project_id=5)),
        ({"action": "START_TRAINING"}, Hint(action="START_TRAINING", project_id=5)),
    ],
    ids=lambda value: value.get("action", "") if isinstance(value, dict) else "",
)
def test_a_webhook_body_is_read_as_what_it_points_at(body: dict[str, Any], expected: Hint) -> None:
    assert hint(body | {"project": PROJECT}) == expected


def test_a_hint_keeps_none_of_the_project_s_secrets() -> None:
    body = {"action": "ANNOTATION_CREATED", "annotation": ANNOTATION, "task": TASK, "project": PROJECT}

    assert "invite-token" not in repr(hint(body))


def test_an_annotation_s_task_is_named_once() -> None:
    body = {"action": "ANNOTATION_CREATED", "annotation": ANNOTATION, "project": PROJECT}

    assert hint(body).task_ids == (6109,)


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "ANNOTATION_CREATED",
        {},
        {"action": None, "project": PROJECT},
        {"action": ["ANNOTATION_CREATED"], "project": PROJECT},
        {"action": "ANNOTATION_CREATED"},
        {"action": "ANNOTATION_CREATED", "project": 5},
        {"action": "ANNOTATION_CREATED", "project": {"id": "5"}},
        {"action": "ANNOTATION_CREATED", "project": {"id": True}},
        {"action": "ANNOTATION_CREATED", "project": {"id": -5}},
        {"action": "ANNOTATION_CREATED", "project": {"id": 2**63}},
        {"action": "ANNOTATION_CREATED", "project": PROJECT, "annotation": 5},
        {"action": "ANNOTATION_CREATED", "project": PROJECT, "annotation": {"id": None, "task": 1}},
        {"action": "ANNOTATION_CREATED", "project": PROJECT, "annotation": {"id": 5, "task": "one"}},
        {"action": "ANNOTATIONS_CREATED", "project": PROJECT, "annotation": [ANNOTATION, "and so on"]},
        {"action": "TASKS_DELETED", "project": PROJECT, "tasks": [1, 2]},
        {"action": "TASKS_DELETED", "project": PROJECT, "tasks": [{}]},
    ],
    ids=str,
)
def test_what_label_studio_does_not_send_is_refused(body: Any) -> None:
    with pytest.raises(BadEvent):
        hint(body)


def seen(**fields: Any) -> Any:
    return task_seen({"id": 6109, "updated_at": "2026-11-21T23:39:12.5Z", "data": {"item": 7}} | fields, NOW)


def test_a_task_is_read_with_its_annotations_and_predictions() -> None:
    task = seen(
        annotations=[ANNOTATION],
        predictions=[{"id": 6140, "model_version": "t0-g0.1", "score": 0.2, "result": []}],
    )

    assert (task.id, task.item_id, task.read_at) == (6109, 7, NOW)
    assert task.updated_at == dt.datetime(2026, 11, 21, 23, 39, 12, 500_000, tzinfo=dt.UTC)
    (annotation,) = task.annotations
    assert (annotation.id, annotation.completed_by, annotation.parent_prediction) == (5, 3, 6140)
    assert (annotation.seconds, annotation.was_cancelled) == (4.049, False)
    assert annotation.result == ANNOTATION["result"]
    assert [(p.id, p.model_version, p.score) for p in task.predictions] == [(6140, "t0-g0.1", 0.2)]


def test_a_reference_may_be_told_as_the_object_itself() -> None:
    annotation = ANNOTATION | {"completed_by": {"id": 3, "email": "a@b.c"}, "parent_prediction": None}

    (read,) = seen(annotations=[annotation]).annotations

    assert (read.completed_by, read.parent_prediction) == (3, None)


@pytest.mark.parametrize("lead_time", [None, "4", True, [], -1, float("nan"), float("inf"), 10**400])
def test_a_time_that_no_clock_shows_is_unknown(lead_time: object) -> None:
    (read,) = seen(annotations=[ANNOTATION | {"lead_time": lead_time}]).annotations

    assert read.seconds is None


@pytest.mark.parametrize("data", [None, {}, {"item": None}, {"item": "7"}, {"item": True}])
def test_a_task_that_is_not_ours_has_no_item(data: object) -> None:
    assert seen(data=data).item_id is None


@pytest.mark.parametrize(
    "fields",
    [
        {"id": None},
        {"updated_at": None},
        {"updated_at": "yesterday"},
        {"annotations": [1]},
        {"annotations": [ANNOTATION | {"created_at": 5}]},
        {"annotations": [{"id": 5}]},
        {"annotations": 5},
        {"predictions": [{"id": "six"}]},
    ],
    ids=str,
)
def test_what_is_no_task_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(BadEvent):
        seen(**fields)
