"""Rows that alerts are about, for tests; every moment is told."""

import datetime as dt
from typing import Any

from tests.factories import NOW, make_catalog, make_decision, make_draft, make_item, make_product, make_queue
from titlelab.alerts.kinds import Kind
from titlelab.alerts.models import Alert, AlertRule
from titlelab.catalog.models import Catalog, Product
from titlelab.labelstudio.models import Project
from titlelab.quality.models import DecisionMeasure
from titlelab.quality.recording import record_measures
from titlelab.review.models import Decision, Draft, ReviewItem, ReviewQueue


def days(n: float) -> dt.timedelta:
    return dt.timedelta(days=n)


def make_alert(catalog: Catalog | None = None, *, kind: str = Kind.RUN_FAILED, **fields: Any) -> Alert:
    """Make an open alert of a failed run, by the rule for all catalogs, unless told otherwise."""
    defaults: dict[str, Any] = {
        "catalog": catalog or make_catalog(),
        "rule": AlertRule.objects.get(kind=kind, catalog=None),
        "subject": f"template {Alert.objects.count()}",
        "data": {"method": "template", "scope": "shop", "run_id": 1, "n": 1, "reason": "The disk is full."},
        "opened_at": NOW,
        "last_seen_at": NOW,
    }
    return Alert.objects.create(kind=kind, **{**defaults, **fields})


def products_of(catalog: Catalog, n: int, *, at: dt.datetime, **fields: Any) -> None:
    """Make products that came, and last changed, at a moment."""
    pks = [make_product(catalog=catalog, **fields).pk for _ in range(n)]
    Product.objects.filter(pk__in=pks).update(created_at=at, changed_at=at)


def drafts_of(catalog: Catalog, n: int, *, at: dt.datetime, **fields: Any) -> None:
    product = make_product(catalog=catalog)
    pks = [make_draft(product=product, brief_hash=f"{at:%j}{i:029d}", **fields).pk for i in range(n)]
    Draft.objects.filter(pk__in=pks).update(created_at=at)


def decisions_of(queue: ReviewQueue, n_accepted: int, n_edited: int, *, at: dt.datetime) -> None:
    """Make Decisions at a moment and measure them."""
    for i in range(n_accepted + n_edited):
        outcome = Decision.Outcome.ACCEPTED if i < n_accepted else Decision.Outcome.EDITED
        draft = make_draft(product=make_product(catalog=queue.catalog))
        item = make_item(draft=draft, queue=queue)
        make_decision(item=item, draft=draft, outcome=outcome, decided_at=at)
        ReviewItem.objects.filter(pk=item.pk).update(closed_at=at, created_at=at)
    record_measures()
    assert DecisionMeasure.objects.filter(queue=queue).exists()


def waiting_in(queue: ReviewQueue, n: int, *, since: dt.datetime) -> None:
    pks = [make_item(queue=queue).pk for _ in range(n)]
    ReviewItem.objects.filter(pk__in=pks).update(created_at=since)


def queue_with_project(**fields: Any) -> tuple[ReviewQueue, Project]:
    queue = make_queue(**fields)
    return queue, Project.objects.create(queue=queue, project_id=500 + queue.pk)
