"""How many drafts each catalog has; reads, and writes nothing.

A shop that drafts a million products ahead has a million drafts, and a second's work in counting them: the schedule
counts them up to one of them, and only the later ones are counted when somebody asks.
"""

from collections import Counter
from collections.abc import Collection

from django.db.models import Count, Max, OuterRef, QuerySet, Subquery

from titlelab.catalog.models import Product
from titlelab.quality.models import DraftCount
from titlelab.review.models import Draft


def n_drafts(catalogs: Collection[int]) -> Counter[int]:
    """Return the drafts of each catalog; those that were deleted with their products count until the next schedule."""
    last = DraftCount.objects.aggregate(last=Max("last_draft"))["last"] or 0
    kept = DraftCount.objects.filter(catalog__in=catalogs).values_list("catalog", "n")
    later = counted(Draft.objects.filter(pk__gt=last))
    return Counter(dict(kept)) + Counter({pk: n for pk, n in later.items() if pk in catalogs})


def counted(drafts: QuerySet[Draft]) -> Counter[int]:
    """Return how many of some drafts each catalog has."""
    # Asked of each draft: a join is read from the side of the products, which are many.
    catalog = Product.objects.filter(pk=OuterRef("product")).order_by().values("catalog")
    of_catalog = drafts.order_by().annotate(shop=Subquery(catalog)).values_list("shop")
    return Counter(dict(of_catalog.annotate(n=Count("pk"))))
