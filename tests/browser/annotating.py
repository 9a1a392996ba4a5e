"""An annotator in front of Label Studio's page, with a mouse and a keyboard."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from playwright.sync_api import Locator, Page, Response, expect

from tests.integration.stack import ANNOTATOR, wait_for
from titlelab.review.models import Decision, ReviewQueue

ALT = 1  # in the DevTools protocol
ANNOTATIONS = re.compile(r"/api/tasks/\d+/annotations")


class AnnotatorPage:
    """The labeling stream of one project."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.title = page.locator(".tl-title input")
        self.submit = page.get_by_test_id("bottombar-submit-button")

    def log_in(self) -> None:
        self.page.goto(f"{settings.LABEL_STUDIO_URL}/user/login/")
        if "/user/login" not in self.page.url:
            return  # still logged in
        self.page.fill("input[name=email]", ANNOTATOR)
        self.page.fill("input[name=password]", os.environ["TITLELAB_LABEL_STUDIO_PASSWORD"])
        self.page.click("button[type=submit]")
        expect(self.page.locator("input[name=password]")).to_have_count(0)

    def open_stream(self, queue: ReviewQueue) -> None:
        """Press the button that honours the queue's order and locks; ?labeling=1 would not."""
        self.page.goto(f"{settings.LABEL_STUDIO_URL}/projects/{queue.project.project_id}/data")
        self.page.get_by_role("button", name="Label All Tasks").click()
        self.expect_ready()

    def expect_ready(self) -> None:
        """Wait until the title stands on the page, and beneath it the ways to reject, which come last."""
        expect(self.title).to_be_visible()
        expect(self.page.locator(".tl-reject label").last).to_be_visible()

    @property
    def shown_title(self) -> str:
        return self.title.input_value()

    @property
    def candidates(self) -> list[str]:
        return self._names(".tl-others input")

    @property
    def ticked(self) -> list[str]:
        """The tags that are ticked, in the page's order."""
        return self._names(".tl-tags input:checked, .tl-many .lsf-choice input:checked")

    @property
    def not_ticked(self) -> list[str]:
        return self._names(".tl-tags input:not(:checked)")

    def checkbox(self, tag: str) -> Locator:
        return self.page.locator(f'.tl-answers input[type=checkbox][name="{tag}"]')

    def tag(self, name: str) -> Locator:
        return self.page.locator(".tl-tags label").filter(has=self.page.locator(f'input[name="{name}"]'))

    def reason(self, name: str) -> Locator:
        return self.page.locator(".tl-reject label").filter(has=self.page.locator(f'input[name="{name}"]'))

    def key_of(self, tag: str) -> str:
        """Return the hotkey that the page shows beside a tag, as it is pressed."""
        return self.tag(tag).locator(".tl-key").inner_text().lower().replace("⇧", "Shift+")

    def press_alt_e(self) -> None:
        """Press the page's access key; Playwright's own `press` leaves out the text by which Chromium finds it."""
        session = self.page.context.new_cdp_session(self.page)
        for kind in ("keyDown", "keyUp"):
            key = {"type": kind, "modifiers": ALT, "key": "e", "code": "KeyE", "unmodifiedText": "e"}
            session.send("Input.dispatchKeyEvent", key)
        session.detach()

    @contextmanager
    def submitting(self) -> Iterator[list[Decision]]:
        """Collect the Decision that what the block submits leads to."""
        found: list[Decision] = []
        with self.page.expect_response(_is_submission) as submission:
            yield found
        annotation_id = submission.value.json()["id"]
        of_annotation = Decision.objects.current().filter(annotation_id=annotation_id)
        wait_for(of_annotation.exists, f"the Decision of annotation {annotation_id}")
        found.append(of_annotation.get())

    @contextmanager
    def deciding(self) -> Iterator[list[Decision]]:
        """Do the same and go on when the next task stands on the page."""
        task = self.page.locator(".lsf-current-task__task-id")
        shown = task.inner_text()
        with self.submitting() as found:
            yield found
        expect(task).not_to_have_text(shown)
        self.expect_ready()

    def _names(self, inputs: str) -> list[str]:
        return [str(one.get_attribute("name")) for one in self.page.locator(inputs).all()]


def _is_submission(response: Response) -> bool:
    return response.request.method == "POST" and bool(ANNOTATIONS.search(response.url))
