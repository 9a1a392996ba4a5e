"""`export_catalog KEY`: write a catalog's accepted titles and tags to a file or to standard output."""

from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from titlelab.catalog.models import Catalog
from titlelab.review.exporting import FORMATS, accepted


class Command(BaseCommand):
    help = "Export accepted titles and tags with their provenance."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("catalog", metavar="KEY")
        parser.add_argument("--format", dest="file_format", choices=sorted(FORMATS), default="csv")
        parser.add_argument("--out", type=Path, help="the file; standard output if not told")

    def handle(self, *, catalog: str, file_format: str, out: Path | None, **_: object) -> None:
        found = Catalog.objects.filter(key=catalog).first()
        if found is None:
            known = ", ".join(Catalog.objects.values_list("key", flat=True)) or "none yet"
            raise CommandError(f"there is no catalog {catalog!r}; there are: {known}")
        lines = FORMATS[file_format](accepted(found))
        if out is None:
            for line in lines:
                self.stdout.write(line, ending="")
            return
        try:
            n_lines = _write(out, lines)
        except OSError as e:
            raise CommandError(f"{out} can't be written: {e.strerror}") from e
        self.stdout.write(f"{found}: {n_lines - (file_format == 'csv')} accepted titles in {out}")


def _write(file: Path, lines: Iterable[str]) -> int:
    """Write beside the file, then rename, so that a broken export leaves the old file; return the number of lines."""
    aside = file.with_name(f".{file.name}.part")
    n_lines = 0
    with aside.open("w", encoding="utf-8", newline="") as out:
        for n_lines, line in enumerate(lines, start=1):  # noqa: B007 (the count is what is wanted)
            out.write(line)
    aside.replace(file)
    return n_lines
