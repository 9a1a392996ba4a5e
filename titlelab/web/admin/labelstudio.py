"""What stands where in Label Studio, and what its webhook told us."""

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from unfold.contrib.filters.admin import RangeDateTimeFilter, RelatedDropdownFilter
from unfold.decorators import display

from titlelab.labelstudio.models import InboxEvent, Project, Task
from titlelab.web.admin.ledger import Ledger, LongLedger
from titlelab.web.admin.one_click import Link, OneClick


@admin.register(Project)
class ProjectAdmin(OneClick, Ledger):
    list_display = ["__str__", "queue", "model_version", "last_event_at", "reconciled_at", "problem"]
    list_select_related = ["queue"]
    search_fields = ["queue__name", "=project_id", "problem"]

    def links(self, request: HttpRequest, row: Project) -> list[Link]:
        url = f"{settings.LABEL_STUDIO_URL}/projects/{row.project_id}/data"
        return [Link(label="Open in Label Studio", url=url, icon="open_in_new", is_elsewhere=True)]


@admin.register(Task)
class TaskAdmin(OneClick, LongLedger):
    list_display = ["__str__", "item", "project", "pushed_at", "deleted_at"]
    list_filter = [("project", RelatedDropdownFilter), ("pushed_at", RangeDateTimeFilter)]
    list_select_related = ["item__product", "item__queue", "project"]
    search_fields = ["=task_id", "item__product__sku"]
    ordering = ["-pk"]

    def links(self, request: HttpRequest, row: Task) -> list[Link]:
        url = f"{settings.LABEL_STUDIO_URL}/projects/{row.project.project_id}/data?task={row.task_id}"
        return [Link(label="Open in Label Studio", url=url, icon="open_in_new", is_elsewhere=True)]


@admin.register(InboxEvent)
class InboxEventAdmin(LongLedger):
    list_display = ["__str__", "state_label", "attempts", "problem", "received_at", "processed_at"]
    list_filter = ["state", "action", ("received_at", RangeDateTimeFilter)]
    search_fields = ["action", "problem"]
    ordering = ["-pk"]

    @display(
        description="state",
        ordering="state",
        label={"new": "info", "done": "success", "ignored": "warning", "failed": "danger"},
    )
    def state_label(self, event: InboxEvent) -> tuple[str, str]:
        return event.state, event.get_state_display()
