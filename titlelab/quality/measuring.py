"""Measuring how good the drafts are, by what people decided, and where the whole loop stands."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from titlelab.catalog.models import Catalog
from titlelab.quality.models import QualitySnapshot
from titlelab.quality.rates import Rate, mean, micro_f1, rate
from titlelab.review.models import Decision, Draft, ReviewItem
from titlelab.tags.names import PresentNames
from titlelab.training.models import ModelVersion, TrainingRun
from titlelab.training.promoting import has_folder

Outcome = Decision.Outcome
N_LAST_RUNS = 5  # what fits on the front page


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """Which version answers; number 0 and method "built in" before anything was promoted."""

    number: int
    method: str
    since: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogState:
    """Where one catalog's loop stands.

    n_waiting counts the items that nobody has decided; n_accepted + n_edited + n_rejected + n_written = n_decided, all
    current Decisions. acceptance is of those that saw a drafted title. tagger is None without a tag library. runs: the
    last ones first; snapshots: one per version in the order in which they came to be shown. problems are sentences for
    an admin.
    """

    catalog: Catalog
    n_products: int
    n_good_titles: int
    n_drafts: int
    n_waiting: int
    n_accepted: int
    n_edited: int
    n_rejected: int
    n_written: int
    acceptance: Rate | None
    titler: Serving
    tagger: Serving | None
    runs: tuple[TrainingRun, ...]
    snapshots: tuple[QualitySnapshot, ...]
    problems: tuple[str, ...]

    @property
    def n_decided(self) -> int:
        return self.n_accepted + self.n_edited + self.n_rejected + self.n_written


def take_all_snapshots() -> int:
    """Measure every catalog; return how many versions were measured."""
    return sum(len(take_snapshots(catalog)) for catalog in Catalog.objects.all())


def take_snapshots(catalog: Catalog) -> list[QualitySnapshot]:
    """Measure each version that was shown, by current Decisions; return the snapshots in the order of the versions.

    One row per version, brought up to date each time: safe to repeat. A version whose Decisions were all withdrawn
    keeps its row with n = 0.
    """
    names = PresentNames(catalog.library)
    decisions: dict[str, list[Decision]] = {version: [] for version in _versions_in_order(catalog)}
    for decision in (
        Decision.objects.of_catalog(catalog.pk).current().filter(draft__isnull=False).select_related("draft", "item")
    ):
        decisions[_draft(decision).version].append(decision)
    return [
        QualitySnapshot.objects.update_or_create(
            catalog=catalog, version=version, defaults=_figures(of_version, names)
        )[0]
        for version, of_version in decisions.items()
    ]


def loop_state(catalogs: QuerySet[Catalog]) -> list[CatalogState]:
    """Return where the catalogs' loops stand, for the front page."""
    return [_catalog_state(catalog) for catalog in catalogs.select_related("library", "channel")]


def _versions_in_order(catalog: Catalog) -> list[str]:
    """Return the versions with a Decision, of whatever state, by when their first draft was made."""
    shown = Draft.objects.filter(decisions__item__product__catalog=catalog).order_by()
    return list(
        shown.values("version").annotate(first=Min("created_at")).order_by("first").values_list("version", flat=True)
    )


def _figures(decisions: Sequence[Decision], names: PresentNames) -> Mapping[str, float | None]:
    """Return a snapshot's figures; a rejected Decision has no final title or tags, so edits and tags leave it out.

    Who saw no drafted title could neither accept nor edit it: what was written so counts for the tags and on its own.
    """
    seeing = [d for d in decisions if not d.item.is_blind]
    usable = [d for d in decisions if d.outcome != Outcome.REJECTED]
    written = [d for d in usable if d.outcome == Outcome.WRITTEN]
    n_accepted = sum(d.outcome == Outcome.ACCEPTED for d in seeing)
    return {
        "n": len(seeing),
        "n_accepted": n_accepted,
        "n_rejected": sum(d.outcome == Outcome.REJECTED for d in seeing),
        "n_written": len(written),
        "acceptance_rate": n_accepted / len(seeing) if seeing else None,
        "title_edit": mean(d.title_edit for d in usable if not d.item.is_blind),
        "written_edit": mean(d.title_edit for d in written),
        "tag_f1": micro_f1((names.of(_draft(d).proposed_tags), names.of(d.tags)) for d in usable),
        "seconds": mean(d.seconds for d in seeing),
    }


def _draft(decision: Decision) -> Draft:
    if decision.draft is None:
        raise ValueError(f"Decision {decision.pk} was made without a draft")
    return decision.draft


def _catalog_state(catalog: Catalog) -> CatalogState:
    products = catalog.products.aggregate(n=Count("pk"), n_good=Count("pk", filter=Q(has_good_title=True)))
    outcomes = dict(
        Decision.objects.of_catalog(catalog.pk).current().order_by().values_list("outcome").annotate(n=Count("pk"))
    )
    n_seeing = Decision.objects.of_catalog(catalog.pk).current().filter(item__is_blind=False).count()
    library = catalog.library
    of_library = Q(kind="tagger", scope=library.key if library else "")
    concerned = Q(kind__in=["titler", "categorizer"], scope=catalog.key) | of_library
    serving = list(ModelVersion.objects.serving().filter(concerned))
    return CatalogState(
        catalog=catalog,
        n_products=products["n"],
        n_good_titles=products["n_good"],
        n_drafts=Draft.objects.filter(product__catalog=catalog).count(),
        n_waiting=ReviewItem.objects.waiting().filter(product__catalog=catalog).count(),
        n_accepted=outcomes.get(Outcome.ACCEPTED, 0),
        n_edited=outcomes.get(Outcome.EDITED, 0),
        n_rejected=outcomes.get(Outcome.REJECTED, 0),
        n_written=outcomes.get(Outcome.WRITTEN, 0),
        acceptance=rate(outcomes.get(Outcome.ACCEPTED, 0), n_seeing),
        titler=_serving("titler", serving),
        tagger=_serving("tagger", serving) if library else None,
        runs=tuple(TrainingRun.objects.filter(concerned)[:N_LAST_RUNS]),
        snapshots=tuple(catalog.snapshots.order_by("pk")),
        problems=tuple(_problems(concerned, serving)),
    )


def _serving(kind: str, serving: Iterable[ModelVersion]) -> Serving:
    version = next((version for version in serving if version.kind == kind), None)
    if version is None:
        return Serving(number=0, method="built in", since=None)
    return Serving(number=version.number, method=version.get_method_display(), since=version.promoted_at)


def _problems(concerned: Q, serving: Iterable[ModelVersion]) -> Iterable[str]:
    """Say which methods' last runs failed and which serving version's folder is gone."""
    later = TrainingRun.objects.filter(method=OuterRef("method"), scope=OuterRef("scope"), pk__gt=OuterRef("pk"))
    failed = TrainingRun.objects.filter(concerned, state=TrainingRun.State.FAILED)
    for last in failed.filter(~Exists(later.exclude(state=TrainingRun.State.QUEUED))).order_by("pk"):
        yield f"The last {last.get_method_display()} run of {last.scope} failed: {last.message}"
    for version in serving:
        if not has_folder(version):
            yield f"The folder of {version} is missing: roll back or train again."
