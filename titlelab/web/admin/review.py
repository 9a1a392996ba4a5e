"""Review queues, and the ledger: what was asked, shown and decided."""

import json
from collections.abc import Iterable
from typing import Any, ClassVar, cast

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from import_export.admin import ExportMixin
from import_export.formats.base_formats import CSV, JSON
from import_export.resources import ModelResource
from simple_history.admin import SimpleHistoryAdmin
from unfold.contrib.filters.admin import RangeDateTimeFilter, RangeNumericFilter, RelatedDropdownFilter
from unfold.contrib.import_export.forms import ExportForm
from unfold.decorators import display

from ml_backend.contract import path_name
from tasks.label_studio import provision_queue, push_queue, rebuild_queue
from tasks.scoring import fill_queue
from titlelab.errors import NotPossibleNow
from titlelab.languages.sentences import said
from titlelab.people.settling import person_of
from titlelab.review.exporting import harmless
from titlelab.review.filling import room_in
from titlelab.review.models import Decision, Draft, ReviewItem, ReviewQueue, Showing
from titlelab.review.querysets import ReviewQueueQuerySet
from titlelab.web.admin.learnt_by import LearntBy
from titlelab.web.admin.ledger import LedgerInline, LongLedger
from titlelab.web.admin.lines import Lines
from titlelab.web.admin.one_click import Link, OneClick, click
from titlelab.web.admin.tables import table
from titlelab.web.ringing import ring

MAY = "review.change_reviewqueue"
State = ReviewQueue.State
LONGEST_PATIENCE_DAYS = 3650  # what lies before the year 1 is no date, and filling would fail
LOST, STANDING = ("rebuild",), ("push", "set_up")  # buttons for a project that is gone, and for one that is there
OUTCOME_LABELS = {"accepted": "success", "edited": "info", "rejected": "danger", "written": "primary"}


class QueueForm(forms.ModelForm):  # type: ignore[type-arg] # generic in the stubs alone
    reserved_skus = Lines(
        help_text=_lazy("One a line. Products that no queue asks about and no model learns from: they measure.")
    )

    class Meta:
        model = ReviewQueue
        fields = [
            "name", "catalog", "state", "working_set", "random_share", "blind_share", "patience_days",
            "asked_twice_share", "second_look_share", "asks_about_good_titles", "reserved_skus",
            "page_language",
        ]  # fmt: skip

    def clean_patience_days(self) -> float:
        days = float(self.cleaned_data["patience_days"])
        if not 0 <= days <= LONGEST_PATIENCE_DAYS:
            raise forms.ValidationError(_("It must be from 0 to %(n)s days.") % {"n": LONGEST_PATIENCE_DAYS})
        return days


