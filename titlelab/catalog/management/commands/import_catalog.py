"""`import_catalog FILE --catalog KEY`: create and update a catalog's products from a file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import TypeVar

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import QuerySet

from ml_backend.contract import pointer_file
from ml_backend.errors import MLBackendError
from titlelab.catalog.importing import import_file
from titlelab.catalog.models import Catalog, ImportRun
from titlelab.channels.loading import load_built_in_channels
from titlelab.channels.models import Channel
from titlelab.errors import NotPossibleNow, TitleLabError
from titlelab.tags.models import TagLibrary

N_REFUSALS_SHOWN = 20
Row = TypeVar("Row", Channel, TagLibrary)


class Command(BaseCommand):
    help = "Import a CSV or JSON Lines file into a catalog, which is made if there is none with the key."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--catalog", required=True, metavar="KEY")
        parser.add_argument("--name", default="", help="of a new catalog; its key if not told")
        parser.add_argument("--language", default="en", help="of a new catalog, such as en or zh")
        parser.add_argument("--channel", default="custom", metavar="KEY", help="of a new catalog")
        parser.add_argument("--library", default="", metavar="KEY", help="a new catalog's tag library")

    def handle(
        self, *, file: Path, catalog: str, name: str, language: str, channel: str, library: str, **_: object
    ) -> None:
        try:
            found = Catalog.objects.filter(key=catalog).first()
            to = found or _new_catalog(catalog, name=name, language=language, channel=channel, library=library)
            run = import_file(to, file, file_name=file.name)
        except (TitleLabError, MLBackendError) as e:
            raise CommandError(str(e)) from e
        self._tell(run)

    def _tell(self, run: ImportRun) -> None:
        self.stdout.write(
            f"{run.catalog}: {run.n_new} new, {run.n_changed} changed, {run.n_same} unchanged, {run.n_refused} refused"
        )
        for row in run.refused_rows.all()[:N_REFUSALS_SHOWN]:
            place = " ".join(part for part in (f"line {row.line}", row.sku, row.column) if part)
            self.stdout.write(self.style.WARNING(f"  {place}: {row.reason}"))
        if run.n_refused > N_REFUSALS_SHOWN:
            self.stdout.write(f"  and {run.n_refused - N_REFUSALS_SHOWN} more; see the import in the admin")


@transaction.atomic
def _new_catalog(key: str, *, name: str, language: str, channel: str, library: str) -> Catalog:
    pointer_file(Path(), "titler", key)  # refuses what can't be a folder's name
    load_built_in_channels()
    return Catalog.objects.create(
        key=key,
        name=name or key,
        language=language,
        channel=_known(Channel.objects.all(), channel),
        library=_known(TagLibrary.objects.all(), library) if library else None,
    )


def _known(rows: QuerySet[Row], key: str) -> Row:
    if found := rows.filter(key=key).first():
        return found
    known = ", ".join(rows.values_list("key", flat=True)) or "none yet"
    raise NotPossibleNow(f"there is no {rows.model._meta.verbose_name} {key!r}; there are: {known}")
