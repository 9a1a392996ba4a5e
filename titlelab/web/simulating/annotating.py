"""Does in Label Studio what an annotator's browser does: log in, take the next task, submit."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import httpx

from ml_backend.labelstudio.names import TAGS_AS
from titlelab.errors import LabelStudioRefused, LabelStudioUnreachable
from titlelab.labelstudio.events import PredictionSeen
from titlelab.web.simulating.answers import Answer, Page

TIMEOUT_S = 60.0
LOGIN = "/user/login/"


class Annotator:
    """One account's session; every call raises LabelStudioUnreachable or LabelStudioRefused."""

    def __init__(self, url: str, *, transport: httpx.BaseTransport | None = None) -> None:
        self._http = httpx.Client(base_url=url, timeout=TIMEOUT_S, trust_env=False, transport=transport)
        self._http.headers["Referer"] = url  # Label Studio's forms and API refuse a session's posts without it

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def log_in(self, username: str, password: str) -> None:
        with self._translated():
            self._http.get(LOGIN).raise_for_status()
            form = {"email": username, "password": password, "csrfmiddlewaretoken": self._csrf_token()}
            answer = self._http.post(LOGIN, data=form)
        if answer.status_code != httpx.codes.FOUND:
            raise LabelStudioRefused(
                f"Label Studio does not let {username} in (status {answer.status_code}): "
                "set TITLELAB_ANNOTATOR_USERNAME and TITLELAB_ANNOTATOR_PASSWORD"
            )

    def next_page(self, project_id: int) -> Page | None:
        """Open the task that Label Studio serves next, as “Label All Tasks” does; None when none is left."""
        with self._translated():
            answer = self._http.get(f"/api/projects/{project_id}/next")
            if answer.status_code == httpx.codes.NOT_FOUND:
                return None
            return _page(answer.raise_for_status().json())

    def submit(self, page: Page, answer: Answer) -> int:
        """Press Submit; returns the annotation's id."""
        return self._submitted(page, answer, was_cancelled=False)

    def skip(self, page: Page, answer: Answer) -> int:
        """Press Skip, which keeps what stands on the page; returns the annotation's id."""
        return self._submitted(page, answer, was_cancelled=True)

    def update(self, annotation_id: int, answer: Answer) -> None:
        """Change what was submitted."""
        body = {"result": answer.result, "lead_time": answer.seconds}
        self._changed("PATCH", f"/api/annotations/{annotation_id}/", body)

    def delete(self, annotation_id: int) -> None:
        """Delete what was submitted, so that the task is open again."""
        self._changed("DELETE", f"/api/annotations/{annotation_id}/")

    def _submitted(self, page: Page, answer: Answer, *, was_cancelled: bool) -> int:
        body = {
            "result": answer.result,
            "lead_time": answer.seconds,
            "parent_prediction": answer.parent_prediction,
            "was_cancelled": was_cancelled,
        }
        return int(self._changed("POST", f"/api/tasks/{page.task_id}/annotations/", body).json()["id"])

    def _changed(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        with self._translated():
            answer = self._http.request(method, path, json=body, headers={"X-CSRFToken": self._csrf_token()})
            return answer.raise_for_status()

    def _csrf_token(self) -> str:
        return self._http.cookies.get("csrftoken") or ""

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn httpx's errors into ours."""
        try:
            yield
        except httpx.HTTPStatusError as e:
            raise LabelStudioRefused(f"{e.request.url}: {e.response.status_code} {e.response.text[:300]}") from e
        except httpx.HTTPError as e:
            raise LabelStudioUnreachable(f"no answer from Label Studio at {self._http.base_url}: {e}") from e


def _page(task: Any) -> Page:
    """Read a served task: of its predictions Label Studio sends those of the shown version alone."""
    shown = [
        PredictionSeen(
            id=p["id"], model_version=str(p.get("model_version") or ""), result=p["result"], score=p.get("score")
        )
        for p in task.get("predictions") or []
    ]
    return Page(
        task_id=task["id"],
        sku=task["data"]["sku"],
        tags_as=task["data"][TAGS_AS],
        shown=shown[0] if shown else None,
    )
