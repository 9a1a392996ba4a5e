"""People's accounts in the real Label Studio: made, closed, opened again."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from django.conf import settings
from django.contrib.auth.models import User

from titlelab.labelstudio.client import LabelStudioClient
from titlelab.people.inviting import initial_password
from titlelab.people.models import LabelStudioAccount
from titlelab.people.settling import settle

EMAIL = "invited@shop.example"
SEED = "a-seed"


@contextmanager
def signed_in(password: str) -> Iterator[httpx.Client]:
    """Lend a browser after its attempt to sign in."""
    with httpx.Client(base_url=settings.LABEL_STUDIO_URL, timeout=30, trust_env=False) as browser:
        page = browser.get("/user/login/")
        field = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert field
        told = {"email": EMAIL, "password": password, "csrfmiddlewaretoken": field[1]}
        browser.post("/user/login/", data=told, headers={"Referer": str(page.url)})
        yield browser


def knows(browser: httpx.Client) -> bool:
    return browser.get("/api/current-user/whoami").status_code == 200


@pytest.fixture
def account(database: None) -> LabelStudioAccount:
    user = User.objects.create(username=EMAIL, email=EMAIL)
    return LabelStudioAccount.objects.create(user=user, email=EMAIL, secret_seed=SEED)


def test_an_account_is_made_closed_with_its_sessions_and_tokens_and_opened_again(
    account: LabelStudioAccount, studio: LabelStudioClient
) -> None:
    password = initial_password(SEED)

    def settled(*, is_active: bool) -> None:
        User.objects.filter(pk=account.user_id).update(is_active=is_active)
        found = LabelStudioAccount.objects.select_related("user").get(pk=account.pk)
        assert settle(found, studio), LabelStudioAccount.objects.get(pk=account.pk).problem

    settled(is_active=True)
    settled(is_active=True)  # delivered twice
    with signed_in(password) as browser:
        token = browser.get("/api/current-user/token").json()["token"]
        assert knows(browser)
        settled(is_active=False)
        assert not knows(browser)
    with signed_in(password) as browser:
        assert not knows(browser)
    key = {"Authorization": f"Token {token}"}
    assert httpx.get(f"{settings.LABEL_STUDIO_URL}/api/projects/", headers=key, trust_env=False).status_code == 401

    settled(is_active=True)
    with signed_in(password) as browser:
        assert knows(browser)
    assert list(studio.people().values()).count(EMAIL) == 1
