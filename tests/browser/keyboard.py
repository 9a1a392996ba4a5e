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
        self.press("Alt+e", "Tab", "Space")
        expect(self.page.editor).to_be_focused()
        self.begin()
        self.type(text)
        self.press("Enter")
        expect(self.page.title).to_contain_text(text)

    def change_tags(self, *names: str) -> None:
        """Tick or untick tags."""
        for name in names:
            self.begin()
            is_ticked = self.page.tag(name).locator("input").is_checked()
            self.press(self.page.key_of(name))
            expect(self.page.tag(name).locator("input")).to_be_checked(checked=not is_ticked)

    def find_tags(self, *names: str) -> None:
        """Search the tree of a large library for tags to tick or untick, and leave it."""
        self.begin()
        self.press("Tab", *["Tab"] * len(self.page.candidates), "Tab", "ArrowDown")
        search = self.page.page.get_by_placeholder("Search", exact=True)
        expect(search).to_be_focused()
        for name in names:
            self.begin()
            self.press("Control+a")
            self.type(name)
            found = self.page.page.locator(".lsf-taxonomy-tree, .ant-select-dropdown").get_by_text(name, exact=True)
            expect(found.first).to_be_visible()
            self.press("ArrowDown", "ArrowDown", "Enter")  # the group stands first
        self.press("Escape", "Alt+e")

    def pick_candidate(self, n: int) -> None:
        """Take the n-th of the other titles."""
        self.begin()
        self.press(str(n))
        expect(self.page.page.locator(".tl-others input").nth(n - 1)).to_be_checked()

    def reject(self, reason: str, key: str) -> None:
        """Choose a reason against the product."""
        self.begin()
        self.press(key)
        expect(self.page.reason(reason).locator("input")).to_be_checked()

    def _count(self, n_presses: int, n_strokes: int) -> None:
        self.n_presses += n_presses
        self.n_strokes += n_strokes
