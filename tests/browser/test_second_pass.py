"""A reviewer's second pass in a browser: by keyboard alone, on a phone, without a barrier that axe-core finds."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.signing_in import signed_in
from tests.factories import make_catalog, make_decision, make_draft, make_item, make_library, make_product, make_queue
from tests.unit.web.worlds import make_person
from titlelab.people.roles import REVIEWER
from titlelab.review.models import Decision, DueLook, ReviewItem, ReviewQueue, SecondLook

TAGS = ["waterproof", "gift", *(f"tag {n}" for n in range(60))]


@pytest.fixture(scope="module")
def queue(stack: None) -> ReviewQueue:
    return make_queue(catalog=make_catalog(key="looks", name="Looks", library=make_library(key="looks", tags=TAGS)))


@pytest.fixture(scope="module")
def page(browser: BrowserContext, queue: ReviewQueue) -> Iterator[Page]:
    """A reviewer's browser, logged in."""
    with signed_in(browser, make_person(REVIEWER, [queue.catalog], name="keys@shop.example")) as tab:
        yield tab


@pytest.fixture
def decision(queue: ReviewQueue) -> Decision:
    draft = make_draft(product=make_product(catalog=queue.catalog))
    decision = make_decision(
        item=make_item(draft=draft, queue=queue), draft=draft, title="Norvik Steel Flask", outcome="edited"
    )
    DueLook.objects.create(decision=decision, cause="chance", wanted_at=timezone.now())
    return decision


def open_pass(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{settings.TITLELAB_URL}{reverse('admin:review_second_pass')}")
    expect(page.locator(".tl-final")).to_contain_text("Flask")


def verdict(decision: Decision) -> str:
    return SecondLook.objects.get(decision=decision).verdict


def test_one_key_accepts(page: Page, decision: Decision) -> None:
    open_pass(page)

    page.keyboard.press("a")

    expect(page.locator("body")).to_contain_text("was accepted as it is")
    assert verdict(decision) == "accepted"


def test_a_title_and_a_tag_are_mended_without_the_mouse(page: Page, decision: Decision) -> None:
    open_pass(page)

    page.keyboard.press("m")
    page.keyboard.press("Control+a")
    page.keyboard.type("Norvik mended, as Anna said")  # its letters press no buttons
    page.keyboard.press("Tab")
    page.keyboard.type("tag 42")
    page.keyboard.press("Enter")
    expect(page.locator("#mend-ticked")).to_have_text("+ tag 42")
    page.keyboard.press("Tab")  # the list of tags is one stop
    page.keyboard.press("Tab")
    page.keyboard.type("A tag is missing.")
    page.keyboard.press("Enter")

    expect(page.locator("body")).to_contain_text("was mended")
    mended = Decision.objects.get(mends=decision)
    assert mended.title == "Norvik mended, as Anna said"
    assert sorted(mended.tags) == ["tag 42", "waterproof"]


def test_a_reason_sends_back(page: Page, decision: Decision) -> None:
    open_pass(page)

    page.keyboard.press("s")
    page.keyboard.type("many words are missing")
    page.keyboard.press("Enter")

    expect(page.locator("body")).to_contain_text("is asked about anew with your reason")
    assert ReviewItem.objects.get(again_of=decision.item).why == "sent back by a reviewer: many words are missing"


def test_escape_leaves_a_field_and_the_letters_are_keys_again(page: Page, decision: Decision) -> None:
    open_pass(page)

    page.keyboard.press("m")
    page.keyboard.type("x")
    page.keyboard.press("Escape")
    page.keyboard.press("a")

    expect(page.locator("body")).to_contain_text("was accepted as it is")
    assert verdict(decision) == "accepted"
    assert not Decision.objects.filter(mends=decision).exists()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("is_dark", [False, True])
def test_everybody_can_read_it(page: Page, decision: Decision, width: int, is_dark: bool) -> None:  # noqa: FBT001
    page.emulate_media(color_scheme="dark" if is_dark else "light")
    open_pass(page)
    page.set_viewport_size({"width": width, "height": 900})

    found = Axe().run(page).response["violations"]

    serious = [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found if v["impact"] in ("serious", "critical")]
    assert serious == []
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, "it scrolls sideways"
    page.keyboard.press("a")
    expect(page.locator("body")).to_contain_text("was accepted as it is")
