"""Products that several people decided on, drawn by chance, and what each of them said; reads, and writes nothing."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import F, Max, Min

from titlelab.quality.probes import Probe
from titlelab.quality.querysets import DecisionMeasureQuerySet
from titlelab.review.models import Decision, DueLook, SecondLook
from titlelab.tags.names import PresentNames

PERIOD = dt.timedelta(weeks=12)  # agreement is of people as they work now
MOST_PRODUCTS = 200  # the latest: an interval is then about as wide as it will ever need to be


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one person made of a product, before any reviewer; title "" where it was rejected."""

    person: str
    title: str
    tags: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """A product with what each person said last of it as it is; is_blind: nobody of them saw a drafted title.

    settled is what a reviewer left or mended of the answer that chance drew for a second look, under the annotator's
    name; None where none was.
    """

    said: tuple[Said, ...]
    is_blind: bool
    settled: Said | None = None

    def has(self, person: str) -> bool:
        return any(each.person == person for each in self.said)

    def probe(self, person: str) -> Probe | None:
        """Return the product as a golden probe of a person; None where nothing is settled, or by his own answer."""
        told = next((each for each in self.said if each.person == person), None)
        if told is None or self.settled is None or self.settled.person == person:
            return None
        return Probe(settled_title=self.settled.title, settled_tags=self.settled.tags, title=told.title, tags=told.tags)

    @property
    def tags(self) -> list[frozenset[str]]:
        return [each.tags for each in self.said]

    @property
    def titles(self) -> list[str]:
        return [each.title for each in self.said if each.title]


def overlaps(rows: DecisionMeasureQuerySet, *, today: dt.date) -> list[Overlap]:
    """Return the random products among the rows that more than one person decided on, the latest.

    Chance drew them, so they are like the catalog, and nobody saw what the others had said. Only answers to the same
    content of a product are held against each other.
    """
    late = rows.filter(arm="random", week__gt=today - PERIOD).order_by()
    by_product = late.values("product").annotate(first=Min("person"), last=Max("person"), newest=Max("decided_at"))
    several = by_product.exclude(first=F("last")).order_by("-newest")[:MOST_PRODUCTS]
    products = list(several.values_list("product", flat=True))
    return _read(list(late.filter(product__in=products).values_list("pk", flat=True)))


def _read(ids: list[int]) -> list[Overlap]:
    related = Decision.objects.filter(pk__in=ids).select_related(
        "item__queue__catalog__library", "mends__due_look", "due_look", "second_look"
    )
    lean = related.only(
        *("person", "title", "tags", "item__product_id", "item__content_hash", "item__is_blind"),
        *("item__queue__catalog__library__key", "mends__person", "mends__title", "mends__tags"),
        *("mends__due_look__cause", "due_look__cause", "second_look__verdict"),
    )
    said: dict[tuple[int, str], dict[str, tuple[Decision, Said]]] = defaultdict(dict)
    settled: dict[tuple[int, str], Said] = {}
    names: dict[int | None, PresentNames] = {}
    for decision in lean.order_by("decided_at", "pk"):
        library = decision.item.queue.catalog.library
        key = library.pk if library else None
        if key not in names:
            names[key] = PresentNames(library)
        own = decision.told
        told = Said(person=own.person, title=own.title, tags=frozenset(names[key].of(own.tags)))
        product = decision.item.product_id, decision.item.content_hash
        said[product][own.person] = (decision, told)
        if _is_settled(decision):
            settled[product] = Said(
                person=own.person, title=decision.title, tags=frozenset(names[key].of(decision.tags))
            )
    return [
        Overlap(
            said=tuple(told for _decision, told in of_product.values()),
            is_blind=all(decision.item.is_blind for decision, _told in of_product.values()),
            settled=settled.get(product),
        )
        for product, of_product in said.items()
        if len(of_product) > 1
    ]


def _is_settled(decision: Decision) -> bool:
    """Say whether a reviewer left or mended an answer that chance drew: what signs point at is no fair sample."""
    due = getattr(decision.told, "due_look", None)
    look = getattr(decision, "second_look", None)
    is_left = look is not None and look.verdict == SecondLook.Verdict.ACCEPTED
    return due is not None and due.cause == DueLook.Cause.CHANCE and (is_left or decision.mends_id is not None)
