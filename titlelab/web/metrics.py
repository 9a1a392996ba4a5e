"""/metrics for Prometheus: what waits, what runs, what was decided; counted in the database when it is asked."""

import ipaddress
from collections.abc import Iterator

from django.conf import settings
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from titlelab.alerts.models import Alert, Letter
from titlelab.labelstudio.inbox import waiting_events
from titlelab.labelstudio.models import InboxEvent, LostProject, Project
from titlelab.review.models import Decision, ReviewItem
from titlelab.training.models import ModelVersion, TrainingRun

FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP")


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer a caller on this machine, or one that has the token; 403 for anybody else."""
    if not _may_see(request):
        return HttpResponse("metrics are told on this machine, or to who has the token\n", status=403)
    registry = CollectorRegistry()
    registry.register(Ledger())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_see(request: HttpRequest) -> bool:
    """Say whether it is told: a proxy on this machine speaks for others, so what it passes on needs the token."""
    if settings.METRICS_TOKEN:
        return constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}")
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:  # a Unix socket has no address
        return False


class Ledger(Collector):
    """Reads the figures from the database, so that they are the same whichever process is asked."""

    def collect(self) -> Iterator[Metric]:
        yield _items()
        yield _counted("titlelab_runs", "Training runs by state.", TrainingRun, ("kind", "state"))
        yield _counted("titlelab_versions", "Model versions by state.", ModelVersion, ("kind", "state"))
        yield _serving()
        yield _decisions()
        yield from _inbox()
        yield from _webhook()
        yield from _alerts()


def _items() -> Metric:
    found = GaugeMetricFamily("titlelab_items", "Review items by queue and state.", labels=["queue", "state"])
    rows = ReviewItem.objects.order_by().values_list("queue__name", "state").annotate(n=Count("pk"))
    for queue, state, n in rows:
        found.add_metric([queue, state], n)
    return found


def _counted(name: str, help_text: str, model: type[TrainingRun | ModelVersion], labels: tuple[str, ...]) -> Metric:
    found = GaugeMetricFamily(name, help_text, labels=labels)
    for *values, n in model.objects.order_by().values_list(*labels).annotate(n=Count("pk")):
        found.add_metric(values, n)
    return found


def _serving() -> Metric:
    found = GaugeMetricFamily(
        "titlelab_serving_version", "Number of the version that serves a scope.", labels=["kind", "scope"]
    )
    for kind, scope, number in ModelVersion.objects.serving().values_list("kind", "scope", "number"):
        found.add_metric([kind, scope], number)
    return found


def _decisions() -> Metric:
    found = GaugeMetricFamily("titlelab_decisions", "Current Decisions by outcome.", labels=["catalog", "outcome"])
    current = Decision.objects.current().order_by()
    for key, outcome, n in current.values_list("item__product__catalog__key", "outcome").annotate(n=Count("pk")):
        found.add_metric([key, outcome], n)
    return found


def _alerts() -> Iterator[Metric]:
    found = GaugeMetricFamily("titlelab_alerts", "Open alerts by catalog and kind.", labels=["catalog", "kind"])
    for key, kind, n in Alert.objects.open().order_by().values_list("catalog__key", "kind").annotate(n=Count("pk")):
        found.add_metric([key, kind], n)
    yield found
    n_unsent = Letter.objects.unsent().count()
    yield GaugeMetricFamily("titlelab_letters_unsent", "Mails about alerts that wait for the server.", value=n_unsent)


def _inbox() -> Iterator[Metric]:
    waiting = waiting_events().order_by().aggregate(n=Count("pk"), first=Min("received_at"))
    age_s = (timezone.now() - waiting["first"]).total_seconds() if waiting["first"] else 0.0
    yield GaugeMetricFamily("titlelab_inbox_waiting", "Webhook events that wait to be read.", value=waiting["n"])
    yield GaugeMetricFamily("titlelab_inbox_age_seconds", "How long the oldest of them has waited.", value=age_s)
    n_failed = InboxEvent.objects.filter(state=InboxEvent.State.FAILED).count()
    yield GaugeMetricFamily("titlelab_inbox_failed", "Webhook events that could not be read.", value=n_failed)


def _webhook() -> Iterator[Metric]:
    gap = GaugeMetricFamily(
        "titlelab_webhook_gap_seconds",
        "Since when Decisions come by polling alone; 0 while the webhook arrives.",
        labels=["queue"],
    )
    missed = GaugeMetricFamily(
        "titlelab_webhook_missed", "Decisions so far that no webhook event told of.", labels=["queue"]
    )
    now = timezone.now()
    for queue, since, n in Project.objects.values_list("queue__name", "missed_since", "n_missed"):
        gap.add_metric([queue], (now - since).total_seconds() if since else 0.0)
        missed.add_metric([queue], n)
    yield gap
    yield missed
    yield GaugeMetricFamily(
        "titlelab_lost_projects", "Projects that were deleted in Label Studio.", value=LostProject.objects.count()
    )
