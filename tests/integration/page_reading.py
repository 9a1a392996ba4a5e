"""An admin's pages as a reader has them: words, tables, figures and links, taken from HTML and nothing else."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

_VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"])
_UNREAD = frozenset(["script", "style", "template", "title"])


@dataclass(slots=True)
class Node:
    """An element with what stands in it, in order: elements and texts."""

    tag: str
    attributes: dict[str, str]
    parts: "list[Node | str]" = field(default_factory=list)

    def all(self, tag: str, css: str = "") -> "Iterator[Node]":
        """Yield the elements of a tag and, if told, a class that stand within, from the top down."""
        for part in self.parts:
            if isinstance(part, Node):
                if part.tag == tag and (not css or css in part.attributes.get("class", "").split()):
                    yield part
                yield from part.all(tag, css)

    def one(self, tag: str, css: str = "") -> "Node":
        """Return the first of these elements; fails where there is none."""
        return next(self.all(tag, css))

    @property
    def text(self) -> str:
        """Return its words with single blanks."""
        return " ".join("".join(self._texts()).split())

    def _texts(self) -> Iterator[str]:
        for part in self.parts:
            if isinstance(part, str):
                yield part
            elif part.tag not in _UNREAD:
                yield from part._texts()
                yield "" if part.tag in ("a", "b", "code", "del", "ins", "kbd") else " "


@dataclass(frozen=True, slots=True)
class Cell:
    """A table's cell; address is "" where it leads nowhere."""

    text: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its headings; caption as a reader who listens is told, or that of the chart above it."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def column(self, heading: str) -> dict[str, str]:
        """Return a column's texts by the first cell of each row."""
        place = self.headings.index(heading)
        return {row[0].text: row[place].text for row in self.rows}

    def address_of(self, label: str) -> str:
        """Return where the row that is called so leads."""
        return next(row[0].address for row in self.rows if row[0].text == label)


class PageRead:
    """A page, or a part of one; address is where it stands."""

    def __init__(self, root: Node, address: str) -> None:
        self.root, self.address = root, address

    @property
    def text(self) -> str:
        return self.root.text

    def says(self, words: str) -> bool:
        return words in self.text

    def link(self, text: str) -> str:
        """Return where the first link of these words leads."""
        return self._link(lambda told: told == text)

    def link_like(self, pattern: str) -> str:
        """Return where the first link whose words hold the pattern leads."""
        return self._link(lambda told: re.search(pattern, told) is not None)

    def links(self, part_of_address: str) -> list[str]:
        """Return the words of all links to such addresses."""
        return [a.text for a in self.root.all("a") if part_of_address in a.attributes.get("href", "")]

    def section(self, heading: str) -> "PageRead":
        """Return the section under a heading of the second level that begins so."""
        found = [each for each in self.root.all("section") for h in each.all("h2") if h.text.startswith(heading)]
        assert found, f"{heading} heads none of {[h.text for h in self.root.all('h2')]}"
        return PageRead(found[0], self.address)

    def figures(self) -> dict[str, list[str]]:
        """Return what stands in lists of figures by what it is called: the figure first, then what is told beside."""
        found: dict[str, list[str]] = {}
        for block in (div for own in self.root.all("dl", "tl-figures") for div in own.all("div")):
            name = next(part for part in block.one("dt").parts if isinstance(part, str) and part.strip())
            found[" ".join(name.split())] = [dd.text for dd in block.all("dd")]
        return found

    def tables(self) -> list[Table]:
        """Return the tables that have headings, those behind charts among them."""
        captions = {id(t): f.one("figcaption").text for f in self.root.all("figure") for t in f.all("table")}
        headed = (each for each in self.root.all("table") if any(each.all("thead")))
        return [_table(each, captions.get(id(each), "")) for each in headed]

    def table(self, caption: str) -> Table:
        """Return the first table whose caption begins so."""
        found = [table for table in self.tables() if table.caption.startswith(caption)]
        assert found, f"{caption} is none of {[table.caption for table in self.tables()]}"
        return found[0]

    def empty_states(self) -> list[str]:
        """Return the sentences that say why something is not there yet."""
        return [each.text for each in self.root.all("p", "tl-empty")]

    def _link(self, fits: Callable[[str], bool]) -> str:
        found = [a.attributes["href"] for a in self.root.all("a") if "href" in a.attributes and fits(a.text)]
        assert found, f"no such link among {[a.text for a in self.root.all('a')]}"
        return urljoin(self.address, found[0])


class Reader:
    """Somebody who is signed in and goes by links."""

    def __init__(self, person: User) -> None:
        self._client = Client()
        self._client.force_login(person)

    def page(self, address: str, **asked: str) -> PageRead:
        """Open an address of the admin."""
        response = self._client.get(address, asked or None)
        assert response.status_code == 200, f"{address}: {response.status_code}"
        return PageRead(_parsed(response.content.decode()), response.wsgi_request.get_full_path())

    def front_page(self) -> PageRead:
        return self.page(reverse("admin:index"))

    def go(self, name: str, *, under: str = "", **asked: str) -> PageRead:
        """Open what the sidebar calls so, of several the one under a path."""
        links = [a for a in self.front_page().root.one("nav").all("a") if a.text.endswith(name)]
        found = [a.attributes["href"] for a in links if under in a.attributes["href"]]
        assert found, f"the sidebar has no {name}"
        return self.page(found[0], **asked)


def _table(node: Node, caption: str) -> Table:
    own = [each.text for each in node.all("caption")]
    # A list of the admin has a body for each row.
    rows = [
        [part for part in row.parts if isinstance(part, Node)] for body in node.all("tbody") for row in body.all("tr")
    ]
    return Table(
        caption=own[0] if own else caption,
        headings=tuple(cell.text for cell in node.one("thead").all("th")),
        rows=tuple(tuple(Cell(cell.text, _address(cell)) for cell in row) for row in rows),
    )


def _address(cell: Node) -> str:
    return next((a.attributes.get("href", "") for a in cell.all("a")), "")


class _Tree(HTMLParser):
    """Builds nodes; an element that is never closed ends with what it stands in."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Node("page", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self._open[-1].parts.append(node)
        if tag not in _VOID:
            self._open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].parts.append(Node(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if any(node.tag == tag for node in self._open[1:]):
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self._open[-1].parts.append(data)


def _parsed(html: str) -> Node:
    tree = _Tree()
    tree.feed(html)
    tree.close()
    return tree.root
