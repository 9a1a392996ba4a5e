"""Trains by method, and measures versions on golden items.

Reads the serving version and published libraries from the models folder; writes nothing (see train.py).
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from ml_backend.contract import (
    Brief,
    Categorizer,
    CategoryPath,
    Example,
    GoldenScore,
    Kind,
    PublishedLibrary,
    PublishedTaxonomy,
    Reliability,
    Tagger,
    TagSpec,
    Titler,
    TrainingRequest,
    from_json,
    library_file,
    path_name,
    pointer_file,
    taxonomy_file,
    version_folder,
)
from ml_backend.errors import BadArtifact, BadRequest, TrainingFailed
from ml_backend.learning import ensemble_training
from ml_backend.learning.artifacts import load_categorizer, load_tagger, load_titler
from ml_backend.learning.categorizer import LinearCategorizer, NameCategorizer
from ml_backend.learning.choosing import candidates
from ml_backend.learning.curves import Curve, of_part, unheard
from ml_backend.learning.drafting import N_CANDIDATES
from ml_backend.learning.ensemble_training import Learn, Member
from ml_backend.learning.metrics import category_quality, tag_quality, title_quality
from ml_backend.learning.ranking import weights_of
from ml_backend.learning.reliability import reliability
from ml_backend.learning.splits import train_and_valid
from ml_backend.learning.tag_names import renamed, tag_scores
from ml_backend.learning.tagger import AliasTagger, LinearTagger
from ml_backend.learning.titler_ensemble import EnsembleTitler
from ml_backend.learning.titler_neighbour import NeighbourTitler
from ml_backend.learning.titler_template import TemplateTitler
from ml_backend.rules.text import normal_form

logger = logging.getLogger(__name__)
Progress = Callable[[float, str], None]
Model = Titler | Tagger | Categorizer
_BATCH = 32
# How an ensemble's minutes are shared: the language model reads far fewer pairs a second.
_MINUTES_SHARE = {"pointer": 0.3, "language_model": 0.7}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A model, the device it was trained on, and what its training has to tell in figures."""

    model: Model
    device: str = "cpu"
    metrics: Mapping[str, float] = field(default_factory=dict)


Method = Callable[[TrainingRequest, Sequence[Example], Progress, Curve], Trained]


def train_template(request: TrainingRequest, examples: Sequence[Example], progress: Progress, _curve: Curve) -> Trained:
    """Learn the titles' fields, order and wording."""
    progress(0.1, f"learning from {len(examples)} titles")
    return Trained(model=TemplateTitler.learned(examples, seed=request.seed))


def train_neighbour(
    request: TrainingRequest, examples: Sequence[Example], progress: Progress, _curve: Curve
) -> Trained:
    """Remember the titles that near products are given."""
    progress(0.1, f"remembering {len(examples)} titles")
    return Trained(model=NeighbourTitler.learned(examples, seed=request.seed))


def train_pointer(request: TrainingRequest, examples: Sequence[Example], progress: Progress, curve: Curve) -> Trained:
    """Train a pointer network from scratch; a tenth of the families tells when to stop."""
    from ml_backend.learning.devices import device  # both load torch
    from ml_backend.learning.titler_pointer import PointerTitler

    train, valid = train_and_valid(examples, seed=request.seed)
    model = PointerTitler.learned(
        train,
        valid,
        minutes=request.minutes,
        seed=request.seed,
        report=progress,
        n_neighbours=request.n_neighbours,
        curve=curve,
    )
    return Trained(model=model, device=str(device()))


def train_language_model(
    request: TrainingRequest, examples: Sequence[Example], progress: Progress, curve: Curve
) -> Trained:
    """Adapt the base model; a tenth of the families tells when to stop."""
    from ml_backend.learning.devices import device  # these load torch
    from ml_backend.learning.fine_tuning import TrainingPlan
    from ml_backend.learning.titler_language_model import LanguageModelTitler

    train, valid = train_and_valid(examples, seed=request.seed)
    model = LanguageModelTitler.learned(
        train,
        valid,
        base_model=request.base_model,
        cache_folder=Path(request.models_folder),
        minutes=request.minutes,
        seed=request.seed,
        report=progress,
        plan=TrainingPlan(n_neighbours=request.n_neighbours),
        checkpoints=Path(request.checkpoints) if request.checkpoints else None,
        curve=curve,
    )
    return Trained(model=model, device=str(device()))


