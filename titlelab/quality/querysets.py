"""Measures, marks and tags of a Slice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from titlelab.quality.slices import Slice

if TYPE_CHECKING:
    from titlelab.quality.models import DecisionMeasure  # noqa: F401

# Fields of a Slice that are columns of a measure.
COLUMNS = ("catalog", "queue", "version", "category", "person", "channel", "week")


class DecisionMeasureQuerySet(models.QuerySet["DecisionMeasure"]):
    """Measures of current Decisions."""

    def of(self, slice_: Slice) -> DecisionMeasureQuerySet:
        """Measures of the Decisions that a Slice names, each once."""
        told = {name: getattr(slice_, name) for name in COLUMNS}
        rows = self.filter(**{name: value for name, value in told.items() if value is not None})
        if slice_.tag is not None:
            rows = rows.filter(pk__in=self._named("TagMeasure", slice_, name=slice_.tag))
        if slice_.kind is not None:
            rows = rows.filter(pk__in=self._named("EditMark", slice_, kind=slice_.kind))
        return rows

    def shown(self) -> DecisionMeasureQuerySet:
        """Measures of Decisions of people who saw a drafted title; only these can accept or edit one."""
        return self.filter(titler_version__isnull=False, is_blind=False)

    def _named(self, model: str, slice_: Slice, **named: str) -> models.QuerySet[Any, Any]:
        """Return the measures that have such a tag or mark, by an index if the catalog is told."""
        within = {name: getattr(slice_, name) for name in ("catalog", "week")}
        narrowed = {name: value for name, value in within.items() if value is not None}
        rows: models.QuerySet[Any] = self.model._meta.apps.get_model("quality", model)._default_manager.filter(
            **named, **narrowed
        )
        return rows.order_by().values_list("measure", flat=True)
