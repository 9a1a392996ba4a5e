"""Queries with a name: which runs are under way, concluded, judged, free; which versions serve."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from titlelab.training.models import ModelVersion, TrainingRun  # noqa: F401


class TrainingRunQuerySet(models.QuerySet["TrainingRun"]):
    """Training runs."""

    def under_way(self) -> TrainingRunQuerySet:
        """Runs that wait, train, or are being cancelled."""
        return self.filter(state__in=["queued", "running", "cancelling"])

    def concluded(self) -> TrainingRunQuerySet:
        """Runs that came to an answer, be it that there was nothing to learn or a person's no; the failed did not."""
        return self.filter(state__in=["done", "promoted", "refused", "nothing", "cancelled"])

    def judged(self) -> TrainingRunQuerySet:
        """Runs whose data the gate has judged."""
        return self.filter(state__in=["done", "promoted", "refused"])

    def usual_seconds(self, method: str, scope: str) -> float | None:
        """How long the last judged run of a method and scope took; None when there is none."""
        took = self.judged().filter(method=method, scope=scope).exclude(report=None).values_list("report", flat=True)
        report = took.first()
        return float(report["seconds"]) if report else None

    def free(self, now: dt.datetime) -> TrainingRunQuerySet:
        """Runs that a worker may claim: queued, or running with a lease that has run out."""
        return self.filter(Q(state="queued") | Q(state="running", lease_until__lt=now))

    def left_cancelling(self, now: dt.datetime) -> TrainingRunQuerySet:
        """Runs that were to be cancelled by a worker that died before."""
        return self.filter(state="cancelling", lease_until__lt=now)


class ModelVersionQuerySet(models.QuerySet["ModelVersion"]):
    """Model versions."""

    def serving(self) -> ModelVersionQuerySet:
        """Versions that answer today; a scope without one is served by the built-in model."""
        return self.filter(state="serving")
