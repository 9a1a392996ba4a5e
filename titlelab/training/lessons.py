"""The Decisions that a run learnt from: its lineage. Reads the database."""

import datetime as dt
from collections import Counter
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
    """Some of the Decisions that a run learnt from; outcomes and the busiest people with their numbers of Decisions."""

    n: int
    first: dt.datetime | None
    last: dt.datetime | None
    outcomes: tuple[tuple[str, int], ...]
    people: tuple[tuple[str, int], ...]
    n_people: int


def among_lessons(run: TrainingRun, decisions: DecisionQuerySet) -> DecisionQuerySet | None:
    """Leave the Decisions that a run learnt from, current or not by now; None where it kept none of their numbers."""
    lessons = Lessons.objects.filter(run=run).first()
    if lessons is None:
        return None
    numbers = RawSQL(_NUMBERS[connection.vendor], [as_json(bytes(lessons.packed))])  # noqa: S611 - no text of anybody's
    return decisions.filter(pk__in=numbers)


def learnt_by(run: TrainingRun) -> DecisionQuerySet | None:
    """Return all Decisions that a run learnt from; None as above."""
    return among_lessons(run, Decision.objects.all())


def learnt(decisions: DecisionQuerySet) -> Learnt:
    """Sum up Decisions, by one query."""
    by_person = decisions.order_by().values_list("person", "outcome")
    rows = list(by_person.annotate(n=Count("pk"), first=Min("decided_at"), last=Max("decided_at")))
    people, outcomes = Counter[str](), Counter[str]()
    for person, outcome, n, _first, _last in rows:
        people[person] += n
        outcomes[outcome] += n
    return Learnt(
        n=sum(outcomes.values()),
        first=min((row[3] for row in rows), default=None),
        last=max((row[4] for row in rows), default=None),
        outcomes=tuple(outcomes.most_common()),
        people=tuple(people.most_common(MOST_PEOPLE)),
        n_people=len(people),
    )
