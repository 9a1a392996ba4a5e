"""Reads what the Briefs of a catalog's products need from the database; writes nothing."""

import datetime as dt
from collections.abc import Callable, Iterable

from ml_backend.contract import Brief
from titlelab.catalog.brief import Described, brief_of
from titlelab.catalog.models import Catalog, Product
from titlelab.channels.rules import rules_on


def briefs(catalog: Catalog, products: Iterable[Product], day: dt.date) -> list[Brief]:
    """Return the Briefs in the products' order, under the rules in force on the day.

    Raises NotPossibleNow when the channel has no policy by then.
    """
    return list(map(brief_maker(catalog, day), products))


def brief_maker(catalog: Catalog, day: dt.date) -> Callable[[Described], Brief]:
    """Return a function that makes Briefs of the catalog without another query; raises as `briefs`."""
    rules = rules_on(catalog.channel, day)
    library = catalog.library.key if catalog.library else ""

    def make(product: Described) -> Brief:
        return brief_of(product, catalog=catalog.key, library=library, language=catalog.language, channel=rules)

    return make
