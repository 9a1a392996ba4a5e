"""The client against the real app over a real socket, and against every way a backend can fail."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from ml_backend.client import DraftClient
from ml_backend.errors import BackendRefused, BackendUnreachable
from ml_backend.http.app import make_app
from tests.factories import make_brief
from tests.unit.ml_backend.http.fakes import PASSWORD, FakeLearning, make_settings, point_at, write_version


@pytest.fixture
def learning() -> FakeLearning:
    return FakeLearning()


@pytest.fixture
def url(tmp_path: Path, learning: FakeLearning) -> Iterator[str]:
    """A real server on a free port."""
    app = make_app(make_settings(tmp_path), learning.models())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


def a_client(url: str, **changes: Any) -> DraftClient:
    return DraftClient(**{"url": url, "username": "titlelab", "password": PASSWORD, "timeout_s": 10.0, **changes})


def answering(answer: httpx.Response | Exception) -> DraftClient:
    def handle(_: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return a_client("http://backend", transport=httpx.MockTransport(handle))


def test_a_client_may_ask_for_more_titles_or_fewer(url: str) -> None:
    assert len(a_client(url, n_candidates=2).drafts([make_brief()])[0].candidates) == 2


def test_drafts_of_several_batches_come_in_order(url: str, learning: FakeLearning, tmp_path: Path) -> None:
    write_version(tmp_path / "models", "titler", "shop", 1)
    point_at(tmp_path / "models", "titler", "shop", 1)

    drafts = a_client(url).drafts([make_brief(sku=f"A{i}") for i in range(150)])

    assert [draft.title for draft in drafts] == [f"v1 A{i}" for i in range(150)]
    assert max(len(chunk) for chunk in learning.asked) == 16


def test_nothing_asked_is_nothing_answered(url: str) -> None:
    assert a_client(url).drafts([]) == []


def test_version_and_health_are_told(url: str) -> None:
    client = a_client(url)

    assert client.version("shop", "") == "t0-g0.0"
    assert client.version("shop", "home") == "t0-g0.0"
    assert client.health().status == "UP"
    assert client.health().problems == ()


def test_a_wrong_password_is_refused_with_the_backends_sentence(url: str) -> None:
    with pytest.raises(BackendRefused, match="password is missing or wrong"):
        a_client(url, password="wrong").drafts([make_brief()])  # noqa: S106


def test_a_catalog_that_is_no_key_is_refused_with_the_backends_sentence(url: str) -> None:
    with pytest.raises(BackendRefused, match="is no key"):
        a_client(url).drafts([make_brief(catalog="Not A Key")])


def test_a_model_that_breaks_is_a_refusal(url: str) -> None:
    with pytest.raises(BackendRefused, match="its log says why"):
        a_client(url).drafts([make_brief(sku="poison")])


def test_a_model_that_takes_too_long_is_unreachable(url: str, learning: FakeLearning) -> None:
    learning.may_draft.clear()

    with pytest.raises(BackendUnreachable, match=r"in 0\.2 s"):
        a_client(url, timeout_s=0.2).drafts([make_brief()])
    learning.may_draft.set()


def test_nobody_listening_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(BackendUnreachable, match="no ML backend"):
        a_client(f"http://127.0.0.1:{port}").health()


@pytest.mark.parametrize("url", ["", "backend", "http://127.0.0.1:x"])
def test_an_address_that_is_none_is_unreachable(url: str) -> None:
    with pytest.raises(BackendUnreachable):
        a_client(url).health()


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_backend_that_is_not_ready_is_unreachable(status: int) -> None:
    with pytest.raises(BackendUnreachable, match="loading"):
        answering(httpx.Response(status, json={"detail": "loading"})).drafts([make_brief()])


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={}),
        httpx.Response(200, json={"drafts": None}),
        httpx.Response(200, json={"drafts": [{"sku": "A1"}]}),
        httpx.Response(200, json={"drafts": []}),
        httpx.Response(302, headers={"Location": "/login"}),
        httpx.Response(404, text="not here"),
    ],
)
def test_an_answer_that_is_not_the_contracts_is_a_refusal(answer: httpx.Response) -> None:
    with pytest.raises(BackendRefused):
        answering(answer).drafts([make_brief()])
