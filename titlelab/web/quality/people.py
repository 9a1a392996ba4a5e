"""How each annotator works: how much, how well, how like the others, and what reviewers found."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from titlelab.quality.agreement import Agreement, tag_agreement, title_agreement
from titlelab.quality.answers import answers, signs_by_person
from titlelab.quality.figures import Figure, Sums, figure
from titlelab.quality.likeness import chrf
from titlelab.quality.overlaps import Overlap, overlaps
from titlelab.quality.probes import tag_accuracy, title_accuracy
from titlelab.quality.querysets import DecisionMeasureQuerySet
from titlelab.quality.rates import Rate, rate
from titlelab.quality.sums import sums_by
from titlelab.quality.vigilance import Sign
from titlelab.review.models import Decision, SecondLook
from titlelab.web.charts import Bars, Chart, Series, Value, bars, chart, told, told_value
from titlelab.web.quality.overview import value_of
from titlelab.web.quality.page import QualityPage
from titlelab.web.quality.rows import overturning, second_looks

MOST_PEOPLE = 24  # with a section of their own
MOST_CATALOGS = 3  # whose signs are looked for at once: each is read by itself
WEEKS = 12  # of throughput in a chart
FEW = 30  # figures over fewer Decisions are called few
# What the page tells of each; counting the rest too takes three times as long.
COUNTED = (
    *("n", "n_shown", "n_accepted", "n_titles", "edit", "edit_edit"),
    *("n_seconds", "seconds", "seconds_seconds"),
)
MAY_LOOK = "review.add_secondlook"
Verdict = SecondLook.Verdict


@dataclass(slots=True, kw_only=True)
class Looks:
    """What reviewers found of a person's Decisions; by_chance are those that chance drew."""

    counts: Counter[str] = field(default_factory=Counter)
    by_chance: Counter[str] = field(default_factory=Counter)

    @property
    def accuracy(self) -> Rate | None:
        """The share that was accepted of those that chance drew, and nothing else picked."""
        return rate(self.by_chance[Verdict.ACCEPTED], self.by_chance.total())


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One annotator; n counts Decisions that a reviewer has mended or sent back too."""

    name: str
    n: int
    acceptance: Rate | None
    edit: Figure | None
    seconds: Figure | None
    tags: Agreement | None
    titles: Agreement | None
    probe_titles: Figure | None
    probe_tags: Figure | None
    looks: Looks
    signs: tuple[str, ...]
    chart: Chart | None
    url: str
    looks_url: str

    @property
    def is_few(self) -> bool:
        return self.n < FEW

    @property
    def anchor(self) -> str:
        return "person-" + "".join(letter if letter.isalnum() else "-" for letter in self.name)

    @property
    def told(self) -> dict[str, str]:
        """Return the figures with their intervals as text, "" for what is not known."""
        return {
            "acceptance": _told_of(self.acceptance, _percent),
            "edit": _told_of(self.edit, _percent),
            "seconds": _told_of(self.seconds, lambda value: told(value, "seconds")),
            "tags": _told_of(self.tags, _alpha),
            "titles": _told_of(self.titles, _percent),
            "probe_titles": _told_of(self.probe_titles, _percent),
            "probe_tags": _told_of(self.probe_tags, _percent),
            "accuracy": _told_of(self.looks.accuracy, _percent),
        }

    @property
    def told_looks(self) -> list[tuple[str, int]]:
        return [(str(each.label), self.looks.counts[each]) for each in Verdict]


class People(QualityPage):
    """All annotators of some catalogs side by side, and each by himself."""

    title = gettext_lazy("Quality: people")
    template_name = "titlelab/quality/people.html"
    filtered_by: ClassVar[tuple[str, ...]] = ("catalog", "queue", "version", "week")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # What a reviewer made of a Decision is the reviewer's work, and no annotator's.
        rows = self.measures().exclude(pk__in=Decision.objects.filter(mends__isnull=False).values("pk"))
        found = overlaps(self.measures(), today=timezone.localdate())
        people = self._people(rows, found)
        signs_told = self._catalogs_watched()
        return {
            **super().get_context_data(**kwargs),
            "people": people[:MOST_PEOPLE],
            "n_people": len(people),
            "bars": _bars(people[:MOST_PEOPLE]),
            "together": _together(found),
            "n_overlaps": len(found),
            "is_watched": bool(signs_told),
            "pass_url": reverse("admin:review_second_pass") if self.request.user.has_perm(MAY_LOOK) else "",
        }

    def _people(self, rows: DecisionMeasureQuerySet, found: Sequence[Overlap]) -> list[Person]:
        by_week = sums_by(rows, "person", "week", only=COUNTED)
        sums: defaultdict[str, Sums] = defaultdict(Sums)
        for (person, _week), own in by_week.items():
            sums[person] += own
        overturned = self._overturned()
        looks, weeks = self._looks(), _weeks(by_week, overturned)
        signs = self._signs()
        names = sorted({*sums, *overturned}, key=lambda name: (-_n(name, sums, overturned), name))
        return [
            self._person(name, sums.get(name, Sums()), overturned[name], looks[name], weeks[name], signs, found)
            for name in names
        ]

    def _person(
        self,
        name: str,
        sums: Sums,
        overturned: Sequence["Overturned"],
        looks: Looks,
        weeks: Counter[dt.date],
        signs: Mapping[str, Sequence[Sign]],
        found: Sequence[Overlap],
    ) -> Person:
        shown = [each for each in overturned if each.is_shown]
        accepted = sum(each.is_accepted for each in shown)
        own = self.slice.narrowed(person=name)
        shared = [overlap for overlap in found if overlap.has(name)]
        probes = [probe for overlap in shared if (probe := overlap.probe(name)) is not None]
        return Person(
            name=name,
            n=int(sums.n) + len(overturned),
            acceptance=rate(int(sums.n_accepted) + accepted, int(sums.n_shown) + len(shown)),
            edit=figure("edit", sums),
            seconds=figure("seconds", sums),
            tags=tag_agreement([overlap.tags for overlap in shared]),
            titles=title_agreement([overlap.titles for overlap in shared], _likeness),
            probe_titles=title_accuracy(probes, _likeness),
            probe_tags=tag_accuracy(probes),
            looks=looks,
            signs=tuple(_sign_sentence(sign) for sign in signs.get(name, ())),
            chart=_throughput(weeks, lambda week: _decisions_url(own.narrowed(week=week).query())),
            url=_decisions_url(own.query()),
            looks_url=f"{reverse('admin:review_secondlook_changelist')}?{urlencode({'q': name})}",
        )

    def _looks(self) -> defaultdict[str, Looks]:
        """Return what reviewers found, by whose Decision it was."""
        by_person: defaultdict[str, Looks] = defaultdict(Looks)
        counted = second_looks(self.slice, self.request.user).order_by().values_list(
            "decision__person", "verdict", "decision__due_look__cause"
        ).annotate(n=Count("pk"))  # fmt: skip
        for person, verdict, cause, n in counted:
            by_person[person].counts[verdict] += n
            if cause == "chance":
                by_person[person].by_chance[verdict] += n
        return by_person

    def _overturned(self) -> defaultdict[str, list["Overturned"]]:
        """Return the Decisions that reviewers mended or sent back: measured no more, and the annotator's work still."""
        by_person: defaultdict[str, list[Overturned]] = defaultdict(list)
        looks = overturning(second_looks(self.slice, self.request.user)).order_by()
        for person, at, outcome, is_blind, draft in looks.values_list(
            *("decision__person", "decision__decided_at", "decision__outcome"),
            *("decision__item__is_blind", "decision__draft"),
        ):
            day = timezone.localdate(at)
            by_person[person].append(
                Overturned(
                    week=day - dt.timedelta(days=day.weekday()),
                    is_shown=draft is not None and not is_blind,
                    is_accepted=outcome == Decision.Outcome.ACCEPTED,
                )
            )
        return by_person

    def _catalogs_watched(self) -> list[int]:
        """Return the catalogs whose signs are told: of few, since each is read by itself."""
        if self.slice.catalog is not None:
            return [catalog.pk for catalog in self.catalogs if catalog.pk == self.slice.catalog]
        return [catalog.pk for catalog in self.catalogs] if len(self.catalogs) <= MOST_CATALOGS else []

    def _signs(self) -> Mapping[str, Sequence[Sign]]:
        by_person: dict[str, list[Sign]] = defaultdict(list)
        for catalog_id in self._catalogs_watched():
            for name, signs in signs_by_person(answers(catalog_id, now=timezone.now())).items():
                by_person[name].extend(signs)
        return by_person


