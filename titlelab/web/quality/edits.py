"""What people change in titles: how often each kind of edit is made, and the latest of each as differences."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from titlelab.people.rights import sees_every_catalog
from titlelab.quality.models import EditKind, EditMark, TagMeasure
from titlelab.web.charts import Bars, Value, bars
from titlelab.web.quality.decisions import Told, shown_measures, told
from titlelab.web.quality.page import QualityPage

N_EXAMPLES = 3  # of each kind: enough to see what is meant; the bar leads to the rest
N_FREQUENT = 5
MOST_COUNTED = 5000  # of the latest edits: enough to tell what is frequent, and read in a moment however many there are
_OF_MEASURES = ("queue", "version", "category", "person", "channel")
MEANINGS: Mapping[str, Any] = {
    EditKind.FACT_ADDED: gettext_lazy("a fact that the draft did not tell"),
    EditKind.FACT_CORRECTED: gettext_lazy("a value in the place of another of the same kind"),
    EditKind.FACT_REMOVED: gettext_lazy("a fact that was wrong, or that no source supports"),
    EditKind.SHORTENED: gettext_lazy("words that were said twice, or that the title had no room for"),
    EditKind.REORDERED: gettext_lazy("the same words in another place; … stands for the rest of the title"),
    EditKind.BRAND: gettext_lazy("the brand added, taken out or spelt otherwise"),
    EditKind.NUMBER_OR_UNIT: gettext_lazy("a number or its unit"),
    EditKind.STYLE: gettext_lazy("case, punctuation, spacing, symbols, fillers, slips"),
    EditKind.POLICY: gettext_lazy("a banned phrase or a promotion taken out"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One edit and the Decision that it is of."""

    mark: EditMark
    told: Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Frequent:
    """The same edit made several times, and the way to its Decisions."""

    before: str
    after: str
    n: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KindOfEdit:
    """A kind with its most frequent edits and its latest examples; url leads to all Decisions with one."""

    name: str
    meaning: str
    n: str
    url: str
    frequent: Sequence[Frequent]
    examples: Sequence[Example]


class Edits(QualityPage):
    """Counts by kind, each kind with examples."""

    title = gettext_lazy("Quality: kinds of edits")
    template_name = "titlelab/quality/edits.html"
    filtered_by: ClassVar[tuple[str, ...]] = ("catalog", "queue", "version", "channel", "week")

    @cached_property
    def marks(self) -> QuerySet[EditMark]:
        """Return the marks of the page's Decisions, narrowed by their own columns where they have them."""
        told = {name: getattr(self.slice, name) for name in _OF_MEASURES}
        rows = EditMark.objects.filter(**{f"measure__{name}": v for name, v in told.items() if v is not None})
        if self.slice.week is not None:
            rows = rows.filter(week=self.slice.week)
        if self.slice.tag is not None:
            rows = rows.filter(measure__in=TagMeasure.objects.filter(name=self.slice.tag).values("measure"))
        if self.slice.catalog is not None:
            rows = rows.filter(catalog=self.slice.catalog)
        if sees_every_catalog(self.request.user):
            return rows
        return rows.filter(catalog__in=[catalog.pk for catalog in self.catalogs])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        counted = dict(self.marks.order_by().values_list("kind").annotate(n=Count("pk")))
        kinds = sorted((kind for kind in EditKind if counted.get(kind)), key=lambda kind: -counted[kind])
        examples, frequent = self._examples(kinds), self._frequent()
        return {
            **super().get_context_data(**kwargs),
            "n_edits": sum(counted.values()),
            "bars": self._bars(kinds, counted),
            "kinds": [
                KindOfEdit(
                    name=str(kind.label),
                    meaning=str(MEANINGS[kind]),
                    n=ngettext("%(n)s edit", "%(n)s edits", counted[kind]) % {"n": f"{counted[kind]:,}"},
                    url=self._url(kind),
                    frequent=frequent.get(kind, ()),
                    examples=examples[kind],
                )
                for kind in kinds
            ],
        }

    def _bars(self, kinds: Sequence[EditKind], counted: Mapping[str, int]) -> Bars | None:
        n_edits = sum(counted.values())
        return bars(
            _("edits"),
            [str(kind.label) for kind in kinds],
            [Value(figure=counted[kind]) for kind in kinds],
            unit="number",
            urls=[self._url(kind) for kind in kinds],
            columns=[_("share")],
            cells=[(f"{counted[kind] / n_edits:.0%}",) for kind in kinds],
        )

    def _frequent(self) -> dict[str, list[Frequent]]:
        """Return what was done most often in each kind, among the latest edits; case makes no difference."""
        counted: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
        latest = self.marks.order_by("-pk").values_list("kind", "before", "after")[:MOST_COUNTED]
        for kind, before, after in latest:
            counted[kind][before.casefold(), after.casefold()] += 1
        return {
            kind: [self._told(kind, *edit, n) for edit, n in of_kind.most_common(N_FREQUENT) if n > 1]
            for kind, of_kind in counted.items()
        }

    def _told(self, kind: str, before: str, after: str, n: int) -> Frequent:
        texts = {name: text for name, text in (("old", before), ("new", after)) if text}
        query = urlencode({**self.slice.narrowed(kind=kind).params(), **texts})
        times = ngettext("%(n)s time", "%(n)s times", n) % {"n": f"{n:,}"}
        return Frequent(before=before, after=after, n=times, url=f"{reverse('admin:quality_decisions')}?{query}")

    def _examples(self, kinds: Sequence[EditKind]) -> dict[EditKind, list[Example]]:
        """Return the latest marks of each kind, each of another Decision."""
        pks = {kind: self._latest(kind) for kind in kinds}
        marks = EditMark.objects.in_bulk([pk for of_kind in pks.values() for pk in of_kind])
        measures = shown_measures().filter(pk__in={mark.measure_id for mark in marks.values()})
        by_pk = {each.measure.pk: each for each in told(list(measures), self.request)}
        return {
            kind: [Example(mark=marks[pk], told=by_pk[marks[pk].measure_id]) for pk in of_kind if pk in marks]
            for kind, of_kind in pks.items()
        }

    def _latest(self, kind: EditKind) -> list[int]:
        latest: dict[int, int] = {}
        rows = self.marks.filter(kind=kind).order_by("-pk").values_list("pk", "measure_id")
        for pk, measure in rows[: 3 * N_EXAMPLES]:  # a title may have been edited several times in one way
            latest.setdefault(measure, pk)
        return list(latest.values())[:N_EXAMPLES]

    def _url(self, kind: EditKind) -> str:
        return f"{reverse('admin:quality_decisions')}?{self.slice.narrowed(kind=kind.value).query()}"
