"""What a version makes of sample products, for people who want to see what changed; reads published tags and paths."""

from collections.abc import Sequence
from pathlib import Path

from ml_backend.contract import Brief, Categorizer, Kind, SampleDraft, Tagger, Titler
from ml_backend.learning.choosing import candidates
from ml_backend.learning.drafting import N_CANDIDATES
from ml_backend.learning.ranking import weights_of
from ml_backend.learning.tag_names import tag_scores
from ml_backend.learning.trainers import Model, published_paths, published_tags

_BATCH = 32


def sample_drafts(
    kind: Kind, model: Model, briefs: Sequence[Brief], *, models_folder: Path, scope: str
) -> tuple[SampleDraft, ...]:
    """Return one draft a Brief, in order; raises TrainingFailed where tags or paths are not published."""
    if kind == "tagger":
        return _tagged(model, briefs, models_folder, scope)  # type: ignore[arg-type]
    if kind == "categorizer":
        return _categorized(model, briefs, models_folder, scope)  # type: ignore[arg-type]
    return _titled(model, briefs)  # type: ignore[arg-type]


def _titled(titler: Titler, briefs: Sequence[Brief]) -> tuple[SampleDraft, ...]:
    made: list[SampleDraft] = []
    for start in range(0, len(briefs), _BATCH):
        batch = briefs[start : start + _BATCH]
        for brief, proposals in zip(batch, titler.propose(batch, N_CANDIDATES), strict=True):
            made.append(SampleDraft(title=candidates(brief, proposals, weights_of(titler))[0].title))
    return tuple(made)


def _tagged(tagger: Tagger, briefs: Sequence[Brief], models_folder: Path, scope: str) -> tuple[SampleDraft, ...]:
    scores = tag_scores(tagger, briefs, published_tags(models_folder, scope))
    return tuple(SampleDraft(tags=tuple(sorted(score.name for score in own if score.is_proposed))) for own in scores)


def _categorized(
    categorizer: Categorizer, briefs: Sequence[Brief], models_folder: Path, scope: str
) -> tuple[SampleDraft, ...]:
    found = categorizer.categorize(briefs, published_paths(models_folder, scope))
    return tuple(SampleDraft(category=own[0].path if own else ()) for own in found)