@admin.register(ReviewQueue)
class ReviewQueueAdmin(SimpleHistoryAdmin, OneClick):
    form = QueueForm
    list_display = ["name", "catalog", "state_label", "n_waiting", "n_decided", "working_set", "project_problem"]
    list_filter = [("catalog", RelatedDropdownFilter), "state"]
    list_filter_submit = True
    list_select_related = ["catalog", "project", "loss"]
    search_fields = ["name", "catalog__name"]
    clicks: ClassVar = ["fill", "push", "set_up", "rebuild", "pause", "reopen"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReviewQueue]:
        return cast(ReviewQueueQuerySet, super().get_queryset(request)).with_counts()

    @display(description="state", ordering="state", label={"open": "success", "paused": "warning"})
    def state_label(self, queue: ReviewQueue) -> tuple[str, str]:
        return queue.state, queue.get_state_display()

    @display(description="waiting", ordering="n_waiting")
    def n_waiting(self, queue: Any) -> int:
        return int(queue.n_waiting)

    @display(description="decided", ordering="n_decided")
    def n_decided(self, queue: Any) -> int:
        return int(queue.n_decided)

    @display(description="Label Studio")
    def project_problem(self, queue: ReviewQueue) -> str:
        if hasattr(queue, "loss"):
            return _("deleted in Label Studio")
        project = _project(queue)
        return said(project.problem or str(project)) if project else _("not set up yet")

    def get_readonly_fields(self, request: HttpRequest, obj: ReviewQueue | None = None) -> list[str]:
        return ["catalog"] if obj else []  # its items are products of that catalog

    def links(self, request: HttpRequest, row: ReviewQueue) -> list[Link]:
        items = f"{reverse('admin:review_reviewitem_changelist')}?queue__id__exact={row.pk}"
        found = [Link(label="Items", url=items, icon="checklist")]
        if project := _project(row):
            url = f"{settings.LABEL_STUDIO_URL}/projects/{project.project_id}/data"
            found.insert(0, Link(label="Open in Label Studio", url=url, icon="open_in_new", is_elsewhere=True))
        return found

    def save_model(self, request: HttpRequest, obj: ReviewQueue, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        ring(request, provision_queue, obj.pk)
        if obj.state == State.OPEN:
            ring(request, fill_queue, obj.pk)

    def fitting(self, row: ReviewQueue) -> list[str]:
        unfit = {"reopen" if row.state == State.OPEN else "pause", *(LOST if not hasattr(row, "loss") else STANDING)}
        return [name for name in self.clicks if name not in unfit]

    @click("Fill", permission=MAY, icon="playlist_add", hint="chooses what is most worth asking, then pushes it")
    def fill(self, request: HttpRequest, queue: ReviewQueue) -> str:
        _require_open(queue)
        room = room_in(queue)
        ring(request, fill_queue, queue.pk)
        if not room:
            return f"“{queue}” is full; changed products are withdrawn and replaced."
        return f"“{queue}” is being filled: up to {room} items."

    @click("Push", permission=MAY, icon="send", hint="sends chosen items to Label Studio")
    def push(self, request: HttpRequest, queue: ReviewQueue) -> str:
        n = queue.items.unsent().count()
        ring(request, push_queue, queue.pk)
        return f"“{queue}”: {n} chosen items are being sent." if n else f"“{queue}” has no unsent items."

    @click("Set up in Label Studio", permission=MAY, icon="construction", hint="makes or mends its project")
    def set_up(self, request: HttpRequest, queue: ReviewQueue) -> str:
        ring(request, provision_queue, queue.pk)
        return f"The project of “{queue}” is being made or mended."

    @click(
        "Rebuild in Label Studio",
        permission=MAY,
        icon="restart_alt",
        hint="makes its deleted project anew, with all that waited; Decisions stay",
    )
    def rebuild(self, request: HttpRequest, queue: ReviewQueue) -> str:
        if not hasattr(queue, "loss"):
            raise NotPossibleNow(f"The project of “{queue}” is not known to be deleted.")
        ring(request, rebuild_queue, queue.pk)
        return f"The project of “{queue}” is being made anew, with all that waited in it."

    @click("Pause", permission=MAY, icon="pause", hint="no new items")
    def pause(self, request: HttpRequest, queue: ReviewQueue) -> str:
        return _move(queue, State.PAUSED)

    @click("Open", permission=MAY, icon="play_arrow", hint="asks again, and refills")
    def reopen(self, request: HttpRequest, queue: ReviewQueue) -> str:
        sentence = _move(queue, State.OPEN)
        ring(request, fill_queue, queue.pk)
        return sentence


def _move(queue: ReviewQueue, state: ReviewQueue.State) -> str:
    if queue.state == state:
        raise NotPossibleNow(f"“{queue}” is {state.label.lower()} already.")
    queue.state = state
    queue.save(update_fields=["state"])
    return f"“{queue}” is {state.label.lower()} now."


def _require_open(queue: ReviewQueue) -> None:
    if queue.state != State.OPEN:
        raise NotPossibleNow(f"“{queue}” is paused: open it first.")


def _project(queue: ReviewQueue) -> Any:
    try:
        return queue.project
    except ObjectDoesNotExist:
        return None


def _listed(sentences: Iterable[str]) -> str:
    return "; ".join(map(said, sentences))


class ShowingInline(LedgerInline):
    model = Showing
    fields = readonly_fields = ["draft", "created_at", "sent_at"]


class DecisionInline(LedgerInline):
    model = Decision
    fields = readonly_fields = ["outcome", "title", "person", "decided_at", "superseded_at", "withdrawn_at"]
    show_change_link = True


@admin.register(ReviewItem)
class ReviewItemAdmin(LongLedger):
    list_display = ["product", "queue", "state_label", "arm", "rank", "why", "created_at", "closed_at"]
    list_filter = [("queue", RelatedDropdownFilter), "state", "arm", ("created_at", RangeDateTimeFilter)]
    list_select_related = ["product", "queue"]
    search_fields = ["product__sku", "product__title", "why"]
    inlines = [ShowingInline, DecisionInline]

    @display(
        description="state",
        ordering="state",
        label={"open": "info", "decided": "success", "withdrawn": "warning", "chosen": "primary"},
    )
    def state_label(self, item: ReviewItem) -> tuple[str, str]:
        return item.state, item.get_state_display()


@admin.register(Draft)
class DraftAdmin(LongLedger):
    list_display = ["title", "product", "version", "title_uncertainty", "tag_uncertainty", "created_at"]
    list_filter = [
        ("product__catalog", RelatedDropdownFilter),
        ("title_uncertainty", RangeNumericFilter),
        ("created_at", RangeDateTimeFilter),
    ]
    list_select_related = ["product"]
    search_fields = ["title", "product__sku", "=version"]
    fields = [
        "product", "version", "title", "candidate_table", "tag_table", "category_table", "title_uncertainty",
        "tag_uncertainty", "created_at", "brief_hash", "brief_text",
    ]  # fmt: skip
    readonly_fields = ["candidate_table", "tag_table", "category_table", "brief_text"]

    @display(description="candidates")
    def candidate_table(self, draft: Draft) -> str:
        told = ["unsupported", "violations", "warnings", "reasons"]  # older drafts tell of no warnings
        rows = [
            [c["title"], f"{c['score']:.3f}", *(_listed(c.get(name, [])) for name in told)] for c in draft.candidates
        ]
        return table(["title", "score", "unsupported", "violations", "warnings", "reasons"], rows)

    @display(description="tags")
    def tag_table(self, draft: Draft) -> str:
        rows = [
            [t["name"], f"{t['proba']:.0%}", _("yes") if t["proba"] >= t["threshold"] else "", ", ".join(t["reasons"])]
            for t in draft.tags
        ]
        return table(["tag", "probability", "proposed", "because of"], rows)

    @display(description="categories")
    def category_table(self, draft: Draft) -> str:
        rows = [[path_name(c["path"]), f"{c['proba']:.0%}", ", ".join(c["reasons"])] for c in draft.categories]
        return table(["category", "probability", "because of"], rows) if rows else _("not asked, or none in sight")

    @display(description="brief")
    def brief_text(self, draft: Draft) -> str:
        return format_html(
            '<pre class="tl-log">{}</pre>', json.dumps(draft.brief, ensure_ascii=False, indent=2, sort_keys=True)
        )


@admin.register(Showing)
class ShowingAdmin(LongLedger):
    list_display = ["item", "draft", "created_at", "sent_at"]
    list_filter = [("item__queue", RelatedDropdownFilter), ("created_at", RangeDateTimeFilter)]
    list_select_related = ["item__product", "item__queue", "draft"]
    search_fields = ["item__product__sku", "draft__title"]


class IsCurrent(admin.SimpleListFilter):
    """Current Decisions, or those that were superseded or withdrawn."""

    title = _lazy("whether it holds")
    parameter_name = "current"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("holds")), ("no", _("superseded or withdrawn"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Decision]) -> QuerySet[Decision]:
        current = Q(superseded_at=None, withdrawn_at=None)
        return {"yes": queryset.filter(current), "no": queryset.exclude(current)}.get(self.value() or "", queryset)


