"""Queries with a name: what waiting, open, current and usable mean."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.db.models.functions import Coalesce

if TYPE_CHECKING:
    from titlelab.review.models import Decision, DueLook, ReviewItem, ReviewQueue  # noqa: F401


class ReviewQueueQuerySet(models.QuerySet["ReviewQueue"]):
    """Review queues."""

    def is_open(self) -> ReviewQueueQuerySet:
        """Queues that people are asked from; paused ones stay as they are."""
        return self.filter(state="open")

    def with_counts(self) -> ReviewQueueQuerySet:
        """Queues with n_waiting and n_decided; each is counted within the items' index, which a join would not use."""
        return self.annotate(n_waiting=_n_items("chosen", "open"), n_decided=_n_items("decided"))

    def reserved_skus(self, catalog_id: int) -> set[str]:
        """The catalog's skus that any of its queues keeps from people and from training."""
        lists = self.filter(catalog=catalog_id).values_list("reserved_skus", flat=True)
        return {sku for skus in lists for sku in skus}


def _n_items(*states: str) -> Coalesce:
    """Return the number of a queue's items in some states, as a column."""
    items = apps.get_model("review", "ReviewItem")._default_manager.filter(
        queue=models.OuterRef("pk"), state__in=states
    )
    counted = items.order_by().values("queue").annotate(n=models.Count("pk")).values("n")
    return Coalesce(models.Subquery(counted), 0)


class ReviewItemQuerySet(models.QuerySet["ReviewItem"]):
    """Items of review queues."""

    def waiting(self) -> ReviewItemQuerySet:
        """Items that nobody has decided: chosen, or open in Label Studio."""
        return self.filter(state__in=["chosen", "open"])

    def unsent(self) -> ReviewItemQuerySet:
        """Items that Label Studio has not been sent, best first."""
        return self.filter(state="chosen").order_by("rank", "pk")

    def stale(self) -> ReviewItemQuerySet:
        """Waiting items whose product has changed since they were chosen."""
        return self.waiting().exclude(content_hash=models.F("product__content_hash"))


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Decisions."""

    def bulk_create(self, objs: Iterable[Decision], *told: Any, **named: Any) -> list[Decision]:  # noqa: ANN401
        """Create them with their products' catalogs."""
        rows = list(objs)
        for row in rows:
            row.fill_catalog()
        return super().bulk_create(rows, *told, **named)

    def current(self) -> DecisionQuerySet:
        """Decisions that hold: neither superseded nor withdrawn."""
        return self.filter(superseded_at=None, withdrawn_at=None)

    def standing(self) -> DecisionQuerySet:
        """Decisions that answer for their annotation: current ones, and those that a reviewer sent back."""
        sent_back = models.Q(second_look__verdict="sent_back")
        return self.filter(models.Q(superseded_at=None) | sent_back, withdrawn_at=None)

    def told(self) -> DecisionQuerySet:
        """What annotators said last of their annotations, whatever a reviewer made of it."""
        looked_at = models.Q(second_look__verdict__in=["mended", "sent_back"])
        # Said the long way: `mends=None` lures SQLite into the index of mends, in which nearly all are None.
        return self.filter(models.Q(superseded_at=None) | looked_at, withdrawn_at=None).exclude(mends__isnull=False)

    def usable(self) -> DecisionQuerySet:
        """Current Decisions with a final title."""
        return self.current().exclude(outcome="rejected")

    def of_catalog(self, catalog_id: int) -> DecisionQuerySet:
        """Decisions on a catalog's products."""
        return self.filter(catalog=catalog_id)


class DueLookQuerySet(models.QuerySet["DueLook"]):
    """Second looks that are due."""

    def waiting(self) -> DueLookQuerySet:
        """Those whose Decision holds and nobody has looked at."""
        return self.filter(self._of(self._decisions().current().filter(second_look=None)))

    def of_catalogs(self, catalogs: models.QuerySet[Any]) -> DueLookQuerySet:
        """Those of Decisions on products of the catalogs."""
        return self.filter(self._of(self._decisions().filter(item__queue__catalog__in=catalogs)))

    def _decisions(self) -> DecisionQuerySet:
        related: Any = self.model._meta.get_field("decision").related_model
        found: DecisionQuerySet = related.objects.all()
        return found

    def _of(self, decisions: DecisionQuerySet) -> models.Exists:
        # Asked of each look, which are few: a join is read from the side of the Decisions, which are many.
        return models.Exists(decisions.filter(pk=models.OuterRef("decision")).order_by())