@dataclass(frozen=True, slots=True, kw_only=True)
class Overturned:
    """A Decision that a reviewer mended or sent back, as far as it is counted."""

    week: dt.date
    is_shown: bool
    is_accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """One figure of how far all agree, as text."""

    label: str
    figure: str
    beside: str


def _together(found: Sequence[Overlap]) -> list[Shared]:
    """Tell how far all agree on tags, on titles, and on titles typed without sight of a draft."""
    blind = [overlap.titles for overlap in found if overlap.is_blind]
    return [
        _shared(_("Tags: Krippendorff's α"), tag_agreement([overlap.tags for overlap in found]), _alpha),
        _shared(
            _("Titles: chrF of each two"), title_agreement([overlap.titles for overlap in found], _likeness), _percent
        ),
        _shared(_("The same, typed without sight of a draft"), title_agreement(blind, _likeness), _percent),
    ]


def _shared(label: str, found: Agreement | None, text: Callable[[float], str]) -> Shared:
    if found is None:
        return Shared(label=label, figure="–", beside=_("nothing to compare yet"))
    products = ngettext("%(n)s product", "%(n)s products", found.n) % {"n": found.n}
    low, high = found.low, found.high
    interval = _("too few for an interval") if low is None or high is None else _between(text(low), text(high))
    return Shared(label=label, figure=text(found.value), beside=f"{interval} · {products}")


