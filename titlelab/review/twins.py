"""Titles that people have settled on for products much like another: how the shop names such a thing. Reads only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ml_backend.contract import Brief
from ml_backend.rules.text import words
from titlelab.catalog.models import Catalog
from titlelab.review.models import Decision, ReviewItem, ReviewQueue

MOST_TWINS = 3
# The latest tell of today's habits, and comparing so many with a batch of tasks takes a fraction of a second.
MOST_REMEMBERED = 2000
# Of a twin's title; with less in common it is another kind of thing.
LEAST_ALIKE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledTitle:
    """A title that a person settled on, and what its product is known by."""

    sku: str
    title: str
    brand: str
    leaf: str
    words: frozenset[str]


def settled_titles(catalog: Catalog) -> list[SettledTitle]:
    """Return the latest titles of a catalog's Decisions, the newest first.

    Golden ones and those of reserved products are left out: they measure, and must not be read off another task.
    """
    usable = Decision.objects.usable().of_catalog(catalog.pk).exclude(item__arm=ReviewItem.Arm.RANDOM)
    told = usable.exclude(item__product__sku__in=ReviewQueue.objects.reserved_skus(catalog.pk)).order_by("-decided_at")
    product = ("item__product__sku", "item__product__brand", "item__product__category")
    return [
        SettledTitle(sku=sku, title=title, brand=brand.casefold(), leaf=_leaf(category), words=frozenset(words(title)))
        for title, sku, brand, category in told.values_list("title", *product)[:MOST_REMEMBERED]
    ]


def near_twins(brief: Brief, drafted: str, settled: Sequence[SettledTitle]) -> tuple[str, ...]:
    """Return the few titles of the same brand or category that share most of their words with a product, best first.

    One that equals the drafted title tells nothing.
    """
    values = [value for _, value in brief.attributes]
    own = frozenset(words(" ".join([drafted, brief.brand, *brief.category, *values])))
    brand, leaf = brief.brand.casefold(), _leaf(brief.category)
    alike = {
        one.title: -len(own & one.words) / len(one.words)
        for one in reversed(settled)
        if one.sku != brief.sku and one.title != drafted and one.words and _is_kin(one, brand, leaf)
    }
    near = sorted((title for title in alike if -alike[title] >= LEAST_ALIKE), key=lambda title: alike[title])
    return tuple(near[:MOST_TWINS])


def _is_kin(one: SettledTitle, brand: str, leaf: str) -> bool:
    return bool(brand and one.brand == brand) or bool(leaf and one.leaf == leaf)


def _leaf(category: Collection[str]) -> str:
    return str([*category][-1]).casefold() if category else ""
