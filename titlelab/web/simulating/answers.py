"""What a careful annotator submits on an opened page. Computes only; see annotating.py for the clicks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ml_backend.contract import Candidate, CategoryPath, CategoryScore, Draft, TagScore
from ml_backend.labelstudio.annotations import final_values
from ml_backend.labelstudio.predictions import TagsAs, prediction
from titlelab.labelstudio.events import PredictionSeen
from titlelab.review.classifying import Final, Judgement, Shown, judge
from titlelab.web.simulating.gold import Gold

# How long such a page takes, in seconds: read it, type where the title differs, click where a tag does.
READING_S = 6.0
CHARACTER_S = 0.2
TAG_S = 1.5
HASTE = (0.7, 1.5)  # the same work takes some people, or some moments, longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An opened task: what of its data an answer depends on, and the prediction that pre-fills it, if any."""

    task_id: int
    sku: str
    tags_as: TagsAs
    shown: PredictionSeen | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An annotation to submit; result as Label Studio's editor writes it."""

    result: list[Any]
    seconds: float
    parent_prediction: int | None
    is_as_shown: bool


def answer(page: Page, gold: Gold, *, groups: Mapping[str, str], rng: np.random.Generator) -> Answer:
    """Submit what is shown where it is right; otherwise type the title and tick the tags.

    groups maps the library's tags to their groups; a tag that it does not hold can't be ticked.
    """
    tags = tuple(tag for tag in gold.tags if tag in groups)
    shown = _shown(page.shown)
    category = shown.category if shown else ()  # the gold tells none
    judged = judge(shown, Final(title=gold.title, tags=tags, category=category))
    is_as_shown = page.shown is not None and judged.outcome == "accepted"
    return Answer(
        result=page.shown.result
        if page.shown and is_as_shown
        else _typed(gold.title, tags, category, page.tags_as, groups),
        seconds=round(_seconds(judged, gold.title) * float(rng.uniform(*HASTE)), 1),
        parent_prediction=page.shown.id if page.shown else None,
        is_as_shown=is_as_shown,
    )


def _shown(prediction: PredictionSeen | None) -> Shown | None:
    if prediction is None:
        return None
    values = final_values(prediction.result)
    return Shown(title=values.title or "", tags=values.tags, category=values.category)


def _typed(
    title: str, tags: tuple[str, ...], category: CategoryPath, tags_as: TagsAs, groups: Mapping[str, str]
) -> list[Any]:
    """Return the regions that a prediction of these values would hold: an annotation holds the same."""
    draft = Draft(
        sku="",
        version="",
        titler_version=0,
        tagger_version=0,
        candidates=(Candidate(title=title, score=1.0),),
        tags=tuple(TagScore(name=tag, proba=1.0, threshold=0.5) for tag in tags),
        title_uncertainty=0.0,
        tag_uncertainty=0.0,
        categories=(CategoryScore(path=category, proba=1.0),) if category else (),
    )
    regions: list[Any] = prediction(draft, tags_as=tags_as, groups=groups)["result"]
    return regions


def _seconds(judged: Judgement, title: str) -> float:
    n_tags = len(judged.tags_added) + len(judged.tags_removed)
    return READING_S + CHARACTER_S * judged.title_edit * len(title) + TAG_S * n_tags
