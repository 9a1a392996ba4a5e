"""Chromium; the rest of the stack is the integration tests'.

The README's pictures: `python -m pytest -p tests.integration.places tests/browser --pictures`.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.chromium import NAMES, chromium, running_chromium

# Playwright's synchronous API runs an event loop in this thread, which Django takes for asynchronous code and refuses
# to query in; nothing here awaits, so that no other code can come in between.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

PICTURES = Path(__file__).parent / "pictures"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", action="store_true", help="Take the README's pictures anew.")


@pytest.fixture
def picture(pytestconfig: pytest.Config) -> Callable[[Page, str], None]:
    """Take a picture of a page for the README, when --pictures asks for it."""

    def take(page: Page, name: str) -> None:
        if pytestconfig.getoption("pictures"):
            PICTURES.mkdir(exist_ok=True)
            page.screenshot(path=PICTURES / f"{name}.png")

    return take


@pytest.fixture(scope="session")
def browser(stack: None) -> Iterator[BrowserContext]:
    """One browser for all tests; fails where there is none, since a test that finds no browser has tested nothing."""
    found = chromium()
    if found is None:
        pytest.fail(f"none of {', '.join(NAMES)} is installed: apt-get install chromium, or make test-needs")
    with running_chromium(found, width=1440, height=900) as context:
        yield context
