"""Gathers what products and Decisions say, and has tags proposed that a library lacks."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Max

from ml_backend.rules.cleaning import cleaned
from ml_backend.rules.text import words
from titlelab.catalog.models import Catalog, Product
from titlelab.review.models import Decision
from titlelab.tags.candidates import Told
from titlelab.tags.models import TagLibrary
from titlelab.tags.names import PresentNames
from titlelab.tags.proposing import propose_tags

# A search of so many takes about ten seconds of one core; the newest tell best what is coming.
MOST_PRODUCTS = 10_000
LONGEST_TEXT = 1500  # characters; sellers say what matters first


def search_for_tags(library: TagLibrary, now: dt.datetime) -> int:
    """Propose what the library's catalogs and annotators say and no tag covers; return how many proposals are new."""
    decided = _decided(library)
    of_library = Product.objects.filter(catalog__library=library)
    newest = of_library.order_by("-changed_at", "pk").values_list("pk", flat=True)[:MOST_PRODUCTS]
    suggested = [product_id for product_id, ds in decided.items() if any(d.suggested_tags for d in ds)]
    products = list(
        of_library.only("sku", "description", "brand", "category", "attributes").in_bulk([*newest, *suggested]).values()
    )
    names = PresentNames(library)
    told = [_told(product, decided.get(product.pk, []), names) for product in products]
    return propose_tags(library, told, settled=_columns(products), without=_brands(products), now=now)


def is_due(library: TagLibrary) -> bool:
    """Say whether a product or a Decision has come since the library was last searched."""
    if library.searched_at is None:
        return Catalog.objects.filter(library=library).exists()
    products = Product.objects.filter(catalog__library=library).aggregate(newest=Max("changed_at"))["newest"]
    decisions = Decision.objects.filter(item__product__catalog__library=library)
    suggested = decisions.exclude(suggested_tags=[]).aggregate(newest=Max("recorded_at"))["newest"]
    return any(newest is not None and newest > library.searched_at for newest in (products, suggested))


def _decided(library: TagLibrary) -> dict[int, list[Decision]]:
    by_product: dict[int, list[Decision]] = defaultdict(list)
    usable = Decision.objects.usable().filter(item__product__catalog__library=library).select_related("item")
    for decision in usable.only("tags", "suggested_tags", "item__product_id").order_by("decided_at", "pk"):
        by_product[decision.item.product_id].append(decision)
    return by_product


def _told(product: Product, decisions: list[Decision], names: PresentNames) -> Told:
    return Told(
        sku=product.sku,
        text=cleaned(product.description[: 2 * LONGEST_TEXT])[:LONGEST_TEXT],
        group=product.category[0] if product.category else "",
        tags=tuple(names.of(decisions[-1].tags)) if decisions else None,
        suggested=tuple(word for decision in decisions for word in decision.suggested_tags),
    )


def _columns(products: Iterable[Product]) -> set[str]:
    """Return what products say in columns of their own: names of attributes and categories."""
    names = {str(name) for product in products for name, _ in product.attributes}
    return names | {str(part) for product in products for part in product.category}


def _brands(products: Iterable[Product]) -> set[str]:
    return {word for brand in {product.brand for product in products} for word in words(brand)}
