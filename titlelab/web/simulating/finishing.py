"""Brings the admin's pages up to date when a simulation has ended: what the schedule does every few minutes, now."""

from tasks.alerts import check_alerts, portray
from tasks.quality import draw_second_looks, take_snapshots


def bring_pages_up_to_date() -> None:
    """Measure, look for suggestions, draw second looks, portray and look for alerts; safe beside the schedule."""
    take_snapshots()
    draw_second_looks()
    portray()
    check_alerts()
