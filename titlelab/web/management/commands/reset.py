"""Removes everything that TitleLab has written."""

import shutil
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from titlelab.launching.instance import running


class Command(BaseCommand):
    """Empties the home folder: database, Label Studio's data, models, uploads, logs and secrets."""

    help = "Remove everything that TitleLab has written; asks first."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--force", action="store_true", help="Do not ask.")

    def handle(self, *args: Any, **options: Any) -> None:
        if running(settings.HOME):
            raise CommandError("TitleLab is running: stop it first with make down.")
        what = sorted(settings.HOME.iterdir()) if settings.HOME.is_dir() else []
        if not what:
            self.stdout.write(f"{settings.HOME} is empty already.")
            return
        self.stdout.write(f"In {settings.HOME}: {', '.join(path.name for path in what)}")
        if not options["force"] and not _agreed():
            self.stdout.write("Nothing was removed.")
            return
        for path in what:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        self.stdout.write("Removed; make up begins anew.")


def _agreed() -> bool:
    try:
        return input("Remove all of it, every Decision and model included? Type yes: ").strip() == "yes"
    except EOFError:
        return False
