"""An annotator's work in Label Studio, by mouse and by keyboard, and what becomes of it in the ledger and the admin."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.annotating import AnnotatorPage
from tests.browser.keyboard import Typist
from tests.browser.samples import sample_queue
from tests.browser.signing_in import signed_in
from titlelab.quality.measuring import take_all_snapshots
from titlelab.review.models import Decision, ReviewQueue


@pytest.fixture(scope="module")
def queue(stack: None) -> ReviewQueue:
    return sample_queue("Sample titles (English)", working_set=25)


@pytest.fixture(scope="module")
def annotator(browser: BrowserContext, queue: ReviewQueue) -> Iterator[AnnotatorPage]:
    """An annotator who goes from task to task."""
    tab = browser.new_page()
    page = AnnotatorPage(tab)
    page.log_in()
    page.open_stream(queue)
    yield page
    tab.close()


@pytest.fixture(scope="module")
def admin(browser: BrowserContext, queue: ReviewQueue) -> Iterator[Page]:
    """The admin's page, logged in."""
    with signed_in(browser, User.objects.create_superuser("browser-admin", "browser-admin@titlelab.local")) as tab:
        yield tab


def expect_in_admin(admin: Page, decision: Decision) -> None:
    """Find the Decision in the admin's list and its values on its own page."""
    admin.goto(f"{settings.TITLELAB_URL}/admin/review/decision/?q={decision.item.product.sku}")
    row = admin.locator("#result_list tbody tr, table tbody tr").filter(has_text=decision.item.product.sku).first
    expect(row).to_contain_text(decision.get_outcome_display().split(" ")[0], ignore_case=True)
    expect(row).to_contain_text(decision.title)


def test_by_mouse_a_draft_is_accepted_as_it_is(annotator: AnnotatorPage, admin: Page) -> None:
    shown = annotator.shown_title

    with annotator.deciding() as decided:
        annotator.submit.click()

    assert (decided[0].outcome, decided[0].title, decided[0].title_edit) == ("accepted", shown, 0)
    expect_in_admin(admin, decided[0])


def test_by_mouse_a_click_on_the_title_edits_it(annotator: AnnotatorPage, admin: Page) -> None:
    shown, ticked, tag = annotator.shown_title, annotator.ticked, annotator.not_ticked[0]

    with annotator.deciding() as decided:
        annotator.title.click()
        annotator.title.press("End")
        annotator.page.keyboard.type(" by mouse")
        annotator.tag(tag).click()
        annotator.submit.click()

    assert (decided[0].outcome, decided[0].title) == ("edited", f"{shown} by mouse")
    assert sorted(decided[0].tags) == sorted([*ticked, tag])
    assert decided[0].tags_added == [tag]
    expect_in_admin(admin, decided[0])


def test_by_mouse_a_product_is_rejected_with_a_reason(annotator: AnnotatorPage, admin: Page) -> None:
    with annotator.deciding() as decided:
        annotator.reason("wrong facts").click()
        annotator.submit.click()

    assert (decided[0].outcome, decided[0].reject_reason, decided[0].title) == ("rejected", "wrong facts", "")
    expect_in_admin(admin, decided[0])


def test_by_keyboard_a_draft_is_accepted_as_it_is(annotator: AnnotatorPage, admin: Page) -> None:
    shown = annotator.shown_title

    with annotator.deciding() as decided:
        annotator.page.keyboard.press("Control+Enter")

    assert (decided[0].outcome, decided[0].title) == ("accepted", shown)
    expect_in_admin(admin, decided[0])


def test_by_keyboard_the_title_and_a_tag_are_edited(annotator: AnnotatorPage, admin: Page) -> None:
    shown, ticked = annotator.shown_title, annotator.ticked
    tag = annotator.not_ticked[0]
    typist = Typist(annotator)

    with annotator.deciding() as decided:
        typist.append_to_title(" by keyboard")
        typist.change_tags(tag)
        typist.submit()

    assert (decided[0].outcome, decided[0].title) == ("edited", f"{shown} by keyboard")
    assert sorted(decided[0].tags) == sorted([*ticked, tag])
    expect_in_admin(admin, decided[0])


_IS_UNCOVERED = """(element) => {
    const box = element.getBoundingClientRect();
    return element.contains(document.elementFromPoint(box.x + box.width / 2, box.bottom - 2));
}"""


