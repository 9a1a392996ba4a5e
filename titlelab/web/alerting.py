"""Alerts as pages tell them: what each is about, where that stands, and whether anybody is mailed."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from titlelab.alerts.conditions import LOOKS
from titlelab.alerts.kinds import Kind
from titlelab.alerts.models import Alert, AlertRule, Letter
from titlelab.alerts.opening import limits
from titlelab.alerts.sentences import sentence
from titlelab.people.rights import Anybody, may, visible

SEE, ACKNOWLEDGE = "alerts.view_alert", "alerts.change_alert"
AT_ONCE = (Kind.RUN_FAILED, Kind.FOLDER_MISSING, Kind.FAILING_WEBHOOK)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLine:
    """An open alert on a page; acknowledge_url is "" for who may not, and where somebody has."""

    alert: Alert
    url: str
    about_url: str
    acknowledge_url: str


def open_lines(user: Anybody, catalog_ids: Iterable[int]) -> list[AlertLine]:
    """Return the open alerts of these catalogs that a person may see, the unheard first."""
    if not may(user, SEE):
        return []
    alerts = visible(Alert.objects.open().filter(catalog__in=catalog_ids), user)
    told = sorted(alerts.select_related("acknowledged_by", "catalog"), key=lambda alert: bool(alert.acknowledged_at))
    may_hear = may(user, ACKNOWLEDGE)
    return [
        AlertLine(
            alert=alert,
            url=reverse("admin:alerts_alert_change", args=[alert.pk]),
            about_url=about(alert),
            acknowledge_url=_button(alert) if may_hear and not alert.acknowledged_at else "",
        )
        for alert in told
    ]


def unnoted(catalog_ids: Collection[int], lines: Iterable[AlertLine], now: dt.datetime) -> dict[int, list[str]]:
    """Say, by catalog, what is wrong at this moment and no alert yet; of what is told by few rows."""
    noted = {(line.alert.kind, line.alert.catalog_id, line.alert.subject) for line in lines}
    holding = AlertRule.objects.in_effect(catalog_ids)
    found: dict[int, list[str]] = {}
    for kind in AT_ONCE:
        for each in LOOKS[kind](limits(holding.get(kind, {})), now):
            if each.opens and (kind, each.catalog_id, each.subject) not in noted:
                found.setdefault(each.catalog_id, []).append(sentence(kind, each.data))
    return found


def about(alert: Alert) -> str:
    """Return the page of what an alert is about."""
    data, kind = alert.data, Kind(alert.kind)
    if kind in (Kind.PRODUCT_DRIFT, Kind.DRAFT_DRIFT):
        return f"{reverse('admin:quality_alerts')}?catalog={alert.catalog_id}"
    if kind == Kind.FALLING_ACCEPTANCE:
        return f"{reverse('admin:quality_overview')}?catalog={alert.catalog_id}"
    if kind == Kind.FAILING_WEBHOOK and "n" in data:
        return f"{reverse('admin:labelstudio_inboxevent_changelist')}?state__exact=failed"
    page, key = {
        Kind.STALLED_QUEUE: ("review_reviewqueue", "queue_id"),
        Kind.FAILING_WEBHOOK: ("review_reviewqueue", "queue_id"),
        Kind.RUN_FAILED: ("training_trainingrun", "run_id"),
        Kind.FOLDER_MISSING: ("training_modelversion", "version_id"),
    }[kind]
    return reverse(f"admin:{page}_change", args=[data[key]])


def mail_problem() -> str:
    """Say why nobody, or somebody not, is mailed; "" when all is well."""
    if not settings.EMAIL_URL:
        return _("No mail is set up: alerts stand here alone. The setting TITLELAB_EMAIL_URL names a mail server.")
    has_failed = Letter.objects.unsent().exclude(problem="").exists()
    return _("The mail server has not taken every mail yet: make doctor says why.") if has_failed else ""


def _button(alert: Alert) -> str:
    return reverse("admin:alerts_alert_click", args=[alert.pk, "acknowledge"])
