"""What the played annotator submits on an opened page, and how long it takes.

Computes only; annotator.py decides what is let stand, annotating.py does the clicks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ml_backend.contract import Candidate, CategoryPath, CategoryScore, Draft, TagScore
from ml_backend.labelstudio.annotations import final_values
from ml_backend.labelstudio.predictions import TagsAs, prediction
from titlelab.labelstudio.events import PredictionSeen
from titlelab.review.classifying import Final, Judgement, Shown, judge
from titlelab.web.simulating.annotator import STRICT, Manner, decided
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
    """An annotation to submit; result as Label Studio's editor writes it.

    is_as_shown: nothing was changed; keeps_title: the drafted title was let stand, whatever became of the tags.
    """

    result: list[Any]
    seconds: float
    parent_prediction: int | None
    is_as_shown: bool
    keeps_title: bool = False


def answer(
    page: Page, gold: Gold, *, groups: Mapping[str, str], rng: np.random.Generator, manner: Manner = STRICT
) -> Answer:
    """Submit what is shown where it may stand; otherwise type the title and tick the tags.

    groups maps the library's tags to their groups; a tag that it does not hold can't be ticked.
    """
    shown = _shown(page.shown)
    right = Final(
        title=gold.title,
        tags=tuple(tag for tag in gold.tags if tag in groups),
        category=shown.category if shown else (),  # the gold tells none
    )
    final = decided(shown, right, manner, rng)
    title = final.title or ""
    judged = judge(shown, final)
    is_as_shown = page.shown is not None and judged.outcome == "accepted"
    return Answer(
        result=page.shown.result
        if page.shown and is_as_shown
        else _typed(title, final.tags, final.category, page.tags_as, groups),
        seconds=round(_seconds(judged, title) * float(rng.uniform(*HASTE)), 1),
        parent_prediction=page.shown.id if page.shown else None,
        is_as_shown=is_as_shown,
        keeps_title=bool(shown and shown.title) and judged.title_edit == 0,
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
