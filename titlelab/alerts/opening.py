"""Opens alerts, keeps them, and closes them: brings the rows to what is true now, and is safe to repeat.

An alert of something that came back within a day of its end is opened again as it was, so that what flickers is one
alert, mailed once.
"""

import datetime as dt
import logging
from collections.abc import Iterable, Mapping

from django.db import IntegrityError, transaction
from django.utils import timezone

from titlelab.alerts.conditions import LOOKS, Condition, Limits, Look
from titlelab.alerts.kinds import Kind
from titlelab.alerts.models import Alert, AlertRule
from titlelab.catalog.models import Catalog
from titlelab.errors import NotPossibleNow

logger = logging.getLogger(__name__)
COMES_BACK = dt.timedelta(days=1)
Rules = Mapping[int, AlertRule]
Key = tuple[int, str]


def check(now: dt.datetime, *, looks: Mapping[Kind, Look] = LOOKS) -> int:
    """Look at everything that a rule watches; return how many alerts are open."""
    catalog_ids = list(Catalog.objects.order_by("pk").values_list("pk", flat=True))
    holding = AlertRule.objects.in_effect(catalog_ids)
    for kind, look in looks.items():
        rules = holding.get(kind, {})
        _follow(kind, rules, look(limits(rules), now), now)
    return Alert.objects.open().count()


def limits(rules: Rules) -> Limits:
    """Return each catalog's limit."""
    return {catalog_id: rule.limit for catalog_id, rule in rules.items()}


def acknowledge(alert: Alert, user_id: int) -> Alert:
    """Note that somebody knows: no more mails about it. Raises NotPossibleNow if it is over or known already."""
    heard = {"acknowledged_at": timezone.now(), "acknowledged_by": user_id}
    if not Alert.objects.unheard().filter(pk=alert.pk).update(**heard):
        raise NotPossibleNow("The alert is over, or somebody has acknowledged it already.")
    alert.refresh_from_db()
    return alert


def forget_acknowledgement(alert: Alert) -> Alert:
    """Let it be mailed again. Raises NotPossibleNow if nobody has acknowledged it."""
    known = Alert.objects.filter(pk=alert.pk, acknowledged_at__isnull=False)
    if not known.update(acknowledged_at=None, acknowledged_by=None):
        raise NotPossibleNow("Nobody has acknowledged the alert.")
    alert.refresh_from_db()
    return alert


def _follow(kind: Kind, rules: Rules, conditions: Iterable[Condition], now: dt.datetime) -> None:
    open_ones = {(alert.catalog_id, alert.subject): alert for alert in Alert.objects.open().filter(kind=kind)}
    seen: set[Key] = set()
    for condition in conditions:
        key = (condition.catalog_id, condition.subject)
        seen.add(key)
        if key in open_ones:
            _keep(open_ones[key], condition, rules[condition.catalog_id], now)
        elif condition.opens:
            _open(kind, condition, rules[condition.catalog_id], now)
    over = [alert.pk for key, alert in open_ones.items() if key not in seen]
    if n := Alert.objects.open().filter(pk__in=over).update(closed_at=now):
        logger.info("%d alerts are over: %s", n, kind)


def _keep(alert: Alert, condition: Condition, rule: AlertRule, now: dt.datetime) -> None:
    """Note that it still holds. Between its two limits it is told as it was when it held last."""
    told = {"data": condition.data} if condition.opens else {}
    Alert.objects.open().filter(pk=alert.pk).update(last_seen_at=now, rule=rule, **told)


def _open(kind: Kind, condition: Condition, rule: AlertRule, now: dt.datetime) -> None:
    try:
        with transaction.atomic():
            if not _open_again(kind, condition, rule, now):
                Alert.objects.create(
                    kind=kind, catalog_id=condition.catalog_id, subject=condition.subject, data=condition.data,
                    rule=rule, opened_at=now, last_seen_at=now,
                )  # fmt: skip
    except IntegrityError:  # another worker was first
        return
    logger.warning("an alert is open: %s of catalog %d, %s", kind, condition.catalog_id, condition.subject)


def _open_again(kind: Kind, condition: Condition, rule: AlertRule, now: dt.datetime) -> bool:
    """Take up the alert of the same that ended lately; False where there is none."""
    lately = Alert.objects.closed().filter(kind=kind, catalog=condition.catalog_id, closed_at__gte=now - COMES_BACK)
    last = lately.filter(subject=condition.subject).order_by("-closed_at", "-pk").first()
    if last is None:
        return False
    again = {"closed_at": None, "last_seen_at": now, "data": condition.data, "rule": rule}
    return bool(Alert.objects.closed().filter(pk=last.pk).update(**again))
