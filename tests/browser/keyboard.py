"""An annotator who uses the keyboard alone, and counts."""

from playwright.sync_api import expect

from tests.browser.annotating import AnnotatorPage


class Typist:
    """Hands on a keyboard: n_presses counts a chord once, n_strokes each key of it; n_units what is done on its own.

    A unit is a stretch that needs no thought in between, such as finding a tag by a part of its name.
    """

    def __init__(self, page: AnnotatorPage) -> None:
        self.page = page
        self.n_presses = self.n_strokes = self.n_units = 0

    def press(self, *chords: str) -> None:
        """Press keys one after the other, with a chord's keys held together."""
        for chord in chords:
            self._count(1, chord.count("+") + 1)
            if chord == "Alt+e":
                self.page.press_alt_e()
            else:
                self.page.page.keyboard.press(chord)

    def type(self, text: str) -> None:
        """Type a text without capitals."""
        self._count(len(text), len(text))
        self.page.page.keyboard.type(text)

    def begin(self) -> None:
        """Begin the next unit."""
        self.n_units += 1

    def submit(self) -> None:
        """Send the answer."""
        self.begin()
        self.press("Control+Enter")

    def append_to_title(self, text: str) -> None:
        """Write behind the title and leave it."""
        self.begin()
        self.press("Tab")
        expect(self.page.title).to_be_focused()
        self.begin()
        self.press("End")
        self.type(text)
        self.press("Tab")
        expect(self.page.title).not_to_be_focused()

    def change_tags(self, *names: str) -> None:
        """Tick or untick tags."""
        for name in names:
            self.begin()
            is_ticked = self.page.checkbox(name).is_checked()
            self.press(self.page.key_of(name))
            expect(self.page.checkbox(name)).to_be_checked(checked=not is_ticked)

    def find_tags(self, *names: str) -> None:
        """Find tags of a large library by their names, tick or untick them, and leave the search."""
        search = self.page.page.get_by_placeholder("Press F")
        self.begin()
        self.press("f")
        expect(search).to_be_focused()
        for name in names:
            self.begin()
            is_ticked = self.page.checkbox(name).is_checked()
            self.type(name)
            expect(self.page.page.locator(".tl-many .lsf-choice:visible")).to_have_count(1)
            self.press("Enter")
            expect(self.page.checkbox(name)).to_be_checked(checked=not is_ticked)
        self.press("Tab")
        expect(search).not_to_be_focused()

    def pick_candidate(self, n: int) -> None:
        """Take the n-th of the other titles."""
        self.begin()
        self.press(str(n))
        expect(self.page.page.locator(".tl-others input").nth(n - 1)).to_be_checked()

    def pick_category(self, key: str) -> None:
        """Take one of the next likely categories."""
        self.begin()
        self.press(key)
        expect(self.page.page.locator(".tl-likely input:checked")).to_have_count(1)

    def reject(self, reason: str, key: str) -> None:
        """Choose a reason against the product."""
        self.begin()
        self.press(key)
        expect(self.page.reason(reason).locator("input")).to_be_checked()

    def _count(self, n_presses: int, n_strokes: int) -> None:
        self.n_presses += n_presses
        self.n_strokes += n_strokes
