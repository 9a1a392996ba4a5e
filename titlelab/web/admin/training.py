"""Training runs with their verdicts, and the versions that came of them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import display

from ml_backend.contract import Reliability, from_json
from tasks.label_studio import refresh_open_tasks
from tasks.training import draft_version_samples, execute_training_run
from titlelab.languages.sentences import said
from titlelab.training.estimate import in_words, seconds_left
from titlelab.training.keeping_curves import curves_of, events_folder
from titlelab.training.models import ModelVersion, TrainingRun
from titlelab.training.promoting import has_folder, promote, retire, roll_back
from titlelab.training.running import cancel_run
from titlelab.training.sampling import ask_for_samples
from titlelab.training.scopes import TAKE_MINUTES, open_queues
from titlelab.training.starting import start_run
from titlelab.web.admin.ledger import Ledger
from titlelab.web.admin.one_click import Link, OneClick, click
from titlelab.web.admin.tables import table
from titlelab.web.admin.verdicts import reliability_chart, verdict_rows, verdict_sentence
from titlelab.web.admin.version_reports import version_report
from titlelab.web.charts import told
from titlelab.web.model_charts import curve_charts
from titlelab.web.ringing import ring

MAY = "training.change_modelversion"
REFRESH_S = 4  # while a run is under way; its worker notes progress about as often
UNDER_WAY = (TrainingRun.State.QUEUED, TrainingRun.State.RUNNING, TrainingRun.State.CANCELLING)
STATE_LABELS = {
    "queued": "info",
    "running": "info",
    "cancelling": "warning",
    "cancelled": "warning",
    "done": "primary",
    "promoted": "success",
    "refused": "warning",
    "nothing": "info",
    "failed": "danger",
}


@admin.register(TrainingRun)
class TrainingRunAdmin(OneClick, Ledger):
    list_display = [
        "__str__", "kind", "state_label", "progress_percent", "trigger", "n_examples", "version_link", "created_at",
    ]  # fmt: skip
    list_filter = [
        "kind",
        ("method", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
        "scope",
        ("created_at", RangeDateTimeFilter),
    ]
    list_select_related = ["version"]
    search_fields = ["scope", "message"]
    clicks: ClassVar = ["cancel", "train_again"]
    readonly_fields = [
        "progress_bar",
        "verdict_table",
        "metrics_table",
        "curves_drawn",
        "took",
        "log",
        "version_link",
        "data_digest",
    ]
    fieldsets = [
        (None, {"fields": ["method", "scope", "state", "progress_bar", "message", "verdict_table", "version_link"]}),
        (_lazy("What it learnt from"), {"fields": ["n_examples", "n_decisions", "data_digest", "trigger"]}),
        (_lazy("What it measured"), {"fields": ["curves_drawn", "metrics_table"]}),
        (
            _lazy("Its work"),
            {"fields": ["attempts", "created_at", "started_at", "finished_at", "took", "lease_until", "log"]},
        ),
    ]

    class Media:
        css: ClassVar = {"all": ["titlelab/quality.css", "titlelab/models.css"]}

    def fitting(self, row: TrainingRun) -> Sequence[str]:
        return ["cancel"] if row.state in UNDER_WAY[:2] else ["train_again"]

    def change_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().change_view(request, *args, **kwargs)
        run = getattr(response, "context_data", {}).get("original")
        if run and run.state in UNDER_WAY:
            response["Refresh"] = str(REFRESH_S)
        return response

    @display(description="state", ordering="state", label=STATE_LABELS)
    def state_label(self, run: TrainingRun) -> tuple[str, str]:
        return run.state, _outcome(run.get_state_display())

    @display(description="progress", ordering="progress")
    def progress_percent(self, run: TrainingRun) -> str:
        return f"{run.progress:.0%}"

    @display(description="progress")
    def progress_bar(self, run: TrainingRun) -> str:
        return format_html(
            '<progress class="tl-progress" max="1" value="{}">{}</progress> {} {}',
            run.progress,
            *[f"{run.progress:.0%}"] * 2,
            estimate(run),
        )

    @display(description="version")
    def version_link(self, run: TrainingRun) -> str:
        version = getattr(run, "version", None)
        if version is None:
            return "-"
        url = reverse("admin:training_modelversion_change", args=[version.pk])
        return format_html('<a class="tl-link" href="{}">v{}</a>', url, version.number)

    @display(description="the gate's verdict")
    def verdict_table(self, run: TrainingRun) -> str:
        return _verdict(run.verdict or {})

    @display(description="metrics")
    def metrics_table(self, run: TrainingRun) -> str:
        return _metrics((run.report or {}).get("metrics", {}))

    @display(description="data hash")
    def data_digest(self, run: TrainingRun) -> str:
        return format_html('<span class="tl-code">{}</span>', run.data_hash)

    @display(description="curves")
    def curves_drawn(self, run: TrainingRun) -> str:
        curves = curves_of(run)
        context = {
            "charts": curve_charts(curves.curves),
            "n_refused": curves.n_refused,
            "events": events_folder(run),
            "none": _nothing_told(run),
        }
        return render_to_string("titlelab/models/curves.html", context)

    @display(description="took")
    def took(self, run: TrainingRun) -> str:
        if run.started_at is None or run.finished_at is None:
            return "-"
        return told((run.finished_at - run.started_at).total_seconds(), "seconds")

    @display(description="end of its log")
    def log(self, run: TrainingRun) -> str:
        return format_html('<pre class="tl-log">{}</pre>', run.log_tail or _("empty"))

    @click("Cancel", permission=MAY, icon="cancel", hint="ends the training; what serves serves on")
    def cancel(self, request: HttpRequest, run: TrainingRun) -> str:
        cancelled = cancel_run(run)
        is_over = cancelled.state == TrainingRun.State.CANCELLED
        return f"{run.get_method_display()} of {run.scope} is {'cancelled' if is_over else 'being cancelled'}."

    @click("Train again", permission="training.add_trainingrun", icon="replay", hint="same method and scope")
    def train_again(self, request: HttpRequest, run: TrainingRun) -> str:
        another = start_run(run.method, run.scope)
        ring(request, execute_training_run, another.pk)
        url = reverse("admin:training_trainingrun_change", args=[another.pk])
        return format_html(_('A training run is queued: <a class="tl-link" href="{}">{}</a>.'), url, another)


@admin.register(ModelVersion)
class ModelVersionAdmin(OneClick, Ledger):
    list_display = ["__str__", "method", "state_label", "passed_gate", "created_at", "promoted_at"]
    list_filter = ["kind", "state", "scope", "method", "passed_gate"]
    list_select_related = ["run"]
    search_fields = ["scope", "method"]
    clicks: ClassVar = ["promote", "roll_back", "retire", "draft_samples"]
    change_form_outer_after_template = "titlelab/models/version.html"
    fields = [
        "kind", "scope", "number", "method", "state", "passed_gate", "verdict_table", "metrics_table", "calibration",
        "created_at", "promoted_at",
    ]  # fmt: skip
    readonly_fields = ["verdict_table", "metrics_table", "calibration"]

    class Media:
        css: ClassVar = {"all": ["titlelab/quality.css", "titlelab/diffs.css", "titlelab/models.css"]}

    def fitting(self, row: ModelVersion) -> Sequence[str]:
        unfit = {"retire"} if row.state != ModelVersion.State.CANDIDATE else set()
        unfit |= set() if has_folder(row) else {"draft_samples"}
        return [name for name in self.clicks if name not in unfit]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        version = self.get_object(request, object_id) if object_id else None
        may_see = version is not None and self.has_view_permission(request, version)
        report = version_report(request, version) if version and may_see else {}
        return super().changeform_view(request, object_id, form_url, {**report, **(extra_context or {})})

    @display(
        description="state", ordering="state", label={"serving": "success", "candidate": "info", "retired": "warning"}
    )
    def state_label(self, version: ModelVersion) -> tuple[str, str]:
        return version.state, version.get_state_display()

    @display(description="the gate's verdict")
    def verdict_table(self, version: ModelVersion) -> str:
        return _verdict(version.run.verdict or {})

    @display(description="metrics")
    def metrics_table(self, version: ModelVersion) -> str:
        return _metrics(version.metrics)

    @display(description="calibration")
    def calibration(self, version: ModelVersion) -> str:
        measured = (version.run.report or {}).get("reliability")
        return _reliability(from_json(Reliability, measured)) if measured else _("not measured")

    def links(self, request: HttpRequest, row: ModelVersion) -> list[Link]:
        url = reverse("admin:training_trainingrun_change", args=[row.run_id])
        return [Link(label="Its training run", url=url, icon="model_training")]

    @click("Promote", permission=MAY, icon="rocket_launch", hint="it answers from now on")
    def promote(self, request: HttpRequest, version: ModelVersion) -> str:
        promote(version)
        _refresh(request, version)
        return f"{version} serves now; open tasks get its drafts."

    @click("Roll back", permission=MAY, icon="undo", hint="the version before it answers again")
    def roll_back(self, request: HttpRequest, version: ModelVersion) -> str:
        before = roll_back(version.kind, version.scope)
        _refresh(request, version)
        serves = str(before) if before else f"the built-in {version.kind}"
        return f"Rolled back {version.kind} {version.scope}: {serves} serves now; open tasks get its drafts."

    @click(
        "Draft samples", permission=MAY, icon="difference", hint="on fifty products, beside the version that matters"
    )
    def draft_samples(self, request: HttpRequest, version: ModelVersion) -> str:
        ask_for_samples(version)
        ring(request, draft_version_samples, version.pk)
        return f"{version} drafts the sample products as soon as the training worker is free."

    @click("Retire", permission=MAY, icon="archive", hint="it waits for promotion no more")
    def retire(self, request: HttpRequest, version: ModelVersion) -> str:
        retire(version)
        return f"{version} is retired."


def _nothing_told(run: TrainingRun) -> str:
    if run.method not in TAKE_MINUTES:
        return _("None: this method learns in one go, without steps that could be drawn.")
    return _("None yet.") if run.state in UNDER_WAY else _("None: it told nothing before it ended.")


def _outcome(label: str) -> str:
    """Return a state's name without that it is over."""
    return re.sub("^[^:：]+[:：] ?", "", label)


