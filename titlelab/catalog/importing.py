"""Writes a product file into its catalog: new and changed products by sku, refused rows with their reasons."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from django.db import OperationalError, transaction
from django.utils import timezone

from ml_backend.contract import ChannelRules
from titlelab.catalog.brief import has_good_title
from titlelab.catalog.detection import layout_of
from titlelab.catalog.holding import beating, claim, held_run, let_go, write
from titlelab.catalog.layouts import Layout
from titlelab.catalog.mapping import Targets
from titlelab.catalog.models import Catalog, ImportRun, RefusedRow
from titlelab.catalog.reading import ProductRow, Refusal, records, row_of, rows, usable_guess
from titlelab.catalog.remembering import SeenSkus
from titlelab.catalog.storing import forget_upload, stored_file
from titlelab.catalog.writing import Judged, stored_hashes, upsert
from titlelab.channels.rules import rules_on
from titlelab.errors import BadFile, NotPossibleNow, RunLost

BATCH = 500  # one write transaction each: some 0.1 s, so that other writers of SQLite get their turn
State = ImportRun.State


def import_file(
    catalog: Catalog,
    path: Path,
    *,
    file_name: str,
    day: dt.date | None = None,
    layout: Layout | None = None,
    targets: Targets | None = None,
) -> ImportRun:
    """Create and update the file's products at once and return the finished run with its counts.

    The file is read to its end before the first write, so a file that can't be read changes nothing: its run is
    FAILED with the reason, and BadFile is raised. A product that the file does not name stays as it is. Safe to
    repeat. Of a sku that stands twice in a file the first row counts, and the later ones are refused. `day` (None:
    today) decides which channel rules a good title must meet; raises NotPossibleNow if there are none. layout and
    targets (None: found out, and guessed) say how the file is read.
    """
    rules = rules_on(catalog.channel, day or timezone.localdate())
    run = held_run(catalog, file_name)
    _execute(run, path, rules, layout=layout, targets=targets)
    run.refresh_from_db()
    return run


def execute_import(run_id: int) -> ImportRun:
    """Import the uploaded file of a run that was started, behind the rows that are imported already; return its row.

    A run that another worker holds or has ended is left alone. A file that can't be read, and a bug, end as the row's
    state and sentence; a database that is too busy raises OperationalError and leaves the run to the next delivery.
    """
    run = claim(run_id)
    if run is not None and run.state == State.RUNNING:
        try:
            rules = rules_on(run.catalog.channel, timezone.localdate())
            _execute(run, stored_file(run), rules, layout=Layout(**run.layout), targets=run.targets)
            forget_upload(run)
        except (BadFile, RunLost):
            pass  # the row tells
        except NotPossibleNow as e:
            finish(run, State.FAILED, reason=str(e))
    elif run is not None:
        let_go(run)
    return ImportRun.objects.get(pk=run_id)


def _execute(
    run: ImportRun,
    path: Path,
    rules: ChannelRules,
    *,
    layout: Layout | None,
    targets: Targets | None,
) -> None:
    try:
        layout = layout or layout_of(path, file_name=run.file_name)
        targets = usable_guess(path, layout) if targets is None else targets
        if run.n_rows is None:
            n_rows = sum(1 for _ in beating(run, records(path, file_name=run.file_name, layout=layout)))
            write(run, n_rows=n_rows, layout=asdict(layout), targets=dict(targets))
        found = once(rows(path, file_name=run.file_name, layout=layout, targets=targets))
        for batch in batches(islice(beating(run, found), run.n_read, None)):
            _write(run, batch, rules)
        finish(run, State.DONE)
    except BadFile as e:
        finish(run, State.FAILED, reason=str(e))
        raise
    except OperationalError:
        let_go(run)
        raise
    except RunLost:
        raise
    except Exception as e:
        finish(run, State.FAILED, reason=f"stopped by {type(e).__name__}; what was counted is imported")
        raise


@dataclass(frozen=True, slots=True, kw_only=True)
class Upserted:
    """What became of a batch; a refusal's line is the row's place in the batch, from 1."""

    n_new: int
    n_changed: int
    n_same: int
    refusals: tuple[Refusal, ...]


def upsert_products(catalog: Catalog, rows: Iterable[Mapping[str, object]]) -> Upserted:
    """Create or replace products by sku, each told whole by a row with the keys of a JSON Lines file.

    Refused rows are returned, the others are written, in transactions of `BATCH` rows. Rings no bell: whoever calls
    rings `refill_all` after the commit. Raises NotPossibleNow if the channel has no rules in force today.
    """
    return upsert_rows(catalog, (row_of(place, cells, {}) for place, cells in enumerate(rows, start=1)))


def upsert_rows(catalog: Catalog, read: Iterable[ProductRow | Refusal]) -> Upserted:
    """Do the same with rows that are read already; their lines are their places."""
    channel_rules = rules_on(catalog.channel, timezone.localdate())
    n_new = n_changed = n_same = 0
    refusals: list[Refusal] = []
    for batch in batches(once(read)):
        refusals += [row for row in batch if isinstance(row, Refusal)]
        changed, new, same = _sorted_out(catalog, batch, channel_rules)
        with transaction.atomic():
            upsert(catalog, changed, now=timezone.now())
        n_new, n_changed, n_same = n_new + new, n_changed + len(changed) - new, n_same + same
    return Upserted(n_new=n_new, n_changed=n_changed, n_same=n_same, refusals=tuple(refusals))


def once(found: Iterable[ProductRow | Refusal]) -> Iterator[ProductRow | Refusal]:
    """Refuse the later rows of a sku that stands twice."""
    with SeenSkus() as seen:
        for batch in batches(found):
            are_new = seen.are_new([(row.sku, row.line) for row in batch if isinstance(row, ProductRow)])
            yield from batch if are_new else (_unless_seen(row, seen) for row in batch)


def _unless_seen(row: ProductRow | Refusal, seen: SeenSkus) -> ProductRow | Refusal:
    first = seen.first_line(row.sku, row.line) if isinstance(row, ProductRow) else row.line
    if first == row.line:
        return row
    return Refusal(line=row.line, sku=row.sku, column="sku", reason=f"stands in line {first} already")


def batches(found: Iterable[ProductRow | Refusal]) -> Iterator[list[ProductRow | Refusal]]:
    found = iter(found)
    while batch := list(islice(found, BATCH)):
        yield batch


def refused_rows(run: ImportRun, batch: Iterable[ProductRow | Refusal]) -> list[RefusedRow]:
    """Return the batch's refusals as rows of the run, not yet written."""
    return [
        RefusedRow(run=run, line=r.line, sku=r.sku, column=r.column[:100], reason=r.reason[:500])
        for r in batch
        if isinstance(r, Refusal)
    ]


