"""The operations: each finds its catalog by the token's rights, makes one call and answers."""

from dataclasses import asdict, replace
from http import HTTPStatus
from threading import BoundedSemaphore
from typing import Annotated

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router, Status

from ml_backend.client import DraftClient
from tasks.scoring import refill_all
from titlelab.catalog.models import Catalog, Product
from titlelab.catalog.reading import ProductRow, product_row
from titlelab.catalog.rows import LONGEST_CELL
from titlelab.catalog.upserting import Outcome, Told, upsert_told
from titlelab.review.backend import draft_client
from titlelab.review.drafting import draft_products
from titlelab.web.api import lists, schemas
from titlelab.web.api.access import Right, caller, catalog_for, reachable
from titlelab.web.api.problems import Problem, try_again
from titlelab.web.ringing import ring_quietly

router = Router()
CatalogKey = Annotated[str, Path(max_length=60, pattern="^[-a-zA-Z0-9_]+$", examples=["outdoor-en"])]
Sku = Annotated[str, Path(min_length=1, max_length=LONGEST_CELL["sku"], examples=["A-1001"])]
Limit = Annotated[int, Query(ge=1, le=500, description="Most rows of a page.")]
Cursor = Annotated[str, Query(max_length=300, description="next_cursor of the page before; empty for the beginning.")]
AT_ONCE = 2  # of the web process's 8 threads: the others stay free while a model thinks
drafting = BoundedSemaphore(AT_ONCE)


@router.get("/catalogs", response=schemas.CatalogsOut, tags=["Catalogs"])
def list_catalogs(request: HttpRequest) -> schemas.CatalogsOut:
    """List the catalogs that the token may read."""
    found = reachable(caller(request), Right.READ)
    return schemas.CatalogsOut(catalogs=[_catalog_out(catalog) for catalog in found])


@router.get("/catalogs/{catalog}/products", response=schemas.ProductPage, tags=["Products"])
def list_products(
    request: HttpRequest, catalog: CatalogKey, cursor: Cursor = "", limit: Limit = 100
) -> schemas.ProductPage:
    """List products in the order in which they changed; the right to read."""
    return lists.products(catalog_for(request, catalog, Right.READ), cursor, limit)


@router.post("/catalogs/{catalog}/products", response=schemas.BatchOut, tags=["Products"])
def upsert_batch(request: HttpRequest, catalog: CatalogKey, batch: schemas.BatchIn) -> schemas.BatchOut:
    """Create or replace products by sku; the right to write.

    What can't be used is refused with its reason, and the others are written. Safe to repeat.
    """
    found = catalog_for(request, catalog, Right.WRITE)
    told = [Told(cells=schemas.cells_of(each), if_content_hash=each.if_content_hash) for each in batch.products]
    return _batch_out(_upserted(found, told))


@router.get("/catalogs/{catalog}/products/{path:sku}", response=schemas.ProductOut, tags=["Products"])
def read_product(request: HttpRequest, catalog: CatalogKey, sku: Sku) -> schemas.ProductOut:
    """Read one product; the right to read."""
    found = catalog_for(request, catalog, Right.READ)
    (product,) = _products(found, [sku])
    return lists.product_out(product)


@router.put(
    "/catalogs/{catalog}/products/{path:sku}",
    response={200: schemas.UpsertedOut, 201: schemas.UpsertedOut},
    tags=["Products"],
)
def upsert_product(
    request: HttpRequest, catalog: CatalogKey, sku: Sku, product: schemas.ProductIn
) -> Status[schemas.UpsertedOut]:
    """Create or replace a product; the right to write. Safe to repeat: 201 if it was new."""
    found = catalog_for(request, catalog, Right.WRITE)
    if not _is_sku(sku):
        raise _unusable("sku", "stands in the address otherwise than it would be stored: leave out spaces and HTML")
    cells = {**schemas.cells_of(product), "sku": sku}
    (outcome,) = _upserted(found, [Told(cells=cells, if_content_hash=product.if_content_hash)])
    if outcome.became == "refused":
        raise _unusable(outcome.column, outcome.reason)
    if outcome.became == "conflict":
        raise Problem(HTTPStatus.CONFLICT, f"The product {sku!r} {outcome.reason}.")
    told = schemas.UpsertedOut(sku=outcome.sku, became=outcome.became, content_hash=outcome.content_hash)
    return Status(201 if outcome.became == "new" else 200, told)