def estimate(run: TrainingRun) -> str:
    """Say how long a running run will still take; "" where nothing tells."""
    if run.state != TrainingRun.State.RUNNING or run.started_at is None:
        return ""
    elapsed_s = (timezone.now() - run.started_at).total_seconds()
    usual_s = TrainingRun.objects.usual_seconds(run.method, run.scope)
    return said(in_words(seconds_left(elapsed_s=elapsed_s, progress=run.progress, usual_s=usual_s)))


def _metrics(metrics: Mapping[str, float]) -> str:
    return table(["figure", "value"], [(name, f"{value:.4g}") for name, value in sorted(metrics.items())])


def _verdict(verdict: Mapping[str, Any]) -> str:
    rows = [(said(figure), *values) for figure, *values in verdict_rows(verdict)]
    figures = table(["", "candidate", "serving", "difference"], rows) if rows else ""
    return format_html("<p>{}</p>{}", said(verdict_sentence(verdict)), figures)


def _reliability(measured: Reliability) -> str:
    """Return the reliability diagram with its figures as a table, and the expected calibration error in words."""
    sentence = (
        f"Expected calibration error {measured.ece:.3f}: so far, on average, promised probabilities are from what came "
        f"true. Measured on {measured.n} predictions of at least 10 % on golden items."
    )
    diagram = render_to_string(
        "titlelab/chart.html",
        {
            "chart": reliability_chart(measured),
            "caption": _("By promised probability"),
            "first_column": _("promised"),
        },
    )
    return format_html('<div class="tl-card"><p>{}</p>{}</div>', said(sentence), diagram)


def _refresh(request: HttpRequest, version: ModelVersion) -> None:
    for queue_id in open_queues(version.kind, version.scope):
        ring(request, refresh_open_tasks, queue_id)
