"""The Decisions that a run learnt from: its lineage. Reads the database."""

import datetime as dt
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Max, Min
from django.db.models.expressions import RawSQL

from titlelab.review.models import Decision
from titlelab.review.querysets import DecisionQuerySet
from titlelab.training.models import Lessons, TrainingRun
from titlelab.training.number_sets import as_json

MOST_PEOPLE = 20  # told by name
# The numbers travel as one parameter: of parameters, SQLite takes as few as 32,766.
_NUMBERS = {
    "sqlite": "SELECT value FROM json_each(%s)",
    "postgresql": "SELECT value::bigint FROM json_array_elements_text(%s::json)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """Some of the Decisions that a run learnt from; people are the busiest (e-mail address, Decisions)."""

    n: int
    n_products: int
    first: dt.datetime | None
    last: dt.datetime | None
    outcomes: tuple[tuple[str, int], ...]
    people: tuple[tuple[str, int], ...]
    n_people: int


def learnt_by(run: TrainingRun) -> DecisionQuerySet | None:
    """Return the very Decisions, current or not by now; None where the run is older than what is kept of them."""
    lessons = Lessons.objects.filter(run=run).first()
    if lessons is None:
        return None
    numbers = RawSQL(_NUMBERS[connection.vendor], [as_json(bytes(lessons.packed))])  # noqa: S611 - no text of anybody's
    return Decision.objects.filter(pk__in=numbers)


def learnt(decisions: DecisionQuerySet) -> Learnt:
    """Sum up Decisions."""
    rows = decisions.order_by()
    told = rows.aggregate(
        n=Count("pk"),
        n_products=Count("item__product", distinct=True),
        first=Min("decided_at"),
        last=Max("decided_at"),
        n_people=Count("person", distinct=True),
    )
    outcomes = rows.values_list("outcome").annotate(n=Count("pk")).order_by("-n", "outcome")
    people = rows.values_list("person").annotate(n=Count("pk")).order_by("-n", "person")[:MOST_PEOPLE]
    return Learnt(**told, outcomes=tuple(outcomes), people=tuple(people))
