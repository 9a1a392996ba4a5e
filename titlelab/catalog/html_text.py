"""The text that a browser would show of a cell's HTML, and text without what nobody sees."""

import re
import unicodedata
from html.parser import HTMLParser

from titlelab.catalog.rows import Refused

FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
LONGEST_STACK = 30  # marks on one letter, as in Unicode's stream-safe text; normalising more takes quadratic time
_HTML = re.compile(r"</?[a-zA-Z][^<>]*>|<!--|&(#\d+|#x[0-9a-fA-F]+|\w+);")
_COMMENT = re.compile(r"<!--.*?(-->|\Z)", re.DOTALL)
# Text with no other tags, and no entities, needs no parser: most descriptions.
_SIMPLE_TAG = re.compile(
    r"</?(?:(?:p|br|div|li|ul|ol|tr|td|th|h[1-6])|(b|i|u|em|strong|span|table|tbody))>|<br ?/>", re.IGNORECASE
)
# A "<" that no ">" answers before the next "<" opens no tag.
_UNANSWERED = re.compile(r"<(?=[^<>]*(?:<|\Z))")
# Nobody sees them, but they part one sku into two and let a title read otherwise than it is written.
# The last two are no characters and stand in no XML: a category with one would break the queue's labeling config.
INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff]")


def composed(column: str, text: str) -> str:
    """Return the text in Unicode's composed form; raises Refused on a tower of marks."""
    stack = 0
    for character in "" if text.isascii() else text:
        stack = stack + 1 if unicodedata.combining(character) else 0
        if stack > LONGEST_STACK:
            raise Refused(column, f"holds a letter with more than {LONGEST_STACK} marks")
    return unicodedata.normalize("NFC", text)


class _TextOfHtml(HTMLParser):
    """Collects text; whatever is not text (scripts, styles, comments, tags) is left out."""

    BREAKS = frozenset({"br", "p", "div", "li", "tr", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol"})
    SILENT = frozenset({"script", "style"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.n_silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.n_silent += tag in self.SILENT
        self.parts.append("\n" if tag in self.BREAKS else "")

    def handle_endtag(self, tag: str) -> None:
        self.n_silent -= tag in self.SILENT and self.n_silent > 0
        self.parts.append("\n" if tag in self.BREAKS else "")

    def handle_data(self, data: str) -> None:
        self.parts.append("" if self.n_silent else data)


def _text_of(text: str) -> str:
    parser = _TextOfHtml()
    # HTMLParser itself takes 20 s for 30,000 comments left open, and hours for a megabyte of tags left open.
    parser.feed(_UNANSWERED.sub("&lt;", _COMMENT.sub("", text)))
    parser.close()
    return "".join(parser.parts)


def without_html(column: str, text: str) -> str:
    """Return the text a browser would show; text without tags and entities stays as it is, "<10 lb" too."""
    if ("<" not in text and "&" not in text) or not _HTML.search(text):
        return text
    shown = _SIMPLE_TAG.sub(lambda tag: "" if tag[1] else "\n", text)
    if "<" in shown or ">" in shown or "&" in shown:
        shown = _text_of(text)
    if not shown.isascii() or not shown.replace("\n", "").isprintable():  # most need no look at each character
        shown = INVISIBLE.sub("", FORBIDDEN.sub("", composed(column, shown)))
    return "\n".join([line for told in shown.splitlines() if (line := " ".join(told.split()))])
