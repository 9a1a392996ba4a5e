"""The labeling config and a task's data: what an annotator sees.

Computes only. Every product field is escaped here, for XML where it enters the config and for HTML where Label Studio
renders it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Literal
from xml.sax.saxutils import quoteattr

from ml_backend.contract import Brief, Draft, TagSpec, to_json
from ml_backend.labelstudio.names import BRIEF, CANDIDATE, ITEM, REJECT_REASON, SOURCE, TAGS, TAGS_AS, TITLE

TagsAs = Literal["choices", "taxonomy"]
# Checkboxes stay readable up to about three lines on a laptop's screen; beyond that a searchable tree is faster.
MOST_CHOICES = 24
REJECT_REASONS = ("bad source", "wrong facts", "wrong language", "not for sale", "other")
# Of the keyboard: letters for what there is one of, since Label Studio numbers the rest by itself.
_REASON_HOTKEYS = ("q", "w", "e", "r", "t")
_STYLE = (
    ".tl-row{display:flex;gap:28px;align-items:flex-start}"
    ".tl-l{flex:1 1 42%;min-width:0}.tl-r{flex:1 1 58%;min-width:0}"
    ".tl-src{max-height:62vh;overflow:auto}"
)


def tags_as(tags: Sequence[TagSpec]) -> TagsAs:
    """Say how a library is asked for: checkboxes while it is small and flat, a searchable tree otherwise."""
    n_groups = len({tag.group for tag in tags if tag.group})
    return "taxonomy" if len(tags) > MOST_CHOICES or (n_groups > 1 and len(tags) > MOST_CHOICES // 2) else "choices"


def label_config(tags: Sequence[TagSpec]) -> str:
    """Return the labeling config of a queue whose library holds these active tags."""
    reasons = "".join(
        f'<Choice value={quoteattr(reason)} hotkey="{key}"/>'
        for reason, key in zip(REJECT_REASONS, _REASON_HOTKEYS, strict=True)
    )
    return (
        f"<View><Style>{_STYLE}</Style>"
        '<Header value="$review_hint" size="5"/>'
        '<View className="tl-row"><View className="tl-l"><View className="tl-src">'
        '<HyperText name="source" value="$source_html" inline="true"/>'
        f'<Text name="{SOURCE}" value="$description"/>'
        '<Image name="picture" value="$image" maxWidth="320px" zoom="false"/>'
        '</View></View><View className="tl-r">'
        '<Header value="1 · Title (Enter keeps an edit)" size="4"/>'
        f'<TextArea name="{TITLE}" toName="{SOURCE}" rows="1" maxSubmissions="1" editable="true"'
        ' placeholder="Product title"/>'
        '<Header value="2 · Or take another candidate" size="4"/>'
        f'<Choices name="{CANDIDATE}" toName="{SOURCE}" choice="single-radio" value="$candidates" layout="vertical"/>'
        f"{_tags_control(tags)}"
        '<Header value="Reject, only if no title can be written" size="4"/>'
        f'<Choices name="{REJECT_REASON}" toName="{SOURCE}" choice="single-radio" layout="inline">{reasons}</Choices>'
        "</View></View></View>"
    )


def _tags_control(tags: Sequence[TagSpec]) -> str:
    if not tags:
        return ""
    header = '<Header value="3 · Tags" size="4"/>'
    if tags_as(tags) == "choices":
        choices = "".join(f"<Choice value={quoteattr(tag.name)}/>" for tag in tags)
        return f'{header}<Choices name="{TAGS}" toName="{SOURCE}" choice="multiple" layout="inline">{choices}</Choices>'
    return (
        f'{header}<Taxonomy name="{TAGS}" toName="{SOURCE}" leafsOnly="true" showFullPath="false"'
        f' placeholder="Search or open the tags">{_tree(tags)}</Taxonomy>'
    )


def _tree(tags: Sequence[TagSpec]) -> str:
    by_group: Mapping[str, list[TagSpec]] = _grouped(tags)
    return "".join(
        f"<Choice value={quoteattr(group)}>{_leaves(members)}</Choice>" if group else _leaves(members)
        for group, members in by_group.items()
    )


def _grouped(tags: Sequence[TagSpec]) -> dict[str, list[TagSpec]]:
    by_group: dict[str, list[TagSpec]] = defaultdict(list)
    for tag in tags:
        by_group[tag.group].append(tag)
    return by_group


def _leaves(tags: Sequence[TagSpec]) -> str:
    return "".join(f"<Choice value={quoteattr(tag.name)}/>" for tag in tags)


def task_data(
    *, item_id: int, brief: Brief, draft: Draft, image_url: str, why: str, asked_as: TagsAs
) -> dict[str, Any]:
    """Return a task's data: what the annotator reads, our key, and the Brief for Label Studio's own /predict."""
    return {
        ITEM: item_id,
        TAGS_AS: asked_as,
        BRIEF: to_json(brief),
        "sku": brief.sku,
        "source_html": source_html(brief),
        "description": brief.description or " ",  # an empty Text would hide the object that the controls point at
        "image": image_url,
        **draft_data(draft, why=why, limit=f"{brief.channel.max_length} {brief.channel.length_unit.replace('_', ' ')}"),
    }


def draft_data(draft: Draft, *, why: str, limit: str) -> dict[str, Any]:
    """Return the part of a task's data that changes with its draft."""
    others = [c for c in draft.candidates[1:] if c.title != draft.title]
    return {
        "review_hint": review_hint(draft, why=why, limit=limit),
        "candidates": [{"value": c.title, "hint": "; ".join(c.reasons)[:200]} for c in others],
    }


def review_hint(draft: Draft, *, why: str, limit: str) -> str:
    """Return the header line: warnings first, then why the item is asked and who drafted it."""
    best = draft.candidates[0]
    warnings = [*best.unsupported, *best.violations]
    parts = [f"⚠ {warning}" for warning in warnings] + [why, f"limit {limit}", f"draft by {draft.version}"]
    return " · ".join(part for part in parts if part)


def source_html(brief: Brief) -> str:
    """Return the product's facts as an HTML table, escaped."""
    rows = [("Brand", brief.brand), ("Category", " › ".join(brief.category)), ("Price", brief.price)]
    rows += [*brief.attributes, ("SKU", brief.sku), ("Present title", brief.title or "none")]
    cells = "".join(
        f'<tr><td style="opacity:.65;padding:1px 14px 1px 0;vertical-align:top">{escape(name)}</td>'
        f"<td>{escape(value)}</td></tr>"
        for name, value in rows
        if value
    )
    return f"<table>{cells}</table>"