def finish(run: ImportRun, state: ImportRun.State, *, reason: str = "") -> None:
    """End the worker's part in the run; raises RunLost if it is another's."""
    write(run, state=state, reason=reason, finished_at=timezone.now(), lease_token="")


def _write(run: ImportRun, batch: list[ProductRow | Refusal], rules: ChannelRules) -> None:
    """Apply a batch and its counts, all or nothing; what takes time is done before the transaction."""
    changed, n_new, n_same = _sorted_out(run.catalog, batch, rules)
    refused = refused_rows(run, batch)
    counts = {
        "n_read": run.n_read + len(batch),
        "n_new": run.n_new + n_new,
        "n_changed": run.n_changed + len(changed) - n_new,
        "n_same": run.n_same + n_same,
        "n_refused": run.n_refused + len(refused),
    }
    with transaction.atomic():
        write(run, attempts=1, **counts)
        upsert(run.catalog, changed, now=timezone.now())
        RefusedRow.objects.bulk_create(refused)
    for name, count in counts.items():
        setattr(run, name, count)


def _sorted_out(
    catalog: Catalog, batch: list[ProductRow | Refusal], rules: ChannelRules
) -> tuple[list[Judged], int, int]:
    """Return the products to write, how many of them are new, and how many others are as they were."""
    told = {row.sku: (row, row.content_hash()) for row in batch if isinstance(row, ProductRow)}
    known = stored_hashes(catalog, list(told))
    changed = [
        Judged(row=row, content_hash=content_hash, has_good_title=has_good_title(row, rules))
        for row, content_hash in told.values()
        if known.get(row.sku) != content_hash
    ]
    return changed, sum(product.row.sku not in known for product in changed), len(told) - len(changed)
