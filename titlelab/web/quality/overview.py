"""How good the drafts are this week, and what has changed since the last."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from titlelab.people.rights import visible
from titlelab.quality.figures import FIGURE_NAMES, Figure, FigureName, Sums, difference, figure, mean
from titlelab.quality.sums import sums_by
from titlelab.review.models import ReviewQueue
from titlelab.web.charts import Bars, Chart, Series, Value, bars, chart, told, told_value
from titlelab.web.quality.change_sentences import change_sentence
from titlelab.web.quality.figure_names import NAMED, PER_DAY
from titlelab.web.quality.page import Filter, QualityPage
from titlelab.web.quality.rows import measures

WEEK = dt.timedelta(days=7)
N_WEEKS = 12  # in the charts: a quarter of a year
N_DAYS = 28  # in the chart of days: four weeks, so that weekdays can be compared
# The figures that share a chart, and its caption.
CHARTS: Sequence[tuple[Any, tuple[str, ...]]] = [
    (gettext_lazy("Accepted as drafted, by week"), ("acceptance",)),
    (gettext_lazy("Drafted against final titles, by week"), ("edit", "chrf", "rouge_l")),
    (gettext_lazy("Proposed against final tags, by week"), ("tag_precision", "tag_recall", "tag_f1")),
    (gettext_lazy("Kept categories, by week"), ("category",)),
    (gettext_lazy("Seconds per task, by week"), ("seconds",)),
    (gettext_lazy("Decisions per day, by week"), (PER_DAY,)),
]
IN_TABLE: tuple[FigureName, ...] = ("acceptance", "edit", "tag_f1", "seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What is known of a week: sums over its Decisions, and how many were made on each of its full days."""

    sums: Sums = field(default_factory=Sums)
    days: Sequence[float] = field(default_factory=tuple)

    def figure(self, name: str) -> Figure | None:
        if name == PER_DAY:
            return mean(len(self.days), sum(self.days), sum(n * n for n in self.days))
        found: FigureName = next(each for each in FIGURE_NAMES if each == name)
        return figure(found, self.sums)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A figure of the week, as text; trend is "better", "worse" or "" where no change is clear; url: its Decisions."""

    label: str
    meaning: str
    value: str
    interval: str
    n: str
    sentence: str
    trend: str
    url: str


class Overview(QualityPage):
    """All figures of one week against the week before: the latest week in which anything was decided, unless told."""

    title = gettext_lazy("Quality: overview")
    template_name = "titlelab/quality/overview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if self.week is None:
            return context
        this, before = (self.weeks.get(week, Week()) for week in (self.week, self.week - WEEK))
        return {
            **context,
            "week": self.week,
            "is_so_far": self.week + WEEK > timezone.localdate(),
            "n": int(this.sums.n),
            "n_told": f"{this.sums.n:,.0f}",
            "decisions_url": self._url(week=self.week),
            "cards": [card for name in NAMED if (card := _card(name, before, this, self._behind(self.week, name)))],
            "charts": [(caption, drawn) for caption, names in CHARTS if (drawn := self._chart(names))],
            "days": self._days_chart(),
            "by_queue": self._by_queue(self.week, self.week - WEEK),
        }

    @cached_property
    def week(self) -> dt.date | None:
        """The week that is told of; None before anything was decided."""
        if self.slice.week is not None:
            return self.slice.week
        newest: dt.date | None = self._all.aggregate(newest=Max("week"))["newest"]
        return newest

    @cached_property
    def weeks(self) -> Mapping[dt.date, Week]:
        """The weeks that are drawn, those without a Decision left out."""
        days = self._of_days
        return {week: _week(week, days) for week in sorted({day - _since_monday(day) for day in days})}

    @cached_property
    def _of_days(self) -> Mapping[dt.date, Sums]:
        """What is known of each day with a Decision, in the weeks that are drawn."""
        if self.week is None:
            return {}
        rows = self._all.filter(week__gt=self.week - N_WEEKS * WEEK, week__lte=self.week)
        return {day: sums for (day,), sums in sums_by(rows, "day").items()}

    @cached_property
    def _all(self) -> Any:
        return measures(self.slice.narrowed(week=None), self.request.user)

    def _filter(self, name: str) -> Filter:
        """Return a list of the form; that of the weeks shows the week that is told of."""
        found = super()._filter(name)
        return replace(found, value=self.week.isoformat()) if name == "week" and self.week else found

    def _url(self, **narrowed: Any) -> str:
        return f"{reverse('admin:quality_decisions')}?{self.slice.narrowed(**narrowed).query()}"

    def _behind(self, week: dt.date, name: str) -> str:
        """Return where a figure's Decisions of a week stand; those that share a chart are told by the same ones."""
        figure_ = {} if name == PER_DAY else {"figure": name}
        return (
            f"{reverse('admin:quality_decisions')}?{urlencode({**self.slice.narrowed(week=week).params(), **figure_})}"
        )

    def _on(self, day: dt.date) -> str:
        told = {**self.slice.narrowed(week=None).params(), "day": day.isoformat()}
        return f"{reverse('admin:quality_decisions')}?{urlencode(told)}"

    def _chart(self, names: Sequence[str]) -> Chart | None:
        """Draw figures over the weeks; None where no week tells any of them."""
        series = [
            Series(name=str(NAMED[name].label), values=[value_of(week.figure(name)) for week in self.weeks.values()])
            for name in names
        ]
        if not any(value for each in series for value in each.values):
            return None
        return chart(
            [date_format(week, "MONTH_DAY_FORMAT") for week in self.weeks],
            series,
            unit=NAMED[names[0]].unit,
            urls=[self._behind(week, names[0]) for week in self.weeks],
            width=480,
        )

    def _days_chart(self) -> Chart | None:
        """Draw how many Decisions were made on each day up to the end of the week that is told of."""
        of_days = self._of_days
        days = last_days(self.week, min(of_days), timezone.localdate()) if self.week and of_days else []
        return chart(
            [date_format(day, "MONTH_DAY_FORMAT") for day in days],
            [Series(name=_("Decisions"), values=[Value(figure=of_days.get(day, Sums()).n) for day in days])],
            unit="number",
            urls=[self._on(day) for day in days],
        )

    def _by_queue(self, this_week: dt.date, week_before: dt.date) -> Bars | None:
        """Draw the week's acceptance of each queue, beside its other figures and what has changed."""
        found = sums_by(self._all.filter(week__in=[this_week, week_before]), "catalog", "queue", "week")
        catalogs = {catalog.pk: catalog.name for catalog in self.catalogs}
        queues = dict(visible(ReviewQueue.objects.all(), self.request.user).values_list("pk", "name"))
        keys = sorted({key[:2] for key in found}, key=lambda key: (catalogs.get(key[0], ""), queues.get(key[1], "")))
        weeks = [[Week(sums=found.get((*key, week), Sums())) for week in (week_before, this_week)] for key in keys]
        return bars(
            str(NAMED["acceptance"].label),
            [f"{catalogs.get(catalog, '')}: {queues.get(queue, '')}" for catalog, queue in keys],
            [value_of(this.figure("acceptance")) for _before, this in weeks],
            urls=[self._url(catalog=catalog, queue=queue, week=this_week) for catalog, queue in keys],
            columns=[_("what has changed"), _("Decisions"), *(str(NAMED[name].label) for name in IN_TABLE[1:])],
            cells=[
                [_sentence("acceptance", before, this), f"{this.sums.n:,.0f}", *_cells(before, this, IN_TABLE[1:])]
                for before, this in weeks
            ],
        )


