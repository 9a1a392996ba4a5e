"""What is wrong and what was, and how far products and drafts have moved, drawn day by day."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from titlelab.alerts.kinds import Kind
from titlelab.alerts.models import Alert, AlertRule, Portrait
from titlelab.alerts.opening import limits
from titlelab.alerts.sentences import feature_name, label_name, share
from titlelab.catalog.models import Catalog
from titlelab.people.rights import visible
from titlelab.web.alerting import SEE, mail_problem, open_lines
from titlelab.web.charts import Bars, Chart, Series, Value, bars, chart
from titlelab.web.quality.page import QualityPage

N_PAST = 30  # the list of all alerts has the rest
MOST_CATALOGS = 2  # whose drift is drawn at once; another one is chosen above
SHOWN_DAYS = 60
N_MOVES = 3  # that a line of a table has room for
WIDE = 1000  # a chart across the page, in units of about a pixel there
Population = Portrait.Population
EXPLAINED = {
    Population.ARRIVALS: gettext_lazy("Products that came in the last 7 days, against those that were there before."),
    Population.RANGE: gettext_lazy("All products of today, against all products of about 4 weeks ago."),
    Population.DRAFTS: gettext_lazy("Drafts of the last 7 days, against those of the 4 weeks before."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationDrift:
    """How far a population has moved: the furthest feature day by day, and each feature on the last day."""

    name: str
    explained: str
    days: Chart | None
    features: Bars | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogDrift:
    """A catalog's drift."""

    catalog: Catalog
    populations: tuple[PopulationDrift, ...]


class Alerts(QualityPage):
    """Open alerts first, then drift, then what is over."""

    permission_required = SEE
    title = gettext_lazy("Alerts and drift")
    template_name = "titlelab/quality/alerts.html"
    filtered_by = ("catalog",)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        chosen = [each for each in self.catalogs if self.slice.catalog in (None, each.pk)]
        pks = [catalog.pk for catalog in chosen]
        past = visible(Alert.objects.closed().filter(catalog__in=pks), self.request.user).select_related("catalog")
        return {
            **super().get_context_data(**kwargs),
            "open_alerts": open_lines(self.request.user, pks),
            "past_alerts": past[:N_PAST],
            "all_url": reverse("admin:alerts_alert_changelist"),
            "rules_url": _rules_url(self.request.user),
            "mail_problem": mail_problem(),
            "drifts": _drifts(chosen[:MOST_CATALOGS]),
            "is_cut": len(chosen) > MOST_CATALOGS,
        }


def _rules_url(user: Any) -> str:
    return reverse("admin:alerts_alertrule_changelist") if user.has_perm("alerts.view_alertrule") else ""


def _drifts(catalogs: Sequence[Catalog]) -> list[CatalogDrift]:
    since = timezone.localdate() - dt.timedelta(days=SHOWN_DAYS)
    portraits = list(Portrait.objects.filter(catalog__in=catalogs, day__gt=since).defer("counts").order_by("day"))
    told_from = _limits([catalog.pk for catalog in catalogs])
    return [
        CatalogDrift(
            catalog=catalog,
            populations=tuple(
                _population(
                    population,
                    [p for p in portraits if p.catalog_id == catalog.pk and p.population == population],
                    told_from[population].get(catalog.pk),
                )
                for population in Population
            ),
        )
        for catalog in catalogs
    ]


def _limits(catalog_ids: list[int]) -> Mapping[str, Mapping[int, float]]:
    """Return from when on drift is told, by population and catalog; nothing where no rule watches."""
    holding = AlertRule.objects.in_effect(catalog_ids)
    of_kind = {kind: limits(holding.get(kind, {})) for kind in (Kind.PRODUCT_DRIFT, Kind.DRAFT_DRIFT)}
    return {
        population: of_kind[Kind.DRAFT_DRIFT if population == Population.DRAFTS else Kind.PRODUCT_DRIFT]
        for population in Population
    }


def _population(population: Any, portraits: Sequence[Portrait], limit: float | None) -> PopulationDrift:
    measured = [portrait for portrait in portraits if portrait.drifts]
    last = measured[-1] if measured else None
    return PopulationDrift(
        name=str(population.label),
        explained=str(EXPLAINED[population]),
        days=_days(measured, limit),
        features=_features(last) if last else None,
        n=portraits[-1].n if portraits else 0,
    )


def _days(portraits: Sequence[Portrait], limit: float | None) -> Chart | None:
    """Draw the furthest feature of each day, what chance alone may reach there, and the limit."""
    furthest = [max(portrait.drifts.values(), key=lambda drift: float(drift["psi"])) for portrait in portraits]
    series = [
        Series(name=_("furthest feature"), values=[Value(figure=drift["psi"]) for drift in furthest]),
        Series(name=_("by chance"), values=[Value(figure=drift["by_chance"]) for drift in furthest]),
    ]
    if limit is not None:
        series.append(Series(name=_("limit"), values=[Value(figure=limit)] * len(furthest)))
    days = [date_format(portrait.day, "MONTH_DAY_FORMAT") for portrait in portraits]
    return chart(days, series, unit="number", width=WIDE)


def _features(portrait: Portrait) -> Bars | None:
    """Draw each feature's distance, the furthest first, with the labels that moved it."""
    ordered = sorted(portrait.drifts.items(), key=lambda each: (-each[1]["psi"], each[0]))
    return bars(
        _("stability index"),
        [feature_name(feature) for feature, _drift in ordered],
        [Value(figure=drift["psi"]) for _feature, drift in ordered],
        unit="number",
        columns=[_("by chance"), _("Jensen–Shannon"), _("compared"), _("what moved most")],
        cells=[
            [
                f"{drift['by_chance']:.2f}",
                f"{drift['js']:.3f}",
                f"{drift['n_before']:,} → {drift['n_now']:,}",
                "; ".join(_moves(drift["moved"])) or "–",
            ]
            for _feature, drift in ordered
        ],
    )


def _moves(moved: Sequence[Sequence[Any]]) -> list[str]:
    """Say of the labels that moved furthest from which share to which, as far as one sees it."""
    told = [(label_name(label), share(before), share(now)) for label, before, now in moved]
    seen = [{"label": label, "before": before, "now": now} for label, before, now in told if before != now]
    return [_("%(label)s %(before)s → %(now)s") % each for each in seen[:N_MOVES]]
