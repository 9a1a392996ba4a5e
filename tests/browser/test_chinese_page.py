"""The annotators' page of a Chinese queue in the real editor: every fixed word is Chinese, what is stored is not."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tasks.scoring import fill_queue
from tests.browser.annotating import AnnotatorPage
from tests.integration.rows import imported_catalog
from tests.integration.stack import wait_for
from titlelab.review.models import ReviewQueue


@pytest.fixture
def queue(stack: None, tmp_path: Path) -> ReviewQueue:
    """A queue with two open tasks, whose page is asked for in Chinese."""
    catalog = imported_catalog("chinese-page", tmp_path)
    queue = ReviewQueue.objects.create(
        name="Chinese page", catalog=catalog, working_set=2, blind_share=0, page_language="zh-hans"
    )
    fill_queue.delay(queue.pk)
    wait_for(lambda: queue.items.filter(state="open").count() == 2, "two open tasks")
    return queue


def test_a_product_is_rejected_in_chinese_and_stored_as_ever(browser: BrowserContext, queue: ReviewQueue) -> None:
    tab = browser.new_page()
    page = AnnotatorPage(tab)
    page.log_in()
    page.open_stream(queue)

    headings = tab.locator(".tl h4, .tl h5").all_inner_texts()
    for text in (*headings, *tab.locator(".tl-reject label").all_inner_texts()):
        assert re.search("[\u4e00-\u9fff]", text) or text in {tag.group for tag in queue.catalog.library.tags.all()}, (
            text
        )
    expect(tab.locator(".tl-keys")).to_contain_text("Tab")
    with page.deciding() as decided:
        tab.keyboard.press("q")
        tab.keyboard.press("Control+Enter")
    tab.close()

    assert (decided[0].outcome, decided[0].reject_reason) == ("rejected", "bad source")
