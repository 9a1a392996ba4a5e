"""Drafts a whole catalog, a page of products at a time.

What is stored is not asked for again, so that a second start goes on where the first was stopped, whatever stopped it.
"""

import datetime as dt
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from django.db import reset_queries

from ml_backend.contract import Brief
from ml_backend.errors import BackendRefused
from titlelab.catalog.briefing import brief_maker
from titlelab.catalog.models import Catalog
from titlelab.review.drafting import DraftSource, serving_version, store_drafts
from titlelab.review.models import Draft

PAGE = 64  # one request; a language model takes half a minute for it on two cores, and a stop waits for it
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a drafting is: of n_products n_seen were looked at; the others of these had a fresh draft.

    refused names the last page's products that the backend can't draft; version is the one that served that page.
    """

    n_products: int
    n_seen: int
    n_drafted: int
    n_refused: int
    seconds: float
    version: str
    refused: tuple[str, ...] = ()

    @property
    def per_second(self) -> float:
        return self.n_drafted / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """The time that drafting all the rest would take; None before anything was drafted."""
        return (self.n_products - self.n_seen) / self.per_second if self.per_second else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    last_id: int
    n_products: int
    n_drafted: int
    refused: tuple[str, ...]


def draft_catalog(
    catalog: Catalog,
    source: DraftSource,
    *,
    today: dt.date,
    page: int = PAGE,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Progress]:
    """Draft every product that has no draft of the serving version for its present Brief; yield after each page.

    A page is stored whole before the next is read, and memory holds one page at a time. A product that the backend
    refuses is left out and named. Raises NotPossibleNow when the channel has no policy in force, BackendUnreachable,
    and BackendRefused when the backend does not even tell its version.
    """
    brief_of = brief_maker(catalog, today)
    started, n_products = clock(), catalog.products.count()
    last_id = n_seen = n_drafted = n_refused = 0
    while True:
        version = serving_version(catalog, source)
        done = _draft_page(catalog, brief_of, source, version, after=last_id, size=page)
        if done is None:
            return
        last_id = done.last_id
        n_seen += done.n_products
        n_drafted += done.n_drafted
        n_refused += len(done.refused)
        reset_queries()  # where DEBUG is on, Django keeps every statement
        yield Progress(
            n_products=max(n_products, n_seen),
            n_seen=n_seen,
            n_drafted=n_drafted,
            n_refused=n_refused,
            seconds=clock() - started,
            version=version,
            refused=done.refused,
        )


def _draft_page(
    catalog: Catalog, brief_of: Callable[..., Brief], source: DraftSource, version: str, *, after: int, size: int
) -> _Page | None:
    """Draft the products with the next ids; None when there is none left."""
    products = list(catalog.products.filter(pk__gt=after).order_by("pk")[:size])
    if not products:
        return None
    asked = {product.pk: brief_of(product) for product in products}
    fresh = set(Draft.objects.filter(product__in=asked, version=version).values_list("product_id", "brief_hash"))
    missing = {pk: brief for pk, brief in asked.items() if (pk, brief.digest()) not in fresh}
    refused = tuple(_store_where_possible(missing, source))
    return _Page(
        last_id=products[-1].pk,
        n_products=len(products),
        n_drafted=len(missing) - len(refused),
        refused=refused,
    )


def _store_where_possible(asked: Mapping[int, Brief], source: DraftSource) -> list[str]:
    """Store what can be drafted and return the skus of the rest: one product must not keep its catalog from an end."""
    if not asked:
        return []
    try:
        store_drafts(asked, source)
    except BackendRefused as e:
        if len(asked) == 1:
            (brief,) = asked.values()
            logger.warning("no draft for %s: %s", brief.sku, e)
            return [brief.sku]
        rows, middle = list(asked.items()), len(asked) // 2
        halves = (dict(rows[:middle]), dict(rows[middle:]))
        return [sku for half in halves for sku in _store_where_possible(half, source)]
    return []
