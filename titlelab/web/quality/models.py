"""Every scope's models over time: how good each version was, which one served when, and what is being trained."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import F, Model, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from titlelab.catalog.models import Catalog
from titlelab.languages.sentences import said
from titlelab.people.rights import own, visible
from titlelab.training.golden import Mean
from titlelab.training.models import ModelVersion, Spell, TrainingRun
from titlelab.training.promoting import has_folder
from titlelab.web.admin.one_click import Click
from titlelab.web.admin.training import ModelVersionAdmin, TrainingRunAdmin, estimate
from titlelab.web.admin.verdicts import verdict_sentence
from titlelab.web.admin.version_reports import mean_told
from titlelab.web.charts import Chart
from titlelab.web.model_charts import quality_chart
from titlelab.web.quality.page import QualityPage

MOST_VERSIONS = 12  # of a scope; older ones stand in the list of versions
MOST_LANES = 24  # scopes on one page; a catalog that is chosen has three at most
State = ModelVersion.State
Scope = tuple[str, str]  # kind and scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A one-click action and where it is posted to."""

    click: Click
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """A version as a row of its scope's table."""

    version: ModelVersion
    url: str
    quality: str
    verdict: str
    spells: list[Spell]
    buttons: list[Button]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """A run under way; its page holds the log and the curves."""

    run: TrainingRun
    url: str
    message: str
    estimate: str
    buttons: list[Button]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A scope's models, the newest version first; serving None: the built-in model."""

    key: str
    name: str
    serving: ModelVersion | None
    chart: Chart | None
    versions: list[VersionLine]
    runs: list[RunLine]
    list_url: str


@dataclass(slots=True, kw_only=True)
class _Found:
    """What the database holds of the scopes."""

    versions: dict[Scope, list[ModelVersion]] = field(default_factory=lambda: defaultdict(list))
    runs: dict[Scope, list[TrainingRun]] = field(default_factory=lambda: defaultdict(list))
    own_versions: set[int] = field(default_factory=set)
    own_runs: set[int] = field(default_factory=set)


class Models(QualityPage):
    """Lanes of versions, one for each kind of model of each catalog or tag library in sight."""

    title = gettext_lazy("Quality: models")
    template_name = "titlelab/quality/models.html"
    permission_required = (  # type: ignore[assignment] # Django takes several
        "quality.view_qualitysnapshot",
        "training.view_modelversion",
    )
    filtered_by: ClassVar[tuple[str, ...]] = ("catalog",)
    is_of_measures = False  # golden items are judged by the version's own run

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        chosen = [c for c in self.catalogs if self.slice.catalog in (None, c.pk)]
        names = scope_names(chosen)
        shown = dict(list(names.items())[:MOST_LANES])
        return {
            **context,
            "lanes": list(lanes(shown, self.request.user)),
            "n_hidden": len(names) - len(shown),
            "back_to": self.request.get_full_path(),
        }


def scope_names(catalogs: Iterable[Catalog]) -> dict[Scope, str]:
    """Return what each scope of the catalogs is called, those of a catalog together."""
    names: dict[Scope, str] = {}
    for catalog in catalogs:
        names["titler", catalog.key] = _("Titles of %(name)s") % {"name": catalog.name}
        if catalog.library is not None:
            names["tagger", catalog.library.key] = _("Tags of %(name)s") % {"name": catalog.library.name}
        if catalog.asks_for_category:
            names["categorizer", catalog.key] = _("Categories of %(name)s") % {"name": catalog.name}
    return names


def lanes(names: Mapping[Scope, str], user: User | AnonymousUser) -> Iterator[Lane]:
    """Yield the lanes; the queries are as many for one scope as for all."""
    found = _found(list(names), user)
    for scope, name in names.items():
        versions = found.versions[scope]
        lines = [_version_line(version, found, user) for version in versions]
        drawn = [(line.version, line.url) for line in reversed(lines) if "quality" in line.version.metrics]
        yield Lane(
            key="-".join(scope),
            name=name,
            serving=next((version for version in versions if version.state == State.SERVING), None),
            chart=quality_chart([version for version, _url in drawn], [url for _version, url in drawn]),
            versions=lines,
            runs=[_run_line(run, found, user) for run in found.runs[scope]],
            list_url=f"{reverse('admin:training_modelversion_changelist')}?kind__exact={scope[0]}&scope={scope[1]}",
        )


