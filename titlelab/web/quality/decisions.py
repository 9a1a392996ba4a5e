"""The Decisions behind a point or a bar, each as the difference between what was drafted and what was sent."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from titlelab.errors import BadSlice
from titlelab.quality.diffs import Piece, word_diff
from titlelab.quality.figures import FIGURE_NAMES, FigureName
from titlelab.quality.models import DecisionMeasure, EditKind, EditMark, TagMeasure
from titlelab.quality.querysets import DecisionMeasureQuerySet
from titlelab.quality.slices import Slice
from titlelab.quality.sums import TELLING
from titlelab.review.models import Decision
from titlelab.web.api.cursors import BadCursor, Cursor, cursor_of
from titlelab.web.quality.figure_names import NAMED
from titlelab.web.quality.page import Chip, Filter, QualityPage
from titlelab.web.quality.rows import overturning, second_looks

PER_PAGE = 25
LIST = "decisions"  # what the cursor is a cursor of
# What narrows this page beside a Slice: the outcome, what became of the Slice's tag, an edit's two texts, a figure that
# only some Decisions tell, and a day.
OWN = ("outcome", "change", "old", "new", "figure", "day")
_SIDES = {"old": "before", "new": "after"}
_HEAVY = (
    "decision__draft__brief", "decision__draft__candidates", "decision__draft__tags",
    "decision__item__product__description", "decision__item__product__attributes",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A Decision as it is shown; urls are "" where the reader may not go."""

    measure: DecisionMeasure
    decision: Decision
    pieces: tuple[Piece, ...]
    kept: tuple[str, ...]
    url: str
    product_url: str

    @property
    def language(self) -> str:
        return self.measure.catalog.language

    @property
    def category_pieces(self) -> tuple[Piece, ...]:
        """The category's path, if it was changed."""
        draft = self.decision.draft
        if not self.decision.category_changed or draft is None:
            return ()
        return word_diff(" › ".join(draft.category), " › ".join(self.decision.category))


class Decisions(QualityPage):
    """A list that is read from the latest Decision on, page by page."""

    title = gettext_lazy("Quality: Decisions")
    template_name = "titlelab/quality/decisions.html"
    filtered_by: ClassVar[tuple[str, ...]] = ("catalog", "queue", "version", "week", "kind")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            cursor_of(request.GET.get("older", ""), LIST)
        except BadCursor:
            messages.error(request, _("This address leads nowhere: here are the latest Decisions."))
            return HttpResponseRedirect(request.path)
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def own(self) -> Mapping[str, str]:
        """Return what the address tells beside a Slice."""
        told = {name: self.request.GET.get(name, "").replace("\x00", "") for name in OWN}
        return {name: value for name, value in told.items() if value}

    @property
    def figure(self) -> FigureName | None:
        return next((name for name in FIGURE_NAMES if name == self.own.get("figure")), None)

    @property
    def day(self) -> dt.date | None:
        """Return the day that the address names; None also for what is no day."""
        told = self.own.get("day", "")
        try:
            return dt.date.fromisoformat(told) if Slice.read({"week": told}).week else None
        except BadSlice:
            return None

    def decisions(self) -> DecisionMeasureQuerySet:
        """Return the measures of the Decisions that the address names."""
        rows = self.measures()
        if day := self.day:
            rows = rows.filter(week=day - dt.timedelta(days=day.weekday()), day=day)  # by the index of weeks
        if outcome := self.own.get("outcome"):
            rows = rows.filter(outcome=outcome)
        if figure := self.figure:
            rows = rows.filter(TELLING[figure])
        if "change" in self.own and self.slice.tag is not None:
            tags = TagMeasure.objects.filter(name=self.slice.tag, change=self.own["change"])
            rows = rows.filter(pk__in=_of_catalog(tags, self.slice.catalog))
        if "old" in self.own or "new" in self.own:
            kind = {"kind": self.slice.kind} if self.slice.kind else {}
            texts = {f"{_SIDES[name]}__iexact": self.own[name] for name in _SIDES if name in self.own}
            rows = rows.filter(pk__in=_of_catalog(EditMark.objects.filter(**kind, **texts), self.slice.catalog))
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rows = self.decisions()
        shown = latest(rows, cursor_of(self.request.GET.get("older", ""), LIST), PER_PAGE + 1)
        page = shown[:PER_PAGE]
        own_query = urlencode(self.own)
        n_overturned = self._n_overturned()
        return {
            **context,
            "n": rows.count(),
            "n_overturned": n_overturned,
            "looks_url": self._looks_url() if n_overturned else "",
            "decisions": told(page, self.request),
            "older": self._query(older=_cursor(page[-1])) if len(shown) > PER_PAGE else "",
            "latest": self._query() if self.request.GET.get("older") else "",
            "filters": [*context["filters"], self._outcomes()],
            "hidden_filters": [*context["hidden_filters"], *((n, v) for n, v in self.own.items() if n != "outcome")],
            "chips": [*(_with(chip, own_query) for chip in context["chips"]), *self._own_chips()],
        }

    def _n_overturned(self) -> int:
        """Return how many of a person's Decisions stand no more, for reviewers mended or sent them back.

        0 where the address narrows to what those are not sorted by.
        """
        slice_ = self.slice
        sorted_by = ("catalog", "queue", "version", "person", "week")
        is_sorted = slice_ == Slice(**{name: getattr(slice_, name) for name in sorted_by})
        if slice_.person is None or not is_sorted or self.own:
            return 0
        return overturning(second_looks(slice_, self.request.user)).count()

    def _looks_url(self) -> str:
        if not self.request.user.has_perm("review.view_secondlook"):
            return ""
        return f"{reverse('admin:review_secondlook_changelist')}?{urlencode({'q': self.slice.person})}"

    def _kind_options(self) -> Iterator[tuple[str, str]]:
        return ((each.value, str(each.label)) for each in EditKind)

    def _query(self, **more: str) -> str:
        return urlencode({**self.slice.params(), **self.own, **more})

    def _outcomes(self) -> Filter:
        value = self.own.get("outcome", "")
        options = [(each.value, str(each.label)) for each in Decision.Outcome]
        return Filter(name="outcome", label=_("Outcome"), value=value, options=options)

    def _own_chips(self) -> list[Chip]:
        chips = []
        if day := self.day:
            chips.append(self._own_chip(_("Day"), date_format(day), ["day"]))
        if figure := self.figure:
            chips.append(self._own_chip(_("Those that tell"), str(NAMED[figure].label), ["figure"]))
        if "change" in self.own and self.slice.tag is not None:
            changes = {each.value: str(each.label) for each in TagMeasure.Change}
            change = changes.get(self.own["change"], self.own["change"])
            chips.append(self._own_chip(_("The tag was"), change, ["change"]))
        if "old" in self.own or "new" in self.own:
            edit = f"{self.own.get('old', '')} → {self.own.get('new', '')}".strip()
            chips.append(self._own_chip(_("Edit"), edit, ["old", "new"]))
        return chips

    def _own_chip(self, label: str, value: str, names: Sequence[str]) -> Chip:
        left = {name: told for name, told in self.own.items() if name not in names}
        said = _("%(label)s: %(value)s. Show all again.") % {"label": label, "value": value}
        return Chip(label=label, value=value, query=urlencode({**self.slice.params(), **left}), told=said)


