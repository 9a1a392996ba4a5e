"""Says of every part whether it is well and, if not, what to do."""

import sys
from typing import Any

from django.core.management import BaseCommand

from titlelab.launching.diagnosis import findings


class Command(BaseCommand):
    """Prints one line a finding; the exit code is 1 when there is a problem."""

    help = "Check database, broker, workers, beat, ML backend, Label Studio and mail, and say what to do."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        n_problems = 0
        for finding in findings():
            if finding.remedy:
                n_problems += 1
                line = self.style.ERROR("PROBLEM") + f"  {finding.part}: {finding.seen} → {finding.remedy}"
            else:
                line = self.style.SUCCESS("ok     ") + f"  {finding.part}: {finding.seen}"
            self.stdout.write(line)
        if n_problems:
            sys.exit(1)
