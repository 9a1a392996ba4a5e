"""One figure by model version, category, tag, annotator, channel or week."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from titlelab.people.rights import visible
from titlelab.quality.figures import FIGURE_NAMES, Figure, FigureName, Sums, figure, ratio, share
from titlelab.quality.models import TagMeasure
from titlelab.quality.sums import sums_by
from titlelab.web.charts import Bars, Chart, Series, bars, chart, told_value
from titlelab.web.quality.figure_names import NAMED
from titlelab.web.quality.overview import value_of
from titlelab.web.quality.page import LABELS, Filter, QualityPage

DIMENSIONS: Mapping[str, Any] = {
    "version": LABELS["version"],
    "category": LABELS["category"],
    "tag": LABELS["tag"],
    "person": LABELS["person"],
    "channel": LABELS["channel"],
    "week": gettext_lazy("Week"),
}
IN_TIME = ("version", "week")  # in their own order; the others stand by the number of their Decisions
TAG_FIGURES: tuple[FigureName, ...] = ("tag_precision", "tag_recall", "tag_f1")
BESIDE: tuple[FigureName, ...] = ("acceptance", "edit", "tag_f1", "seconds")
MOST_BARS = 40  # that one reads; beyond them one searches


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The Decisions of one value of the dimension, of which each figure can be asked."""

    value: Any
    n: int
    figure: Callable[[FigureName], Figure | None]


class DrillDown(QualityPage):
    """A figure by a dimension, each value of which leads to the Decisions behind it."""

    title = gettext_lazy("Quality: drill-down")
    template_name = "titlelab/quality/drill_down.html"

    @property
    def by(self) -> str:
        """The dimension."""
        asked = self.request.GET.get("by", "")
        return asked if asked in DIMENSIONS else "version"

    @property
    def figures(self) -> Sequence[FigureName]:
        """The figures that the dimension's groups may be asked for."""
        return TAG_FIGURES if self.by == "tag" else FIGURE_NAMES

    @property
    def figure(self) -> FigureName:
        asked = self.request.GET.get("figure", "")
        return next((name for name in self.figures if name == asked), self.figures[-1 if self.by == "tag" else 0])

    @property
    def search(self) -> str:
        return self.request.GET.get("q", "").replace("\x00", "").strip()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        groups = _tag_groups(self) if self.by == "tag" else _groups(self)
        shown = _ordered(self.by, groups)[:MOST_BARS]
        label = str(DIMENSIONS[self.by])
        return {
            **super().get_context_data(**kwargs),
            "choices": [
                Filter(
                    name="by",
                    label=_("By"),
                    value=self.by,
                    options=[(name, str(label)) for name, label in DIMENSIONS.items()],
                ),
                Filter(
                    name="figure",
                    label=_("Figure"),
                    value=self.figure,
                    options=[(name, str(NAMED[name].label)) for name in self.figures],
                ),
            ],
            "search": self.search,
            "search_label": "" if self.by == "week" else _("Search for %(name)s") % {"name": label.lower()},
            "heading": _("%(figure)s by %(name)s") % {"figure": NAMED[self.figure].label, "name": label.lower()},
            "meaning": NAMED[self.figure].meaning,
            "dimension": label,
            "n_groups": len(groups),
            "n_left_out": len(groups) - len(shown),
            "is_in_time": self.by in IN_TIME,
            "chart": self._chart(shown[::-1]) if self.by == "week" else None,
            "bars": self._bars(shown),
        }

    def _chart(self, groups: Sequence[Group]) -> Chart | None:
        """Draw the figure over the weeks."""
        return chart(
            [self._label(group) for group in groups],
            [Series(name=str(NAMED[self.figure].label), values=[value_of(g.figure(self.figure)) for g in groups])],
            unit=NAMED[self.figure].unit,
            urls=[self._url("quality_decisions", group, figure=self.figure) for group in groups],
        )

    def _bars(self, groups: Sequence[Group]) -> Bars | None:
        beside = [name for name in (TAG_FIGURES if self.by == "tag" else BESIDE) if name != self.figure]
        return bars(
            str(NAMED[self.figure].label),
            [self._label(group) for group in groups],
            [value_of(group.figure(self.figure)) for group in groups],
            unit=NAMED[self.figure].unit,
            urls=[self._url("quality_decisions", group) for group in groups],
            narrow_urls=[self._url("quality_drill_down", group, by=_next(self.by)) for group in groups],
            columns=[_("Decisions"), *(str(NAMED[name].label) for name in beside)],
            cells=[
                [f"{g.n:,}", *(told_value(value_of(g.figure(name)), NAMED[name].unit) for name in beside)]
                for g in groups
            ],
        )

    def _label(self, group: Group) -> str:
        if self.by == "week":
            return date_format(group.value)
        if self.by == "channel":
            return str(dict(self._channel_options()).get(group.value, group.value))
        return str(group.value) or _("none")

    def _url(self, page: str, group: Group, **params: str) -> str:
        told = {**self.slice.narrowed(**{self.by: group.value}).params(), **params}
        return f"{reverse(f'admin:{page}')}?{urlencode(told)}"


def _groups(page: DrillDown) -> list[Group]:
    rows = page.measures()
    if page.search and page.by != "week":
        rows = rows.filter(**{f"{page.by}__icontains": page.search})
    return [_group(value, sums) for (value,), sums in sums_by(rows, page.by).items()]


def _group(value: Any, sums: Sums) -> Group:
    return Group(value=value, n=int(sums.n), figure=lambda name: figure(name, sums))


def _tag_groups(page: DrillDown) -> list[Group]:
    """Return a group for each tag; one Decision keeps, adds or removes it."""
    rows = visible(TagMeasure.objects.all(), page.request.user)
    slice_ = page.slice
    direct = {name: value for name in ("catalog", "week") if (value := getattr(slice_, name)) is not None}
    rows = rows.filter(**direct)
    if slice_.narrowed(catalog=None, week=None).params():
        rows = rows.filter(measure__in=page.measures().order_by().values("pk"))
    if page.search:
        rows = rows.filter(name__icontains=page.search)
    changes: dict[str, dict[str, int]] = {}
    for name, change, n in rows.order_by().values_list("name", "change").annotate(n=Count("pk")):
        changes.setdefault(name, {})[change] = n
    return [_tag_group(name, n.get("kept", 0), n.get("added", 0), n.get("removed", 0)) for name, n in changes.items()]


def _tag_group(name: str, kept: int, added: int, removed: int) -> Group:
    """Return a tag's group; a Decision proposes and ends with it, or one of the two."""
    n = kept + added + removed
    of: Mapping[str, Callable[[], Figure | None]] = {
        "tag_precision": lambda: share(kept, kept + removed),
        "tag_recall": lambda: share(kept, kept + added),
        # Kept: 2 of 2; added or removed: 0 of 1.
        "tag_f1": lambda: ratio(n, 2 * kept, 2 * kept + added + removed, yy=4 * kept, xy=4 * kept, xx=n + 3 * kept),
    }
    return Group(value=name, n=n, figure=lambda figure_name: of[figure_name]())


def _ordered(by: str, groups: Sequence[Group]) -> list[Group]:
    """Put the newest weeks and versions first, of others those with the most Decisions."""
    if by == "week":
        return sorted(groups, key=lambda group: group.value, reverse=True)
    if by == "version":
        return sorted(groups, key=lambda group: [int(n) for n in re.findall(r"\d+", group.value)], reverse=True)
    return sorted(groups, key=lambda group: (-group.n, group.value))


def _next(by: str) -> str:
    """Return the dimension to look at within a value of another one."""
    return "category" if by == "version" else "version"
