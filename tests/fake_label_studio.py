"""Label Studio in memory, with the traps that were measured on the real one."""

import copy
import datetime as dt
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.utils import timezone

from titlelab.errors import LabelStudioRefused, LabelStudioUnreachable
from titlelab.labelstudio.client import ML_BACKEND_TITLE, MLBackendSeen, ProjectSeen, WebhookSeen
from titlelab.labelstudio.events import AnnotationSeen, PredictionSeen, TaskSeen, item_id

ADMIN, ANNOTATOR = 1, 2


@dataclass(kw_only=True)
class _Task:
    id: int
    project: int
    data: dict[str, Any]
    updated_at: dt.datetime
    annotations: dict[int, AnnotationSeen] = field(default_factory=dict)
    predictions: list[PredictionSeen] = field(default_factory=list)


@dataclass(kw_only=True)
class Account:
    id: int
    password: str = ""
    is_active: bool = True


class FakeLabelStudio:
    """Implements labelstudio.client.LabelStudio, and people: annotate, skip, update, delete.

    fails_at is the number of the call (people's are not counted) at which it breaks, once: before it has done
    anything, or with `after` when it is done and only the answer is lost. `heard` holds every webhook body that its
    projects' webhooks were sent; `meanwhile` runs once within the next import, as something that happens elsewhere.
    """

    _all_ids = itertools.count(1)  # two fakes are one Label Studio's projects, unless one is told where it begins

    def __init__(self, *, first_id: int | None = None) -> None:
        self.accounts = {"admin@titlelab.local": Account(id=ADMIN), "annotator@titlelab.local": Account(id=ANNOTATOR)}
        self.projects: dict[int, ProjectSeen] = {}
        self.tasks: dict[int, _Task] = {}
        self.backends: dict[int, tuple[int, MLBackendSeen]] = {}
        self.hooks: dict[int, tuple[int, WebhookSeen]] = {}
        self.heard: list[dict[str, Any]] = []
        self.n_calls = 0
        self.fails_at: int | None = None
        self.fails_after = False
        self.is_down = False
        self.refuses: set[int] = set()  # tasks whose reading is refused
        self.meanwhile: Callable[[], object] = lambda: None
        self._ids = self._all_ids if first_id is None else itertools.count(first_id)
        self._now = timezone.now()

    # --- what TitleLab calls -----------------------------------------------------------------------------------

    def whoami(self) -> str:
        with self._call():
            return "admin@titlelab.local"

    def people(self) -> dict[int, str]:
        with self._call():
            return {person.id: email for email, person in self.accounts.items()}

    def make_account(self, email: str, password: str) -> bool:
        with self._call():
            if email in self.accounts:
                return False
            self.accounts[email] = Account(id=ANNOTATOR + next(self._ids), password=password)
            return True

    def open_account(self, user_id: int) -> None:
        with self._call():
            self._account(user_id).is_active = True

    def close_account(self, user_id: int) -> None:
        with self._call():
            self._account(user_id).is_active = False

    def project(self, project_id: int) -> ProjectSeen | None:
        with self._call():
            return self.projects.get(project_id)

    def projects_named(self, title: str) -> list[ProjectSeen]:
        with self._call():
            return [p for p in self.projects.values() if p.title == title]

    def create_project(self, *, title: str, description: str, label_config: str) -> int:
        with self._call():
            new = ProjectSeen(
                id=next(self._ids), title=title, description=description, model_version="", label_config=label_config
            )
            self.projects[new.id] = new
            return new.id

    def delete_project(self, project_id: int) -> None:
        with self._call():
            self.projects.pop(project_id, None)
            self.tasks = {i: t for i, t in self.tasks.items() if t.project != project_id}
            self.backends = {i: b for i, b in self.backends.items() if b[0] != project_id}
            self.hooks = {i: h for i, h in self.hooks.items() if h[0] != project_id}

    def update_config(self, project_id: int, label_config: str) -> None:
        with self._call():
            given = (a for task in self._tasks_of(project_id) for a in task.annotations.values())
            answered = {region["from_name"] for annotation in given for region in annotation.result}
            if lost := [name for name in sorted(answered) if f'name="{name}"' not in label_config]:
                raise LabelStudioRefused(f"there are annotations created with tag {lost[0]!r}, you can't remove it")
            self._change(project_id, label_config=label_config)

    def show_version(self, project_id: int, version: str) -> None:
        with self._call():
            tasks = self._tasks_of(project_id)
            if version not in {p.model_version for t in tasks for p in t.predictions} | {ML_BACKEND_TITLE}:
                raise LabelStudioRefused("Model version doesn't exist either as live model or as static predictions.")
            self._change(project_id, model_version=version)

    def ml_backends(self, project_id: int) -> list[MLBackendSeen]:
        with self._call():
            return [seen for project, seen in self.backends.values() if project == project_id]

    def connect_ml_backend(self, project_id: int, *, extra: dict[str, str]) -> int:
        with self._call():
            self._change(project_id)
            new = MLBackendSeen(
                id=next(self._ids),
                title=ML_BACKEND_TITLE,
                url=settings.ML_BACKEND_URL,
                state="CO",
                extra=tuple(sorted(extra.items())),
            )
            self.backends[new.id] = (project_id, new)
            self._add_webhook(project_id, url=f"{settings.ML_BACKEND_URL}/webhook", headers={}, actions=())
            return new.id

    def disconnect_ml_backend(self, ml_backend_id: int) -> None:
        with self._call():
            self.backends.pop(ml_backend_id, None)  # its webhook stays behind

    def webhooks(self, project_id: int) -> list[WebhookSeen]:
        with self._call():
            return [seen for project, seen in self.hooks.values() if project == project_id]

    def create_webhook(self, project_id: int, *, url: str, headers: dict[str, str], actions: Sequence[str]) -> int:
        with self._call():
            self._change(project_id)
            return self._add_webhook(project_id, url=url, headers=headers, actions=actions)

    def delete_webhook(self, webhook_id: int) -> None:
        with self._call():
            self.hooks.pop(webhook_id, None)

    def import_tasks(self, project_id: int, tasks: Sequence[dict[str, Any]]) -> list[int]:
        with self._call():
            self._change(project_id)
            self._run_meanwhile()
            self._check(project_id, [p for task in tasks for p in task["predictions"]])
            made = [self._make_task(project_id, task) for task in copy.deepcopy(list(tasks))]
            return [task.id for task in made]

    def import_predictions(self, project_id: int, predictions: Sequence[dict[str, Any]]) -> int:
        with self._call():
            self._run_meanwhile()
            standing = {t.id for t in self._tasks_of(project_id)}
            if gone := [p["task"] for p in predictions if p["task"] not in standing]:
                raise LabelStudioRefused(f"task {gone[0]} not found in project {project_id}")
            self._check(project_id, predictions)
            for one in copy.deepcopy(list(predictions)):
                self.tasks[one["task"]].predictions.append(self._prediction(one))  # updated_at stays
            return len(predictions)

    def update_task_data(self, task_id: int, data: dict[str, Any]) -> bool:
        with self._call():
            task = self.tasks.get(task_id)
            if task is None:
                return False
            task.data, task.updated_at = copy.deepcopy(data), self._tick()
            return True

    def delete_tasks(self, project_id: int, task_ids: Sequence[int]) -> None:
        if not task_ids:
            return
        with self._call():
            gone = [i for i in task_ids if i in self.tasks and self.tasks[i].project == project_id]
            for i in gone:
                del self.tasks[i]
            self._tell("TASKS_DELETED", project_id, tasks=[{"id": i} for i in gone])

    def task(self, task_id: int) -> TaskSeen | None:
        with self._call():
            if task_id in self.refuses:
                raise LabelStudioRefused(f"GET /api/tasks/{task_id}/: 400")
            return self._seen(self.tasks[task_id]) if task_id in self.tasks else None

    def tasks_changed_since(self, project_id: int, since: dt.datetime | None) -> Iterator[TaskSeen]:
        with self._call():
            moved = [t for t in self._tasks_of(project_id) if since is None or t.updated_at > since]
            seen = [self._seen(t) for t in sorted(moved, key=lambda t: t.updated_at)]
        yield from seen

    def task_items(self, project_id: int) -> dict[int, int | None]:
        with self._call():
            return {t.id: item_id(t.data) for t in self._tasks_of(project_id)}

    # --- what people do ----------------------------------------------------------------------------------------

    def shown(self, task_id: int) -> PredictionSeen | None:
        """Return the prediction that pre-fills the task: the project's version, the latest."""
        task = self.tasks[task_id]
        version = self.projects[task.project].model_version
        return next((p for p in reversed(task.predictions) if p.model_version == version), None)

    def annotate(
        self, task_id: int, result: list[Any] | None = None, *, was_cancelled: bool = False, parent: int | None = None
    ) -> int:
        """Submit what is shown, or another result."""
        task, now = self.tasks[task_id], self._tick()
        shown = self.shown(task_id)
        annotation = AnnotationSeen(
            id=next(self._ids),
            created_at=now,
            updated_at=now,
            completed_by=ANNOTATOR,
            was_cancelled=was_cancelled,
            seconds=4.2,
            parent_prediction=parent or (shown.id if shown else None),
            result=copy.deepcopy(result if result is not None else shown.result if shown else []),
        )
        task.annotations[annotation.id] = annotation
        task.updated_at = now
        self._tell("ANNOTATION_CREATED", task.project, annotation={"id": annotation.id, "task": task_id})
        return annotation.id

    def skip(self, task_id: int) -> int:
        return self.annotate(task_id, was_cancelled=True)

    def update(self, annotation_id: int, result: list[Any]) -> None:
        task = self._task_of(annotation_id)
        now = self._tick()
        old = task.annotations[annotation_id]
        task.annotations[annotation_id] = replace(old, result=result, updated_at=now)
        task.updated_at = now
        self._tell("ANNOTATION_UPDATED", task.project, annotation={"id": annotation_id, "task": task.id})

    def delete(self, annotation_id: int) -> None:
        task = self._task_of(annotation_id)
        del task.annotations[annotation_id]
        task.updated_at = self._tick()
        self._tell("ANNOTATIONS_DELETED", task.project, annotations=[{"id": annotation_id}])

    def annotations(self) -> dict[int, AnnotationSeen]:
        """Return every annotation that stands, by id."""
        return {i: a for task in self.tasks.values() for i, a in task.annotations.items()}

    # --- inside ------------------------------------------------------------------------------------------------

    def _call(self) -> "_Call":
        return _Call(self)

    def _run_meanwhile(self) -> None:
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()

    def _tick(self) -> dt.datetime:
        """Label Studio's clock, which is ours, but no two of its moments are the same."""
        self._now = max(timezone.now(), self._now + dt.timedelta(microseconds=1))
        return self._now

    def _change(self, project_id: int, **values: str) -> None:
        if project_id not in self.projects:
            raise LabelStudioRefused(f"PATCH /api/projects/{project_id}/: 404")
        self.projects[project_id] = replace(self.projects[project_id], **values)  # type: ignore[arg-type]

    def _tasks_of(self, project_id: int) -> list[_Task]:
        return [t for t in self.tasks.values() if t.project == project_id]

    def _account(self, user_id: int) -> Account:
        found = next((account for account in self.accounts.values() if account.id == user_id), None)
        if found is None:
            raise LabelStudioRefused(f"Label Studio's admin shows no account {user_id}")
        return found

    def _task_of(self, annotation_id: int) -> _Task:
        return next(t for t in self.tasks.values() if annotation_id in t.annotations)

    def _make_task(self, project_id: int, task: dict[str, Any]) -> _Task:
        made = _Task(id=next(self._ids), project=project_id, data=task["data"], updated_at=self._tick())
        made.predictions = [self._prediction(p) for p in task["predictions"]]
        self.tasks[made.id] = made
        return made

    def _check(self, project_id: int, predictions: Sequence[dict[str, Any]]) -> None:
        config = self.projects[project_id].label_config
        for name in {region["from_name"] for p in predictions for region in p["result"]}:
            if f'name="{name}"' not in config:
                raise LabelStudioRefused(f"Prediction: from_name {name!r} not found in label config")

    def _prediction(self, values: dict[str, Any]) -> PredictionSeen:
        return PredictionSeen(
            id=next(self._ids),
            model_version=values["model_version"],
            result=values["result"],
            score=values.get("score"),
        )

    def _seen(self, task: _Task) -> TaskSeen:
        return TaskSeen(
            id=task.id,
            read_at=timezone.now(),
            item_id=item_id(task.data),
            updated_at=task.updated_at,
            annotations=tuple(task.annotations.values()),
            predictions=tuple(task.predictions),
        )

    def _add_webhook(self, project_id: int, *, url: str, headers: dict[str, str], actions: Sequence[str]) -> int:
        new = WebhookSeen(
            id=next(self._ids),
            url=url,
            is_active=True,
            actions=frozenset(actions),
            headers=tuple(sorted(headers.items())),
            sends_payload=True,
        )
        self.hooks[new.id] = (project_id, new)
        return new.id

    def _tell(self, action: str, project_id: int, **body: Any) -> None:
        hooks = [w for project, w in self.hooks.values() if project == project_id and w.is_active]
        self.heard += [{"action": action, "project": {"id": project_id}, **body} for w in hooks if action in w.actions]


class _Call:
    """One call: counted, and broken before or after it when it is its turn."""

    def __init__(self, studio: FakeLabelStudio) -> None:
        self._studio = studio

    def __enter__(self) -> None:
        self._studio.n_calls += 1
        if self._studio.is_down:
            raise LabelStudioUnreachable("no answer from the fake")
        if self._is_its_turn() and not self._studio.fails_after:
            self._break()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and self._is_its_turn():
            self._break()

    def _is_its_turn(self) -> bool:
        return self._studio.fails_at == self._studio.n_calls

    def _break(self) -> None:
        self._studio.fails_at = None
        raise LabelStudioUnreachable("the fake broke")