@router.get("/catalogs/{catalog}/accepted", response=schemas.AcceptedPage, tags=["What people decided"])
def list_accepted(
    request: HttpRequest, catalog: CatalogKey, cursor: Cursor = "", limit: Limit = 100
) -> schemas.AcceptedPage:
    """List products with the title and tags that people accepted, in the order of the Decisions; the right to read.

    Come again with the last cursor for what was decided, edited or withdrawn since.
    """
    return lists.accepted_titles(catalog_for(request, catalog, Right.READ), cursor, limit)


@router.get("/catalogs/{catalog}/decisions", response=schemas.DecisionPage, tags=["What people decided"])
def list_decisions(
    request: HttpRequest, catalog: CatalogKey, cursor: Cursor = "", limit: Limit = 100
) -> schemas.DecisionPage:
    """List every Decision in the order in which they changed, superseded and withdrawn ones too; the right to read."""
    return lists.decisions(catalog_for(request, catalog, Right.READ), cursor, limit)


@router.get("/catalogs/{catalog}/tags", response=schemas.TagPage, tags=["Tags"])
def list_tags(request: HttpRequest, catalog: CatalogKey, cursor: Cursor = "", limit: Limit = 100) -> schemas.TagPage:
    """List the tags of the catalog's library; the right to read."""
    return lists.tags(catalog_for(request, catalog, Right.READ), cursor, limit)


@router.post("/catalogs/{catalog}/drafts", response=schemas.DraftsOut, tags=["Drafts"])
def request_drafts(request: HttpRequest, catalog: CatalogKey, wanted: schemas.DraftsIn) -> schemas.DraftsOut:
    """Have titles and tags drafted now, for the products as they are; the right to draft.

    What the serving models have drafted before comes at once.
    """
    found = catalog_for(request, catalog, Right.DRAFT)
    products = _products(found, list(dict.fromkeys(wanted.skus)))
    if not drafting.acquire(blocking=False):
        raise try_again("Others have products drafted just now: come again as Retry-After says.", after_s=2)
    try:
        drafts = draft_products(found, products, brisk_draft_client(), today=timezone.localdate())
    finally:
        drafting.release()
    told = [lists.draft_out(product.sku, draft) for product, draft in zip(products, drafts, strict=True)]
    return schemas.DraftsOut(drafts=told)


def brisk_draft_client() -> DraftClient:
    """Return a client that lets a caller of ours wait less long than a worker would."""
    return replace(draft_client(), timeout_s=settings.API_DRAFT_TIMEOUT_S)


def _upserted(catalog: Catalog, told: list[Told]) -> list[Outcome]:
    outcomes = upsert_told(catalog, told)
    if any(outcome.became in ("new", "changed") for outcome in outcomes):
        ring_quietly(refill_all)
    return outcomes


def _products(catalog: Catalog, skus: list[str]) -> list[Product]:
    """Return the products in the order of their skus; raises Problem if one is missing."""
    found = {product.sku: product for product in catalog.products.filter(sku__in=filter(_is_sku, skus))}
    if missing := [sku for sku in skus if sku not in found]:
        detail = f"{len(missing)} of {len(skus)} products are not in {catalog.key!r}: mend the sku, or send them first."
        errors = [{"where": sku, "reason": "is no product's sku"} for sku in missing]
        raise Problem(HTTPStatus.NOT_FOUND, detail, errors=errors)
    return [found[sku] for sku in skus]


def _is_sku(text: str) -> bool:
    row = product_row(1, {"sku": text})
    return isinstance(row, ProductRow) and row.sku == text


def _unusable(column: str, reason: str) -> Problem:
    detail = "The product was refused, and nothing written: mend what errors names and send it again."
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=[{"where": column, "reason": reason}])


def _catalog_out(catalog: Catalog) -> schemas.CatalogOut:
    return schemas.CatalogOut(
        key=catalog.key,
        name=catalog.name,
        language=catalog.language,
        channel=catalog.channel.key,
        library=catalog.library.key if catalog.library else None,
    )


def _batch_out(outcomes: list[Outcome]) -> schemas.BatchOut:
    became = [outcome.became for outcome in outcomes]
    return schemas.BatchOut(
        n_new=became.count("new"),
        n_changed=became.count("changed"),
        n_same=became.count("same"),
        n_refused=became.count("refused") + became.count("conflict"),
        products=[schemas.BatchEntryOut(index=n, **asdict(outcome)) for n, outcome in enumerate(outcomes)],
    )
