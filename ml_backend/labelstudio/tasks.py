"""What a task's data says of the product and of how its project asks for tags."""

from collections.abc import Mapping
from typing import Any

from ml_backend.contract import Brief, from_json
from ml_backend.errors import BadRequest
from ml_backend.labelstudio.names import BRIEF, IS_BLIND, TAGS_AS
from ml_backend.labelstudio.predictions import TAGS_AS_KINDS, TagsAs


def brief_of_task(data: Any) -> Brief:
    """Return the Brief that the task was pushed with; raises BadRequest when it holds none."""
    if not isinstance(data, Mapping) or BRIEF not in data:
        raise BadRequest(f"the task's data holds no {BRIEF!r}: it was not pushed by TitleLab")
    return from_json(Brief, data[BRIEF])


def is_blind_task(data: Any) -> bool:
    """Say whether the task's person is to type the title without seeing a draft."""
    return isinstance(data, Mapping) and data.get(IS_BLIND) is True


def tags_as_of_task(data: Any) -> TagsAs:
    """Say how the task's project asks for tags, as choices unless it says else; raises BadRequest on another word."""
    said = data.get(TAGS_AS, "choices") if isinstance(data, Mapping) else None
    for kind in TAGS_AS_KINDS:
        if said == kind:
            return kind
    raise BadRequest(f"{TAGS_AS!r} must be one of {', '.join(TAGS_AS_KINDS)}, not {said!r}")
