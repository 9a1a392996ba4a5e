"""Quality by version, what choosing has saved, and the quality pages beside it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, path
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.decorators import display

from titlelab.languages.sentences import said
from titlelab.people.rights import catalogs
from titlelab.quality.choosing import choosing_states
from titlelab.quality.models import QualitySnapshot
from titlelab.web.admin.ledger import Ledger
from titlelab.web.admin.saving_sentences import outlook_sentence, saved_sentence
from titlelab.web.quality.alerts import Alerts
from titlelab.web.quality.decisions import Decisions
from titlelab.web.quality.drill_down import DrillDown
from titlelab.web.quality.edits import Edits
from titlelab.web.quality.models import Models
from titlelab.web.quality.overview import Overview
from titlelab.web.quality.page import QualityPage
from titlelab.web.quality.people import People
from titlelab.web.quality.suggestions import Suggestions

# Where each page stands, its name for reverse("admin:…"), and what answers.
PAGES: list[tuple[str, str, type[QualityPage]]] = [
    ("overview/", "quality_overview", Overview),
    ("drill-down/", "quality_drill_down", DrillDown),
    ("models/", "quality_models", Models),
    ("decisions/", "quality_decisions", Decisions),
    ("edits/", "quality_edits", Edits),
    ("people/", "quality_people", People),
    ("alerts/", "quality_alerts", Alerts),
    ("suggestions/", "quality_suggestions", Suggestions),
]


@admin.register(QualitySnapshot)
class QualitySnapshotAdmin(Ledger):
    list_display = [
        "version", "catalog", "n", "n_accepted", "n_rejected", "accepted_share", "edit", "unseen_edit", "chrf_score",
        "rouge_l_score", "tag_f1_score", "kept_categories", "seconds_told", "taken_at",
    ]  # fmt: skip
    list_filter = [("catalog", RelatedDropdownFilter)]
    list_select_related = ["catalog"]
    search_fields = ["version", "catalog__name"]
    list_before_template = "titlelab/choosing.html"

    def get_urls(self) -> list[URLPattern]:
        wrapped = self.admin_site.admin_view
        pages = [path(at, wrapped(view.as_view(model_admin=self)), name=name) for at, name, view in PAGES]
        return [*pages, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        choosing = [
            {
                "state": state,
                "saved": said(saved_sentence(state.saved)),
                "outlook": said(outlook_sentence(state.outlook)),
            }
            for state in choosing_states(catalogs(request.user))
        ]
        return super().changelist_view(request, {**(extra_context or {}), "choosing": choosing})

    @display(description="accepted unedited", ordering="acceptance_rate")
    def accepted_share(self, snapshot: QualitySnapshot) -> str | None:
        return None if snapshot.acceptance_rate is None else f"{snapshot.acceptance_rate:.0%}"

    @display(description="title edit", ordering="title_edit")
    def edit(self, snapshot: QualitySnapshot) -> str | None:
        return None if snapshot.title_edit is None else f"{snapshot.title_edit:.3f}"

    @display(description="edit of unseen drafts", ordering="written_edit")
    def unseen_edit(self, snapshot: QualitySnapshot) -> str | None:
        return None if snapshot.written_edit is None else f"{snapshot.written_edit:.3f} ({snapshot.n_written})"

    @display(description="chrF", ordering="chrf")
    def chrf_score(self, snapshot: QualitySnapshot) -> str | None:
        return None if snapshot.chrf is None else f"{snapshot.chrf:.3f}"

    @display(description="ROUGE-L", ordering="rouge_l")
    def rouge_l_score(self, snapshot: QualitySnapshot) -> str | None:
        return None if snapshot.rouge_l is None else f"{snapshot.rouge_l:.3f}"

    @display(description="categories kept", ordering="category_accuracy")
    def kept_categories(self, snapshot: QualitySnapshot) -> str | None:
        return None if snapshot.category_accuracy is None else f"{snapshot.category_accuracy:.0%}"

    @display(description="seconds", ordering="seconds")
    def seconds_told(self, snapshot: QualitySnapshot) -> str | None:
        return None if snapshot.seconds is None else f"{snapshot.seconds:.1f}"

    @display(description="tag F1", ordering="tag_f1")
    def tag_f1_score(self, snapshot: QualitySnapshot) -> str | None:
        return None if snapshot.tag_f1 is None else f"{snapshot.tag_f1:.3f}"
