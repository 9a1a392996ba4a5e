"""The dry run of an import, and the steps between upload and start; nothing here writes a product."""

from dataclasses import asdict
from typing import Any

from django.db import OperationalError, transaction
from django.utils import timezone

from titlelab.catalog import holding
from titlelab.catalog.differences import differences
from titlelab.catalog.holding import beating, claim, let_go, write
from titlelab.catalog.importing import batches, finish, once, refused_rows
from titlelab.catalog.layouts import Layout
from titlelab.catalog.mapping import Targets, flaws
from titlelab.catalog.models import ImportRun, RefusedRow
from titlelab.catalog.reading import ProductRow, Refusal, rows
from titlelab.catalog.storing import forget_upload, stored_file
from titlelab.catalog.writing import TOLD, stored_hashes
from titlelab.errors import BadFile, NotPossibleNow, RunLost

State = ImportRun.State
N_EXAMPLES = 5
BEFORE_START = (State.UPLOADED, State.CHECKED, State.FAILED, State.STOPPED)
_FROM_THE_BEGINNING = {"n_read": 0, "n_new": 0, "n_changed": 0, "n_same": 0, "n_refused": 0, "reason": "",
                       "finished_at": None, "lease_until": None, "lease_token": "", "attempts": 0}  # fmt: skip


def confirm_columns(run: ImportRun, layout: Layout, targets: Targets) -> None:
    """Ask for a dry run with these columns; raises NotPossibleNow where they do not do, or it is too late."""
    stored_file(run)
    if found := flaws(targets, are_optional=layout.kind == "jsonl"):
        raise NotPossibleNow(" ".join(found))
    _step(
        run, BEFORE_START, state=State.CHECKING, layout=asdict(layout), targets=dict(targets), n_rows=None, examples={},
        **_FROM_THE_BEGINNING,
    )  # fmt: skip


def start_import(run: ImportRun) -> None:
    """Ask for the import of a file that was checked; raises NotPossibleNow."""
    stored_file(run)
    with transaction.atomic():
        _step(run, (State.CHECKED,), state=State.RUNNING, **_FROM_THE_BEGINNING)
        run.refused_rows.all().delete()


def start_again(run: ImportRun) -> None:
    """Go on with an import behind the last row that it imported; raises NotPossibleNow."""
    stored_file(run)
    if run.n_rows is None:
        raise NotPossibleNow("The file was never read to its end: confirm its columns first.")
    _step(
        run, (State.FAILED, State.STOPPED), state=State.RUNNING, reason="", finished_at=None, lease_until=None,
        lease_token="", attempts=0,
    )  # fmt: skip


def stop(run: ImportRun) -> None:
    """Stop a dry run or an import; what is imported stays. Raises NotPossibleNow if nothing is to stop."""
    reason = f"stopped by hand after {run.n_read:,} rows"
    _step(run, holding.AT_WORK, state=State.STOPPED, reason=reason, finished_at=timezone.now(), lease_token="")


def discard(run: ImportRun) -> None:
    """Delete a file that is not to be imported; raises NotPossibleNow while it is at work."""
    _step(run, BEFORE_START, state=State.STOPPED, reason="discarded", finished_at=timezone.now())
    forget_upload(run)


def execute_check(run_id: int) -> ImportRun:
    """Read a run's file as its import would, and store the counts, examples and refused rows; returns its row.

    A run that another worker holds or has ended is left alone. Raises OperationalError as execute_import does.
    """
    run = claim(run_id)
    if run is not None and run.state == State.CHECKING:
        try:
            _check(run)
        except (BadFile, NotPossibleNow) as e:
            finish(run, State.FAILED, reason=str(e))
        except RunLost:
            pass  # the row tells
        except OperationalError:
            let_go(run)
            raise
        except Exception as e:
            finish(run, State.FAILED, reason=f"the dry run was stopped by {type(e).__name__}; nothing is imported")
            raise
    elif run is not None:
        let_go(run)
    return ImportRun.objects.get(pk=run_id)


def _check(run: ImportRun) -> None:
    """Begin at the beginning: a dry run that was interrupted left nothing but counts."""
    path, layout = stored_file(run), Layout(**run.layout)
    counts = dict.fromkeys(["n_read", "n_new", "n_changed", "n_same", "n_refused"], 0)
    examples: dict[str, list[Any]] = {"new": [], "changed": []}
    write(run, **counts)
    run.refused_rows.all().delete()
    found = once(rows(path, file_name=run.file_name, layout=layout, targets=run.targets))
    for batch in batches(beating(run, found)):
        refused = refused_rows(run, batch)
        for name, count in _compared(run, batch, examples).items():
            counts[name] += count
        counts["n_read"] += len(batch)
        counts["n_refused"] += len(refused)
        with transaction.atomic():
            write(run, **counts)
            RefusedRow.objects.bulk_create(refused)
    write(run, n_rows=counts["n_read"], examples=examples)
    finish(run, State.CHECKED)


def _compared(run: ImportRun, batch: list[ProductRow | Refusal], examples: dict[str, list[Any]]) -> dict[str, int]:
    """Count what the batch would do, and add to the examples what is missing of them."""
    told = {row.sku: row for row in batch if isinstance(row, ProductRow)}
    known = stored_hashes(run.catalog, list(told))
    new = [row for sku, row in told.items() if sku not in known]
    changed = [row for sku, row in told.items() if sku in known and known[sku] != row.content_hash()]
    examples["new"] += [
        {"line": row.line, "sku": row.sku, "title": row.title} for row in new[: N_EXAMPLES - len(examples["new"])]
    ]
    shown = {row.sku: row for row in changed[: N_EXAMPLES - len(examples["changed"])]}
    stored = {each["sku"]: each for each in run.catalog.products.filter(sku__in=shown).values("sku", *TOLD)}
    examples["changed"] += [
        {"line": row.line, "sku": sku, "differences": differences(stored[sku], row)} for sku, row in shown.items()
    ]
    return {"n_new": len(new), "n_changed": len(changed), "n_same": len(told) - len(new) - len(changed)}


def _step(run: ImportRun, states: tuple[str, ...], **fields: object) -> None:
    """Change the row from one of the states; raises NotPossibleNow if it is in another by now."""
    if not ImportRun.objects.filter(pk=run.pk, state__in=states).update(**fields):
        raise NotPossibleNow(f"{run} is “{ImportRun.objects.get(pk=run.pk).get_state_display()}”: not possible now.")
    run.refresh_from_db()
