"""Blind tasks in the real editor: no drafted title stands on the page, and what is typed becomes the Decision."""

from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext, expect

from tasks.scoring import fill_queue
from tests.browser.annotating import AnnotatorPage
from tests.integration.rows import imported_catalog
from tests.integration.stack import wait_for
from titlelab.review.models import ReviewItem, ReviewQueue


@pytest.fixture
def queue(stack: None, tmp_path: Path) -> ReviewQueue:
    """A queue with two open tasks, both blind."""
    catalog = imported_catalog("blind-page", tmp_path)
    blind = {"random_share": 1.0, "blind_share": 1.0}
    queue = ReviewQueue.objects.create(name="Blind page", catalog=catalog, working_set=2, **blind)
    fill_queue.delay(queue.pk)
    wait_for(lambda: queue.items.filter(state="open").count() == 2, "two open tasks")
    return queue


def test_the_title_of_a_blind_task_is_typed_and_sent_with_or_without_enter(
    browser: BrowserContext, queue: ReviewQueue
) -> None:
    tab = browser.new_page()
    page = AnnotatorPage(tab)
    page.log_in()
    tab.goto(f"{settings.LABEL_STUDIO_URL}/projects/{queue.project.project_id}/data")
    tab.get_by_role("button", name="Label All Tasks").click()
    field, task = tab.get_by_placeholder("Product title"), tab.locator(".lsf-current-task__task-id")
    drafted = [draft.title for item in ReviewItem.objects.filter(queue=queue) for draft in item.drafts.all()]

    expect(field).to_be_visible()
    expect(tab.locator(".tl-hint")).to_contain_text("Type the title from the source")
    expect(tab.locator(".tl-source mark, .tl-twins")).to_have_count(0)
    assert not [title for title in drafted if title in tab.content()]
    assert not page.candidates
    first = task.inner_text()
    with page.submitting() as by_enter:
        field.fill("Typed and entered")
        field.press("Enter")
        expect(page.title).to_have_value("Typed and entered")
        expect(page.title).not_to_be_focused()
        tab.keyboard.press("Control+Enter")
    expect(task).not_to_have_text(first)
    with page.submitting() as by_submit:
        field.fill("Typed and sent")
        page.submit.click()
    tab.close()

    assert (by_enter[0].outcome, by_enter[0].title) == ("written", "Typed and entered")
    assert (by_submit[0].outcome, by_submit[0].title) == ("written", "Typed and sent")
