"""What every quality page is made of: who may read it, and which Decisions it is about."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Max, Min
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from unfold.views import UnfoldModelAdminViewMixin

from titlelab.catalog.models import Catalog
from titlelab.errors import BadSlice
from titlelab.people.rights import catalogs, visible
from titlelab.quality.models import EditKind
from titlelab.quality.querysets import DecisionMeasureQuerySet
from titlelab.quality.slices import NONE, Slice
from titlelab.quality.unmeasured import n_unmeasured
from titlelab.review.models import ReviewQueue
from titlelab.web.quality.rows import measures

MOST_OPTIONS = 60  # in a list to choose from: weeks of a year and some; older versions stand in the drill-down
PLACE = "older"  # how far a long list was read: another one is read from its beginning
LABELS = {
    "catalog": gettext_lazy("Catalog"),
    "queue": gettext_lazy("Queue"),
    "version": gettext_lazy("Version"),
    "category": gettext_lazy("Category"),
    "tag": gettext_lazy("Tag"),
    "person": gettext_lazy("Annotator"),
    "channel": gettext_lazy("Channel"),
    "week": gettext_lazy("Week of"),
    "kind": gettext_lazy("Kind of edit"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A list to choose from; value is "" where nothing was chosen."""

    name: str
    label: str
    value: str
    options: list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """What the Decisions are narrowed to beside the lists, and the parameters without it."""

    label: str
    value: str
    query: str
    told: str


class QualityPage(UnfoldModelAdminViewMixin, TemplateView):
    """A page on the Decisions of a Slice; a subclass says which title, template and filters it has.

    In the context: slice, catalogs (those the reader works on), and what page.html draws the filters from.
    """

    permission_required = "quality.view_qualitysnapshot"
    raise_exception = True
    title: Any = ""
    filtered_by: ClassVar[tuple[str, ...]] = ("catalog", "queue", "version", "channel", "week")
    is_of_measures: ClassVar[bool] = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            Slice.read(request.GET)
        except BadSlice as e:
            messages.error(request, _("“%(value)s” is no %(name)s.") % {"value": e.value, "name": e.name})
            return HttpResponseRedirect(request.path)
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def slice(self) -> Slice:
        return Slice.read(self.request.GET)

    @cached_property
    def catalogs(self) -> list[Catalog]:
        return list(catalogs(self.request.user).select_related("channel", "library"))

    def measures(self) -> DecisionMeasureQuerySet:
        return measures(self.slice, self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        others = [(name, value) for name, value in self.slice.params().items() if name not in self.filtered_by]
        filters = [self._filter(name) for name in self.filtered_by]
        return {
            **context,
            "slice": self.slice,
            "catalogs": self.catalogs,
            "filters": filters,
            "hidden_filters": others,
            "chips": [self._chip(name, value) for name, value in others],
            "is_filtered": bool(filters),
            "n_unmeasured": self._n_unmeasured() if self.is_of_measures else 0,
        }

    def _n_unmeasured(self) -> int:
        """Return how many Decisions the figures of the chosen catalogs wait for, whatever else the Slice names."""
        return n_unmeasured([each.pk for each in self.catalogs if self.slice.catalog in (None, each.pk)])

    def _filter(self, name: str) -> Filter:
        value = self.slice.params().get(name, "")
        options = list(getattr(self, f"_{name}_options")())[:MOST_OPTIONS]
        if value and value not in dict(options):
            options.append((value, self._label_of(name, value)))
        return Filter(name=name, label=str(LABELS[name]), value=value, options=options)

    def _chip(self, name: str, value: str) -> Chip:
        label, shown = str(LABELS[name]), self._label_of(name, value)
        told = _("%(label)s: %(value)s. Show all again.") % {"label": label, "value": shown}
        others = {each: value for each, value in self.request.GET.items() if each not in (name, PLACE)}
        return Chip(label=label, value=shown, query=urlencode(others), told=told)

    def _label_of(self, name: str, value: str) -> str:
        if name in ("catalog", "queue"):
            return str(dict(getattr(self, f"_{name}_options")()).get(value, value))
        return label_of(name, value)

    def _catalog_options(self) -> Iterator[tuple[str, str]]:
        return ((str(catalog.pk), catalog.name) for catalog in self.catalogs)

    def _queue_options(self) -> Iterator[tuple[str, str]]:
        queues = visible(ReviewQueue.objects.all(), self.request.user)
        if self.slice.catalog is not None:
            queues = queues.filter(catalog=self.slice.catalog)
        return ((str(pk), name) for pk, name in queues.values_list("pk", "name"))

    def _version_options(self) -> Iterator[tuple[str, str]]:
        """Return the versions that people were shown, the latest first."""
        rows = measures(Slice(catalog=self.slice.catalog), self.request.user).exclude(version="").order_by()
        latest = rows.values("version").annotate(newest=Max("pk")).order_by("-newest")[:MOST_OPTIONS]
        return ((version, version) for version in latest.values_list("version", flat=True))

    def _channel_options(self) -> Iterator[tuple[str, str]]:
        return iter(sorted({(catalog.channel.key, catalog.channel.name) for catalog in self.catalogs}))

    def _week_options(self) -> Iterator[tuple[str, str]]:
        ends = measures(Slice(catalog=self.slice.catalog), self.request.user).aggregate(Min("week"), Max("week"))
        first, week = ends["week__min"], ends["week__max"]
        while week is not None and week >= first:
            yield week.isoformat(), date_format(week)
            week -= dt.timedelta(days=7)


def label_of(name: str, value: str) -> str:
    """Return what a Slice's field is called to a reader."""
    if value in (NONE, ""):
        return _("none")
    if name == "kind":
        return str(dict(EditKind.choices).get(value, value))
    return date_format(dt.date.fromisoformat(value)) if name == "week" else value
