"""The rows that a page reads: those of a Slice, in the catalogs that its reader works on."""

import datetime as dt
from typing import cast

from django.db.models import QuerySet
from django.utils import timezone

from titlelab.people.rights import Anybody, visible
from titlelab.quality.models import DecisionMeasure
from titlelab.quality.querysets import DecisionMeasureQuerySet
from titlelab.quality.slices import Slice
from titlelab.review.models import SecondLook

# Where a second look has what a Slice names.
_PATHS = {
    "catalog": "decision__item__queue__catalog",
    "queue": "decision__item__queue",
    "version": "decision__draft__version",
    "person": "decision__person",
}


def measures(slice_: Slice, user: Anybody) -> DecisionMeasureQuerySet:
    """Return the measures of a Slice's Decisions that a person may know of, each once."""
    rows = visible(DecisionMeasure.objects.of(slice_), user)
    return cast(DecisionMeasureQuerySet, rows)


def second_looks(slice_: Slice, user: Anybody) -> QuerySet[SecondLook]:
    """Return the second looks at annotators' Decisions of a Slice, whatever kind, category, tag or channel it names."""
    told = {path: getattr(slice_, name) for name, path in _PATHS.items() if getattr(slice_, name)}
    looks = visible(SecondLook.objects.filter(decision__mends=None, **told), user)
    if slice_.week is None:
        return looks
    start = timezone.make_aware(dt.datetime.combine(slice_.week, dt.time()))
    return looks.filter(decision__decided_at__gte=start, decision__decided_at__lt=start + dt.timedelta(days=7))


def overturning(looks: QuerySet[SecondLook]) -> QuerySet[SecondLook]:
    """Return those after which the annotator's Decision stood no more."""
    return looks.exclude(verdict=SecondLook.Verdict.ACCEPTED)
