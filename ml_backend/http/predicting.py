"""Label Studio's tasks answered with predictions: one per task in their order, whatever a task holds."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ml_backend.contract import Brief, Draft
from ml_backend.errors import BadRequest
from ml_backend.http.desk import BUILT_IN_VERSION, Desk
from ml_backend.labelstudio.predictions import TagsAs, empty_prediction, prediction
from ml_backend.labelstudio.tasks import brief_of_task, is_blind_task, tags_as_of_task

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    brief: Brief
    tags_as: TagsAs
    is_blind: bool


def predictions(desk: Desk, data: Sequence[object]) -> list[dict[str, Any]]:
    """Return a prediction per task's data, an empty one for a task that can't be read or drafted."""
    asked = [_asked(one) for one in data]
    readable = [one for one in asked if one]
    drafts = dict(zip(readable, desk.drafts_where_possible([one.brief for one in readable]), strict=True))
    version = next((draft.version for draft in drafts.values() if draft), BUILT_IN_VERSION)
    made = [(one, drafts[one] if one else None) for one in asked]
    return [_filled(desk, one, draft) if one and draft else empty_prediction(version) for one, draft in made]


def _asked(data: object) -> _Asked | None:
    try:
        brief = brief_of_task(data)
        return _Asked(brief=brief, tags_as=tags_as_of_task(data), is_blind=is_blind_task(data))
    except BadRequest as e:
        logger.warning("a task is answered with an empty prediction: %s", e)
        return None


def _filled(desk: Desk, asked: _Asked, draft: Draft) -> dict[str, Any]:
    groups = {tag.name: tag.group for tag in desk.library(asked.brief.library).tags}
    return prediction(draft, tags_as=asked.tags_as, groups=groups, is_blind=asked.is_blind)
