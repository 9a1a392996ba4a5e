"""Writes products that a caller tells one by one, and says what became of each; see importing.py for whole files."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Literal

from django.db import transaction

from titlelab.catalog.importing import upsert_products
from titlelab.catalog.models import Catalog
from titlelab.catalog.reading import ProductRow, Refusal, product_row

Became = Literal["new", "changed", "same", "refused", "conflict"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A product with the keys of a JSON Lines file.

    if_content_hash is what the caller believes to be stored, "" for no such product yet; None writes whatever is.
    """

    cells: Mapping[str, object]
    if_content_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a product; content_hash is what is stored now, column and reason tell of a refusal."""

    sku: str
    became: Became
    content_hash: str = ""
    column: str = ""
    reason: str = ""


def upsert_told(catalog: Catalog, told: Sequence[Told]) -> list[Outcome]:
    """Create or replace the products and return what became of each, in their order.

    Those that can't be used, or are in conflict with what is stored, are left out; the others are written. Safe to
    repeat: what is stored already stays untouched. Raises NotPossibleNow if the channel has no rules in force today.
    """
    is_guarded = any(product.if_content_hash is not None for product in told)
    with transaction.atomic() if is_guarded else nullcontext():
        read = [product_row(place, product.cells) for place, product in enumerate(told, start=1)]
        stored = _stored(catalog, {row.sku for row in read}, is_guarded=is_guarded)
        clashes = [_clashes(product, stored.get(row.sku, "")) for product, row in zip(told, read, strict=True)]
        wanted = [n for n, row in enumerate(read) if isinstance(row, ProductRow) and not clashes[n]]
        done = upsert_products(catalog, [told[n].cells for n in wanted])
        refused = {wanted[refusal.line - 1]: refusal for refusal in done.refusals}
    return [
        _conflict(row.sku, stored.get(row.sku, ""))
        if isinstance(row, ProductRow) and clashes[n]
        else _outcome(refused.get(n, row), stored)
        for n, row in enumerate(read)
    ]


def _stored(catalog: Catalog, skus: set[str], *, is_guarded: bool) -> dict[str, str]:
    """Return the hashes of what is stored; locked where a caller's belief hangs on them, what is yet to come too."""
    if is_guarded:
        Catalog.objects.select_for_update().get(pk=catalog.pk)
    products = catalog.products.select_for_update() if is_guarded else catalog.products
    return dict(products.filter(sku__in=skus).values_list("sku", "content_hash"))


def _clashes(product: Told, stored: str) -> bool:
    return product.if_content_hash is not None and product.if_content_hash != stored


def _conflict(sku: str, stored: str) -> Outcome:
    if stored:
        reason = "has changed since you read it: read it again, then decide whether to write"
    else:
        reason = "is not in the catalog: leave out if_content_hash to create it"
    return Outcome(sku=sku, became="conflict", content_hash=stored, reason=reason)


def _outcome(row: ProductRow | Refusal, stored: Mapping[str, str]) -> Outcome:
    if isinstance(row, Refusal):
        return Outcome(sku=row.sku, became="refused", column=row.column, reason=row.reason)
    now, before = row.content_hash(), stored.get(row.sku)
    became: Became = "new" if before is None else "same" if before == now else "changed"
    return Outcome(sku=row.sku, became=became, content_hash=now)
