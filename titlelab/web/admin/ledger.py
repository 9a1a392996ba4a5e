"""Admin pages of rows that the loop writes and nobody edits."""

from typing import Any

from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.paginator import InfinitePaginator

from titlelab.web.admin.saying import spoken
from titlelab.web.admin.scoping import Scoped


class Ledger(Scoped):
    """Rows are read here: never added, changed or deleted by hand."""

    list_filter_submit = True

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Return the fields, sentences in the reader's language."""
        return [
            (heading, {**options, "fields": [spoken(self.model, field) for field in options["fields"]]})
            for heading, options in super().get_fieldsets(request, obj)
        ]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LongLedger(Ledger):
    """A ledger that grows with every product or Decision: its pages are not counted."""

    paginator = InfinitePaginator
    show_full_result_count = False
    list_per_page = 50


class LedgerInline(TabularInline):
    """Rows of another row, read only."""

    extra = 0
    can_delete = False
    per_page = 50
    tab = False
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
