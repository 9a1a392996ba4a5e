"""A Draft as the prediction that Label Studio pre-fills an annotator's page with."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

from ml_backend.contract import Draft
from ml_backend.labelstudio.names import CATEGORY, SOURCE, TAGS, TITLE

TagsAs = Literal["choices", "taxonomy"]
TAGS_AS_KINDS: tuple[TagsAs, ...] = get_args(TagsAs)


def prediction(draft: Draft, *, tags_as: TagsAs, groups: Mapping[str, str], is_blind: bool = False) -> dict[str, Any]:
    """Return the draft as Label Studio takes it in `/predict`'s results and with imported tasks.

    groups maps a tag's name to its group and is read for a taxonomy only; a tag without a group stands at the root.
    Region ids are the controls' names, so that one draft always makes the same JSON. score is confidence in [0, 1]:
    Label Studio serves the lowest first; a caller with a rank of its own puts that in its place. is_blind keeps the
    title back.
    """
    regions = [] if is_blind else [_region(TITLE, "textarea", {"text": [draft.title]})]
    names = draft.proposed_tags
    if names and tags_as == "taxonomy":
        regions.append(_region(TAGS, "taxonomy", {"taxonomy": [_path(name, groups.get(name, "")) for name in names]}))
    elif names:
        regions.append(_region(TAGS, "choices", {"choices": list(names)}))
    if draft.category:
        regions.append(_region(CATEGORY, "taxonomy", {"taxonomy": [list(draft.category)]}))
    return {"result": regions, "score": _confidence(draft), "model_version": draft.version}


def empty_prediction(version: str) -> dict[str, Any]:
    """Return what stands in for a task that nothing can be drafted for; Label Studio drops a list with a gap."""
    return {"result": [], "score": 0.0, "model_version": version}


def _region(control: str, kind: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"id": control, "from_name": control, "to_name": SOURCE, "type": kind, "value": value}


def _path(name: str, group: str) -> list[str]:
    return [group, name] if group else [name]


def _confidence(draft: Draft) -> float:
    """One doubtful half is reason enough for a person to look."""
    return 1.0 - max(draft.title_uncertainty, draft.tag_uncertainty)
