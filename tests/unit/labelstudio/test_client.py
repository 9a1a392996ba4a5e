"""How the client of Label Studio asks, pages, and tells what it was answered."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from titlelab.errors import LabelStudioRefused, LabelStudioUnreachable
from titlelab.labelstudio.client import PAGE, LabelStudioClient

Answer = Callable[[httpx.Request], httpx.Response]
START = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)


def client(answer: Answer) -> LabelStudioClient:
    made = LabelStudioClient("http://ls.example/", "a-token", timeout_s=1)
    made._http = httpx.Client(base_url=made.url, transport=httpx.MockTransport(answer))
    return made


def failing(error: type[httpx.RequestError]) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error("no", request=request)

    return answer


def always(status: int, **content: Any) -> Answer:
    return lambda _: httpx.Response(status, **content)


CALLS: dict[str, Callable[[LabelStudioClient], object]] = {
    "plain": lambda c: c.whoami(),
    "paged": lambda c: list(c.tasks_changed_since(1, None)),
    "listed": lambda c: c.task_items(1),
    "one task": lambda c: c.task(1),
    "by the SDK": lambda c: c.import_tasks(1, [{"data": {}, "predictions": []}]),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(
    "answer",
    [
        failing(httpx.ConnectError),
        failing(httpx.ReadTimeout),
        failing(httpx.RemoteProtocolError),
        failing(httpx.DecodingError),
        always(502, text="bad gateway"),
        always(200, html="<h1>Please sign in</h1>"),
        always(200, text='{"cut": '),
        always(302, headers={"Location": "/login"}, text="moved"),
        always(302, headers={"Location": "/login"}),
        always(200),
    ],
    ids=["connect", "slow", "cut", "garbled", "502", "page", "half", "moved", "bare", "empty"],
)
def test_what_is_no_answer_of_label_studio_is_unreachable(
    call: Callable[[LabelStudioClient], object], answer: Answer
) -> None:
    with pytest.raises(LabelStudioUnreachable):
        call(client(answer))


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("body", [[1], {"detail": "something else speaks JSON here"}, 5, {"tasks": [{}]}])
def test_json_that_label_studio_does_not_send_is_refused(
    call: Callable[[LabelStudioClient], object], body: object
) -> None:
    with pytest.raises(LabelStudioRefused):
        call(client(always(200, json=body)))


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refusal_says_what_label_studio_said(call: Callable[[LabelStudioClient], object], status: int) -> None:
    with pytest.raises(LabelStudioRefused, match="not like this"):
        call(client(always(status, json={"detail": "not like this"})))


@pytest.mark.parametrize("status", [500, 502, 429])
def test_an_import_is_never_repeated_by_itself(status: int) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(status, json={})

    with pytest.raises((LabelStudioUnreachable, LabelStudioRefused)):
        client(answer).import_tasks(1, [{"data": {}, "predictions": []}])

    assert len(asked) == 1


def test_an_import_that_dropped_something_is_taken_back_and_refused() -> None:
    deleted: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/import"):
            return httpx.Response(201, json={"task_count": 2, "prediction_count": 1, "task_ids": [5, 6]})
        deleted.append(json.loads(request.content)["selectedItems"]["included"])
        return httpx.Response(200, json={})

    with pytest.raises(LabelStudioRefused, match="2 tasks with 2 predictions, 2 and 1"):
        client(answer).import_tasks(1, [{"data": {}, "predictions": [{"result": []}]}] * 2)

    assert deleted == [[5, 6]]


def test_dropped_predictions_are_a_refusal() -> None:
    with pytest.raises(LabelStudioRefused, match="sent 2 predictions, 1"):
        client(always(201, json={"created": 1})).import_predictions(1, [{"task": 1, "result": []}] * 2)


def test_what_is_gone_is_none() -> None:
    gone = client(always(404, json={"detail": "Not found."}))

    assert gone.project(1) is None
    assert gone.task(1) is None
    assert gone.task_items(1) == {}
    assert list(gone.tasks_changed_since(1, None)) == []
    assert not gone.update_task_data(1, {})


@pytest.mark.parametrize(("status", "text"), [(404, "404 page not found"), (404, "null"), (200, "null")])
def test_a_proxys_page_does_not_say_that_anything_is_gone(status: int, text: str) -> None:
    proxy = client(always(status, text=text))
    for ask in (lambda: proxy.project(1), lambda: proxy.task(1), lambda: proxy.task_items(1)):
        with pytest.raises(LabelStudioUnreachable):
            ask()


class Tasks:
    """A listing of tasks that moves while it is read: `meanwhile` runs after each page."""

    def __init__(self, moments: list[dt.datetime]) -> None:
        self.moments = dict(enumerate(moments, start=1))
        self.pages: list[int] = []
        self.meanwhile: Iterator[Callable[[], None]] = iter(())

    def __call__(self, request: httpx.Request) -> httpx.Response:
        query, params = json.loads(request.url.params["query"]), request.url.params
        since = dt.datetime.fromisoformat(query["filters"]["items"][0]["value"])
        size, page = int(params["page_size"]), int(params["page"])
        found = sorted((moment, i) for i, moment in self.moments.items() if moment > since)
        rows = found[(page - 1) * size : page * size]
        if page > 1 and not rows:
            return httpx.Response(404, json={"detail": "Invalid page."})
        self.pages.append(len(rows))
        next(self.meanwhile, lambda: None)()
        return httpx.Response(200, json={"tasks": [{"id": i, "updated_at": m.isoformat()} for m, i in rows]})


def after(seconds: float) -> dt.datetime:
    return START + dt.timedelta(seconds=seconds)


@pytest.mark.parametrize("n", [0, 1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, 5 * PAGE + 7])
@pytest.mark.parametrize("at_once", [1, PAGE, 3 * PAGE])
def test_every_task_is_seen_once_in_its_order(n: int, at_once: int) -> None:
    tasks = Tasks([after(i // at_once) for i in range(n)])

    seen = [task.id for task in client(tasks).tasks_changed_since(1, None)]

    assert seen == list(range(1, n + 1))


def test_only_what_moved_since_is_seen() -> None:
    tasks = Tasks([after(0), after(1), after(2)])

    assert [task.id for task in client(tasks).tasks_changed_since(1, after(1))] == [3]


@pytest.mark.parametrize("at_once", [1, 4 * PAGE])
def test_tasks_that_move_while_one_reads_hide_no_other(at_once: int) -> None:
    tasks = Tasks([after(i // at_once) for i in range(4 * PAGE)])

    def move(task: int) -> Callable[[], None]:
        return lambda: tasks.moments.update({task: after(10**6 + task)})

    tasks.meanwhile = map(move, (1, 2, 50, 99))

    seen = [task.id for task in client(tasks).tasks_changed_since(1, None)]

    assert set(seen) == set(tasks.moments)
    assert seen[-1] == 99 or len(seen) > 4 * PAGE
