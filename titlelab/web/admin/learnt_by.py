"""Narrows the list of Decisions to those that a version learnt from; a version's page leads there."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from titlelab.people.rights import visible
from titlelab.review.models import Decision
from titlelab.training.lessons import among_lessons
from titlelab.training.models import ModelVersion

LONGEST_NUMBER = 18  # digits that any database takes


class LearntBy(admin.SimpleListFilter):
    """Shown only while it narrows: there are too many versions to choose from."""

    title = gettext_lazy("learnt by")
    parameter_name = "learnt_by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        version = self._version(request)
        return [(str(version.pk), str(version))] if version else []

    def has_output(self) -> bool:
        return self.value() is not None

    def queryset(self, request: HttpRequest, queryset: QuerySet[Decision]) -> QuerySet[Decision]:
        """Leave the version's Decisions; none of one that is not in sight or that kept none."""
        if self.value() is None:
            return queryset
        version = self._version(request)
        learnt = among_lessons(version.run, queryset) if version else None  # type: ignore[arg-type] # its own kind
        return queryset.none() if learnt is None else learnt

    def _version(self, request: HttpRequest) -> ModelVersion | None:
        told = self.value() or ""
        if not (told.isascii() and told.isdigit() and len(told) <= LONGEST_NUMBER):
            return None
        return visible(ModelVersion.objects.select_related("run"), request.user).filter(pk=int(told)).first()
