"""What a shop writes into its products is text on the annotator's page, never markup or script."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tasks.scoring import fill_queue
from tests.browser.annotating import AnnotatorPage
from tests.integration.stack import wait_for
from titlelab.catalog.importing import import_file
from titlelab.catalog.models import Catalog
from titlelab.channels.loading import load_built_in_channels
from titlelab.channels.models import Channel
from titlelab.review.models import ReviewQueue
from titlelab.tags.models import Tag, TagLibrary
from titlelab.tags.publishing import changed

SCRIPT = "<img src=x onerror=\"window.wasRun=1\"><script>window.wasRun=1</script> & 'so' $5"


@pytest.fixture
def queue(stack: None, tmp_path: Path) -> ReviewQueue:
    """A queue with one open task, whose product, tag and group hold a script each."""
    load_built_in_channels()
    library = TagLibrary.objects.create(key="hostile-tags", name="Hostile")
    Tag.objects.create(library=library, name=SCRIPT, group=SCRIPT, aliases=["camping"])
    changed(library)
    channel = Channel.objects.get(key="google")
    catalog = Catalog.objects.create(key="hostile", name=SCRIPT, library=library, channel=channel)
    file = tmp_path / "hostile.jsonl"
    file.write_text(json.dumps({"sku": "H-1", "description": "For camping."}), encoding="utf-8")
    import_file(catalog, file, file_name=file.name)
    # An import strips markup, and so does a Brief of prose and values; the page must not rely on that.
    catalog.products.update(
        brand=SCRIPT,
        description=f"For camping. {SCRIPT}",
        category=[SCRIPT],
        attributes=[["Type", "Flask"], [SCRIPT, SCRIPT]],
    )
    queue = ReviewQueue.objects.create(name="Hostile", catalog=catalog, working_set=1, blind_share=0)
    fill_queue.delay(queue.pk)
    wait_for(lambda: queue.items.filter(state="open").exists(), "the open task")
    return queue


def test_a_script_in_a_product_or_a_tag_is_shown_and_not_run(browser: BrowserContext, queue: ReviewQueue) -> None:
    tab = browser.new_page()
    page = AnnotatorPage(tab)
    page.log_in()
    page.open_stream(queue)

    expect(tab.locator(".tl-facts")).to_contain_text(SCRIPT)
    expect(tab.locator(".tl-source")).to_contain_text("For camping. & 'so' $5")  # a Brief's prose comes without markup
    with page.submitting() as decided:
        page.submit.click()

    assert decided[0].tags == [SCRIPT]
    assert tab.locator("img[src=x]").count() == 0
    assert tab.evaluate("window.wasRun") is None
    tab.close()
