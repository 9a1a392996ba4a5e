"""Brings the Chinese catalog to what the sources say, and names what it lacks; for who develops TitleLab."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

LANGUAGE = "zh-hans"


class Command(BaseCommand):
    help = "Bring titlelab/locale to what the sources say now, compile it, and name what is not translated."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            from titlelab.languages.writing import write_catalog
        except ImportError as e:
            raise CommandError(f"{e}: install requirements-dev.txt") from e
        missing = write_catalog(LANGUAGE)
        for text in missing:
            self.stdout.write(text)
        self.stdout.write(f"{len(missing)} texts are not translated." if missing else "Every text is translated.")
