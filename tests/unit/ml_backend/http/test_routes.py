"""What the endpoints answer: to Label Studio, to the workers, and to those who send nonsense."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ml_backend.contract import Brief, Draft, PublishedLibrary, TagSpec, from_json, to_json
from tests.factories import make_brief
from tests.unit.ml_backend.http.fakes import FakeLearning, held_up, point_at, publish, write_version

HOME = PublishedLibrary(key="home", revision=2, tags=(TagSpec(name="kitchen", group="Room"), TagSpec(name="eco")))


def task(brief: Brief | None, **data: Any) -> dict[str, Any]:
    return {"id": 1, "data": {**({"brief": to_json(brief)} if brief else {}), **data}, "annotations": []}


def titles(client: TestClient, *briefs: Brief) -> list[str]:
    answer = client.post("/drafts", json={"briefs": [to_json(brief) for brief in briefs]})
    assert answer.status_code == 200, answer.text
    return [draft.title for draft in from_json(list[Draft], answer.json()["drafts"])]


def test_health_is_open_and_tells_device_and_memory(client: TestClient) -> None:
    client.auth = None

    answer = client.get("/health").json()

    assert (answer["status"], answer["model_class"], answer["problems"]) == ("UP", "TitleLab", [])
    assert answer["device"]
    assert answer["memory_mb"] > 0


def test_setup_tells_the_serving_pair_of_the_projects_scopes(client: TestClient, models_folder: Path) -> None:
    publish(models_folder, HOME)
    point_at(models_folder, "titler", "shop", 3)
    body = {"project": "5.17", "schema": "<View/>", "hostname": "", "access_token": "x"}

    answer = client.post("/setup", json={**body, "extra_params": {"catalog": "shop", "library": "home"}})

    assert answer.json() == {"model_version": "t3-g0.2"}
    assert client.get("/versions").json() == {"versions": ["t3-g0.2"]}


@pytest.mark.parametrize("params", [None, {}, "{", {"catalog": "../etc"}, 7])
def test_setup_without_a_catalog_is_refused_with_a_sentence(client: TestClient, params: Any) -> None:
    answer = client.post("/setup", json={"project": "5.17", "extra_params": params})

    assert answer.status_code == 422
    assert answer.json()["detail"]


def test_predict_answers_every_task_in_its_place(client: TestClient, models_folder: Path) -> None:
    publish(models_folder, HOME)
    first, second = (make_brief(sku=sku, library="home") for sku in ("A1", "A2"))
    tasks = [task(first), task(None), {"data": None}, {}, task(second, tags_as="taxonomy"), task(first, tags_as="x")]

    answer = client.post("/predict", json={"tasks": tasks, "project": "5.17", "label_config": "", "params": {}})

    empty = {"result": [], "score": 0.0, "model_version": "t0-g0.2"}
    first_made, *between, second_made, last = answer.json()["results"]
    assert between == [empty, empty, empty]
    assert last == empty
    assert [region["value"] for region in first_made["result"]] == [
        {"text": ["built-in A1"]},
        {"choices": ["kitchen", "eco"]},
    ]
    assert second_made["result"][1]["value"] == {"taxonomy": [["Room", "kitchen"], ["eco"]]}
    assert (first_made["score"], first_made["model_version"]) == (0.75, "t0-g0.2")


def test_a_product_that_breaks_the_model_costs_its_neighbours_nothing(client: TestClient) -> None:
    tasks = [task(make_brief(sku=sku)) for sku in ("A1", "poison", "A2")] + [task(make_brief(catalog="../x"))]

    results = client.post("/predict", json={"tasks": tasks}).json()["results"]

    assert [bool(made["result"]) for made in results] == [True, False, True, False]


def test_no_tasks_are_answered_with_no_predictions(client: TestClient) -> None:
    assert client.post("/predict", json={"tasks": []}).json() == {"results": []}


def test_drafts_come_in_the_order_of_their_products(client: TestClient) -> None:
    briefs = [make_brief(sku=f"A{i}", catalog=f"shop{i % 2}") for i in range(20)]

    assert titles(client, *briefs) == [f"built-in A{i}" for i in range(20)]


def test_a_product_gets_as_many_titles_as_are_asked_for(client: TestClient, learning: FakeLearning) -> None:
    brief = make_brief(sku="A1")

    def n_titles(**asked: int) -> int:
        answer = client.post("/drafts", json={"briefs": [to_json(brief)], **asked})
        return len(answer.json()["drafts"][0]["candidates"])

    assert n_titles(candidates=1) == 1
    assert n_titles() == 1  # what was drafted before is good
    assert n_titles(candidates=7) == 7
    assert learning.asked == [["A1"], ["A1"]]


@pytest.mark.parametrize("n", [0, 51, "many"])
def test_no_title_and_more_titles_than_fifty_are_refused(client: TestClient, n: object) -> None:
    assert client.post("/drafts", json={"briefs": [to_json(make_brief())], "candidates": n}).status_code == 422


def test_a_product_is_drafted_once_for_workers_and_label_studio_alike(
    client: TestClient, learning: FakeLearning
) -> None:
    brief = make_brief(sku="A1")

    assert titles(client, brief, brief) == ["built-in A1", "built-in A1"]
    client.post("/predict", json={"tasks": [task(brief)]})

    assert learning.asked == [["A1"]]


def test_the_scopes_version_is_told_with_and_without_a_library(client: TestClient, models_folder: Path) -> None:
    publish(models_folder, HOME)
    point_at(models_folder, "tagger", "home", 4)

    assert client.get("/scopes/shop/home/version").json() == {"version": "t0-g4.2"}
    assert client.get("/scopes/shop/-/version").json() == {"version": "t0-g0.0"}


def test_a_promotion_and_a_changed_library_are_seen_by_the_next_request(
    client: TestClient, models_folder: Path
) -> None:
    publish(models_folder, HOME)
    brief = make_brief(sku="A1", library="home")
    assert titles(client, brief) == ["built-in A1"]

    write_version(models_folder, "titler", "shop", 1)
    point_at(models_folder, "titler", "shop", 1)
    publish(models_folder, PublishedLibrary(key="home", revision=3, tags=(TagSpec(name="gift"),)))
    draft = client.post("/drafts", json={"briefs": [to_json(brief)]}).json()["drafts"][0]

    assert (draft["version"], draft["candidates"][0]["title"]) == ("t1-g0.3", "v1 A1")
    assert [tag["name"] for tag in draft["tags"]] == ["gift"]


def test_a_broken_version_leaves_the_old_one_serving_and_is_told_by_health(
    client: TestClient, models_folder: Path
) -> None:
    write_version(models_folder, "titler", "shop", 1)
    point_at(models_folder, "titler", "shop", 1)
    brief = make_brief(sku="A1")
    assert titles(client, brief) == ["v1 A1"]

    point_at(models_folder, "titler", "shop", 2)

    assert titles(client, make_brief(sku="A2")) == ["v1 A2"]
    assert client.get("/health").json()["problems"] == [
        "version 2 of shop can't be loaded: v2: name.json is missing",
    ]
    assert client.get("/scopes/shop/-/version").json() == {"version": "t1-g0.0"}


def test_health_and_setup_answer_while_every_thread_waits_for_a_model(
    client: TestClient, learning: FakeLearning
) -> None:
    body = {"briefs": [to_json(make_brief())]}
    with ThreadPoolExecutor(50) as threads, held_up(learning.may_draft):
        waiting = [threads.submit(client.post, "/drafts", json=body) for _ in range(50)]
        assert learning.is_drafting.wait(10)

        assert client.get("/health").status_code == 200
        assert client.post("/setup", json={"extra_params": {"catalog": "shop"}}).status_code == 200
        assert client.get("/versions").status_code == 200
        assert not any(answer.done() for answer in waiting)

    assert {answer.result().status_code for answer in waiting} == {200}
    assert learning.asked == [["SKU-1"]]


def test_while_a_version_loads_requests_go_on_and_every_answer_is_wholly_old_or_new(
    client: TestClient, learning: FakeLearning, models_folder: Path
) -> None:
    write_version(models_folder, "titler", "shop", 1)
    point_at(models_folder, "titler", "shop", 1)
    write_version(models_folder, "titler", "shop", 2)
    numbers = iter(range(10_000))
    lock, seen = threading.Lock(), set[tuple[str, str]]()

    def ask() -> None:
        with lock:
            briefs = [make_brief(sku=f"A{next(numbers)}") for _ in range(18)]
        answer = client.post("/drafts", json={"briefs": [to_json(brief) for brief in briefs]})
        drafts = from_json(list[Draft], answer.json()["drafts"])
        kinds = {(draft.version, draft.title.split()[0]) for draft in drafts}
        assert len(kinds) == 1
        seen.update(kinds)

    ask()
    learning.is_loading.clear()
    with ThreadPoolExecutor(4) as threads:
        with held_up(learning.may_load):
            point_at(models_folder, "titler", "shop", 2)
            swapping = threads.submit(ask)
            assert learning.is_loading.wait(10)
            for answer in [threads.submit(ask) for _ in range(6)]:
                answer.result(10)
            assert seen == {("t1-g0.0", "v1")}
        swapping.result(10)
        for answer in [threads.submit(ask) for _ in range(20)]:
            answer.result(10)

    assert seen == {("t1-g0.0", "v1"), ("t2-g0.0", "v2")}


ASKED: list[Callable[[TestClient], Any]] = [
    lambda client: client.post("/drafts", json={"briefs": []}),
    lambda client: client.post("/predict", json={"tasks": []}),
    lambda client: client.post("/setup", json={}),
    lambda client: client.get("/scopes/shop/-/version"),
]


@pytest.mark.parametrize("auth", [None, ("titlelab", "wrong"), ("nobody", "a-password-for-tests"), ("tïtle", "ß")])
@pytest.mark.parametrize("ask", ASKED)
def test_nobody_without_the_password_is_let_in(client: TestClient, ask: Callable[[TestClient], Any], auth: Any) -> None:
    client.auth = auth

    answer = ask(client)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert "detail" in answer.json()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/drafts", "{"),
        ("/drafts", "[]"),
        ("/drafts", '{"briefs": [{"sku": "A1"}]}'),
        ("/drafts", '{"briefs": [{"sku": "\\ud800"}]}'),
        ("/drafts", "\N{LATIN SMALL LETTER E WITH ACUTE}".encode("latin-1")),
        ("/drafts", json.dumps({"briefs": [to_json(make_brief())] * 257})),
        ("/drafts", json.dumps({"briefs": [to_json(make_brief(catalog="../x"))]})),
        ("/drafts", json.dumps({"briefs": [{**to_json(make_brief()), "title": "\ud800"}]})),
        ("/predict", '{"tasks": {}}'),
        ("/predict", "null"),
        ("/setup", '{"project": 5}'),
        ("/webhook", "{"),
        ("/webhook", '{"action": "START_TRAINING"}'),
        ("/webhook", '{"action": "START_TRAINING", "project": {"id": 1e400}}'),
        ("/webhook", "[" * 100_000),
    ],
)
def test_nonsense_is_refused_with_a_sentence(client: TestClient, path: str, body: str | bytes) -> None:
    answer = client.post(path, content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code in (400, 422)
    assert "Traceback" not in answer.text
    assert isinstance(answer.json()["detail"], str)


def test_a_body_beyond_the_limit_is_refused(client: TestClient) -> None:
    answer = client.post("/drafts", content=b" " * (20 * 2**20 + 1), headers={"Content-Type": "application/json"})

    assert answer.status_code == 413
    assert "20 MB" in answer.json()["detail"]


def test_a_model_that_breaks_is_told_without_its_traceback(client: TestClient) -> None:
    answer = client.post("/drafts", json={"briefs": [to_json(make_brief(sku="poison"))]})

    assert answer.status_code == 500
    assert answer.json() == {"detail": "the ML backend failed; its log says why"}


def test_start_training_is_told_to_titlelab(client: TestClient, told: list[int]) -> None:
    answer = client.post("/webhook", json={"action": "START_TRAINING", "project": {"id": 5, "title": "Titles"}})

    assert answer.json() == {"status": "started"}
    assert told == [5]


def test_other_events_are_ignored(client: TestClient, told: list[int]) -> None:
    answer = client.post("/webhook", json={"action": "TASKS_CREATED", "project": {"id": 5}})

    assert answer.json() == {"status": "ignored"}
    assert told == []


@pytest.mark.parametrize("auth", [None, ("titlelab", "wrong")])
def test_an_event_without_the_password_is_ignored_whatever_it_says(
    client: TestClient, told: list[int], auth: Any
) -> None:
    client.auth = auth

    answer = client.post("/webhook", json={"action": "START_TRAINING", "project": {"id": 5}})

    assert (answer.status_code, answer.json(), told) == (200, {"status": "ignored"}, [])


def test_the_endpoints_are_described(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]

    assert {"/health", "/setup", "/predict", "/webhook", "/versions", "/drafts"} <= set(paths)
