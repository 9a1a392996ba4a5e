"""An annotator who works through Label Studio's API, as its editor does."""

from collections.abc import Sequence
from typing import Any

import httpx
from django.conf import settings

from titlelab.labelstudio.client import LabelStudioClient
from titlelab.labelstudio.events import PredictionSeen
from titlelab.review.models import ReviewItem, ReviewQueue


class Annotator:
    """Takes the queue's open tasks in their order."""

    def __init__(self, queue: ReviewQueue, studio: LabelStudioClient) -> None:
        self._queue, self._studio = queue, studio
        self._http = httpx.Client(
            base_url=settings.LABEL_STUDIO_URL,
            headers={"Authorization": f"Token {settings.LABEL_STUDIO_TOKEN}"},
            timeout=30,
            trust_env=False,
        )

    def close(self) -> None:
        self._http.close()

    def accept(self, item: ReviewItem | None = None) -> int:
        """Submit the draft as it is; returns the annotation's id."""
        task_id, shown = self._open(item)
        return self._submit(task_id, shown, shown.result)

    def edit(self, *, title: str, tags: Sequence[str], item: ReviewItem | None = None) -> int:
        """Submit other values."""
        task_id, shown = self._open(item)
        return self._submit(task_id, shown, regions(title, tags))

    def choose_category(self, path: Sequence[str], item: ReviewItem) -> int:
        """Submit the draft with another category."""
        task_id, shown = self._open(item)
        others = [region for region in shown.result if region["from_name"] != "category"]
        category = _region("category", "taxonomy", {"taxonomy": [list(path)]})
        return self._submit(task_id, shown, [*others, category])

    def skip(self) -> int:
        """Press Skip."""
        task_id, shown = self._open(None)
        return self._submit(task_id, shown, shown.result, was_cancelled=True)

    def update(self, annotation_id: int, *, title: str) -> None:
        """Change the title of what was submitted."""
        old = self._call("GET", f"/api/annotations/{annotation_id}/")
        others = [region for region in old["result"] if region["from_name"] != "title"]
        self._call("PATCH", f"/api/annotations/{annotation_id}/", {"result": [*regions(title, []), *others]})

    def delete(self, annotation_id: int) -> None:
        """Delete what was submitted."""
        self._call("DELETE", f"/api/annotations/{annotation_id}/")

    def delete_task(self) -> int:
        """Delete an open task."""
        task_id, _ = self._open(None)
        self._call("DELETE", f"/api/tasks/{task_id}/")
        return task_id

    def header(self, item: ReviewItem) -> str:
        """Return what stands above an item's task, as HTML."""
        return str(self._call("GET", f"/api/tasks/{item.task.task_id}/")["data"]["review_hint"])

    def _open(self, item: ReviewItem | None) -> tuple[int, PredictionSeen]:
        """Return the next open task without annotations and the prediction that pre-fills it."""
        items = [item] if item else self._queue.items.filter(state="open", decisions=None).order_by("rank")
        for one in items:
            seen = self._studio.task(one.task.task_id)
            if seen is not None and not seen.annotations:
                version = self._studio.project(one.queue.project.project_id)
                assert version is not None
                shown = [p for p in seen.predictions if p.model_version == version.model_version]
                assert len(shown) == 1, f"{len(shown)} predictions of the shown version"
                return seen.id, shown[0]
        raise AssertionError("no open task is left")

    def _submit(self, task_id: int, shown: PredictionSeen, result: list[Any], *, was_cancelled: bool = False) -> int:
        body = {
            "result": result,
            "lead_time": 4.2,
            "parent_prediction": shown.id,
            "was_cancelled": was_cancelled,
        }
        return int(self._call("POST", f"/api/tasks/{task_id}/annotations/", body)["id"])

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = self._http.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None


def regions(title: str, tags: Sequence[str]) -> list[dict[str, Any]]:
    """Return an annotation's result, as Label Studio's editor writes it for checkboxes."""
    made = [_region("title", "textarea", {"text": [title]})]
    return [*made, _region("tags", "choices", {"choices": list(tags)})] if tags else made


def _region(name: str, kind: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"id": name, "from_name": name, "to_name": "description", "type": kind, "value": value}
