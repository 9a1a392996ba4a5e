"""Queries with a name: which rules hold, which alerts are open, which letters wait."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

if TYPE_CHECKING:
    from titlelab.alerts.models import Alert, AlertRule, Letter  # noqa: F401


class AlertRuleQuerySet(models.QuerySet["AlertRule"]):
    """Alert rules."""

    def in_effect(self, catalog_ids: Collection[int]) -> dict[str, dict[int, AlertRule]]:
        """The rule of each kind for each catalog: its own or, if it has none, that for all; none if switched off."""
        rules = {(rule.kind, rule.catalog_id): rule for rule in self.all()}
        found = (
            (kind, pk, rules.get((kind, pk)) or rules.get((kind, None)))
            for kind in {kind for kind, _ in rules}
            for pk in catalog_ids
        )
        holding: dict[str, dict[int, AlertRule]] = {}
        for kind, pk, rule in found:
            if rule is not None and rule.is_active:
                holding.setdefault(kind, {})[pk] = rule
        return holding


class AlertQuerySet(models.QuerySet["Alert"]):
    """Alerts."""

    def open(self) -> AlertQuerySet:
        """Alerts of what still holds."""
        return self.filter(closed_at=None)

    def closed(self) -> AlertQuerySet:
        """Alerts of what is over."""
        return self.filter(closed_at__isnull=False)

    def unheard(self) -> AlertQuerySet:
        """Open alerts that nobody has acknowledged."""
        return self.open().filter(acknowledged_at=None)


class LetterQuerySet(models.QuerySet["Letter"]):
    """Letters."""

    def unsent(self) -> LetterQuerySet:
        """Letters that the mail server has not taken, nor been given up."""
        return self.filter(sent_at=None, given_up_at=None)

    def free(self, now: dt.datetime) -> LetterQuerySet:
        """Unsent letters that nobody is sending and whose next try is due."""
        return self.unsent().filter(Q(busy_until=None) | Q(busy_until__lte=now)).order_by(F("written_at"), "pk")
