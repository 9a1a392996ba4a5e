"""What a version's page tells beside its row: what it learnt from, its golden figures, its place, and what it changes.

Reads the database, and of other people's catalogs nothing.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from ml_backend.contract import SampleDraft, path_name
from titlelab.catalog.models import Product
from titlelab.languages.sentences import said
from titlelab.people.rights import visible
from titlelab.quality.diffs import Piece, word_diff
from titlelab.review.models import Decision
from titlelab.training.golden import Mean, golden_figures
from titlelab.training.lessons import Learnt, learnt, learnt_by
from titlelab.training.models import FrozenGolden, ModelVersion, SampleDrafts, Spell
from titlelab.training.promoting import has_folder
from titlelab.training.sampling import number_beside
from titlelab.training.side_by_side import Comparison, comparison

Anybody = User | AnonymousUser


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """Where a version comes from and what became of it; decisions_url is "" where nothing is kept or may be read."""

    learnt: Learnt | None
    outcomes: list[tuple[str, int]]
    n_of_catalog: int
    decisions_url: str
    before: ModelVersion | None
    after: ModelVersion | None
    spells: list[Spell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    """Figures of both versions on n golden items, as (name, this version, the serving one) in words."""

    n: int
    serving: str
    rows: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairTold:
    """Both drafts of a product, as they are shown; url is "" where the reader may not go."""

    sku: str
    url: str
    language: str
    today: str
    pieces: tuple[Piece, ...]
    kept: list[str]
    added: list[str]
    removed: list[str]

    @property
    def has_tags(self) -> bool:
        return bool(self.kept or self.added or self.removed)


@dataclass(frozen=True, slots=True, kw_only=True)
class SideBySide:
    """The sample products in the reader's sight, those first that the two versions draft differently."""

    beside: str
    changed: list[PairTold]
    same: list[PairTold]

    @property
    def n(self) -> int:
        return len(self.changed) + len(self.same)

    @property
    def n_changed(self) -> int:
        return len(self.changed)


def version_report(request: HttpRequest, version: ModelVersion) -> dict[str, Any]:
    """Return the context of titlelab/models/version.html."""
    samples = SampleDrafts.objects.filter(version=version).defer("lines").first()
    found = comparison(version)
    return {
        "version": version,
        "run": version.run,
        "lineage": _lineage(request.user, version),
        "golden": _golden(version),
        "samples": samples,
        "samples_problem": said(samples.problem) if samples else "",
        "side_by_side": _side_by_side(request.user, found) if found else None,
        "beside": number_told(number_beside(version)),
        "may_draft": has_folder(version),
    }


def number_told(number: int) -> str:
    return f"v{number}" if number else _("the built-in model")


def mean_told(mean: Mean, *, as_share: bool) -> str:
    """Return a mean with its interval."""
    figures = (mean.mean, mean.low, mean.high)
    figure, low, high = (f"{each:.0%}" if as_share else f"{each:.3f}" for each in figures)
    return _("%(figure)s (%(low)s to %(high)s)") % {"figure": figure, "low": low, "high": high}


def _lineage(user: Anybody, version: ModelVersion) -> Lineage:
    decisions = learnt_by(version.run)
    of_scope = ModelVersion.objects.filter(kind=version.kind, scope=version.scope)
    told = learnt(visible(decisions, user)) if decisions is not None else None  # type: ignore[arg-type] # its own kind
    names = dict(Decision.Outcome.choices)
    url = f"{reverse('admin:review_decision_changelist')}?learnt_by={version.pk}"
    return Lineage(
        learnt=told,
        outcomes=[(str(names.get(outcome, outcome)), n) for outcome, n in told.outcomes] if told else [],
        n_of_catalog=max(version.run.n_examples - version.run.n_decisions, 0),
        decisions_url=url if told and told.n and user.has_perm("review.view_decision") else "",
        before=of_scope.filter(number__lt=version.number).order_by("-number").first(),
        after=of_scope.filter(number__gt=version.number).order_by("number").first(),
        spells=list(version.spells.all()),
    )


def _golden(version: ModelVersion) -> Golden | None:
    report = version.run.report or {}
    frozen = FrozenGolden.objects.filter(kind=version.kind, scope=version.scope)
    skus = frozenset(frozen.values_list("decision__item__product__sku", flat=True))
    figures = golden_figures(report, skus)
    if not figures:
        return None
    names = {
        "quality": _("mean quality"),
        "quality_frozen": _("mean quality on the items of all versions"),
        "unedited": _("left unedited"),
        "breaks a rule": _("breaks a rule"),
    }
    rows = [
        (names[figure.name], _told(figure.name, figure.candidate), _told(figure.name, figure.serving))
        for figure in figures
    ]
    return Golden(n=figures[0].candidate.n, serving=number_told(int(report.get("serving_version", 0))), rows=rows)


def _told(name: str, mean: Mean) -> str:
    return mean_told(mean, as_share=not name.startswith("quality"))


def _side_by_side(user: Anybody, found: Comparison) -> SideBySide:
    ids = [pair.product_id for pair in found.pairs]
    rows = visible(Product.objects.filter(pk__in=ids), user).select_related("catalog")
    products = rows.only("sku", "title", "catalog__language", "catalog__name").in_bulk()
    may_see = user.has_perm("catalog.view_product")
    told = [
        (pair.is_changed, _pair(products[pair.product_id], pair.beside, pair.drafted, may_see=may_see))
        for pair in found.pairs
        if pair.product_id in products
    ]
    return SideBySide(
        beside=number_told(found.beside),
        changed=[pair for is_changed, pair in told if is_changed],
        same=[pair for is_changed, pair in told if not is_changed],
    )


def _pair(product: Product, beside: SampleDraft, drafted: SampleDraft, *, may_see: bool) -> PairTold:
    return PairTold(
        sku=product.sku,
        url=reverse("admin:catalog_product_change", args=[product.pk]) if may_see else "",
        language=product.catalog.language,
        today=product.title,
        pieces=_pieces(_text(beside), _text(drafted)),
        kept=sorted(set(beside.tags) & set(drafted.tags)),
        added=sorted(set(drafted.tags) - set(beside.tags)),
        removed=sorted(set(beside.tags) - set(drafted.tags)),
    )


def _text(draft: SampleDraft) -> str:
    return draft.title or path_name(draft.category)


def _pieces(before: str, after: str) -> tuple[Piece, ...]:
    return word_diff(before, after) if before or after else ()
