"""What an annotator said, read from an annotation's result."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ml_backend.contract import CategoryPath
from ml_backend.errors import BadAnnotation
from ml_backend.labelstudio.names import (
    CANDIDATE,
    CATEGORY,
    PICKED_CATEGORY,
    REJECT_REASON,
    SUGGESTED_TAGS,
    TAGS,
    TITLE,
)

CONTROLS = (TITLE, CANDIDATE, TAGS, SUGGESTED_TAGS, CATEGORY, PICKED_CATEGORY, REJECT_REASON)
_UNWRITABLE = re.compile(r"[\x00\ud800-\udfff]")  # PostgreSQL refuses the first, UTF-8 the others


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalValues:
    """The values that an annotation ends with.

    title is None when there is none or it is blank; candidate is the alternative that was picked instead, if any.
    tags are names in the annotator's order, each once; suggested_tags are words that the annotator missed among them.
    category is the chosen path from the root, () where none is; picked_category another one that was picked beside it,
    if any. reject_reason is the chosen reason's value.
    """

    title: str | None = None
    candidate: str | None = None
    tags: tuple[str, ...] = ()
    suggested_tags: tuple[str, ...] = ()
    category: CategoryPath = ()
    picked_category: CategoryPath = ()
    reject_reason: str | None = None


def final_values(result: Any) -> FinalValues:
    """Read an annotation's `result`; regions of controls that are not ours are ignored.

    Raises BadAnnotation when it is no list of regions, a control has more than one, or a value is not the control's.
    """
    values = _values(result)
    return FinalValues(
        title=_title(values.get(TITLE)),
        candidate=_single_choice(CANDIDATE, values.get(CANDIDATE)),
        tags=_tags(values.get(TAGS)),
        suggested_tags=_suggested(values.get(SUGGESTED_TAGS)),
        category=_category(values.get(CATEGORY)),
        picked_category=_picked_category(values.get(PICKED_CATEGORY)),
        reject_reason=_single_choice(REJECT_REASON, values.get(REJECT_REASON)),
    )


def _values(result: Any) -> dict[str, Mapping[str, Any]]:
    """Return each of our controls' value; Label Studio keeps one region a control, as none of ours is per region."""
    if not isinstance(result, list):
        raise BadAnnotation(f"an annotation's result must be a list, not {type(result).__name__}")
    values: dict[str, Mapping[str, Any]] = {}
    for region in result:
        if not isinstance(region, dict):
            raise BadAnnotation(f"a region must be an object, not {type(region).__name__}")
        control = region.get("from_name")
        if control not in CONTROLS:
            continue
        if control in values:
            raise BadAnnotation(f"more than one region for {control!r}")
        if not isinstance(region.get("value"), dict):
            raise BadAnnotation(f"the region for {control!r} has no value")
        values[control] = region["value"]
    return values


def _title(value: Mapping[str, Any] | None) -> str | None:
    if value is None:
        return None
    texts = _strings(TITLE, value.get("text"))
    if len(texts) != 1:
        raise BadAnnotation(f"{TITLE!r} has {len(texts)} texts, expected one")
    return texts[0].strip() or None


def _tags(value: Mapping[str, Any] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    if "taxonomy" not in value:
        return tuple(dict.fromkeys(_strings(TAGS, value.get("choices"))))
    return tuple(dict.fromkeys(path[-1] for path in _paths(TAGS, value["taxonomy"])))


def _category(value: Mapping[str, Any] | None) -> CategoryPath:
    paths = _paths(CATEGORY, value.get("taxonomy")) if value is not None else []
    if len(paths) > 1:
        raise BadAnnotation(f"{CATEGORY!r} has {len(paths)} paths, expected at most one")
    return tuple(paths[0]) if paths else ()


def _picked_category(value: Mapping[str, Any] | None) -> CategoryPath:
    """Read a path that stands as JSON in a choice's value."""
    picked = _single_choice(PICKED_CATEGORY, value)
    if picked is None:
        return ()
    try:
        path = json.loads(picked)
    except (ValueError, RecursionError) as e:
        raise BadAnnotation(f"{PICKED_CATEGORY!r} holds no path: {e}") from e
    return tuple(_paths(PICKED_CATEGORY, [path])[0])


def _paths(control: str, paths: Any) -> list[list[str]]:
    if not isinstance(paths, list):
        raise BadAnnotation(f"{control!r} must hold a list of paths")
    names = [_strings(control, path) for path in paths]
    if not all(names):
        raise BadAnnotation(f"{control!r} holds an empty path")
    return names


def _suggested(value: Mapping[str, Any] | None) -> tuple[str, ...]:
    texts = _strings(SUGGESTED_TAGS, value.get("text")) if value is not None else []
    return tuple(dict.fromkeys(word for text in texts if (word := " ".join(text.split()))))


def _single_choice(control: str, value: Mapping[str, Any] | None) -> str | None:
    if value is None:
        return None
    choices = _strings(control, value.get("choices"))
    if len(choices) > 1:
        raise BadAnnotation(f"{control!r} has {len(choices)} choices, expected at most one")
    return choices[0] if choices else None


def _strings(control: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise BadAnnotation(f"{control!r} must hold a list of texts")
    if any(_UNWRITABLE.search(text) for text in value):
        raise BadAnnotation(f"{control!r} holds a character that no database takes")
    return value