def last_days(week: dt.date, first: dt.date, today: dt.date) -> list[dt.date]:
    """Return the days of a week and of those before it, from the first on, but a week at least; none still to come."""
    end = min(week + WEEK, today + dt.timedelta(days=1))
    start = max(end - N_DAYS * dt.timedelta(days=1), min(first, end - WEEK))
    return [start + dt.timedelta(days=n) for n in range((end - start).days)]


def value_of(found: Figure | None) -> Value | None:
    return Value(figure=found.value, low=found.low, high=found.high) if found else None


def _week(monday: dt.date, of_days: Mapping[dt.date, Sums]) -> Week:
    days = [monday + dt.timedelta(days=n) for n in range(7)]
    known = [of_days.get(day, Sums()) for day in days]
    full = [sums.n for day, sums in zip(days, known, strict=True) if day < timezone.localdate()]
    return Week(sums=sum(known, Sums()), days=full)


def _since_monday(day: dt.date) -> dt.timedelta:
    return dt.timedelta(days=day.weekday())


def _card(name: str, before: Week, this: Week, url: str) -> Card | None:
    """Return a figure's card; None where neither week tells it, as of categories that nobody is asked for."""
    then, now, named = before.figure(name), this.figure(name), NAMED[name]
    if then is None and now is None:
        return None
    return Card(
        label=str(named.label),
        meaning=str(named.meaning),
        value=told(now.value, named.unit) if now else "–",
        interval=_interval(now, name) if now else "",
        n=_counted(name, now.n) if now else "",
        sentence=_sentence(name, before, this),
        trend=_trend(then, now, named.is_better_high),
        url=url,
    )


def _sentence(name: str, before: Week, this: Week) -> str:
    named = NAMED[name]
    return change_sentence(str(named.label), before.figure(name), this.figure(name), named.unit)


def _interval(found: Figure, name: str) -> str:
    if found.low is None or found.high is None:
        return ""
    unit = NAMED[name].unit
    return _("%(low)s to %(high)s") % {"low": told(found.low, unit), "high": told(found.high, unit)}


def _counted(name: str, n: int) -> str:
    if name == PER_DAY:
        return ngettext("%(n)s full day", "%(n)s full days", n) % {"n": n}
    return ngettext("%(n)s Decision", "%(n)s Decisions", n) % {"n": f"{n:,}"}


def _trend(then: Figure | None, now: Figure | None, is_better_high: bool | None) -> str:  # noqa: FBT001 - a figure's own
    change = difference(then, now)
    if change is None or not change.is_clear or is_better_high is None:
        return ""
    return "better" if (change.value > 0) is is_better_high else "worse"


def _cells(before: Week, this: Week, names: Iterable[str]) -> Iterator[str]:
    """Yield figures of the week as text, each with whether it has become better or worse, where that is clear."""
    trends = {"better": _("better"), "worse": _("worse"), "": ""}
    for name in names:
        then, now, named = before.figure(name), this.figure(name), NAMED[name]
        trend = trends[_trend(then, now, named.is_better_high)]
        yield ", ".join(filter(None, [told_value(value_of(now), named.unit), trend]))
