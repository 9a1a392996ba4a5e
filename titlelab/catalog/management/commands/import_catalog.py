"""`import_catalog FILE --catalog KEY`: create and update a catalog's products from a file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import TypeVar

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import QuerySet

from ml_backend.contract import pointer_file
from ml_backend.errors import MLBackendError
from titlelab.catalog.checking import confirm_columns, execute_check
from titlelab.catalog.detection import layout_of
from titlelab.catalog.importing import import_file
from titlelab.catalog.layouts import Layout
from titlelab.catalog.mapping import flaws, guessed
from titlelab.catalog.models import Catalog, ImportRun
from titlelab.catalog.reading import sample
from titlelab.catalog.storing import store_upload
from titlelab.channels.loading import load_built_in_channels
from titlelab.channels.models import Channel
from titlelab.errors import BadFile, NotPossibleNow, TitleLabError
from titlelab.tags.models import TagLibrary

N_REFUSALS_SHOWN = 20
Row = TypeVar("Row", Channel, TagLibrary)


class Command(BaseCommand):
    help = "Import a CSV, TSV, JSON Lines, Parquet or XLSX file into a catalog, which is made if there is none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--catalog", required=True, metavar="KEY")
        parser.add_argument("--encoding", default="", help="of a text file; found out if not told")
        parser.add_argument("--delimiter", default="", help="between columns; found out if not told")
        parser.add_argument(
            "--column", action="append", default=[], metavar="NAME=FIELD",
            help="what a column tells: a field, attr:NAME, or nothing to leave it out; the others are guessed",
        )  # fmt: skip
        parser.add_argument(
            "--dry-run", action="store_true",
            help="tell what would change and write no product; the import then waits in the admin for its start",
        )  # fmt: skip
        parser.add_argument("--name", default="", help="of a new catalog; its key if not told")
        parser.add_argument("--language", default="en", help="of a new catalog, such as en or zh")
        parser.add_argument("--channel", default="custom", metavar="KEY", help="of a new catalog")
        parser.add_argument("--library", default="", metavar="KEY", help="a new catalog's tag library")

    def handle(
        self, *, file: Path, catalog: str, encoding: str, delimiter: str, column: list[str], dry_run: bool,
        name: str, language: str, channel: str, library: str, **_: object,
    ) -> None:  # fmt: skip
        try:
            layout = layout_of(file, file_name=file.name, encoding=encoding, delimiter=delimiter)
            targets = _targets(file, layout, column)
            found = Catalog.objects.filter(key=catalog).first()
            if dry_run:
                self._promise(_checked(found, file, layout, targets))
                return
            to = found or _new_catalog(catalog, name=name, language=language, channel=channel, library=library)
            run = import_file(to, file, file_name=file.name, layout=layout, targets=targets)
        except (TitleLabError, MLBackendError) as e:
            raise CommandError(str(e)) from e
        self._tell(run)

    def _promise(self, run: ImportRun) -> None:
        """Tell the diff of a dry run: its counts, and examples of what is new and what changes."""
        self._tell(run, would="would be ")
        for each in run.examples["new"]:
            self.stdout.write(f"  new, line {each['line']}: {each['sku']} {each['title']}")
        for each in run.examples["changed"]:
            for field, before, after in each["differences"]:
                self.stdout.write(f"  changed, line {each['line']}: {each['sku']} {field}: {before!r} → {after!r}")
        self.stdout.write("No product was written: the import waits in the admin, under Imports, for its start.")

    def _tell(self, run: ImportRun, *, would: str = "") -> None:
        counts = f"{run.n_new} new, {run.n_changed} changed, {run.n_same} unchanged, {run.n_refused} refused"
        self.stdout.write(f"{run.catalog}: {would}{counts}")
        for row in run.refused_rows.all()[:N_REFUSALS_SHOWN]:
            place = " ".join(part for part in (f"line {row.line}", row.sku, row.column) if part)
            self.stdout.write(self.style.WARNING(f"  {place}: {row.reason}"))
        if run.n_refused > N_REFUSALS_SHOWN:
            self.stdout.write(f"  and {run.n_refused - N_REFUSALS_SHOWN} more; see the import in the admin")


def _checked(catalog: Catalog | None, file: Path, layout: Layout, targets: dict[str, str] | None) -> ImportRun:
    """Return the dry run of a file that is kept as an upload is; raises BadFile and NotPossibleNow."""
    if catalog is None:
        raise NotPossibleNow("a dry run compares with a catalog's products, and there is no such catalog yet")
    run = store_upload(catalog, file, file_name=file.name)
    confirm_columns(run, layout, run.targets if targets is None else targets)
    checked = execute_check(run.pk)
    if checked.state == ImportRun.State.FAILED:
        raise BadFile(checked.reason)
    if checked.state != ImportRun.State.CHECKED:
        raise NotPossibleNow("another import is at work: this one's dry run follows it and will stand in the admin")
    return checked


def _targets(file: Path, layout: Layout, told: list[str]) -> dict[str, str] | None:
    """Return the guess with what the user told of columns by name; None where nothing was told."""
    if not told:
        return None
    targets = guessed(sample(file, layout).columns)
    for each in told:
        column, _, field = each.rpartition("=")
        if column not in targets:
            raise BadFile(f"the file has no column {column!r}; it has: {', '.join(targets)}")
        targets = {name: "" if target == field else target for name, target in targets.items()} | {column: field}
    if found := flaws(targets):
        raise BadFile(" ".join(found))
    return targets


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
