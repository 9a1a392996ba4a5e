"""The annotators' page in both languages, on a desktop and on a phone: all of it is reached, read and answered."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tasks.scoring import fill_queue
from tests.browser.annotating import AnnotatorPage
from tests.browser.test_quality_pages import BARRIERS, LANGUAGES, WIDTHS
from tests.integration.rows import imported_catalog
from tests.integration.stack import wait_for
from titlelab.review.models import ReviewQueue

LEAST_READABLE = 200  # pixels: less breaks a line of text after every second word


@pytest.fixture(scope="module")
def queues(stack: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, ReviewQueue]:
    """A queue for each language, with a task for each width."""
    return {language: _queue(language, tmp_path_factory.mktemp(language)) for language in LANGUAGES}


def _queue(language: str, folder: Path) -> ReviewQueue:
    catalog = imported_catalog(f"narrow-{language}", folder)
    n = len(WIDTHS)
    queue = ReviewQueue.objects.create(
        name=f"Narrow {language}", catalog=catalog, working_set=n, blind_share=0, page_language=language
    )
    fill_queue.delay(queue.pk)
    wait_for(lambda: queue.items.filter(state="open").count() == n, f"{n} open tasks")
    return queue


@pytest.fixture(scope="module")
def tab(browser: BrowserContext) -> Iterator[Page]:
    page = browser.new_page()
    AnnotatorPage(page).log_in()
    yield page
    page.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_task_is_read_and_answered(tab: Page, queues: dict[str, ReviewQueue], language: str, width: str) -> None:
    page = AnnotatorPage(tab)
    tab.set_viewport_size({"width": 1440, "height": 900})
    page.open_stream(queues[language])
    tab.set_viewport_size({"width": WIDTHS[width], "height": 900})

    expect(page.submit).to_be_in_viewport(ratio=1)
    for part in (".tl-said", ".tl-title input", ".tl-source", ".tl-tags label", ".tl-reject label"):
        for each in tab.locator(part).all():
            each.scroll_into_view_if_needed()
            box = each.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= WIDTHS[width], f"{part} is wider than the page"
    narrowest = min(box["width"] for each in tab.locator(".tl-said").all() if (box := each.bounding_box()))
    assert narrowest > LEAST_READABLE
    assert _barriers(tab) == []
    with page.submitting() as decided:
        tab.locator(".tl-tags input").last.click()
        page.submit.click()

    assert decided[0].outcome == "edited"


def _barriers(tab: Page) -> list[str]:
    """Return what axe-core calls serious or worse on the page, but for Label Studio's own frame and fields.

    Its fields take no label from a config; the headings beside them are read before them.
    """
    found = Axe().run(tab, context=".tl", options={"rules": {"label": {"enabled": False}}}).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found if each["impact"] in BARRIERS]
