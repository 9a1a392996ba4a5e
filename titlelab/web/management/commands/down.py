"""Stops what `up` started."""

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand

from titlelab.launching.instance import stop


class Command(BaseCommand):
    """Ends the process that `up` runs in, and with it all that it started."""

    help = "Stop TitleLab."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        was_running = stop(settings.HOME)
        self.stdout.write("TitleLab is stopped." if was_running else "TitleLab was not running.")
