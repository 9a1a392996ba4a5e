"""One product as a file or a caller tells it, and the refusal of one that can't be used; the limits of both."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from json.encoder import encode_basestring as _quoted

LONGEST_CELL = {
    "sku": 100,
    "title": 1000,
    "description": 20_000,
    "brand": 200,
    "category": 200,
    "attributes": 1000,
    "image_url": 1000,
    "currency": 3,
}
FIELDS = ("sku", "title", "description", "brand", "category", "attributes", "image_url", "price", "currency")
ATTRIBUTE = "attr:"  # begins the name of a column, or of a caller's key, that tells one attribute

Cells = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRow:
    """One product as a file tells it, cleaned; line counts from 1 and is where the row begins."""

    line: int
    sku: str
    title: str = ""
    description: str = ""
    brand: str = ""
    category: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    image_url: str = ""
    price: Decimal | None = None
    currency: str = ""

    def content_hash(self) -> str:
        """Return 32 hex digits that change whenever a told field does; the line is not told by the shop.

        They are the hash of a JSON list, as json.dumps writes it: put together by hand in a third of the time.
        """
        price = "null" if self.price is None else f'"{self.price:.2f}"'
        texts = ", ".join(map(_quoted, (self.sku, self.title, self.description, self.brand, self.image_url)))
        category = ", ".join(map(_quoted, self.category))
        attributes = ", ".join([f"[{_quoted(name)}, {_quoted(value)}]" for name, value in self.attributes])
        told = f"[{texts}, {price}, {_quoted(self.currency)}, [{category}], [{attributes}]]"
        return hashlib.sha256(told.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A row that can't be used, and why; column is "" where the whole row is meant."""

    line: int
    sku: str
    column: str
    reason: str


class Refused(Exception):
    """Carries a column and a reason to the row's Refusal."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.reason = column, reason
