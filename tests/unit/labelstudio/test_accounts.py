"""How people's accounts are made, opened and closed through Label Studio's own pages."""

import json
from collections.abc import Callable

import httpx
import pytest

from titlelab.errors import LabelStudioRefused, LabelStudioUnreachable
from titlelab.labelstudio.accounts import activate, deactivate, sign_up

PAGE = """
<form id="logout-form"><input type="hidden" name="csrfmiddlewaretoken" value="another"></form>
<form method="post" id="user_form"><input type="hidden" name="csrfmiddlewaretoken" value="c">
<input type="text" name="username" value="anna &amp; co"><input type="text" name="first_name">
<input type="checkbox" name="is_active" checked><input type="checkbox" name="is_staff">
<input type="text" name="date_joined_0" value="2026-11-22"><input type="submit" name="_save" value="Save"></form>
"""


class Pages:
    """Label Studio's pages as measured on 1.23.2; `answers` replaces the answer to a path."""

    def __init__(self, **answers: httpx.Response) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self._answers = {
            "/api/token/": httpx.Response(201, json={"token": "refresh"}),
            "/api/token/refresh/": httpx.Response(200, json={"access": "five-minutes"}),
            "/api/token/blacklist/": httpx.Response(204),
            "/api/invite": httpx.Response(200, json={"invite_url": "/user/signup/?token=i"}),
        } | {f"/{name.replace('__', '/')}": answer for name, answer in answers.items()}

    def browser(self) -> httpx.Client:
        return httpx.Client(base_url="http://ls.example", transport=httpx.MockTransport(self._answer))

    def sent(self, path: str) -> list[str]:
        return [body for method, asked, body in self.asked if (method, asked) == ("POST", path)]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.asked.append((request.method, path, request.content.decode()))
        if path in self._answers:
            return self._answers[path]
        if request.method == "POST":
            return httpx.Response(302, headers={"Location": "/"})
        return httpx.Response(200, text=PAGE)


WEAK = "short"
USER = "/admin/users/user/3/change/"


def test_who_is_deactivated_keeps_all_but_the_activity() -> None:
    pages = Pages()

    deactivate(pages.browser, "key", 3)

    assert pages.sent(USER) == [
        "csrfmiddlewaretoken=c&username=anna+%26+co&first_name=&date_joined_0=2026-11-22",
    ]


def test_who_is_let_in_again_is_sent_as_active() -> None:
    pages = Pages()

    activate(pages.browser, "key", 3)

    assert pages.sent(USER)[0].endswith("&is_active=on")


def test_the_lent_key_is_revoked_whatever_comes() -> None:
    pages = Pages(admin__users__user__3__change__=httpx.Response(404, text="no such account"))

    with pytest.raises(LabelStudioRefused, match="no such account"):
        deactivate(pages.browser, "key", 3)

    assert [json.loads(body) for body in pages.sent("/api/token/blacklist/")] == [{"refresh": "refresh"}]


def test_a_token_that_the_administrator_holds_already_is_told() -> None:
    with pytest.raises(LabelStudioRefused, match="personal access token"):
        deactivate(Pages(api__token__=httpx.Response(409)).browser, "key", 3)


def test_a_page_without_the_form_is_refused() -> None:
    with pytest.raises(LabelStudioRefused, match="administrator's"):
        deactivate(Pages(admin__users__user__3__change__=httpx.Response(200, text="sign in")).browser, "key", 3)


def test_an_account_is_made_by_the_invite_link_with_the_forms_token() -> None:
    sign_up(with_form(), "key", email="a@x.example", password=WEAK)


def test_a_refused_sign_up_is_told() -> None:
    with pytest.raises(LabelStudioRefused, match="did not make the account"):
        sign_up(with_form(status=200), "key", email="a@x.example", password=WEAK)


@pytest.mark.parametrize("answer", [httpx.Response(502), None])
def test_what_gives_no_answer_is_unreachable(answer: httpx.Response | None) -> None:
    def silent() -> httpx.Client:
        def refuse(request: httpx.Request) -> httpx.Response:
            if answer is None:
                raise httpx.ConnectError("no", request=request)
            return answer

        return httpx.Client(base_url="http://ls.example", transport=httpx.MockTransport(refuse))

    for call in (deactivate, activate):
        with pytest.raises(LabelStudioUnreachable):
            call(silent, "key", 3)


def with_form(*, status: int = 302) -> Callable[[], httpx.Client]:
    """Return a browser of a Label Studio that shows its sign-up form and answers it with a status."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/invite":
            return httpx.Response(200, json={"invite_url": "/user/signup/?token=i"})
        if request.method == "GET":
            return httpx.Response(200, text='<input type="hidden" name="csrfmiddlewaretoken" value="s">')
        assert b"csrfmiddlewaretoken=s" in request.content
        assert request.headers["Referer"] == "http://ls.example/user/signup/?token=i"
        return httpx.Response(status)

    return lambda: httpx.Client(base_url="http://ls.example", transport=httpx.MockTransport(answer))