def train_ensemble(request: TrainingRequest, examples: Sequence[Example], progress: Progress, _curve: Curve) -> Trained:
    """Train the titlers that take seconds, and what chooses among their proposals.

    Titlers that took minutes stay as they serve: so a few Decisions are learnt from without losing what many taught.
    """
    members = [_cheap("template", request), _cheap("neighbour", request), *kept_members(serving_model(request)[1])]
    return _ensemble(request, examples, members, progress)


def train_full_ensemble(
    request: TrainingRequest, examples: Sequence[Example], progress: Progress, curve: Curve
) -> Trained:
    """Train every titler; the request's minutes are shared among those that take minutes."""
    slow = [name for name in _MINUTES_SHARE if name != "language_model" or request.base_model]
    total = sum(_MINUTES_SHARE[name] for name in slow)
    members = [_cheap("template", request), _cheap("neighbour", request)]
    for name in slow:
        minutes = request.minutes and request.minutes * _MINUTES_SHARE[name] / total
        members.append(_member(name, replace(request, minutes=minutes), curve, is_cheap=False))
    return _ensemble(request, examples, members, progress)


def train_tagger(request: TrainingRequest, examples: Sequence[Example], progress: Progress, _curve: Curve) -> Trained:
    """Learn the tags of the scope's published library."""
    tags = published_tags(Path(request.models_folder), request.scope)
    progress(0.1, f"learning {len(tags)} tags from {len(examples)} products")
    return Trained(model=LinearTagger.learned(renamed(examples, tags), tags, seed=request.seed))


def train_categorizer(
    request: TrainingRequest, examples: Sequence[Example], progress: Progress, _curve: Curve
) -> Trained:
    """Learn the paths of the scope's published taxonomy."""
    paths = published_paths(Path(request.models_folder), request.scope)
    progress(0.1, f"learning {len(paths)} categories from {len(examples)} products")
    return Trained(model=LinearCategorizer.learned(examples, paths, seed=request.seed))


METHODS: Mapping[tuple[Kind, str], Method] = {
    ("titler", "template"): train_template,
    ("titler", "neighbour"): train_neighbour,
    ("titler", "pointer"): train_pointer,
    ("titler", "language_model"): train_language_model,
    ("titler", "ensemble"): train_ensemble,
    ("titler", "full_ensemble"): train_full_ensemble,
    ("tagger", "tagger"): train_tagger,
    ("categorizer", "categorizer"): train_categorizer,
}


_LEARNT: Mapping[Kind, str] = {"titler": "a title", "tagger": "tags", "categorizer": "a category"}
_LOAD: Mapping[Kind, Callable[[Path], Model]] = {
    "titler": load_titler,
    "tagger": load_tagger,
    "categorizer": load_categorizer,
}
_BUILT_IN: Mapping[Kind, Callable[[], Model]] = {
    "titler": TemplateTitler.untrained,
    "tagger": AliasTagger,
    "categorizer": NameCategorizer,
}


def trained(
    request: TrainingRequest, examples: Sequence[Example], progress: Progress, curve: Curve = unheard
) -> Trained:
    """Train by the request's method; raises TrainingFailed when there is no such method or nothing to learn from.

    curve is told what a method that learns step by step makes of its steps.
    """
    method = METHODS.get((request.kind, request.method))
    if method is None:
        known = ", ".join(name for kind, name in METHODS if kind == request.kind)
        raise TrainingFailed(f"no {request.kind} is trained by {request.method!r}; there are: {known}")
    usable = [example for example in examples if _is_known(request.kind, example)]
    if not usable:
        raise TrainingFailed(f"no example has {_LEARNT[request.kind]}: review some products first")
    return method(request, usable, progress, curve)


def _is_known(kind: Kind, example: Example) -> bool:
    """Say whether an example tells what a kind of model learns."""
    told = {"titler": example.title, "tagger": example.tags, "categorizer": example.category}
    return told[kind] is not None


