"""People's accounts in Label Studio, through its pages: the Community edition's API makes none that can sign in.

Nor does it deactivate anybody. Measured on 1.23.2: PATCH /api/users/ID passes over is_active with 200, and a member who
was deleted from the organization (204) signs in as before, with all old sessions and tokens. What does work is Label
Studio's own Django admin, which takes a short-lived key of its administrator.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser

import httpx

from titlelab.errors import LabelStudioRefused, LabelStudioUnreachable

Browser = Callable[[], httpx.Client]


class UserForm(HTMLParser):
    """Reads what a page's form "user_form" would send as it stands; `fields` is empty on a page without one."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._is_inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "form":
            self._is_inside = told.get("id") == "user_form"
        if tag != "input" or not self._is_inside or told.get("type") == "submit":
            return
        if told.get("type") != "checkbox" or "checked" in told:
            self.fields[told.get("name") or ""] = told.get("value") or ("on" if told.get("type") == "checkbox" else "")


def sign_up(browser: Browser, token: str, *, email: str, password: str) -> None:
    """Make an account that can sign in, through the organization's invite link.

    Raises LabelStudioUnreachable or LabelStudioRefused.
    """
    with _visit(browser) as client:
        invite = client.get("/api/invite", headers=_key(token)).raise_for_status().json()["invite_url"]
        page = client.get(invite).raise_for_status()
        field = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        if field is None:
            raise LabelStudioRefused("Label Studio's sign-up page has no form")
        answer = client.post(
            invite,
            data={"email": email, "password": password, "csrfmiddlewaretoken": field[1]},
            headers={"Referer": str(page.url)},
        )
        if answer.status_code != httpx.codes.FOUND:
            raise LabelStudioRefused(f"Label Studio did not make the account {email} (status {answer.status_code})")


def activate(browser: Browser, token: str, user_id: int) -> None:
    """Let a person sign in; nothing changes for one who can. Raises as sign_up does."""
    _save(browser, token, user_id, {"is_active": "on"})


def deactivate(browser: Browser, token: str, user_id: int) -> None:
    """End sign-in, sessions and tokens; what the person annotated stays. Raises as sign_up does."""
    _save(browser, token, user_id, {})


def _save(browser: Browser, token: str, user_id: int, activity: dict[str, str]) -> None:
    """Send the account's page in Label Studio's admin back as it stands, but for its activity."""
    address = f"/admin/users/user/{user_id}/change/"
    with _visit(browser) as client, _admin_key(client, token) as key:
        form = UserForm()
        form.feed(client.get(address, headers=key).raise_for_status().text)
        if "username" not in form.fields:
            raise LabelStudioRefused(
                f"Label Studio's admin shows no account {user_id}: is its token an administrator's?"
            )
        kept = {name: value for name, value in form.fields.items() if name != "is_active"}
        answer = client.post(address, headers=key, data=kept | activity)
        if answer.status_code != httpx.codes.FOUND:
            raise LabelStudioRefused(f"Label Studio's admin did not save account {user_id} ({answer.status_code})")


@contextmanager
def _admin_key(client: httpx.Client, token: str) -> Iterator[dict[str, str]]:
    """Lend a key of five minutes; Label Studio allows one token at a time, so that it is revoked at once."""
    made = client.post("/api/token/", headers=_key(token))
    if made.status_code == httpx.codes.CONFLICT:
        raise LabelStudioRefused(
            "Label Studio's administrator has a personal access token; while it stands accounts are opened and closed "
            "by hand, in Label Studio's /admin/users/user/. Revoke it, or wait if another worker is at it."
        )
    refresh = {"refresh": made.raise_for_status().json()["token"]}
    try:
        access = client.post("/api/token/refresh/", json=refresh).raise_for_status().json()["access"]
        yield {"Authorization": f"Bearer {access}"}
    finally:
        client.post("/api/token/blacklist/", json=refresh, headers=_key(token))


@contextmanager
def _visit(browser: Browser) -> Iterator[httpx.Client]:
    """Lend a client, and turn its errors into ours."""
    try:
        with browser() as client:
            yield client
    except httpx.HTTPStatusError as e:
        if e.response.is_server_error:
            raise LabelStudioUnreachable(f"Label Studio failed at {e.request.url.path}") from e
        raise LabelStudioRefused(f"Label Studio refused {e.request.url.path}: {e.response.text[:300]}") from e
    except httpx.HTTPError as e:
        raise LabelStudioUnreachable(f"no answer from Label Studio: {e!r}") from e
    except (ValueError, LookupError, TypeError) as e:
        raise LabelStudioRefused(f"an answer can't be read, is it Label Studio 1.23's? {e!r:.300}") from e


def _key(token: str) -> dict[str, str]:
    return {"Authorization": f"Token {token}"}