def _told_of(found: Agreement | Figure | Rate | None, text: Callable[[float], str]) -> str:
    """Return a figure with its interval and over how many; "" where there is none."""
    if found is None:
        return ""
    value = found.share if isinstance(found, Rate) else found.value
    parts = {"figure": text(value), "n": found.n}
    if found.low is None or found.high is None:
        return _("%(figure)s over %(n)s") % parts
    return _("%(figure)s (%(interval)s) over %(n)s") % {
        **parts,
        "interval": _between(text(found.low), text(found.high)),
    }


def _between(low: str, high: str) -> str:
    return _("%(low)s to %(high)s") % {"low": low, "high": high}


def _alpha(value: float) -> str:
    return f"{value:.2f}"


def _percent(value: float) -> str:
    return told(value, "share")


@cache
def _likeness(one: str, other: str) -> float:
    return chrf(one, other)


def _weeks(
    by_week: Mapping[tuple[Any, ...], Sums], overturned: Mapping[str, Sequence[Overturned]]
) -> defaultdict[str, Counter[dt.date]]:
    """Return how many Decisions each person made in each week."""
    by_person: defaultdict[str, Counter[dt.date]] = defaultdict(Counter)
    for (person, week), sums in by_week.items():
        by_person[person][week] += int(sums.n)
    for person, lost in overturned.items():
        by_person[person].update(each.week for each in lost)
    return by_person


def _throughput(weeks: Counter[dt.date], url: Callable[[dt.date], str]) -> Chart | None:
    """Draw the Decisions of the last weeks, those without any included."""
    if not weeks:
        return None
    last = max(weeks)
    shown = [last - dt.timedelta(weeks=n) for n in reversed(range(WEEKS))]
    shown = [week for week in shown if week >= min(weeks)]
    return chart(
        [date_format(week, "SHORT_DATE_FORMAT") for week in shown],
        [Series(name=_("Decisions"), values=[Value(figure=float(weeks[week])) for week in shown])],
        unit="number",
        urls=[url(week) for week in shown],
    )


def _bars(people: Sequence[Person]) -> Bars | None:
    """Draw the acceptance of each beside the other figures."""
    return bars(
        _("Acceptance"),
        [person.name for person in people],
        [_value(person.acceptance) for person in people],
        urls=[person.url for person in people],
        columns=_columns(),
        cells=[
            [
                f"{person.n:,}",
                str(len(person.signs)) if person.signs else "–",
                told_value(value_of(person.edit), "share"),
                told_value(value_of(person.seconds), "seconds"),
                *(person.told[name] or "–" for name in ("tags", "titles", "accuracy", "probe_titles", "probe_tags")),
            ]
            for person in people
        ],
    )


def _columns() -> list[str]:
    figures = [_("Edit distance"), _("Time per task"), _("Tags: α"), _("Titles: chrF"), _("Accuracy")]
    return [_("Decisions"), _("Signs"), *figures, _("Probes: titles"), _("Probes: tags")]


def _value(found: Rate | None) -> Value | None:
    return Value(figure=found.share, low=found.low, high=found.high) if found else None


def _n(name: str, sums: Mapping[str, Sums], overturned: Mapping[str, Sequence[Overturned]]) -> float:
    return sums.get(name, Sums()).n + len(overturned.get(name, ()))


def _decisions_url(query: str) -> str:
    return f"{reverse('admin:quality_decisions')}?{query}"


def _sign_sentence(sign: Sign) -> str:
    """Tell a sign so that it can be judged: the figure, what is usual, and over how much."""
    value, usual = f"{sign.value:.0%}", f"{sign.usual:.0%}"
    if sign.kind == "accepts_more":
        return _("Accepts %(value)s of %(n)s random drafts unedited; the others accept %(usual)s of theirs.") % {
            "value": value, "n": sign.n, "usual": usual,
        }  # fmt: skip
    if sign.kind == "passes_warnings":
        return _("Accepts %(value)s of %(n)s drafts with a hard warning; the others accept %(usual)s of theirs.") % {
            "value": value, "n": sign.n, "usual": usual,
        }  # fmt: skip
    if sign.kind == "hurries":
        return _("%(value)s of %(n)s acceptances took less than %(seconds)s s, a quarter of the usual time.") % {
            "value": value, "n": sign.n, "seconds": f"{sign.usual:.1f}",
        }  # fmt: skip
    return ngettext(
        "Accepted %(run)d draft in a row; about %(usual)d is usual.",
        "Accepted %(run)d drafts in a row; about %(usual)d are usual.",
        int(sign.value),
    ) % {"run": int(sign.value), "usual": round(sign.usual)}