def _ensemble(
    request: TrainingRequest, examples: Sequence[Example], members: Sequence[Member], progress: Progress
) -> Trained:
    train, valid = train_and_valid(examples, seed=request.seed)
    course = ensemble_training.train_ensemble(members, train, valid, progress)
    return Trained(model=course.titler, metrics=course.metrics)


def _cheap(method: str, request: TrainingRequest) -> Member:
    return _member(method, request, unheard, is_cheap=True)  # in one go, without steps to tell of


def _member(method: str, request: TrainingRequest, curve: Curve, *, is_cheap: bool) -> Member:
    def learn(examples: Sequence[Example], progress: Progress) -> Titler:
        trained = METHODS["titler", method](request, examples, progress, of_part(curve, method))
        return trained.model  # type: ignore[return-value]

    return Member(method=method, learn=learn, is_cheap=is_cheap)


def kept_members(serving: Model) -> list[Member]:
    """Return the slow titlers of a serving ensemble as members that need no training."""

    def keep(titler: Titler) -> Learn:
        return lambda _examples, _progress: titler

    members = serving.members if isinstance(serving, EnsembleTitler) else {}
    return [
        Member(method=name, learn=keep(titler), is_cheap=False)
        for name, titler in members.items()
        if name in _MINUTES_SHARE
    ]


def serving_model(request: TrainingRequest) -> tuple[int, Model]:
    """Return the version that serves the scope now and its model; 0 and the built-in one where none does.

    A version whose folder is broken can't answer, so the built-in model answers in its place, here as in http/: it is
    what a new version has to beat, and broken artifacts must not keep a scope from being trained again.
    """
    models_folder = Path(request.models_folder)
    number = _pointed_at(pointer_file(models_folder, request.kind, request.scope))
    try:
        return number, version_model(request.kind, request.scope, number, models_folder)
    except BadArtifact as e:
        logger.warning("measuring against the built-in model: %s", e)
    return 0, _BUILT_IN[request.kind]()


def version_model(kind: Kind, scope: str, number: int, models_folder: Path) -> Model:
    """Return a version's model, for 0 the built-in one; raises BadArtifact."""
    return _LOAD[kind](version_folder(models_folder, kind, scope, number)) if number else _BUILT_IN[kind]()


def golden_scores(
    request: TrainingRequest, model: Model, golden: Sequence[Example], progress: Callable[[float], None]
) -> tuple[GoldenScore, ...]:
    """Measure a model on the golden items that are known, in order, a batch at a time; progress runs from 0 to 1."""
    known = [example for example in golden if _is_known(request.kind, example)]
    if request.kind == "titler":
        return _measured(known, lambda batch: _title_scores(model, batch), progress)  # type: ignore[arg-type]
    if request.kind == "categorizer":
        paths = published_paths(Path(request.models_folder), request.scope)
        return _measured(known, lambda batch: _category_scores(model, batch, paths), progress)  # type: ignore[arg-type]
    tags = published_tags(Path(request.models_folder), request.scope)
    known = renamed(known, tags)
    return _measured(known, lambda batch: _tag_scores(model, batch, tags), progress)  # type: ignore[arg-type]


def golden_reliability(request: TrainingRequest, model: Model, golden: Sequence[Example]) -> Reliability | None:
    """Compare a model's probabilities with the golden items; None for a titler and without golden items.

    Of a tagger all likely tags are compared, of a categorizer its choices.
    """
    if request.kind == "titler":
        return None
    if request.kind == "categorizer":
        paths = published_paths(Path(request.models_folder), request.scope)
        return _reliability_of_choices(model, [e for e in golden if e.category is not None], paths)  # type: ignore[arg-type]
    tags = published_tags(Path(request.models_folder), request.scope)
    known = renamed((example for example in golden if example.tags is not None), tags)
    if not known or not tags:
        return None
    scores = tag_scores(model, [example.brief for example in known], tags)  # type: ignore[arg-type]
    proba = np.array([[score.proba for score in own] for own in scores])
    truth = np.array([[tag.name in (example.tags or ()) for tag in tags] for example in known], dtype=np.int8)
    return reliability(proba, truth)


