"""What is compared: samples of a catalog's products and drafts, counted by feature. Reads the database, writes nothing.

A sample is drawn by a mix of the primary keys, so that the same products are looked at day by day: what moves then has
moved itself, and was not merely drawn otherwise.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet

from ml_backend.rules.languages import language_of
from titlelab.catalog.models import Catalog, Product
from titlelab.quality.drift import Histogram
from titlelab.review.models import Draft

SAMPLE = 2000  # products of a catalog: a category of 5 % is then known to 1 %, and counting takes a quarter of a second
DRAFT_SAMPLE = 6000  # drafts of all catalogs together
TEXTS = 200  # of the sample, whose language is told: some milliseconds each
CHUNK = 500  # primary keys in one query
MULTIPLIER, MODULUS = 48271, 2**31 - 1  # Park, Miller & Stockmeyer 1993, Comm. ACM 36(7): scatters neighbouring keys
LENGTHS = (1, 25, 50, 75, 100, 150, 200, 400, 800, 1600, 3200)  # characters: from each up to the next
NONE = ""  # the label of what has no brand, no category
UNSURE = "?"  # the label of a text whose language can't be told

Histograms = Mapping[str, Histogram]
PRODUCT_FIELDS = ("title", "description", "brand", "category", "attributes", "image_url", "price")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductSample:
    """A catalog's products: the drawn among all, and those that came since a moment."""

    before: Sequence[Product]
    all: Sequence[Product]
    arrived: Sequence[Product]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftSample:
    """A catalog's drafts: of the period before, and since."""

    before: Sequence[Draft]
    now: Sequence[Draft]


def product_sample(catalog: Catalog, since: dt.datetime) -> ProductSample:
    """Draw a catalog's products; those before are the drawn that stood there when the period began."""
    products = Product.objects.filter(catalog=catalog)
    everything = _rows(Product, _drawn(products, SAMPLE))
    # What was made since has changed since: that is what there is an index for.
    arrived = _rows(Product, _drawn(products.filter(changed_at__gte=since, created_at__gte=since), SAMPLE))
    return ProductSample(before=[p for p in everything if p.created_at < since], all=everything, arrived=arrived)


def draft_samples(before: dt.datetime, since: dt.datetime) -> Mapping[int, DraftSample]:
    """Draw drafts made from `before` until `since`, and since, by the id of their catalog.

    They are drawn among all catalogs' at once: one that has a thousandth of the drafts of a period has a thousandth of
    its sample, and may have too few to tell.
    """
    earlier = Draft.objects.filter(created_at__gte=before, created_at__lt=since)
    later = Draft.objects.filter(created_at__gte=since)
    of_before, of_now = (_by_catalog(_rows(Draft, _drawn(each, DRAFT_SAMPLE))) for each in (earlier, later))
    return {pk: DraftSample(before=of_before[pk], now=of_now[pk]) for pk in {*of_before, *of_now}}


def product_histograms(products: Sequence[Product]) -> Histograms:
    """Count products by category, brand, length of description, language, attributes and fields that are told."""
    return {
        "category": _exclusive(products, lambda p: str(p.category[0]) if p.category else NONE),
        "brand": _exclusive(products, lambda p: p.brand or NONE),
        "description": _exclusive(products, lambda p: _length(p.description)),
        "language": _exclusive(products[:TEXTS], lambda p: language_of(f"{p.title} {p.description}") or UNSURE),
        "attributes": _several(products, lambda p: {str(name) for name, _ in p.attributes}),
        "fields": _several(products, lambda p: {field for field in PRODUCT_FIELDS if getattr(p, field)}),
    }


def draft_histograms(drafts: Sequence[Draft]) -> Histograms:
    """Count drafts by proposed tags, number of tags, length of title, and both uncertainties in tenths."""
    return {
        "tags": _several(drafts, lambda d: set(d.proposed_tags)),
        "n_tags": _exclusive(drafts, lambda d: str(len(d.proposed_tags))),
        "title": _exclusive(drafts, lambda d: _length(d.title)),
        "title_uncertainty": _exclusive(drafts, lambda d: _tenth(d.title_uncertainty)),
        "tag_uncertainty": _exclusive(drafts, lambda d: _tenth(d.tag_uncertainty)),
    }


def usual_version(drafts: Iterable[Draft]) -> str:
    """Return the version that made most of the drafts; "" for none."""
    found = Counter(draft.version for draft in drafts).most_common(1)
    return found[0][0] if found else ""


def _drawn(rows: QuerySet[Any], n: int) -> list[int]:
    """Return the primary keys of n rows, the same for the same rows; the rows themselves are not read."""
    scattered = rows.order_by((F("pk") * MULTIPLIER) % MODULUS)
    return list(scattered.values_list("pk", flat=True)[:n])


def _rows(model: type[Any], pks: Sequence[int]) -> list[Any]:
    chunks = (pks[i : i + CHUNK] for i in range(0, len(pks), CHUNK))
    found = {row.pk: row for chunk in chunks for row in _narrow(model).filter(pk__in=chunk).order_by()}
    return [found[pk] for pk in pks if pk in found]  # in the order in which they were drawn


def _narrow(model: type[Any]) -> QuerySet[Any]:
    if model is Product:
        return Product.objects.only(*PRODUCT_FIELDS, "created_at")
    fields = ("version", "title", "tags", "title_uncertainty", "tag_uncertainty", "product__catalog_id")
    return Draft.objects.select_related("product").only(*fields)


def _by_catalog(drafts: Iterable[Draft]) -> defaultdict[int, list[Draft]]:
    found: defaultdict[int, list[Draft]] = defaultdict(list)
    for draft in drafts:
        found[draft.product.catalog_id].append(draft)
    return found


def _exclusive(rows: Sequence[Any], label: Callable[[Any], str]) -> Histogram:
    return Histogram(n=len(rows), counts=Counter(map(label, rows)))


def _several(rows: Sequence[Any], labels: Callable[[Any], set[str]]) -> Histogram:
    return Histogram(n=len(rows), counts=Counter(each for row in rows for each in labels(row)), is_exclusive=False)


def _length(text: str) -> str:
    """Return from how many characters to how many: "50-74"; "0" for an empty text, "3200-" for a very long one."""
    at_least = [bound for bound in LENGTHS if bound <= len(text)]
    if not at_least:
        return "0"
    above = LENGTHS[len(at_least) : len(at_least) + 1]
    return f"{at_least[-1]}-{above[0] - 1 if above else ''}"


def _tenth(share: float) -> str:
    """Return the tenth of [0, 1] that a figure lies in: "0.3-0.4"."""
    tenth = min(max(int(share * 10), 0), 9)
    return f"0.{tenth}-{(tenth + 1) / 10:.1f}"
