"""`load_tag_library FILE --key KEY`: create or update a tag library from a file, and publish it."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from titlelab.errors import TitleLabError
from titlelab.tags.loading import load_library
from titlelab.tags.publishing import active_tags


class Command(BaseCommand):
    help = "Load a tag library from CSV (name, group, aliases parted by |) or JSON, and publish it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--key", required=True)
        parser.add_argument("--name", default="", help="wins over the file's")
        parser.add_argument("--language", default="", help="wins over the file's; en if neither tells")

    def handle(self, *, file: Path, key: str, name: str, language: str, **_: object) -> None:
        try:
            library = load_library(file, key=key, name=name, language=language)
        except TitleLabError as e:
            raise CommandError(str(e)) from e
        n_active = active_tags(library).count()
        self.stdout.write(f"{library}: {n_active} active tags, revision {library.revision}")
