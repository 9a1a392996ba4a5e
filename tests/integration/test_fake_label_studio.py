"""One contract for the real Label Studio and for the fake that stands in for it in unit tests."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Protocol

import httpx
import pytest
from django.conf import settings

from ml_backend.contract import Candidate, CategoryScore, Draft, TagScore, TagSpec
from ml_backend.labelstudio.annotations import final_values
from ml_backend.labelstudio.predictions import prediction
from tests.factories import make_brief
from tests.fake_label_studio import FakeLabelStudio
from titlelab.errors import LabelStudioRefused
from titlelab.labelstudio.client import LabelStudio, LabelStudioClient
from titlelab.labelstudio.events import ACTIONS
from titlelab.labelstudio.label_config import label_config
from titlelab.labelstudio.task_data import task_data

TAGS = (TagSpec(name="gift"), TagSpec(name="waterproof"))


class People(Protocol):
    """What people do in Label Studio."""

    def annotate(self, task_id: int, result: list[Any], *, was_cancelled: bool = False) -> int: ...
    def update(self, annotation_id: int, result: list[Any]) -> None: ...
    def delete(self, annotation_id: int) -> None: ...


class RealPeople:
    """An annotator at the real Label Studio's API."""

    def __init__(self) -> None:
        token = {"Authorization": f"Token {settings.LABEL_STUDIO_TOKEN}"}
        self.http = httpx.Client(base_url=settings.LABEL_STUDIO_URL, headers=token, timeout=30, trust_env=False)

    def annotate(self, task_id: int, result: list[Any], *, was_cancelled: bool = False) -> int:
        body = {"result": result, "lead_time": 4.2, "was_cancelled": was_cancelled}
        return int(self._sent("POST", f"/api/tasks/{task_id}/annotations/", body).json()["id"])

    def update(self, annotation_id: int, result: list[Any]) -> None:
        self._sent("PATCH", f"/api/annotations/{annotation_id}/", {"result": result})

    def delete(self, annotation_id: int) -> None:
        self._sent("DELETE", f"/api/annotations/{annotation_id}/", None)

    def _sent(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response:
        return self.http.request(method, path, json=body).raise_for_status()


@pytest.fixture(params=["fake", "real"])
def places(request: pytest.FixtureRequest) -> Iterator[tuple[LabelStudio, People]]:
    if request.param == "fake":
        fake = FakeLabelStudio()
        yield fake, fake
        return
    real: LabelStudioClient = request.getfixturevalue("studio")
    people = RealPeople()
    yield real, people
    people.http.close()


@pytest.fixture
def label_studio(places: tuple[LabelStudio, People]) -> LabelStudio:
    return places[0]


@pytest.fixture
def people(places: tuple[LabelStudio, People]) -> People:
    return places[1]


@pytest.fixture
def title() -> str:
    return f"Contract {uuid.uuid4().hex[:12]}"


@pytest.fixture
def project(label_studio: LabelStudio, title: str) -> Iterator[int]:
    made = label_studio.create_project(title=title, description="a mark", label_config=label_config(TAGS))
    yield made
    label_studio.delete_project(made)


def draft(version: str = "t1-g1.1", title: str = "Norvik Bottle") -> Draft:
    return Draft(
        sku="SKU-1",
        version=version,
        titler_version=1,
        tagger_version=1,
        candidates=(Candidate(title=title, score=0.9), Candidate(title="Bottle", score=0.1)),
        tags=(TagScore(name="gift", proba=0.9, threshold=0.5),),
        title_uncertainty=0.5,
        tag_uncertainty=0.5,
    )


def told(version: str = "t1-g1.1", title: str = "Norvik Bottle") -> dict[str, Any]:
    return prediction(draft(version, title), tags_as="choices", groups={})


def data(item: int, title: str = "Norvik Bottle") -> dict[str, Any]:
    return task_data(
        item_id=item, brief=make_brief(), draft=draft(title=title), image_url="", why="", asked_as="choices"
    )


def imported(label_studio: LabelStudio, project: int, *items: int) -> list[int]:
    return label_studio.import_tasks(project, [{"data": data(item), "predictions": [told()]} for item in items])


def changed(label_studio: LabelStudio, project: int, since: dt.datetime | None = None) -> list[int]:
    return [task.id for task in label_studio.tasks_changed_since(project, since)]


def last_change(label_studio: LabelStudio, task_id: int) -> dt.datetime:
    seen = label_studio.task(task_id)
    assert seen is not None
    return seen.updated_at


class TestLabelStudio:
    def test_a_project_is_found_as_it_was_made(self, label_studio: LabelStudio, project: int, title: str) -> None:
        seen = label_studio.project(project)

        assert seen is not None
        assert (seen.title, seen.description, seen.label_config) == (title, "a mark", label_config(TAGS))
        assert label_studio.projects_named(title) == [seen]
        assert label_studio.projects_named(title[:-1]) == []

    def test_a_config_is_replaced_as_it_is(self, label_studio: LabelStudio, project: int) -> None:
        more = label_config((*TAGS, TagSpec(name='"5 & $more" <')))

        label_studio.update_config(project, more)

        seen = label_studio.project(project)
        assert seen is not None
        assert seen.label_config == more

    def test_a_tree_takes_its_paths_and_once_answered_it_can_not_be_taken_away(
        self, label_studio: LabelStudio, people: People, project: int
    ) -> None:
        flasks = ("Home", "Flasks")
        label_studio.update_config(project, label_config(TAGS, categories=[flasks, ("Home", "$5 & more")]))
        shown = prediction(
            replace(draft(), categories=(CategoryScore(path=flasks, proba=0.8),)), tags_as="choices", groups={}
        )
        (task,) = label_studio.import_tasks(project, [{"data": data(1), "predictions": [shown]}])
        people.annotate(task, shown["result"])

        seen = label_studio.task(task)

        assert seen is not None
        assert final_values(seen.annotations[0].result).category == flasks
        with pytest.raises(LabelStudioRefused):
            label_studio.update_config(project, label_config(TAGS))

    def test_tasks_come_back_in_the_order_they_were_sent(self, label_studio: LabelStudio, project: int) -> None:
        tasks = imported(label_studio, project, 7, 5, 6)

        assert label_studio.task_items(project) == dict(zip(tasks, [7, 5, 6], strict=True))
        seen = label_studio.task(tasks[1])
        assert seen is not None
        assert (seen.item_id, seen.annotations) == (5, ())
        assert [(p.model_version, p.result) for p in seen.predictions] == [("t1-g1.1", told()["result"])]
        assert sorted(changed(label_studio, project)) == sorted(tasks)

    def test_an_import_that_is_repeated_makes_twins(self, label_studio: LabelStudio, project: int) -> None:
        imported(label_studio, project, 7)
        imported(label_studio, project, 7)

        assert list(label_studio.task_items(project).values()) == [7, 7]

    def test_predictions_that_are_repeated_stand_twice_and_move_no_task(
        self, label_studio: LabelStudio, project: int
    ) -> None:
        (task,) = imported(label_studio, project, 7)
        before = last_change(label_studio, task)
        for _ in range(2):
            label_studio.import_predictions(project, [{"task": task, **told("t2-g1.1")}])

        seen = label_studio.task(task)
        assert seen is not None
        assert sorted(p.model_version for p in seen.predictions) == ["t1-g1.1", "t2-g1.1", "t2-g1.1"]
        assert seen.updated_at == before

    def test_a_prediction_that_the_config_does_not_know_is_refused_with_its_whole_batch(
        self, label_studio: LabelStudio, project: int
    ) -> None:
        (task,) = imported(label_studio, project, 7)
        unknown = {**told("t2-g1.1"), "result": [{**told()["result"][0], "from_name": "no_control"}]}
        with pytest.raises(LabelStudioRefused):
            label_studio.import_predictions(project, [{"task": task, **told("t2-g1.1")}, {"task": task, **unknown}])

        seen = label_studio.task(task)
        assert seen is not None
        assert len(seen.predictions) == 1

    def test_a_prediction_for_a_task_that_is_gone_is_refused(self, label_studio: LabelStudio, project: int) -> None:
        one, other = imported(label_studio, project, 7, 8)
        label_studio.delete_tasks(project, [one])

        with pytest.raises(LabelStudioRefused):
            label_studio.import_predictions(project, [{"task": i, **told("t2-g1.1")} for i in (other, one)])

    def test_only_a_version_that_stands_can_be_shown(self, label_studio: LabelStudio, project: int) -> None:
        imported(label_studio, project, 7)
        with pytest.raises(LabelStudioRefused):
            label_studio.show_version(project, "t2-g1.1")

        label_studio.show_version(project, "t1-g1.1")

        seen = label_studio.project(project)
        assert seen is not None
        assert seen.model_version == "t1-g1.1"

    def test_new_data_moves_a_task(self, label_studio: LabelStudio, project: int) -> None:
        one, other = imported(label_studio, project, 7, 8)
        since = max(last_change(label_studio, i) for i in (one, other))

        assert label_studio.update_task_data(one, data(7, "Another"))
        assert changed(label_studio, project, since) == [one]

    def test_what_people_do_is_seen_and_moves_a_task(
        self, label_studio: LabelStudio, people: People, project: int
    ) -> None:
        tasks = imported(label_studio, project, 7, 8, 9)
        moments = [max(last_change(label_studio, i) for i in tasks)]
        submitted = people.annotate(tasks[0], told()["result"])
        moments.append(last_change(label_studio, tasks[0]))
        skipped = people.annotate(tasks[1], told()["result"], was_cancelled=True)
        moments.append(last_change(label_studio, tasks[1]))
        people.update(submitted, told(title="Typed")["result"])

        seen = list(label_studio.tasks_changed_since(project, moments[0]))
        assert [task.id for task in seen] == [tasks[1], tasks[0]]
        assert [(a.id, a.was_cancelled) for task in seen for a in task.annotations] == [
            (skipped, True),
            (submitted, False),
        ]
        assert seen[1].annotations[0].result[0]["value"] == {"text": ["Typed"]}
        assert changed(label_studio, project, moments[2]) == [tasks[0]]
        assert seen[0].annotations[0].completed_by in label_studio.people()

        people.delete(submitted)

        (task,) = label_studio.tasks_changed_since(project, seen[1].updated_at)
        assert (task.id, task.annotations) == (tasks[0], ())

    def test_a_deleted_task_is_gone_however_often_it_is_deleted(self, label_studio: LabelStudio, project: int) -> None:
        one, other = imported(label_studio, project, 7, 8)
        label_studio.delete_tasks(project, [one])
        label_studio.delete_tasks(project, [one])

        assert label_studio.task(one) is None
        assert not label_studio.update_task_data(one, data(7))
        assert label_studio.task_items(project) == {other: 8}
        assert changed(label_studio, project) == [other]

    def test_a_deleted_project_is_gone_with_its_tasks(self, label_studio: LabelStudio, project: int) -> None:
        (task,) = imported(label_studio, project, 7)
        label_studio.delete_project(project)
        label_studio.delete_project(project)

        assert label_studio.project(project) is None
        assert label_studio.task(task) is None
        assert label_studio.task_items(project) == {}
        assert changed(label_studio, project) == []
        with pytest.raises(LabelStudioRefused):
            label_studio.update_config(project, label_config(TAGS))

    def test_an_ml_backend_brings_a_webhook_and_leaves_it_behind(self, label_studio: LabelStudio, project: int) -> None:
        made = label_studio.connect_ml_backend(project, extra={"catalog": "shop", "library": ""})

        (backend,) = label_studio.ml_backends(project)
        assert (backend.id, backend.url, backend.state) == (made, settings.ML_BACKEND_URL, "CO")
        assert dict(backend.extra) == {"catalog": "shop", "library": ""}
        label_studio.disconnect_ml_backend(made)
        assert label_studio.ml_backends(project) == []
        assert [w.url for w in label_studio.webhooks(project)] == [f"{settings.ML_BACKEND_URL}/webhook"]

    def test_a_webhook_is_as_it_was_made(self, label_studio: LabelStudio, project: int) -> None:
        url = f"{settings.TITLELAB_URL}/webhooks/label-studio/"
        made = label_studio.create_webhook(project, url=url, headers={"X-Secret": "s"}, actions=ACTIONS)

        (seen,) = label_studio.webhooks(project)
        assert (seen.id, seen.url, seen.is_active, seen.sends_payload) == (made, url, True, True)
        assert (seen.actions, seen.headers) == (frozenset(ACTIONS), (("X-Secret", "s"),))
        label_studio.delete_webhook(made)
        label_studio.delete_webhook(made)
        assert label_studio.webhooks(project) == []
