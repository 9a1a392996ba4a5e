"""Writes products that a caller tells one by one, and says what became of each; see importing.py for whole files."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Literal

from django.db import transaction

from titlelab.catalog.importing import upsert_rows
from titlelab.catalog.models import Catalog
from titlelab.catalog.reading import ProductRow, Refusal, row_of

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
        read = [row_of(place, product.cells, {}) for place, product in enumerate(told)]
        stored = _stored(catalog, {row.sku for row in read}, is_guarded=is_guarded)
        clashing = {row.line for row in read if _clashes(row, told[row.line], stored)}
        done = upsert_rows(catalog, [row for row in read if row.line not in clashing])
    left_out = {refusal.line for refusal in done.refusals}
    return [
        _conflict(row.sku, stored.get(row.sku, ""))
        if row.line in clashing
        else _outcome(row, stored, is_left_out=row.line in left_out)
        for row in read
    ]


def _stored(catalog: Catalog, skus: set[str], *, is_guarded: bool) -> dict[str, str]:
    """Return the hashes of what is stored; locked where a caller's belief hangs on them, what is yet to come too."""
    if is_guarded:
        Catalog.objects.select_for_update().get(pk=catalog.pk)
    products = catalog.products.select_for_update() if is_guarded else catalog.products
    return dict(products.filter(sku__in=skus).values_list("sku", "content_hash"))


def _clashes(row: ProductRow | Refusal, product: Told, stored: Mapping[str, str]) -> bool:
    believed = product.if_content_hash
    return isinstance(row, ProductRow) and believed is not None and believed != stored.get(row.sku, "")


def _conflict(sku: str, stored: str) -> Outcome:
    if stored:
        reason = "has changed since you read it: read it again, then decide whether to write"
    else:
        reason = "is not in the catalog: leave out if_content_hash to create it"
    return Outcome(sku=sku, became="conflict", content_hash=stored, reason=reason)


def _outcome(row: ProductRow | Refusal, stored: Mapping[str, str], *, is_left_out: bool) -> Outcome:
    if isinstance(row, Refusal):
        return Outcome(sku=row.sku, became="refused", column=row.column, reason=row.reason)
    if is_left_out:
        return Outcome(sku=row.sku, became="refused", column="sku", reason="stands earlier in the request already")
    now, before = row.content_hash(), stored.get(row.sku)
    became: Became = "new" if before is None else "same" if before == now else "changed"
    return Outcome(sku=row.sku, became=became, content_hash=now)
