"""What stands where in Label Studio, and what its webhook told us."""

from typing import ClassVar

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from unfold.contrib.filters.admin import RangeDateTimeFilter, RelatedDropdownFilter
from unfold.decorators import display

from tasks.label_studio import process_inbox, reconcile
from titlelab.errors import NotPossibleNow
from titlelab.labelstudio.models import InboxEvent, Project, Task
from titlelab.web.admin.ledger import Ledger, LongLedger
from titlelab.web.admin.one_click import Link, OneClick, click
from titlelab.web.ringing import ring

MAY = "labelstudio.change_inboxevent"
State = InboxEvent.State


@admin.register(Project)
class ProjectAdmin(OneClick, Ledger):
    clicks: ClassVar = ["read_now"]
    list_display = ["__str__", "queue", "model_version", "last_event_at", "n_missed", "reconciled_at", "problem"]
    list_select_related = ["queue"]
    search_fields = ["queue__name", "=project_id", "problem"]

    def links(self, request: HttpRequest, row: Project) -> list[Link]:
        url = f"{settings.LABEL_STUDIO_URL}/projects/{row.project_id}/data"
        return [Link(label="Open in Label Studio", url=url, icon="open_in_new", is_elsewhere=True)]

    @click("Read now", permission="labelstudio.change_project", icon="sync", hint="reconciles the ledger with it")
    def read_now(self, request: HttpRequest, project: Project) -> str:
        ring(request, reconcile, project.pk)
        return f"{project} is being read; what was decided there stands under Decisions in a moment."


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
class InboxEventAdmin(OneClick, LongLedger):
    clicks: ClassVar = ["try_again", "ignore"]
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

    @click("Try again", permission=MAY, icon="replay", hint="reads a failed event once more")
    def try_again(self, request: HttpRequest, event: InboxEvent) -> str:
        _take(event, State.NEW)
        ring(request, process_inbox)
        return f"{event} is being read again."

    @click("Ignore", permission=MAY, icon="visibility_off", hint="reconciliation brings what it told of")
    def ignore(self, request: HttpRequest, event: InboxEvent) -> str:
        _take(event, State.IGNORED)
        return f"{event} is ignored from now on."


def _take(event: InboxEvent, state: InboxEvent.State) -> None:
    """Move a failed event on; guarded, since a worker may be at the others."""
    if not InboxEvent.objects.filter(pk=event.pk, state=State.FAILED).update(state=state, attempts=0, problem=""):
        raise NotPossibleNow(f"{event} has not failed.")