class DecisionResource(ModelResource):  # type: ignore[type-arg] # generic in the stubs alone
    class Meta:
        model = Decision
        fields = [
            "item__product__sku", "item__product__catalog__key", "outcome", "title", "tags", "title_edit",
            "tags_added", "tags_removed", "category", "category_changed", "reject_reason", "person", "seconds",
            "draft__title", "draft__version", "decided_at", "superseded_at", "withdrawn_at",
        ]  # fmt: skip
        export_order = fields


class HarmlessCSV(CSV):
    """CSV that a spreadsheet runs nothing of; import_export's own escaping knows "=" alone, and drops it."""

    def export_data(self, dataset: Any, **kwargs: Any) -> Any:
        rows = [[harmless("" if cell is None else str(cell)) for cell in row] for row in dataset]
        return super().export_data(type(dataset)(*rows, headers=dataset.headers), **kwargs)


@admin.register(Decision)
class DecisionAdmin(ExportMixin, LongLedger):  # type: ignore[type-arg] # generic in the stubs alone
    resource_classes = [DecisionResource]
    export_form_class = ExportForm
    list_display = ["sku", "outcome_label", "title", "edit", "person", "seconds", "version", "decided_at"]
    list_filter = [
        ("item__queue", RelatedDropdownFilter),
        "outcome",
        IsCurrent,
        LearntBy,
        "item__arm",
        ("title_edit", RangeNumericFilter),
        ("decided_at", RangeDateTimeFilter),
    ]
    list_select_related = ["item__product", "draft"]
    search_fields = ["title", "item__product__sku", "person", "reject_reason"]

    fields = [
        "item", "outcome", "title", "shown_title", "edit", "final_tags", "added", "removed", "category_path",
        "category_changed", "picked_candidate", "reject_reason", "person", "annotator", "seconds", "draft",
        "decided_at", "recorded_at", "superseded_at", "withdrawn_at", "look", "mends", "annotation_id",
        "annotation_updated_at",
    ]  # fmt: skip
    readonly_fields = ["annotator", "shown_title", "edit", "final_tags", "added", "removed", "category_path", "look"]

    @display(description="title that was shown")
    def shown_title(self, decision: Decision) -> str:
        if decision.draft is None or decision.item.is_blind:
            return _("nothing shown")
        return decision.draft.title

    @display(description="who that is")
    def annotator(self, decision: Decision) -> str:
        user = person_of(decision.person)
        if user is None:
            return _("nobody who was invited here")
        url = reverse("admin:auth_user_change", args=[user.pk])
        return format_html('<a class="tl-link" href="{}">{}</a>', url, user)

    @display(description="second look")
    def look(self, decision: Decision) -> str:
        found = getattr(decision, "second_look", None)
        if found is not None:
            url = reverse("admin:review_secondlook_change", args=[found.pk])
            told = ": ".join(filter(None, [found.get_verdict_display(), found.reason]))
            return format_html('<a class="tl-link" href="{}">{}</a>', url, told)
        if decision.superseded_at or decision.withdrawn_at:
            return _("none was taken")
        url = f"{reverse('admin:review_second_pass')}?decision={decision.pk}"
        return format_html('<a class="tl-link" href="{}">{}</a>', url, _("Take a second look"))

    @display(description="title edit", ordering="title_edit")
    def edit(self, decision: Decision) -> str:
        return f"{decision.title_edit:.3f}"

    @display(description="tags")
    def final_tags(self, decision: Decision) -> str:
        return ", ".join(decision.tags)

    @display(description="tags added")
    def added(self, decision: Decision) -> str:
        return ", ".join(decision.tags_added)

    @display(description="tags removed")
    def removed(self, decision: Decision) -> str:
        return ", ".join(decision.tags_removed)

    @display(description="category")
    def category_path(self, decision: Decision) -> str:
        return path_name(decision.category) or _("none chosen")

    def get_export_formats(self) -> list[Any]:
        return [HarmlessCSV, JSON]

    def export_action(self, request: HttpRequest) -> HttpResponse:  # type: ignore[override] # a page or a redirect
        """Lead back to the list from an address that filters by what there is not, as the list itself does."""
        try:
            response: HttpResponse = super().export_action(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(f"{reverse('admin:review_decision_changelist')}?{ERROR_FLAG}=1")
        return response

    def get_export_queryset(self, request: HttpRequest) -> QuerySet[Decision]:
        rows: QuerySet[Decision] = super().get_export_queryset(request)
        return rows.select_related("item__product__catalog", "draft")

    @display(description="sku", ordering="item__product__sku")
    def sku(self, decision: Decision) -> str:
        return decision.item.product.sku

    @display(description="outcome", ordering="outcome", label=OUTCOME_LABELS)
    def outcome_label(self, decision: Decision) -> tuple[str, str]:
        return decision.outcome, decision.get_outcome_display()

    @display(description="drafted by", ordering="draft__version")
    def version(self, decision: Decision) -> str:
        return decision.draft.version if decision.draft else _("nothing shown")
