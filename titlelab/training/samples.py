"""Sample products on which versions are seen side by side: the same ones for all versions of a scope.

They are drawn by their sku's hash, so that a product that comes or goes changes hardly anything else.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Value
from django.db.models.functions import MD5, Concat

from ml_backend.contract import Brief
from titlelab.catalog.briefing import briefs
from titlelab.catalog.models import Catalog, Product
from titlelab.training.scopes import catalogs_of

N_SAMPLES = 50  # as many as a person will look through
_SEED = "samples:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A sample product's id and what a model is told of it."""

    product_id: int
    brief: Brief


def samples(kind: str, scope: str, day: dt.date) -> list[Sample]:
    """Return the scope's samples, of several catalogs about as many each; day: see briefing.py.

    Raises NotPossibleNow when a channel has no policy on that day.
    """
    catalogs = list(catalogs_of(kind, scope).select_related("channel", "library").order_by("key"))
    share = -(-N_SAMPLES // max(len(catalogs), 1))
    found = [sample for catalog in catalogs for sample in _of_catalog(catalog, share, day)]
    return found[:N_SAMPLES]


def _of_catalog(catalog: Catalog, n: int, day: dt.date) -> list[Sample]:
    by_hash = MD5(Concat(Value(_SEED), "sku"))
    # By ids first: these are drawn from the index alone, and a million whole rows would be read for ten seconds.
    drawn = list(catalog.products.order_by(by_hash, "pk").values_list("pk", flat=True)[:n])
    found = catalog.products.in_bulk(drawn)
    products: Sequence[Product] = [found[pk] for pk in drawn if pk in found]  # one may be deleted meanwhile
    told = briefs(catalog, products, day)
    return [Sample(product_id=product.pk, brief=brief) for product, brief in zip(products, told, strict=True)]
