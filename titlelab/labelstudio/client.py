"""The calls that TitleLab makes to Label Studio, and its errors as ours.

The SDK (2.4 s and 185 MB) is imported when the first call needs it, so that the web process never pays for it.
"""

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Protocol

import httpx
from django.conf import settings
from django.utils import timezone

from titlelab.errors import LabelStudioRefused, LabelStudioUnreachable
from titlelab.labelstudio import accounts
from titlelab.labelstudio.events import BadEvent, TaskSeen, item_id, task_seen

PAGE = 100  # tasks a request; a page of 100 full tasks is about 0.5 MB
ML_BACKEND_TITLE = "titlelab"
# The SDK repeats what failed, twice; a repeated import inserts everything again, so repeating is left to our callers.
ONCE = {"max_retries": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSeen:
    """A project as it stands in Label Studio."""

    id: int
    title: str
    description: str
    model_version: str
    label_config: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MLBackendSeen:
    """An ML backend that a project is connected to; state is Label Studio's, "CO" when connected."""

    id: int
    title: str
    url: str
    state: str
    extra: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSeen:
    """A webhook of a project."""

    id: int
    url: str
    is_active: bool
    actions: frozenset[str]
    headers: tuple[tuple[str, str], ...]
    sends_payload: bool


class LabelStudio(Protocol):
    """What TitleLab needs of Label Studio; every call raises LabelStudioUnreachable or LabelStudioRefused."""

    def whoami(self) -> str: ...
    def people(self) -> dict[int, str]: ...
    def make_account(self, email: str, password: str) -> bool: ...
    def open_account(self, user_id: int) -> None: ...
    def close_account(self, user_id: int) -> None: ...
    def project(self, project_id: int) -> ProjectSeen | None: ...
    def projects_named(self, title: str) -> list[ProjectSeen]: ...
    def create_project(self, *, title: str, description: str, label_config: str) -> int: ...
    def delete_project(self, project_id: int) -> None: ...
    def update_config(self, project_id: int, label_config: str) -> None: ...
    def show_version(self, project_id: int, version: str) -> None: ...
    def ml_backends(self, project_id: int) -> list[MLBackendSeen]: ...
    def connect_ml_backend(self, project_id: int, *, extra: dict[str, str]) -> int: ...
    def disconnect_ml_backend(self, ml_backend_id: int) -> None: ...
    def webhooks(self, project_id: int) -> list[WebhookSeen]: ...
    def create_webhook(self, project_id: int, *, url: str, headers: dict[str, str], actions: Sequence[str]) -> int: ...
    def delete_webhook(self, webhook_id: int) -> None: ...
    def import_tasks(self, project_id: int, tasks: Sequence[dict[str, Any]]) -> list[int]: ...
    def import_predictions(self, project_id: int, predictions: Sequence[dict[str, Any]]) -> int: ...
    def update_task_data(self, task_id: int, data: dict[str, Any]) -> bool: ...
    def delete_tasks(self, project_id: int, task_ids: Sequence[int]) -> None: ...
    def task(self, task_id: int) -> TaskSeen | None: ...
    def tasks_changed_since(self, project_id: int, since: dt.datetime | None) -> Iterator[TaskSeen]: ...
    def task_items(self, project_id: int) -> dict[int, int | None]: ...


@contextmanager
def _readable() -> Iterator[None]:
    """Refuse an answer that is JSON and yet not what Label Studio sends; also a decorator."""
    try:
        yield
    except (BadEvent, LookupError, TypeError, AttributeError, ValueError) as e:
        raise LabelStudioRefused(f"an answer can't be read, is it Label Studio 1.23's? {e!r:.300}") from e


class LabelStudioClient:
    """The real Label Studio, by SDK for what it does well and by plain HTTP for the rest."""

    def __init__(self, url: str, token: str, *, timeout_s: float) -> None:
        self.url = url.rstrip("/")
        self._token = token
        self._timeout_s = timeout_s
        self._http = httpx.Client(
            base_url=self.url, headers={"Authorization": f"Token {token}"}, timeout=timeout_s, trust_env=False
        )

    @_readable()
    def whoami(self) -> str:
        return str(self._call("GET", "/api/current-user/whoami")["email"])

    @_readable()
    def people(self) -> dict[int, str]:
        """Return every account's e-mail address by id."""
        return {user["id"]: user["email"] for user in self._call("GET", "/api/users/")}

    def make_account(self, email: str, password: str) -> bool:
        """Make an account that can sign in; False if the address has one already, whose password stays."""
        if email in self.people().values():
            return False
        accounts.sign_up(self._browser, self._token, email=email, password=password)
        return True

    def open_account(self, user_id: int) -> None:
        """Let a person sign in again; nothing changes for one who can."""
        accounts.activate(self._browser, self._token, user_id)

    def close_account(self, user_id: int) -> None:
        """Deactivate an account: no sign-in, its sessions and tokens answer no more; what it annotated stays."""
        accounts.deactivate(self._browser, self._token, user_id)

    def _browser(self) -> httpx.Client:
        """Return a client of its own for Label Studio's pages: it must not carry the cookies of another visit."""
        return httpx.Client(base_url=self.url, timeout=self._timeout_s, trust_env=False)

    @_readable()
    def project(self, project_id: int) -> ProjectSeen | None:
        """Return a project, None when it is gone."""
        found = self._call("GET", f"/api/projects/{project_id}/", absent_is_none=True)
        return None if found is None else _project(found)

    @_readable()
    def projects_named(self, title: str) -> list[ProjectSeen]:
        found = self._call("GET", "/api/projects/", params={"page_size": 1000, "title": title})
        return [_project(p) for p in found["results"] if p["title"] == title]

    @_readable()
    def create_project(self, *, title: str, description: str, label_config: str) -> int:
        with self._translated():
            project = self._sdk.projects.create(
                title=title,
                description=description,
                label_config=label_config,
                show_collab_predictions=True,
                evaluate_predictions_automatically=False,
                maximum_annotations=1,
                sampling="Uncertainty sampling",
                # A skipped task is a rejection: it must not come back to the next annotator.
                skip_queue="IGNORE_SKIPPED",
                enable_empty_annotation=False,
                min_annotations_to_start_training=0,
                request_options=ONCE,
            )
        return int(project.id)

    def delete_project(self, project_id: int) -> None:
        self._call("DELETE", f"/api/projects/{project_id}/", absent_is_none=True)

    def update_config(self, project_id: int, label_config: str) -> None:
        self._call("PATCH", f"/api/projects/{project_id}/", body={"label_config": label_config})

    def show_version(self, project_id: int, version: str) -> None:
        """Pre-fill from this version's predictions; refused while none stands in the project."""
        self._call("PATCH", f"/api/projects/{project_id}/", body={"model_version": version})

    @_readable()
    def ml_backends(self, project_id: int) -> list[MLBackendSeen]:
        found = self._call("GET", "/api/ml/", params={"project": project_id})
        return [_ml_backend(b) for b in found]

    @_readable()
    def connect_ml_backend(self, project_id: int, *, extra: dict[str, str]) -> int:
        with self._translated():
            backend = self._sdk.ml.create(
                project=project_id,
                url=settings.ML_BACKEND_URL,
                title=ML_BACKEND_TITLE,
                auth_method="BASIC_AUTH",
                basic_auth_user=settings.ML_BACKEND_USERNAME,
                basic_auth_pass=settings.ML_BACKEND_PASSWORD,
                extra_params=extra,
                request_options=ONCE,
            )
        return int(backend.id)

    def disconnect_ml_backend(self, ml_backend_id: int) -> None:
        self._call("DELETE", f"/api/ml/{ml_backend_id}", absent_is_none=True)

    @_readable()
    def webhooks(self, project_id: int) -> list[WebhookSeen]:
        found = self._call("GET", "/api/webhooks/", params={"project": project_id})
        return [_webhook(w) for w in found]

    @_readable()
    def create_webhook(self, project_id: int, *, url: str, headers: dict[str, str], actions: Sequence[str]) -> int:
        body = {
            "project": project_id,
            "url": url,
            "headers": headers,
            "actions": list(actions),
            "send_payload": True,
            "send_for_all_actions": False,
            "is_active": True,
        }
        return int(self._call("POST", "/api/webhooks/", body=body)["id"])

    def delete_webhook(self, webhook_id: int) -> None:
        self._call("DELETE", f"/api/webhooks/{webhook_id}/", absent_is_none=True)

    @_readable()
    def import_tasks(self, project_id: int, tasks: Sequence[dict[str, Any]]) -> list[int]:
        """Import tasks with their predictions; returns their ids in the order sent, all or an error."""
        n_predictions = sum(len(task["predictions"]) for task in tasks)
        with self._translated():
            made = self._sdk.projects.import_tasks(
                id=project_id, request=list(tasks), return_task_ids=True, request_options=ONCE
            )
        ids = [int(i) for i in made.task_ids or []]
        if len(ids) != len(tasks) or made.prediction_count != n_predictions:
            self.delete_tasks(project_id, ids)
            raise LabelStudioRefused(
                f"sent {len(tasks)} tasks with {n_predictions} predictions, {len(ids)} and "
                f"{made.prediction_count} were made"
            )
        return ids

    @_readable()
    def import_predictions(self, project_id: int, predictions: Sequence[dict[str, Any]]) -> int:
        """Add predictions to tasks; Label Studio may drop what its config does not know, which is an error here."""
        with self._translated():
            made = self._sdk.projects.import_predictions(id=project_id, request=list(predictions), request_options=ONCE)
        if made.created != len(predictions):
            raise LabelStudioRefused(f"sent {len(predictions)} predictions, {made.created} were made")
        return int(made.created)

    def update_task_data(self, task_id: int, data: dict[str, Any]) -> bool:
        """Replace a task's data; False when the task is gone."""
        return self._call("PATCH", f"/api/tasks/{task_id}/", body={"data": data}, absent_is_none=True) is not None

    def delete_tasks(self, project_id: int, task_ids: Sequence[int]) -> None:
        """Delete tasks with all that stands on them; those that are gone already are passed over."""
        if task_ids:
            body = {"selectedItems": {"all": False, "included": list(task_ids)}, "project": str(project_id)}
            self._call("POST", "/api/dm/actions/", params={"id": "delete_tasks", "project": project_id}, body=body)

    @_readable()
    def task(self, task_id: int) -> TaskSeen | None:
        """Return a task with its annotations and predictions, None when it is gone."""
        asked_at = timezone.now()
        found = self._call("GET", f"/api/tasks/{task_id}/", absent_is_none=True)
        return None if found is None else task_seen(found, asked_at)

    def tasks_changed_since(self, project_id: int, since: dt.datetime | None) -> Iterator[TaskSeen]:
        """Yield tasks in the order of their last change.

        Rows move while one pages, and a second page would miss those that slid into the first. So only first pages
        are read, each from the last one's end, and larger ones where more than a page has changed in one moment.
        """
        seen: set[tuple[int, dt.datetime]] = set()
        moment = since or dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
        size = PAGE
        while True:
            tasks = self._changed_page(project_id, moment, size)
            new = [task for task in tasks if (task.id, task.updated_at) not in seen]
            seen |= {(task.id, task.updated_at) for task in new}
            yield from new
            if len(tasks) < size:
                return
            before_last = tasks[-1].updated_at - dt.timedelta(microseconds=1)
            size = PAGE if before_last > moment else 2 * size
            moment = max(moment, before_last)

    @_readable()
    def _changed_page(self, project_id: int, since: dt.datetime, size: int) -> list[TaskSeen]:
        moved = {
            "filter": "filter:tasks:updated_at",
            "operator": "greater",
            "type": "Datetime",
            "value": since.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }
        query = {"filters": {"conjunction": "and", "items": [moved]}, "ordering": ["tasks:updated_at"]}
        asked_at = timezone.now()
        tasks = self._tasks_page(project_id, page=1, page_size=size, fields="all", query=query)
        return [task_seen(task, asked_at) for task in tasks]

    @_readable()
    def task_items(self, project_id: int) -> dict[int, int | None]:
        """Return every task's id with the item in its data: what is gone, and what stands twice."""
        items: dict[int, int | None] = {}
        page = 1
        while True:
            tasks = self._tasks_page(project_id, page=page, page_size=500, fields="task_only", query=None)
            items |= {task["id"]: item_id(task.get("data")) for task in tasks}
            if len(tasks) < 500:
                return items
            page += 1

    def _tasks_page(
        self, project_id: int, *, page: int, page_size: int, fields: str, query: dict[str, Any] | None
    ) -> list[Any]:
        params: dict[str, Any] = {"project": project_id, "page": page, "page_size": page_size, "fields": fields}
        if query is not None:
            params["query"] = json.dumps(query)
        found = self._call("GET", "/api/tasks/", params=params, absent_is_none=True)
        return [] if found is None else list(found["tasks"])

    @cached_property
    def _sdk(self) -> Any:
        from label_studio_sdk import LabelStudio as Sdk

        return Sdk(base_url=self.url, api_key=self._token, timeout=self._timeout_s, httpx_client=self._http)

    def close(self) -> None:
        self._http.close()

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, Any] | None = None,
        body: Any = None,
        absent_is_none: bool = False,
    ) -> Any:
        try:
            answer = self._http.request(method, path, params=params, json=body)
        except httpx.RequestError as e:
            raise LabelStudioUnreachable(f"no answer from {self.url}: {e!r}") from e
        if answer.status_code >= 500 or answer.status_code == 429:
            raise LabelStudioUnreachable(f"{method} {path} failed in Label Studio with {answer.status_code}")
        if answer.status_code == 404 and absent_is_none and "detail" in self._json(answer):
            return None
        if answer.status_code >= 400:
            raise LabelStudioRefused(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return {} if answer.is_success and not answer.content and method != "GET" else self._json(answer)

    def _json(self, answer: httpx.Response) -> Any:
        """Return an answer's content; a proxy's page says nothing of what stands in Label Studio, 404 or not."""
        try:
            content = answer.json()
        except ValueError:
            content = None
        if content is None or answer.is_redirect:
            raise LabelStudioUnreachable(
                f"{answer.url} answered {answer.status_code} without JSON: is it Label Studio?"
            )
        return content

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn the SDK's errors into ours."""
        from label_studio_sdk.core.api_error import ApiError

        try:
            yield
        except httpx.RequestError as e:
            raise LabelStudioUnreachable(f"no answer from {self.url}: {e!r}") from e
        except ApiError as e:
            if e.status_code is None or not 400 <= e.status_code < 500:
                # Below 400 the body was no JSON, as of a proxy's page.
                raise LabelStudioUnreachable(f"Label Studio failed with {e.status_code}") from e
            raise LabelStudioRefused(f"Label Studio refused ({e.status_code}): {str(e.body)[:300]}") from e


def label_studio() -> LabelStudioClient:
    """Return the process's client for the Label Studio of the settings; its connections are kept."""
    return _client(settings.LABEL_STUDIO_URL, settings.LABEL_STUDIO_TOKEN, settings.LABEL_STUDIO_TIMEOUT_S)


@lru_cache(maxsize=2)
def _client(url: str, token: str, timeout_s: float) -> LabelStudioClient:
    return LabelStudioClient(url, token, timeout_s=timeout_s)


def _project(found: dict[str, Any]) -> ProjectSeen:
    return ProjectSeen(
        id=found["id"],
        title=found["title"],
        description=found.get("description") or "",
        model_version=found.get("model_version") or "",
        label_config=found.get("label_config") or "",
    )


def _ml_backend(found: dict[str, Any]) -> MLBackendSeen:
    return MLBackendSeen(
        id=found["id"],
        title=found.get("title") or "",
        url=found["url"],
        state=str(found.get("state", "")),
        extra=tuple(sorted((found.get("extra_params") or {}).items())),
    )


def _webhook(found: dict[str, Any]) -> WebhookSeen:
    return WebhookSeen(
        id=found["id"],
        url=found["url"],
        is_active=bool(found["is_active"]),
        actions=frozenset(found.get("actions") or []),
        headers=tuple(sorted((found.get("headers") or {}).items())),
        sends_payload=bool(found.get("send_payload")),
    )
