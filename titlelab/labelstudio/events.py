"""What Label Studio tells, as values: webhook bodies and tasks.

Computes only; see pulling.py for what becomes of them. Foreign JSON turns into values here and nowhere else.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from titlelab.errors import BadFile

ACTIONS = (
    "ANNOTATION_CREATED",
    "ANNOTATIONS_CREATED",
    "ANNOTATION_UPDATED",
    "ANNOTATIONS_DELETED",
    "TASKS_DELETED",
)
START_TRAINING = "START_TRAINING"
LONGEST_S = 10 * 365 * 24 * 3600.0  # to decide on one title


class BadEvent(BadFile):
    """A body is not what Label Studio sends: mend the sender."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """What a webhook body points at; never the record, which is read from Label Studio itself.

    Label Studio's bodies carry the project's invite token and storage credentials, so only ids are kept.
    """

    action: str
    project_id: int
    task_ids: tuple[int, ...] = ()
    annotation_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionSeen:
    """A prediction that stands on a task."""

    id: int
    model_version: str
    result: list[Any]
    score: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationSeen:
    """One annotation as it stands on a task, skipped ones included."""

    id: int
    created_at: dt.datetime
    updated_at: dt.datetime
    completed_by: int | None
    was_cancelled: bool
    seconds: float | None
    parent_prediction: int | None
    result: list[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSeen:
    """A task as Label Studio showed it to a question asked at read_at.

    item_id is our key in its data, None if it holds none.
    """

    id: int
    read_at: dt.datetime
    item_id: int | None
    updated_at: dt.datetime
    annotations: tuple[AnnotationSeen, ...]
    predictions: tuple[PredictionSeen, ...]


def hint(body: Any) -> Hint:
    """Read a webhook body; raises BadEvent on anything that Label Studio does not send."""
    if not isinstance(body, Mapping) or not isinstance(body.get("action"), str):
        raise BadEvent("a webhook body is an object with an action")
    project = body.get("project")
    project_id = _id(project.get("id") if isinstance(project, Mapping) else None, "project.id")
    tasks = _listed(body.get("task")) + _listed(body.get("tasks"))
    annotations = _listed(body.get("annotation")) + _listed(body.get("annotations"))
    task_ids = [_id(t.get("id"), "task.id") for t in tasks]
    task_ids += [_id(a["task"], "annotation.task") for a in annotations if a.get("task") is not None]
    return Hint(
        action=body["action"][:50],
        project_id=project_id,
        task_ids=tuple(dict.fromkeys(task_ids)),
        annotation_ids=tuple(_id(a.get("id"), "annotation.id") for a in annotations),
    )


def task_seen(task: Any, read_at: dt.datetime) -> TaskSeen:
    """Read a task with its annotations and predictions; raises BadEvent when it is not one."""
    try:
        return TaskSeen(
            id=_id(task.get("id"), "id"),
            read_at=read_at,
            item_id=item_id(task.get("data")),
            updated_at=_moment(task["updated_at"]),
            annotations=tuple(_annotation(a) for a in task.get("annotations") or []),
            predictions=tuple(_prediction(p) for p in task.get("predictions") or []),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as e:
        raise BadEvent(f"not a task of Label Studio: {e!r}") from e


def item_id(data: Any) -> int | None:
    """Return our key in a task's data, None if it holds none; people may have imported tasks of their own."""
    item = data.get("item") if isinstance(data, Mapping) else None
    return item if isinstance(item, int) and not isinstance(item, bool) and 0 < item < 2**63 else None


def _annotation(data: Mapping[str, Any]) -> AnnotationSeen:
    return AnnotationSeen(
        id=_id(data.get("id"), "annotation.id"),
        created_at=_moment(data["created_at"]),
        updated_at=_moment(data["updated_at"]),
        completed_by=_person(data.get("completed_by")),
        was_cancelled=bool(data.get("was_cancelled")),
        seconds=_seconds(data.get("lead_time")),
        parent_prediction=_person(data.get("parent_prediction")),
        result=list(data.get("result") or []),
    )


def _prediction(data: Mapping[str, Any]) -> PredictionSeen:
    return PredictionSeen(
        id=_id(data.get("id"), "prediction.id"),
        model_version=str(data.get("model_version") or ""),
        result=list(data.get("result") or []),
        score=data.get("score"),
    )


def _person(value: Any) -> int | None:
    """Label Studio gives a reference as a number or, in some lists, as the object itself."""
    found = value.get("id") if isinstance(value, Mapping) else value
    return found if isinstance(found, int) else None


def _seconds(value: Any) -> float | None:
    """Return a time that can be averaged; an API's user may send anything, NaN and the infinite too."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < LONGEST_S else None


def _listed(value: Any) -> list[Mapping[str, Any]]:
    rows: Sequence[Any] = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(row, Mapping) for row in rows):
        raise BadEvent("tasks and annotations are objects")
    return list(rows)


def _id(value: Any, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**63:
        raise BadEvent(f"{name} is no id: {value!r:.50}")
    return value


def _moment(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
