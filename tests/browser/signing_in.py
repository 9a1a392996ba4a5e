"""Somebody before the admin's pages."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth.models import User
from playwright.sync_api import BrowserContext, Page, expect


@contextmanager
def signed_in(browser: BrowserContext, person: User) -> Iterator[Page]:
    """Log a person in to the admin, whoever was before; Label Studio's session on the same host stays."""
    password = secrets.token_urlsafe(16)
    person.set_password(password)
    person.save()
    for cookie in (settings.SESSION_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME):
        browser.clear_cookies(name=cookie)
    tab = browser.new_page()
    sign_in(tab, person.username, password)
    yield tab
    tab.close()


def sign_in(page: Page, name: str, password: str) -> None:
    """Log in to the admin, and wait until it has answered."""
    page.goto(f"{settings.TITLELAB_URL}/admin/login/")
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", password)
    page.click("button[type=submit]")
    expect(page.locator("input[name=password]")).to_have_count(0)
