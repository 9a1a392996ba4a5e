"""Writes a product file into its catalog: new and changed products by sku, refused rows with their reasons."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from ml_backend.contract import Brief
from ml_backend.rules.good_titles import is_good_title
from titlelab.catalog.brief import Described
from titlelab.catalog.briefing import brief_maker
from titlelab.catalog.models import Catalog, ImportRun, Product, RefusedRow
from titlelab.catalog.reading import ProductRow, Refusal, check, product_row, rows
from titlelab.errors import BadFile

BATCH = 500  # one write transaction each: some 0.1 s, so that other writers of SQLite get their turn
MOST_REFUSED_ROWS = 1000  # kept of one file; whoever has more mends by pattern, not row by row
TOLD = [
    "title", "description", "brand", "category", "attributes", "image_url", "price", "currency",
]  # fmt: skip


def import_file(catalog: Catalog, path: Path, *, file_name: str, day: dt.date | None = None) -> ImportRun:
    """Create and update the file's products and return the finished run with its counts.

    The file is read to its end before the first write, so a file that can't be read changes nothing: its run is
    FAILED with the reason, and BadFile is raised. A product that the file does not name stays as it is. Safe to
    repeat. Of a sku that stands twice in a file the first row counts, and the later ones are refused. `day` (None:
    today) decides which channel rules a good title must meet; raises NotPossibleNow if there are none.
    """
    brief_of = brief_maker(catalog, day or timezone.localdate())
    run = ImportRun.objects.create(catalog=catalog, file_name=file_name[-300:])
    try:
        check(path, file_name=file_name)
        for batch in _batches(_once(rows(path, file_name=file_name))):
            _write(run, batch, brief_of)
    except BadFile as e:
        _finish(run, ImportRun.State.FAILED, reason=str(e))
        raise
    except Exception as e:
        _finish(run, ImportRun.State.FAILED, reason=f"stopped by {type(e).__name__}; what was counted is imported")
        raise
    _finish(run, ImportRun.State.DONE)
    return run


@dataclass(frozen=True, slots=True, kw_only=True)
class Upserted:
    """What became of a batch; a refusal's line is the row's place in the batch, from 1."""

    n_new: int
    n_changed: int
    n_same: int
    refusals: tuple[Refusal, ...]


def upsert_products(catalog: Catalog, rows: Iterable[Mapping[str, object]]) -> Upserted:
    """Create or replace products by sku, each told whole by a row with the keys of a JSON Lines file.

    Refused rows are returned, the others are written, in transactions of `BATCH` rows. Rings no bell: whoever calls
    rings `refill_all` after the commit. Raises NotPossibleNow if the channel has no rules in force today.
    """
    brief_of = brief_maker(catalog, timezone.localdate())
    n_new = n_changed = n_same = 0
    refusals: list[Refusal] = []
    read = (product_row(place, cells) for place, cells in enumerate(rows, start=1))
    for batch in _batches(_once(read)):
        refusals += [row for row in batch if isinstance(row, Refusal)]
        changed, new, same = _sorted_out(catalog, batch, brief_of)
        _upsert(changed)
        n_new, n_changed, n_same = n_new + new, n_changed + len(changed) - new, n_same + same
    return Upserted(n_new=n_new, n_changed=n_changed, n_same=n_same, refusals=tuple(refusals))


def _once(found: Iterable[ProductRow | Refusal]) -> Iterator[ProductRow | Refusal]:
    """Refuse the later rows of a sku that stands twice; only the skus are held in memory."""
    line_of: dict[str, int] = {}
    for row in found:
        if isinstance(row, ProductRow):
            first = line_of.setdefault(row.sku, row.line)
            if first != row.line:
                reason = f"stands in line {first} already"
                yield Refusal(line=row.line, sku=row.sku, column="sku", reason=reason)
                continue
        yield row


def _batches(found: Iterable[ProductRow | Refusal]) -> Iterator[list[ProductRow | Refusal]]:
    found = iter(found)
    while batch := list(islice(found, BATCH)):
        yield batch


def _write(run: ImportRun, batch: list[ProductRow | Refusal], brief_of: Callable[[Described], Brief]) -> None:
    """Apply a batch and its counts, all or nothing; what takes time is done before the transaction."""
    changed, n_new, n_same = _sorted_out(run.catalog, batch, brief_of)
    refused = [row for row in batch if isinstance(row, Refusal)]
    n_room = max(0, MOST_REFUSED_ROWS - run.n_refused)
    run.n_new += n_new
    run.n_changed += len(changed) - n_new
    run.n_same += n_same
    run.n_refused += len(refused)
    with transaction.atomic():
        _upsert(changed)
        RefusedRow.objects.bulk_create(
            RefusedRow(run=run, line=r.line, sku=r.sku, column=r.column, reason=r.reason[:500])
            for r in refused[:n_room]
        )
        run.save(update_fields=["n_new", "n_changed", "n_same", "n_refused"])


def _sorted_out(
    catalog: Catalog, batch: list[ProductRow | Refusal], brief_of: Callable[[Described], Brief]
) -> tuple[list[Product], int, int]:
    """Return the products to write, how many of them are new, and how many others are as they were."""
    told = {row.sku: (row, row.content_hash()) for row in batch if isinstance(row, ProductRow)}
    known = dict(catalog.products.filter(sku__in=told).values_list("sku", "content_hash"))
    changed = [_product(catalog, *told[sku], brief_of) for sku in told if known.get(sku) != told[sku][1]]
    return changed, sum(product.sku not in known for product in changed), len(told) - len(changed)


def _upsert(products: list[Product]) -> None:
    Product.objects.bulk_create(
        products,
        update_conflicts=True,
        unique_fields=["catalog", "sku"],
        update_fields=[*TOLD, "content_hash", "has_good_title", "changed_at"],
    )


def _product(catalog: Catalog, row: ProductRow, content_hash: str, brief_of: Callable[[Described], Brief]) -> Product:
    return Product(
        catalog=catalog,
        sku=row.sku,
        title=row.title,
        description=row.description,
        brand=row.brand,
        category=list(row.category),
        attributes=[list(pair) for pair in row.attributes],
        image_url=row.image_url,
        price=row.price,
        currency=row.currency,
        content_hash=content_hash,
        has_good_title=bool(row.title) and is_good_title(row.title, brief_of(row)),
    )


def _finish(run: ImportRun, state: ImportRun.State, *, reason: str = "") -> None:
    run.state, run.reason, run.finished_at = state, reason, timezone.now()
    run.save(update_fields=["state", "reason", "finished_at"])
