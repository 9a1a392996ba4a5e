"""Brings the admin's pages up to date when a simulation has ended: what the schedule does every few minutes, now."""

from django.utils import timezone

from tasks.alerts import check_alerts, portray
from tasks.quality import draw_second_looks
from titlelab.quality.choosing import take_choosing_snapshots
from titlelab.quality.holding import measuring
from titlelab.quality.measuring import take_all_snapshots
from titlelab.quality.suggesting import suggest_all


def bring_pages_up_to_date() -> None:
    """Measure everything, look for suggestions, draw second looks, portray and look for alerts.

    Safe beside a worker that measures too, which is not waited for: it may have begun before the last Decision.
    """
    now = timezone.now()
    with measuring(now):
        take_all_snapshots()
        take_choosing_snapshots()
        suggest_all(now=now)
    draw_second_looks()
    portray()
    check_alerts()