def _found(scopes: Sequence[Scope], user: User | AnonymousUser) -> _Found:
    found = _Found()
    if not scopes:
        return found
    of_scopes = Q()
    for kind, scope in scopes:
        of_scopes |= Q(kind=kind, scope=scope)
    versions = visible(ModelVersion.objects.filter(of_scopes), user)
    for version in _latest_and_serving(versions):
        found.versions[version.kind, version.scope].append(version)
    runs = visible(TrainingRun.objects.filter(of_scopes), user).under_way()  # type: ignore[attr-defined] # its own kind
    for run in runs.order_by("pk"):
        found.runs[run.kind, run.scope].append(run)
    found.own_versions = _own([v for own in found.versions.values() for v in own], ModelVersion.objects.all(), user)
    found.own_runs = _own([r for own in found.runs.values() for r in own], TrainingRun.objects.all(), user)
    return found


def _latest_and_serving(versions: QuerySet[ModelVersion]) -> list[ModelVersion]:
    """Return the newest versions of each scope and the serving one, the newest first."""
    by_number = Window(RowNumber(), partition_by=["kind", "scope"], order_by=F("number").desc())
    ranked = versions.annotate(place=by_number).filter(place__lte=MOST_VERSIONS).order_by().values_list("pk", flat=True)
    serving = versions.filter(state=State.SERVING).order_by().values_list("pk", flat=True)
    chosen = ModelVersion.objects.filter(pk__in={*ranked, *serving}).order_by("-number")
    light = chosen.select_related("run").defer("run__report", "run__log_tail")
    return list(light.prefetch_related("spells"))


def _own(rows: Sequence[Model], all_rows: QuerySet[Any], user: User | AnonymousUser) -> set[int]:
    ids = [row.pk for row in rows]
    return set(own(all_rows.filter(pk__in=ids), user).order_by().values_list("pk", flat=True)) if ids else set()


def _version_line(version: ModelVersion, found: _Found, user: User | AnonymousUser) -> VersionLine:
    verdict = version.run.verdict or {}
    buttons = _buttons(ModelVersionAdmin, "training_modelversion", version.pk, _fitting(version), user)
    return VersionLine(
        version=version,
        url=reverse("admin:training_modelversion_change", args=[version.pk]),
        quality=_quality(version.metrics),
        verdict=said(str(verdict.get("reason") or verdict_sentence({}))),
        spells=list(version.spells.all()),
        buttons=buttons if version.pk in found.own_versions else [],
    )


def _run_line(run: TrainingRun, found: _Found, user: User | AnonymousUser) -> RunLine:
    fitting = ["cancel"] if run.state != TrainingRun.State.CANCELLING else []
    buttons = _buttons(TrainingRunAdmin, "training_trainingrun", run.pk, fitting, user)
    return RunLine(
        run=run,
        url=reverse("admin:training_trainingrun_change", args=[run.pk]),
        message=said(run.message),
        estimate=estimate(run),
        buttons=buttons if run.pk in found.own_runs else [],
    )


def _fitting(version: ModelVersion) -> list[str]:
    """Return what a click may do to a version as it is."""
    if version.state == State.SERVING:
        return ["roll_back"]
    promotes = ["promote"] if version.passed_gate and has_folder(version) else []
    return [*promotes, *(["retire"] if version.state == State.CANDIDATE else [])]


def _buttons(page: type, name: str, row_id: int, fitting: Sequence[str], user: User | AnonymousUser) -> list[Button]:
    clicks = [getattr(page, each).click for each in fitting]
    return [
        Button(click=click, url=reverse(f"admin:{name}_click", args=[row_id, click.name]))
        for click in clicks
        if user.has_perm(click.permission)
    ]


def _quality(metrics: Mapping[str, Any]) -> str:
    if "quality" not in metrics:
        return "–"
    if "quality_low" not in metrics:
        return f"{metrics['quality']:.3f}"
    low, high, n = metrics["quality_low"], metrics["quality_high"], int(metrics.get("n_golden", 0))
    return mean_told(Mean(mean=metrics["quality"], low=low, high=high, n=n), as_share=False)
