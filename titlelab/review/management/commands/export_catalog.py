"""`export_catalog KEY`: write a catalog's accepted titles and tags to a file or to standard output."""

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from titlelab.catalog.models import Catalog
from titlelab.review.exporting import AcceptedRow, accepted
from titlelab.review.formats import FORMATS


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
        counted = _Counted(accepted(found))
        pieces = FORMATS[file_format](counted)
        if out is None:
            if file_format == "parquet":
                raise CommandError("Parquet is no text: tell a file by --out")
            for piece in pieces:
                self.stdout.write(piece.decode(), ending="")
            return
        try:
            _write(out, pieces)
        except OSError as e:
            raise CommandError(f"{out} can't be written: {e.strerror}") from e
        self.stdout.write(f"{found}: {counted.n} accepted titles in {out}")


class _Counted:
    """Passes rows on and counts them."""

    def __init__(self, rows: Iterable[AcceptedRow]) -> None:
        self.rows, self.n = rows, 0

    def __iter__(self) -> Iterator[AcceptedRow]:
        for row in self.rows:
            self.n += 1
            yield row


def _write(file: Path, pieces: Iterable[bytes]) -> None:
    """Write beside the file, then rename, so that a broken export leaves the old file."""
    aside = file.with_name(f".{file.name}.part")
    with aside.open("wb") as out:
        out.writelines(pieces)
    aside.replace(file)