def _reliability_of_choices(
    categorizer: Categorizer, known: Sequence[Example], paths: Sequence[CategoryPath]
) -> Reliability | None:
    found = categorizer.categorize([example.brief for example in known], paths)
    told = [(own[0].proba, own[0].path == e.category) for own, e in zip(found, known, strict=True) if own]
    if not told:
        return None
    return reliability(np.array([p for p, _ in told]), np.array([right for _, right in told], dtype=np.int8))


def published_paths(models_folder: Path, catalog: str) -> tuple[CategoryPath, ...]:
    """Return a catalog's taxonomy; raises TrainingFailed when it is not published, as where no category is asked."""
    file = taxonomy_file(models_folder, catalog)
    try:
        return from_json(PublishedTaxonomy, json.loads(file.read_text(encoding="utf-8"))).paths
    except (OSError, ValueError, BadRequest) as e:
        raise TrainingFailed(f"the taxonomy of {catalog!r} can't be read ({e}); save the catalog again") from e


def published_tags(models_folder: Path, library: str) -> tuple[TagSpec, ...]:
    """Return a library's tags; raises TrainingFailed when it was never published or is no such file."""
    file = library_file(models_folder, library)
    try:
        return from_json(PublishedLibrary, json.loads(file.read_text(encoding="utf-8"))).tags
    except (OSError, ValueError, BadRequest) as e:
        raise TrainingFailed(f"the tag library {library!r} can't be read ({e}); publish it again") from e


def _pointed_at(file: Path) -> int:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return 0
    except ValueError as e:
        raise TrainingFailed(f"{file.name} of {file.parent.name} is no JSON; promote a version again") from e
    if not isinstance(data, dict) or not isinstance(data.get("number"), int):
        raise TrainingFailed(f"{file.name} of {file.parent.name} names no version; promote one again")
    return int(data["number"])


def _measured(
    known: Sequence[Example],
    scores: Callable[[Sequence[Example]], list[GoldenScore]],
    progress: Callable[[float], None],
) -> tuple[GoldenScore, ...]:
    found: list[GoldenScore] = []
    for start in range(0, len(known), _BATCH):
        found += scores(known[start : start + _BATCH])
        progress(len(found) / len(known))
    return tuple(found)


def _title_scores(titler: Titler, batch: Sequence[Example]) -> list[GoldenScore]:
    # A good title in the Brief would be read off instead of drafted.
    briefs = [replace(example.brief, title="") for example in batch]
    scores = []
    for example, brief, proposals in zip(batch, briefs, titler.propose(briefs, N_CANDIDATES), strict=True):
        best = candidates(brief, proposals, weights_of(titler))[0]
        final = normal_form(example.title or "")
        scores.append(
            GoldenScore(
                sku=brief.sku,
                group=_group(brief),
                quality=title_quality(normal_form(best.title), final),
                unedited=normal_form(best.title) == final,
                n_violations=len(best.violations) + len(best.unsupported),
            )
        )
    return scores


def _tag_scores(tagger: Tagger, batch: Sequence[Example], tags: Sequence[TagSpec]) -> list[GoldenScore]:
    names = {tag.name for tag in tags}
    scores = []
    for example, own in zip(batch, tag_scores(tagger, [example.brief for example in batch], tags), strict=True):
        proposed = tuple(sorted(score.name for score in own if score.is_proposed))
        true = tuple(sorted(names & set(example.tags or ())))
        scores.append(
            GoldenScore(
                sku=example.brief.sku,
                group=_group(example.brief),
                quality=tag_quality(proposed, true),
                unedited=proposed == true,
                proposed=proposed,
                true=true,
            )
        )
    return scores


def _category_scores(
    categorizer: Categorizer, batch: Sequence[Example], paths: Sequence[CategoryPath]
) -> list[GoldenScore]:
    scores = []
    for example, own in zip(batch, categorizer.categorize([e.brief for e in batch], paths), strict=True):
        true, proposed = example.category or (), own[0].path if own else ()
        scores.append(
            GoldenScore(
                sku=example.brief.sku,
                group=true[0] if true else "",
                quality=category_quality(proposed, true),
                unedited=proposed == true,
                proposed=(path_name(proposed),) if proposed else (),
                true=(path_name(true),),
            )
        )
    return scores


def _group(brief: Brief) -> str:
    return brief.category[0] if brief.category else ""
