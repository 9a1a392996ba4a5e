"""What every page of the admin keeps to: a person meets rows of own catalogs alone, in lists, filters and forms.

The rules stand in titlelab/people/rights.py; a test refuses a page that is not made of this one.
"""

from functools import cache
from typing import Any

from django.contrib.admin import RelatedFieldListFilter
from django.contrib.admin.utils import get_fields_from_path
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from unfold.admin import ModelAdmin

from titlelab.languages.sentences import said
from titlelab.people import rights
from titlelab.people.scopes import CATALOG_OR_ALL, CATALOG_PATHS, LIBRARY_PATHS, SYSTEM
from titlelab.web.admin.saying import spoken


class Scoped(ModelAdmin):
    """Adds the catalogs to what permissions say."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return rights.visible(super().get_queryset(request), request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if not super().has_view_permission(request, obj) or not self._reaches(request, SYSTEM):
            return False
        return obj is None or rights.is_visible(obj, request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(super().has_add_permission(request)) and self._concerns(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(super().has_change_permission(request, obj)) and self._concerns(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(super().has_delete_permission(request, obj)) and self._concerns(request, obj)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return [spoken(self.model, column) for column in super().get_list_display(request)]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """Name the fields that a form declares itself as the model does."""
        form = super().get_form(request, obj, change=change, **kwargs)
        for name, field in form.base_fields.items():
            if field.label is None:
                field.label = capfirst(self.opts.get_field(name).verbose_name)
        return form

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        """Show what was done in the reader's language; it is kept in English, as a button's name and a sentence."""
        response = super().history_view(request, object_id, extra_context)
        for entry in (getattr(response, "context_data", None) or {}).get("action_list", ()):
            label, mark, sentence = entry.change_message.partition(": ")
            if mark and not label.startswith("["):  # Django's own messages are JSON
                entry.change_message = f"{said(label)}: {said(sentence)}"
        return response

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [_scoped_filter(self.model, each) for each in super().get_list_filter(request)]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None:
            # What a row hangs on must be one's own; what it merely names, such as a catalog's library, be in sight.
            among = rights.own if db_field.name == _first_step(self.model) else rights.visible
            field.queryset = among(field.queryset, request.user)
        return field

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field is not None:
            field.queryset = rights.visible(field.queryset, request.user)
        return field

    def _reaches(self, request: HttpRequest, models: frozenset[str]) -> bool:
        return self.opts.label_lower not in models or rights.sees_every_catalog(request.user)

    def _concerns(self, request: HttpRequest, row: Model | None = None) -> bool:
        """Say whether a change of the row, or of any, concerns nobody else."""
        if rights.is_common(self.model):
            return rights.sees_every_catalog(request.user)
        return row is None or rights.is_own(row, request.user)


class ScopedChoices:
    """Lets a filter by a related row offer the rows in sight alone."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: ModelAdmin) -> Any:
        rows = rights.visible(field.related_model._default_manager.all(), request.user)
        ordering = self.field_admin_ordering(field, request, model_admin)  # type: ignore[attr-defined] # the filter's
        return field.get_choices(
            include_blank=False, ordering=ordering, limit_choices_to={"pk__in": rows.order_by().values("pk")}
        )


def _scoped_filter(model: type[Model], told: Any) -> Any:
    """Return a list filter as it was told, its choices scoped where it is by a related row."""
    path, kind = told if isinstance(told, tuple | list) else (told, RelatedFieldListFilter)
    if not isinstance(path, str) or not get_fields_from_path(model, path)[-1].is_relation:
        return told
    return (path, _scoped_kind(kind)) if issubclass(kind, RelatedFieldListFilter) else told


@cache
def _scoped_kind(kind: type) -> type:
    return type(f"Scoped{kind.__name__}", (ScopedChoices, kind), {})


def _first_step(model: type[Model]) -> str:
    """Name the field by which a row hangs on its catalog or library; "" or "pk" if by none."""
    label = model._meta.label_lower
    return {**CATALOG_PATHS, **CATALOG_OR_ALL, **LIBRARY_PATHS}.get(label, "").split("__")[0]