def test_a_product_is_seen_whole_on_a_small_laptop(
    annotator: AnnotatorPage, picture: Callable[[Page, str], None]
) -> None:
    _go_to_a_task_with_candidates(annotator)
    page = annotator.page
    page.set_viewport_size({"width": 1280, "height": 720})

    expect(annotator.title).to_be_in_viewport(ratio=1)
    for part in (".tl-others label", ".tl-facts tr", ".tl-tags label", ".tl-reject label"):
        expect(page.locator(part).first).to_be_in_viewport(ratio=1)
        expect(page.locator(part).last).to_be_in_viewport(ratio=1)
    picture(page, "annotator")
    assert page.locator(".tl-reject label").last.evaluate(_IS_UNCOVERED)  # the bar with the buttons lies over the page
    page.set_viewport_size({"width": 1440, "height": 900})


def test_alt_e_leads_to_the_title_from_anywhere(annotator: AnnotatorPage) -> None:
    annotator.reason("other").focus()

    annotator.press_alt_e()
    annotator.page.keyboard.press("Tab")

    expect(annotator.title).to_be_focused()
    annotator.page.keyboard.press("Tab")  # no field: Label Studio's keys work again
    annotator.page.keyboard.press("1")
    annotator.page.keyboard.press("1")


def test_letters_tick_tags_as_soon_as_a_task_stands_there(annotator: AnnotatorPage) -> None:
    shown, tag = annotator.shown_title, annotator.not_ticked[0]

    expect(annotator.title).not_to_be_focused()
    Typist(annotator).change_tags(tag)

    assert annotator.shown_title == shown
    Typist(annotator).change_tags(tag)


_PAST_LIMIT = """field => {
    const style = getComputedStyle(field);
    const limit = Number(style.backgroundImage.match(/([0-9.]+)px/)[1]);
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = style.font;
    return pen.measureText("m".repeat(150)).width - limit;
}"""


def test_what_is_typed_past_the_limit_stands_on_another_ground(annotator: AnnotatorPage) -> None:
    assert abs(annotator.title.evaluate(_PAST_LIMIT)) < 1  # pixel; the channel allows 150 characters


def test_by_keyboard_another_candidate_is_picked(annotator: AnnotatorPage, admin: Page) -> None:
    _go_to_a_task_with_candidates(annotator)
    first = annotator.candidates[0]

    with annotator.deciding() as decided:
        annotator.page.keyboard.press("1")
        expect(annotator.page.locator(".tl-others input").first).to_be_checked()
        annotator.page.keyboard.press("Control+Enter")

    assert (decided[0].outcome, decided[0].title, decided[0].picked_candidate) == ("edited", first, True)
    expect_in_admin(admin, decided[0])


def _go_to_a_task_with_candidates(annotator: AnnotatorPage) -> None:
    for _ in range(8):
        if annotator.candidates:
            return
        with annotator.deciding():
            annotator.page.keyboard.press("Control+Enter")
    pytest.fail("eight drafts in a row without a second candidate")


def test_by_keyboard_a_product_is_rejected_with_a_reason(annotator: AnnotatorPage, admin: Page) -> None:
    with annotator.deciding() as decided:
        annotator.page.keyboard.press("q")
        expect(annotator.reason("bad source").locator("input")).to_be_checked()
        annotator.page.keyboard.press("Control+Enter")

    assert (decided[0].outcome, decided[0].reject_reason) == ("rejected", "bad source")
    expect_in_admin(admin, decided[0])


def test_by_keyboard_a_product_is_skipped(annotator: AnnotatorPage, admin: Page) -> None:
    with annotator.deciding() as decided:
        annotator.page.keyboard.press("Control+Space")

    assert (decided[0].outcome, decided[0].reject_reason) == ("rejected", "skipped")
    expect_in_admin(admin, decided[0])


def test_the_front_page_tells_how_the_loop_stands(
    admin: Page, queue: ReviewQueue, picture: Callable[[Page, str], None]
) -> None:
    take_all_snapshots()

    admin.goto(f"{settings.TITLELAB_URL}/admin/")

    expect(admin.locator("body")).to_contain_text(queue.catalog.name)
    picture(admin, "admin")
