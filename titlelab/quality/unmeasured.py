"""How far the measures are behind the Decisions; reads, and writes nothing."""

from collections.abc import Collection

from titlelab.quality.measures import RULES
from titlelab.quality.models import DecisionMeasure
from titlelab.review.models import Decision


def n_unmeasured(catalogs: Collection[int]) -> int:
    """Return how many current Decisions of some catalogs have no measure, or one by older rules.

    Counted within two indexes: until it is measured, a Decision that took the place of another passes for measured.
    """
    measured = DecisionMeasure.objects.filter(catalog__in=catalogs, rules=RULES).order_by()
    return max(Decision.objects.current().filter(catalog__in=catalogs).order_by().count() - measured.count(), 0)
