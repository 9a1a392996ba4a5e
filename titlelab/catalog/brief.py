"""From a product to the Brief that models read. Computes only; see briefing.py for the rows."""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Protocol

from ml_backend.contract import Brief, ChannelRules
from ml_backend.rules.cleaning import cleaned
from ml_backend.rules.good_titles import is_good
from ml_backend.rules.languages import own_language


class Described(Protocol):
    """What a product is described by: a Product and a file's ProductRow both are."""

    @property
    def sku(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def brand(self) -> str: ...
    @property
    def category(self) -> Sequence[str]: ...
    @property
    def attributes(self) -> Sequence[Sequence[object]]: ...
    @property
    def price(self) -> Decimal | None: ...
    @property
    def currency(self) -> str: ...


def brief_of(product: Described, *, catalog: str, library: str, language: str, channel: ChannelRules) -> Brief:
    """Return all that a model may know of the product; library "" where the catalog has none.

    Description and attributes come cleaned, and the product keeps the shop's own; a value that is all noise by itself
    ("New", a link) is what the shop says of the attribute, and stays. language is the catalog's; a product that is
    clearly told in another one is so in its Brief.
    """
    description = cleaned(product.description)
    attributes = clean_attributes(product)
    told = "\n".join([product.title, description, *(value for _, value in attributes)])
    return Brief(
        catalog=catalog,
        library=library,
        sku=product.sku,
        language=own_language(told, language),
        channel=channel,
        title=product.title,
        description=description,
        brand=product.brand,
        category=tuple(product.category),
        attributes=attributes,
        price=price_text(product.price, product.currency),
    )


def clean_attributes(product: Described) -> tuple[tuple[str, str], ...]:
    """Return the names and values as a Brief has them."""
    return tuple((str(name), _clean_value(value)) for name, value in product.attributes)


def has_good_title(product: Described, channel: ChannelRules) -> bool:
    """Say whether `is_good_title` holds of the product's title and Brief, without making the Brief."""
    return bool(product.title) and is_good(
        product.title,
        channel,
        sku=product.sku,
        brand=product.brand,
        category=product.category,
        attributes=product.attributes,
        description=product.description,
        clean_value=_clean_value,
        clean=cleaned,
    )


def price_text(price: Decimal | None, currency: str) -> str:
    """Return such as "12.50 EUR", and "" for no price."""
    return "" if price is None else f"{price:.2f} {currency}".strip()


def _clean_value(value: object) -> str:
    return _clean_text(_joined(value))


@lru_cache(maxsize=10_000)  # columns say the same few things of thousands of products
def _clean_text(text: str) -> str:
    return " ".join(cleaned(text).split()) or text


def _joined(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
