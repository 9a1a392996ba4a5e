"""Chromium; the rest of the stack is the integration tests'.

The README's pictures: `python -m pytest -p tests.integration.places tests/browser --pictures`.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

# Playwright's synchronous API runs an event loop in this thread, which Django takes for asynchronous code and refuses
# to query in; nothing here awaits, so that no other code can come in between.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

NAMES = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 60_000  # two cores run Label Studio, four processes of ours and the browser here


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


def chromium() -> str:
    """Return where Chromium is; fails when it is not, since a test that finds no browser has tested nothing."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    pytest.fail(f"none of {', '.join(NAMES)} is installed: apt-get install chromium, or make test-needs")


@pytest.fixture(scope="session")
def browser(stack: None) -> Iterator[BrowserContext]:
    """One browser with a profile of its own, thrown away at the end."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=chromium(),
            args=list(SWITCHES),
            viewport={"width": 1440, "height": 900},
        )
        context.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        yield context
        context.close()
