"""The measures that a page reads: those of a Slice, in the catalogs that its reader works on."""

from typing import cast

from titlelab.people.rights import Anybody, visible
from titlelab.quality.models import DecisionMeasure
from titlelab.quality.querysets import DecisionMeasureQuerySet
from titlelab.quality.slices import Slice


def measures(slice_: Slice, user: Anybody) -> DecisionMeasureQuerySet:
    """Return the measures of a Slice's Decisions that a person may know of, each once."""
    rows = visible(DecisionMeasure.objects.of(slice_), user)
    return cast(DecisionMeasureQuerySet, rows)
