"""Libraries of 50, 500 and 2,000 tags: a tag takes few keys, and the page is quick and seen without scrolling."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.annotating import AnnotatorPage
from tests.browser.keyboard import Typist
from tests.browser.samples import library_queue

N_TAGS = 2000
WANTED = "Trait 1234"
# Measured on two busy cores: 4.1 s and 0.6 s.
MOST_OPENING_S, MOST_SEARCHING_S = 20, 5


@pytest.mark.parametrize(
    ("n_tags", "change", "wanted", "most_presses"),
    [
        (50, Typist.change_tags, "Trait 47", 2),
        (500, Typist.find_tags, "Trait 477", 1 + len("Trait 477") + 1 + len("Outdoor") + 1 + 1),
    ],
)
def test_by_keyboard_a_tag_is_added_and_another_removed(
    browser: BrowserContext,
    tmp_path: Path,
    n_tags: int,
    change: Callable[..., None],
    wanted: str,
    most_presses: int,
) -> None:
    tab = browser.new_page()
    tab.set_viewport_size({"width": 1280, "height": 800})
    page, queue = AnnotatorPage(tab), library_queue(f"tags-{n_tags}", n_tags, tmp_path, n_groups=7)
    page.log_in()
    page.open_stream(queue)
    typist = Typist(page)

    for part in (page.title, page.submit, tab.locator(".tl-reject label").last, page.checkbox("Outdoor")):
        expect(part).to_be_in_viewport(ratio=1)
    change(typist, wanted, "Outdoor")
    assert typist.n_presses <= most_presses
    with page.submitting() as decided:
        typist.submit()

    assert (decided[0].outcome, decided[0].tags) == ("edited", [wanted])
    tab.close()


def test_one_of_2000_tags_is_found_by_typing_and_a_missing_one_is_told(browser: BrowserContext, tmp_path: Path) -> None:
    tab = browser.new_page()
    page, queue = AnnotatorPage(tab), library_queue("large-tags", N_TAGS, tmp_path, n_groups=40)
    page.log_in()
    page.open_stream(queue)
    started = time.monotonic()
    tab.reload()
    expect(page.title).to_be_visible()
    tree = tab.locator(".tl-group").first.get_by_role("combobox")
    expect(tree).to_be_attached()
    opened_s = time.monotonic() - started
    expect(tab.locator(".tl-group").first).to_contain_text("Outdoor")  # proposed and pre-filled

    started = time.monotonic()
    tree.click(force=True)  # what is chosen already may lie over it
    tab.get_by_placeholder("Search", exact=True).fill(WANTED)
    found = tab.get_by_text(WANTED, exact=True).first
    expect(found).to_be_visible()
    searched_s = time.monotonic() - started
    found.click()
    tab.keyboard.press("Escape")
    tab.get_by_placeholder("A tag that is missing above").fill("Rechargeable")
    with page.submitting() as decided:
        page.submit.click()

    assert sorted(decided[0].tags) == ["Outdoor", WANTED]
    assert decided[0].suggested_tags == ["Rechargeable"]
    assert opened_s < MOST_OPENING_S
    assert searched_s < MOST_SEARCHING_S
    tab.close()
