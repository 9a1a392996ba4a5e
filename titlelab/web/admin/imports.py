"""Imports: from an uploaded file over its columns and a dry run to products, each step on the import's own page."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from unfold.contrib.filters.admin import RangeDateTimeFilter, RelatedDropdownFilter
from unfold.decorators import display

from tasks.importing import check_upload, import_upload
from titlelab.catalog.checking import BEFORE_START, confirm_columns, discard, start_again, start_import, stop
from titlelab.catalog.detection import DELIMITERS, ENCODINGS, layout_of
from titlelab.catalog.holding import AT_WORK
from titlelab.catalog.layouts import Layout
from titlelab.catalog.mapping import guessed
from titlelab.catalog.models import ImportRun, RefusedRow
from titlelab.catalog.reading import Sample, sample
from titlelab.catalog.rows import ATTRIBUTE, FIELDS
from titlelab.catalog.storing import stored_file
from titlelab.errors import BadFile, TitleLabError
from titlelab.languages.sentences import said
from titlelab.people.rights import may
from titlelab.review.exporting import BYTE_ORDER_MARK, harmless
from titlelab.web.admin.ledger import Ledger, LedgerInline
from titlelab.web.admin.one_click import Link, OneClick, click
from titlelab.web.admin.saying import spoken
from titlelab.web.admin.tables import table
from titlelab.web.ringing import ring

MAY_IMPORT = "catalog.add_product"
State = ImportRun.State
DELIMITER_NAMES = {
    ",": _lazy("comma ,"),
    ";": _lazy("semicolon ;"),
    "\t": _lazy("tab"),
    "|": _lazy("bar |"),
    "^": _lazy("caret ^"),
    "~": _lazy("tilde ~"),
}
FIELD_HINTS = {
    "sku": _lazy("names a product once"),
    "category": _lazy("A > B > C; several columns are its levels"),
    "attributes": _lazy("many in one cell: JSON, or Name: value | Name: value"),
    "description": _lazy("HTML becomes text; several columns are joined"),
}
NEXT = {
    State.UPLOADED: _lazy("Next: say which column tells what."),
    State.CHECKING: _lazy("The file is read without writing anything. This page looks again by itself."),
    State.CHECKED: _lazy("Nothing is written yet. See below what would change, then start the import."),
    State.RUNNING: _lazy("Products are written now. This page looks again by itself."),
    State.DONE: "",
    State.FAILED: "",
    State.STOPPED: "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A line of the columns page: the form field's name, what may be chosen, and what the file's first rows tell."""

    field: str
    name: str
    target: str
    options: list[tuple[str, str]]
    values: list[str]


class RefusedRowInline(LedgerInline):
    model = RefusedRow
    fields = readonly_fields = ["line", "sku", "column", spoken(RefusedRow, "reason")]


