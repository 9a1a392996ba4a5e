"""An annotator's session, against a Label Studio that is told what to answer."""

import json

import httpx
import pytest

from titlelab.errors import LabelStudioRefused, LabelStudioUnreachable
from titlelab.web.simulating.annotating import Annotator
from titlelab.web.simulating.answers import Answer, Page

TASK = {
    "id": 5,
    "data": {"sku": "A", "tags_as": "choices"},
    "predictions": [{"id": 9, "model_version": "t1-g1.1", "result": [], "score": 0.1}],
}


class FakeServer:
    """Lets one password in, serves one task, and keeps what it was sent."""

    def __init__(self) -> None:
        self.is_empty = False
        self.posts: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.posts.append(request)
        match request.method, request.url.path:
            case "GET", "/user/login/":
                return httpx.Response(200, headers={"Set-Cookie": "csrftoken=first; Path=/"})
            case "POST", "/user/login/":
                is_right = b"password=secret" in request.content
                return httpx.Response(302 if is_right else 200, headers={"Set-Cookie": "csrftoken=second; Path=/"})
            case "GET", "/api/projects/3/next":
                return httpx.Response(404) if self.is_empty else httpx.Response(200, json=TASK)
            case "POST", "/api/tasks/5/annotations/":
                return httpx.Response(201, json={"id": 77})
            case "PATCH" | "DELETE", "/api/annotations/77/":
                self.posts.append(request)
                return httpx.Response(200 if request.method == "PATCH" else 204)
        return httpx.Response(400, text="what?")


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


@pytest.fixture
def annotator(server: FakeServer) -> Annotator:
    return Annotator("http://studio", transport=httpx.MockTransport(server))


def test_a_page_is_taken_and_submitted_with_the_sessions_token(server: FakeServer, annotator: Annotator) -> None:
    with annotator:
        annotator.log_in("anna@shop.example", "secret")
        page = annotator.next_page(3)
        assert page is not None
        made = annotator.submit(page, Answer(result=[], seconds=4.2, parent_prediction=9, is_as_shown=True))

    assert made == 77
    assert (page.task_id, page.sku, page.tags_as, page.shown and page.shown.id) == (5, "A", "choices", 9)
    assert server.posts[-1].headers["X-CSRFToken"] == "second"
    assert json.loads(server.posts[-1].content) == {
        "result": [],
        "lead_time": 4.2,
        "parent_prediction": 9,
        "was_cancelled": False,
    }


def test_a_second_thought_changes_and_deletes_what_was_submitted(server: FakeServer, annotator: Annotator) -> None:
    annotator.log_in("anna@shop.example", "secret")
    annotator.update(77, Answer(result=[], seconds=1.0, parent_prediction=None, is_as_shown=False))
    annotator.delete(77)

    assert [post.method for post in server.posts[-2:]] == ["PATCH", "DELETE"]
    assert {post.headers["X-CSRFToken"] for post in server.posts[-2:]} == {"second"}


def test_skipping_keeps_what_stands_on_the_page(server: FakeServer, annotator: Annotator) -> None:
    page = Page(task_id=5, sku="A", tags_as="choices", shown=None)

    annotator.skip(page, Answer(result=[], seconds=1.0, parent_prediction=None, is_as_shown=False))

    assert json.loads(server.posts[-1].content)["was_cancelled"] is True


def test_an_empty_project_serves_no_page(server: FakeServer, annotator: Annotator) -> None:
    server.is_empty = True

    assert annotator.next_page(3) is None


def test_a_wrong_password_is_told_as_a_setting(annotator: Annotator) -> None:
    with pytest.raises(LabelStudioRefused, match="TITLELAB_ANNOTATOR_PASSWORD"):
        annotator.log_in("anna@shop.example", "guessed")


def test_a_refusal_is_told_with_label_studios_words(annotator: Annotator) -> None:
    page = Page(task_id=6, sku="A", tags_as="choices", shown=None)

    with pytest.raises(LabelStudioRefused, match=r"400 what\?"):
        annotator.submit(page, Answer(result=[], seconds=1.0, parent_prediction=None, is_as_shown=False))


def test_silence_is_told_as_unreachable() -> None:
    def silence(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(LabelStudioUnreachable, match="no answer"):
        Annotator("http://studio", transport=httpx.MockTransport(silence)).log_in("anna@shop.example", "secret")