def latest(rows: DecisionMeasureQuerySet, after: Cursor, n: int) -> list[DecisionMeasure]:
    """Return the next n Decisions, the latest first.

    By week first: so an index of a catalog or queue gives them in order, and a page reads no more than its weeks. What
    is shown of them is read once they are chosen: to sort whole rows takes ten times as long.
    """
    if after.row_id:
        day = timezone.localdate(after.at)
        rows = rows.filter(week__lte=day - dt.timedelta(days=day.weekday()), decided_at__lte=after.at)
        rows = rows.exclude(decided_at=after.at, pk__gte=after.row_id)
    pks = list(rows.order_by("-week", "-decided_at", "-pk").values_list("pk", flat=True)[:n])
    found = shown_measures().in_bulk(pks)
    return [found[pk] for pk in pks if pk in found]


def shown_measures() -> QuerySet[DecisionMeasure]:
    """Return measures with what is shown of their Decisions, and without what is large and is not."""
    related = ("catalog", "queue", "decision__draft", "decision__item__product")
    return DecisionMeasure.objects.select_related(*related).defer(*_HEAVY)


def told(measures: Sequence[DecisionMeasure], request: HttpRequest) -> list[Told]:
    """Return Decisions as they are shown; nothing is asked of the database for what `latest` read."""
    may_open, may_see_products = (request.user.has_perm(p) for p in ("review.view_decision", "catalog.view_product"))
    return [
        Told(
            measure=measure,
            decision=measure.decision,
            pieces=_pieces(measure.decision),
            kept=tuple(tag for tag in measure.decision.tags if tag not in measure.decision.tags_added),
            url=reverse("admin:review_decision_change", args=[measure.pk]) if may_open else "",
            product_url=reverse("admin:catalog_product_change", args=[measure.product_id]) if may_see_products else "",
        )
        for measure in measures
    ]


def _pieces(decision: Decision) -> tuple[Piece, ...]:
    """Return the titles' difference; of what was rejected or drafted by nobody, the one title that there is."""
    drafted = decision.draft.title if decision.draft else ""
    if decision.outcome == Decision.Outcome.REJECTED or not drafted:
        return (Piece("same", drafted or decision.title),)
    return word_diff(" ".join(drafted.split()), decision.title)


def _of_catalog(rows: Any, catalog: int | None) -> Any:
    narrowed = rows if catalog is None else rows.filter(catalog=catalog)
    return narrowed.order_by().values("measure")


def _cursor(measure: DecisionMeasure) -> str:
    return Cursor(at=measure.decided_at, row_id=measure.pk).text(LIST)


def _with(chip: Chip, query: str) -> Chip:
    return Chip(label=chip.label, value=chip.value, told=chip.told, query="&".join(filter(None, [chip.query, query])))