@admin.register(ImportRun)
class ImportRunAdmin(OneClick, Ledger):
    list_display = ["file_name", "catalog", "state_label", "n_new", "n_changed", "n_same", "n_refused", "started_at"]
    list_filter = [("catalog", RelatedDropdownFilter), "state", ("started_at", RangeDateTimeFilter)]
    list_select_related = ["catalog"]
    search_fields = ["file_name", "reason"]
    inlines = [RefusedRowInline]
    clicks: ClassVar = ["start", "go_on", "halt", "throw_away"]
    change_form_outer_before_template = "titlelab/import.html"
    fields = ["catalog", "file_name", "state", "told", "new_examples", "changed_examples", "columns_told",
              "started_at", "finished_at"]  # fmt: skip
    readonly_fields = ["state", "told", "new_examples", "changed_examples", "columns_told"]

    def get_urls(self) -> list[URLPattern]:
        wrapped = self.admin_site.admin_view
        return [
            path("<int:row_id>/columns/", wrapped(self.columns_view), name=self.url_name("columns")),
            path("<int:row_id>/refused.csv", wrapped(self.refused_view), name=self.url_name("refused")),
            *super().get_urls(),
        ]

    def fitting(self, row: ImportRun) -> list[str]:
        return {
            State.CHECKED: ["start", "throw_away"],
            State.UPLOADED: ["throw_away"],
            State.CHECKING: ["halt"],
            State.RUNNING: ["halt"],
            State.FAILED: ["go_on"] if row.n_rows is not None else [],
            State.STOPPED: ["go_on"] if row.n_rows is not None and row.reason != "discarded" else [],
        }.get(State(row.state), [])

    def links(self, request: HttpRequest, row: ImportRun) -> list[Link]:
        found = []
        if row.state in BEFORE_START and may(request.user, MAY_IMPORT, row) and _is_kept(row):
            found.append(Link(label="Choose the columns", url=self.url("columns", row.pk), icon="view_column"))
        if row.n_refused:
            label = _("Download the %(n)s refused rows") % {"n": f"{row.n_refused:,}"}
            found.append(Link(label=label, url=self.url("refused", row.pk), icon="download"))
        return found

    def _buttons(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        told = {"titlelab_next": NEXT[State(row.state)], "titlelab_is_at_work": row.state in AT_WORK}
        return {**super()._buttons(request, row), **told}

    @click("Start the import", permission=MAY_IMPORT, icon="play_arrow", is_primary=True)
    def start(self, request: HttpRequest, run: ImportRun) -> str:
        start_import(run)
        ring(request, import_upload, run.pk)
        return f"The import of {run.file_name} is started."

    @click(
        "Go on with the import",
        permission=MAY_IMPORT,
        icon="play_arrow",
        hint="behind the last imported row",
        is_primary=True,
    )
    def go_on(self, request: HttpRequest, run: ImportRun) -> str:
        start_again(run)
        ring(request, import_upload, run.pk)
        return f"The import of {run.file_name} goes on behind row {run.n_read:,}."

    @click("Stop", permission=MAY_IMPORT, icon="stop", hint="what is imported stays")
    def halt(self, request: HttpRequest, run: ImportRun) -> str:
        stop(run)
        return f"{run.file_name} is stopped."

    @click("Discard the file", permission=MAY_IMPORT, icon="delete")
    def throw_away(self, request: HttpRequest, run: ImportRun) -> str:
        discard(run)
        return f"{run.file_name} is deleted; nothing of it is imported."

    @display(
        description="state",
        ordering="state",
        label={"done": "success", "failed": "danger", "running": "info", "checking": "info", "checked": "warning"},
    )
    def state_label(self, run: ImportRun) -> tuple[str, str]:
        return run.state, run.get_state_display()

    @display(description="so far")
    def told(self, run: ImportRun) -> str:
        counted = {
            f"n_{what}": f"{getattr(run, f'n_{what}'):,}" for what in ("read", "new", "changed", "same", "refused")
        }
        told = _("%(n_read)s rows read") % counted
        if run.n_rows:
            of = {"n_rows": f"{run.n_rows:,}", "share": f"{run.n_read / run.n_rows:.0%}"}
            told = _("%(n_read)s of %(n_rows)s rows read (%(share)s)") % {**counted, **of}
        counts = _("%(n_new)s new, %(n_changed)s changed, %(n_same)s the same, %(n_refused)s refused.") % counted
        reason = _("Reason: %(reason)s.") % {"reason": said(run.reason)} if run.reason else ""
        return f"{told}: {counts} {reason}".strip()

    @display(description="new, for example")
    def new_examples(self, run: ImportRun) -> str:
        found = run.examples.get("new", [])
        return table(["line", "sku", "title"], [[each["line"], each["sku"], each["title"]] for each in found])

    @display(description="changed, for example")
    def changed_examples(self, run: ImportRun) -> str:
        found = run.examples.get("changed", [])
        rows = [[each["line"], each["sku"], *difference] for each in found for difference in each["differences"]]
        return table(["line", "sku", "field", "before", "after"], rows)

    @display(description="columns")
    def columns_told(self, run: ImportRun) -> str:
        return table(["column", "tells"], [[name, target or "–"] for name, target in run.targets.items()])

    def columns_view(self, request: HttpRequest, row_id: int) -> HttpResponse:
        """Show the guess and the first rows; a POST confirms the columns, or reads the file in another way."""
        if not may(request.user, MAY_IMPORT):
            raise PermissionDenied
        run = self.row(request, row_id)
        if not may(request.user, MAY_IMPORT, run):
            raise PermissionDenied
        if run.state not in BEFORE_START:
            return HttpResponseRedirect(self.url("change", run.pk))
        layout, found, targets, errors = Layout(**run.layout), Sample(columns=(), rows=()), dict(run.targets), []
        try:
            layout = _layout(request, run)
            found = sample(stored_file(run), layout)
            is_read_anew = layout != Layout(**run.layout)
            targets = guessed(found.columns) if is_read_anew or not targets else targets
            if request.method == "POST" and "again" not in request.POST:
                targets = {name: request.POST.get(f"column-{n}", "") for n, name in enumerate(found.columns)}
                confirm_columns(run, layout, targets)
                ring(request, check_upload, run.pk)
                messages.success(request, f"{run.file_name} is read now, without writing anything.")
                return HttpResponseRedirect(self.url("change", run.pk))
        except TitleLabError as e:
            errors = [said(str(e))]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Which column tells what?"),
            "subtitle": str(run),
            "opts": self.opts,
            "run": run,
            "row_url": self.url("change", run.pk),
            "errors": errors,
            "layout": layout,
            "encodings": ENCODINGS,
            "delimiters": [(d, DELIMITER_NAMES[d]) for d in DELIMITERS],
            "columns": _columns(found, targets),
            "hints": FIELD_HINTS.items(),
        }
        return TemplateResponse(request, "titlelab/columns.html", context)

    def refused_view(self, request: HttpRequest, row_id: int) -> StreamingHttpResponse:
        """Stream every refused row with its line, column and reason."""
        run = self.row(request, row_id)
        if not self.has_view_permission(request, run):
            raise PermissionDenied
        response = StreamingHttpResponse(_refused_lines(run), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="refused-{run.pk}.csv"'
        return response


def _is_kept(run: ImportRun) -> bool:
    try:
        stored_file(run)
    except TitleLabError:
        return False
    return True


def _layout(request: HttpRequest, run: ImportRun) -> Layout:
    """Return how the run's file is read, as the form has it; raises BadFile."""
    if request.method != "POST":
        return Layout(**run.layout)
    delimiter = request.POST.get("delimiter", "")
    if delimiter and run.layout["kind"] != "table":
        raise BadFile("only a table of text has a delimiter")
    return layout_of(
        stored_file(run),
        file_name=run.file_name,
        encoding=request.POST.get("encoding", ""),
        delimiter=delimiter,
    )


def _columns(found: Sample, targets: dict[str, str]) -> list[Column]:
    return [
        Column(
            field=f"column-{n}",
            name=name,
            target=targets.get(name, ""),
            options=_options(name, targets.get(name, "")),
            values=[row[name] for row in found.rows],
        )
        for n, name in enumerate(found.columns)
    ]


def _options(column: str, target: str) -> list[tuple[str, str]]:
    own = target if target.startswith(ATTRIBUTE) else ATTRIBUTE + column
    return [
        ("", _("leave it out")),
        (own, _("attribute “%(name)s”") % {"name": own.removeprefix(ATTRIBUTE)}),
        *((field, field) for field in FIELDS),
    ]


def _refused_lines(run: ImportRun) -> Iterator[str]:
    write = csv.writer(_Echo()).writerow
    yield BYTE_ORDER_MARK + str(write(["line", "sku", "column", "reason"]))
    for row in run.refused_rows.order_by("line", "pk").iterator(2000):
        yield str(write([row.line, *map(harmless, (row.sku, row.column, row.reason))]))


class _Echo:
    """A file that hands back what is written, so that rows stream."""

    def write(self, text: str) -> str:
        return text
