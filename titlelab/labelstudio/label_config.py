"""The labeling config and a task's data: what an annotator sees.

Computes only. Every product field is escaped here, for XML where it enters the config and for HTML where Label Studio
renders it; a dollar sign, which Label Studio would take for a variable of the task, is disarmed.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from html import escape
from itertools import product
from string import Template
from typing import Any, Literal
from xml.sax.saxutils import quoteattr

from ml_backend.contract import Brief, Candidate, CategoryPath, Draft, TagSpec, path_name, to_json
from ml_backend.labelstudio.names import (
    BRIEF,
    CANDIDATE,
    CATEGORY,
    IS_BLIND,
    ITEM,
    REJECT_REASON,
    SOURCE,
    SUGGESTED_TAGS,
    TAGS,
    TAGS_AS,
    TITLE,
)

TagsAs = Literal["choices", "taxonomy"]
# One click instead of three (open, search, pick), and what is not ticked is seen too: 60 checkboxes in groups fill half
# a laptop's screen, more would have to be scrolled.
MOST_CHOICES = 60
REJECT_REASONS = ("bad source", "wrong facts", "wrong language", "not for sale", "other")
_REASON_HOTKEYS = "qwert"
# Digits are the candidates', u is Label Studio's (it lets go of a region).
_TAG_LETTERS = "asdfgzxcvbyiophjklnm"
# The last only keeps Label Studio from giving the rest any free key, first of all the candidates' digits. 3 × 20 do for
# MOST_CHOICES.
_TAG_MODIFIERS = ("", "shift+", "ctrl+alt+shift+")
_WORD_JOINER = "\u2060"  # of no width
# The header is one line beside the keys that edit; the admin's page of the draft tells the rest.
_MOST_CAUTIONS = 2
_LONGEST_REASON = 60
_LONGEST_REASONS = 75
_LONGEST_HINT = 200  # of a candidate, in a bubble
_MOST_OTHER_PATHS = 2  # alternatives to the category, told beside it
_LONGEST_BECAUSE = 150  # of what spoke for the tags: one line of its own

# Label Studio's own elements have stable class names (lsf-…) and test ids. Should one change, a convenience is lost
# (the empty side panel comes back, the pencil is small again) and nothing else. No ">" here: it would be escaped.
_STYLE = """
.lsf-sidepanels{padding-right:0 !important}
.lsf-sidepanels__wrapper{display:none}
.tl h4{font-size:13px;line-height:20px;font-weight:600;opacity:.7;margin:0 !important}
.tl-title,.tl-others,.tl-group,.tl-reject{position:relative;padding-left:92px}
.tl-title h4,.tl-others h4,.tl-group h4,.tl-reject h4{position:absolute;left:0;top:3px;width:84px;
overflow-wrap:anywhere}
.tl-title{margin-top:6px}
.tl-title h4{top:16px}
.tl-title .lsf-textarea__region{padding:0}
.tl-title p,.tl-title input{font-size:18px;line-height:26px;letter-spacing:0}
.tl-title .lsf-textarea__region .lsf-textarea__actions{opacity:1;pointer-events:auto;inset:0;transform:none !important}
.tl-title [data-testid=htx-textbox-delete-button]{display:none}
.tl-title [data-testid=htx-textbox-edit-button]{position:absolute;top:0;left:0;width:100%;height:100%;cursor:text;
background:none !important;border:0 !important;box-shadow:none}
.tl-title [data-testid=htx-textbox-edit-button] span{justify-content:flex-end}
.tl .lsf-choices{margin:0}
.tl .lsf-choice{line-height:24px !important}
.tl-others:not(:has(.lsf-choice)){display:none}
.tl-columns{display:flex;gap:32px;align-items:flex-start;margin-top:6px}
.tl-source{flex:1 1 40%;min-width:0;max-height:calc(100vh - 300px);overflow:auto}
.tl-answers{flex:1 1 60%;min-width:0}
.tl-facts{border-collapse:collapse;margin-bottom:8px}
.tl-facts th{text-align:left;font-weight:400;opacity:.7;padding:1px 16px 1px 0;vertical-align:top;white-space:nowrap}
.tl-facts td{padding:1px 0;vertical-align:top;overflow-wrap:anywhere}
.tl-facts img{max-width:320px;max-height:200px}
.tl-source .lsf-richtext__line{margin:0;line-height:21px}
.tl-hint{display:flex;gap:16px;font-size:13px;opacity:.8}
.tl-said{flex:1;min-width:0}
.tl-because{font-size:12px;opacity:.8}
.tl-because mark{background:#dbeafe;color:#1e3a8a;border-radius:3px;padding:0 4px}
.tl-keys{white-space:nowrap;outline:none}
.tl-warning{color:#fff;background:#b42318;border-radius:4px;padding:1px 8px;margin-right:8px;font-weight:600}
.tl-caution{color:#7a2e0e;background:#fef0c7;border-radius:4px;padding:1px 8px;margin-right:8px}
.tl-tags .lsf-hint{display:none}
.tl-key{font-size:10px;opacity:.6;margin-left:3px;font-weight:400}
.tl-tags .lsf-choice,.tl-tags .lsf-choice *{line-height:21px !important;min-height:0 !important}
.tl-tags .lsf-choice{height:22px}
.tl-missing .lsf-textarea__region{padding:0}
.tl-missing{margin:-7px 0 -20px}
.tl-missing h4{top:10px}
.tl-missing textarea,.tl-missing input{height:26px !important;min-height:0 !important;padding:1px 8px !important}
.tl-reject{margin-top:4px}
"""
_PAGE = Template(
    f"""<View className="tl"><Style>{_STYLE}</Style>
<HyperText name="hint" value="$$review_hint" inline="true"/>
<View className="tl-title">
<Header value="Title" size="5"/>
<TextArea name="{TITLE}" toName="{SOURCE}" rows="1" maxSubmissions="1" editable="true" placeholder="Product title"/>
</View>
<View className="tl-others">
<Header value="Or take" size="5"/>
<Choices name="{CANDIDATE}" toName="{SOURCE}" choice="single-radio" value="$$candidates" layout="vertical"/>
</View>
<View className="tl-columns">
<View className="tl-source">
<HyperText name="source" value="$$source_html" inline="true"/>
<Text name="{SOURCE}" value="$$description"/>
</View>
<View className="tl-answers">
$category$tags
<View className="tl-reject">
<Header value="Or reject" size="5"/>
<Choices name="{REJECT_REASON}" toName="{SOURCE}" choice="single-radio" layout="inline">$reasons</Choices>
</View>
</View>
</View>
</View>"""
)


# What is typed here becomes a proposed tag, once others say so too.
_MISSING = (
    f'<View className="tl-group tl-missing"><Header value="Missing" size="5"/><TextArea name="{SUGGESTED_TAGS}"'
    f' toName="{SOURCE}" rows="1" editable="true" maxSubmissions="5" placeholder="A tag that is missing above"/></View>'
)


def tags_as(tags: Sequence[TagSpec], *, is_tree: bool = False) -> TagsAs:
    """Say how a library is asked for: checkboxes while they can be taken in at a glance, a searchable tree beyond.

    is_tree says that it is asked for by a tree already, which stays.
    """
    return "taxonomy" if is_tree or len(tags) > MOST_CHOICES else "choices"


def label_config(
    tags: Sequence[TagSpec], *, is_tree: bool = False, categories: Sequence[CategoryPath] | None = None
) -> str:
    """Return the labeling config of a queue whose library holds these active tags; is_tree as in tags_as.

    categories are the paths to choose one from; None: no category is asked.
    """
    reasons = zip(REJECT_REASONS, _REASON_HOTKEYS, strict=True)
    return _PAGE.substitute(
        category="" if categories is None else _category_control(categories),
        tags=_tags_control(tags, tags_as(tags, is_tree=is_tree)),
        reasons="".join(f'<Choice value={quoteattr(reason)} hotkey="{key}"/>' for reason, key in reasons),
    )


def _tags_control(tags: Sequence[TagSpec], asked_as: TagsAs) -> str:
    if not tags:
        return ""
    if asked_as == "choices":
        return (
            f'<View className="tl-tags"><Choices name="{TAGS}" toName="{SOURCE}" choice="multiple" layout="inline">'
            f"{_checkboxes(tags)}</Choices></View>{_MISSING}"
        )
    return (
        f'<View className="tl-group"><Header value="Tags" size="5"/><Taxonomy name="{TAGS}" toName="{SOURCE}"'
        f' leafsOnly="true" showFullPath="false" placeholder="Search or open the tags">{_tree(tags)}</Taxonomy>'
        f"</View>{_MISSING}"
    )


def _checkboxes(tags: Sequence[TagSpec]) -> str:
    """One line a group, led by its name; a hotkey each while letters last, shown as it is pressed."""
    hotkeys = (modifier + letter for modifier, letter in product(_TAG_MODIFIERS, _TAG_LETTERS))
    return "".join(
        f'<View className="tl-group"><Header value={quoteattr(_disarmed(group or "Tags"))} size="5"/>'
        + "".join(_checkbox(tag.name, hotkey) for tag, hotkey in zip(members, hotkeys, strict=False))
        + "</View>"
        for group, members in _grouped(tags).items()
    )


def _checkbox(name: str, hotkey: str) -> str:
    shown = "" if hotkey.startswith("ctrl") else hotkey.replace("shift+", "⇧").upper()
    html = f'{escape(name)}<span class="tl-key">{shown}</span>'
    return f'<Choice {_named(name)} hotkey="{hotkey}" html={quoteattr(html)}/>'


def _tree(tags: Sequence[TagSpec]) -> str:
    leaves = {group: "".join(f"<Choice {_named(tag.name)}/>" for tag in m) for group, m in _grouped(tags).items()}
    return "".join(f"<Choice {_named(group)}>{inner}</Choice>" if group else inner for group, inner in leaves.items())


def _category_control(paths: Sequence[CategoryPath]) -> str:
    """One choice in a tree; only leaves can be chosen, unless products stand under inner names too."""
    inner = {path[:depth] for path in paths for depth in range(1, len(path))}
    leafs_only = "false" if inner.intersection(paths) else "true"
    return (
        f'<View className="tl-group"><Header value="Category" size="5"/><Taxonomy name="{CATEGORY}" toName="{SOURCE}"'
        f' maxUsages="1" leafsOnly="{leafs_only}" showFullPath="true" pathSeparator=" › "'
        f' placeholder="Search or open the categories">{_branches(paths)}</Taxonomy></View>'
    )


def _branches(paths: Sequence[CategoryPath]) -> str:
    """Return the tree of some paths as nested choices, in their order."""
    below: dict[str, list[CategoryPath]] = defaultdict(list)
    for path in filter(None, paths):
        below[path[0]].append(path[1:])
    return "".join(f"<Choice {_named(name)}>{_branches(rest)}</Choice>" for name, rest in below.items())


def _grouped(tags: Sequence[TagSpec]) -> dict[str, list[TagSpec]]:
    by_group: dict[str, list[TagSpec]] = defaultdict(list)
    for tag in tags:
        by_group[tag.group].append(tag)
    return by_group


def _named(name: str) -> str:
    """Return a Choice's attributes; where the shown value had to be disarmed, its alias is what annotations hold."""
    disarmed = _disarmed(name)
    alias = f" alias={quoteattr(name)}" if disarmed != name else ""
    return f"value={quoteattr(disarmed)}{alias}"


def _disarmed(text: str) -> str:
    """Keep Label Studio from reading "$5" as the task's field "5", by a character that takes no room."""
    return re.sub(r"\$(?=[\w\[\].{}])", "$" + _WORD_JOINER, text)


def task_data(
    *, item_id: int, brief: Brief, draft: Draft, image_url: str, why: str, asked_as: TagsAs, is_blind: bool = False
) -> dict[str, Any]:
    """Return a task's data: what the annotator reads, our key, and the Brief for Label Studio's own /predict.

    is_blind keeps the drafted titles back, here and from /predict.
    """
    limit = f"{brief.channel.max_length} {brief.channel.length_unit.replace('_', ' ')}"
    return {
        ITEM: item_id,
        TAGS_AS: asked_as,
        IS_BLIND: is_blind,
        BRIEF: to_json(brief),
        "sku": brief.sku,
        "source_html": source_html(brief, image_url),
        "description": brief.description or " ",  # an empty Text would hide the object that the controls point at
        **(blind_data(draft, why=why, limit=limit) if is_blind else draft_data(draft, why=why, limit=limit)),
    }


def draft_data(draft: Draft, *, why: str, limit: str) -> dict[str, Any]:
    """Return the part of a task's data that changes with its draft."""
    others = [c for c in draft.candidates[1:] if c.title != draft.title]
    return {
        "review_hint": review_hint(draft, why=why, limit=limit),
        "candidates": [_candidate(c.title, n) | {"hint": _hint(c)} for n, c in enumerate(others, start=1)],
    }


def blind_data(draft: Draft, *, why: str, limit: str) -> dict[str, Any]:
    """Return the same for a task that shows no title: nothing in it tells what was drafted, but for the tags."""
    told = " · ".join(escape(part) for part in (why, f"limit {limit}", f"tags by {draft.version}") if part)
    asked = '<span class="tl-caution">Type the title from the source: no draft is shown here</span>'
    line = f'<div class="tl-hint"><span class="tl-said">{asked}{told}</span></div>'
    return {
        "review_hint": line + _because(draft) + _category_because(draft),
        "candidates": [],
    }


def _hint(candidate: Candidate) -> str:
    """Say what speaks against an alternative, then what speaks for it; Label Studio shows it as text."""
    said = [*candidate.unsupported, *candidate.violations, *_cautions(candidate), _reasons(candidate)]
    return _cut("; ".join(part for part in said if part), _LONGEST_HINT)


def _cautions(candidate: Candidate) -> list[str]:
    """Return the first warnings, and how many more there are."""
    few, n_more = candidate.warnings[:_MOST_CAUTIONS], len(candidate.warnings) - _MOST_CAUTIONS
    return [*few, f"and {n_more} more"] if n_more > 0 else list(few)


def _reasons(candidate: Candidate) -> str:
    """Return what speaks for a title: the first reason, and as many more as fit."""
    told = ""
    for reason in map(_folded, candidate.reasons):
        longer = f"{told}; {reason}" if told else reason
        if told and len(longer) > _LONGEST_REASONS:
            break
        told = longer
    return told


def _folded(reason: str) -> str:
    """Take the middle out of a long reason: its end tells how alike a neighbour is."""
    half = _LONGEST_REASON // 2
    return reason if len(reason) <= _LONGEST_REASON else f"{reason[:half].rstrip()}…{reason[-half:].lstrip()}"


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def _candidate(title: str, n: int) -> dict[str, str]:
    """Return one alternative; hotkeys are given, or the digits would go to whatever has none."""
    named = {"value": _disarmed(title), "hotkey": str(n)}
    return named if named["value"] == title else named | {"alias": title}


def review_hint(draft: Draft, *, why: str, limit: str) -> str:
    """Return the header as HTML: what is wrong or unsure, why the item is asked, who drafted it and why so.

    A second line tells which words of the source spoke for the proposed tags.
    """
    best = draft.candidates[0]
    marked = [("tl-warning", said) for said in (*best.unsupported, *best.violations)]
    marked += [("tl-caution", said) for said in _cautions(best)]
    told = (why, f"limit {limit}", f"draft by {draft.version}", _reasons(best))
    rest = " · ".join(escape(part) for part in told if part)
    marks = "".join(f'<span class="{kind}">{escape(said)}</span>' for kind, said in marked)
    line = f'<div class="tl-hint"><span class="tl-said">{marks}{rest}</span>{_EDIT_KEYS}</div>'
    return line + _because(draft) + _category_because(draft)


def _because(draft: Draft) -> str:
    """Return, as HTML, the words that spoke for each proposed tag, for as many tags as fit; "" where nothing is told.

    A tag whose own name stands in the source needs no explanation.
    """
    told, room = [], _LONGEST_BECAUSE
    for tag in (tag for tag in draft.tags if tag.is_proposed):
        words = [word for word in tag.reasons if word.casefold() != tag.name.casefold()]
        room -= len(tag.name) + sum(len(word) + 2 for word in words)
        if words and room >= 0:
            told.append(f"{escape(tag.name)}: {' '.join(f'<mark>{escape(word)}</mark>' for word in words)}")
    return f'<div class="tl-because">Tags because of {" · ".join(told)}</div>' if told else ""


def _category_because(draft: Draft) -> str:
    """Return, as HTML, how sure the category is, the words that spoke for it, and the next likely ones."""
    if not draft.categories:
        return ""
    best, *others = draft.categories
    words = "".join(f" <mark>{escape(word)}</mark>" for word in best.reasons)
    told = [f"Category {best.proba:.0%} sure{' because of' if words else ''}{words}"]
    told += [f"or {escape(path_name(o.path))} ({o.proba:.0%})" for o in others[:_MOST_OTHER_PATHS]]
    return f'<div class="tl-because">{" · ".join(told)}</div>'


# Label Studio has no hotkey for editing a pre-filled text. The browser leads here from wherever the focus is (Firefox:
# Alt+Shift+E; macOS: Ctrl+Option+E), and the next stop of the Tab key is the pencil. Space presses it:
# Enter is a hotkey of Label Studio's.
_EDIT_KEYS = '<span class="tl-keys" tabindex="-1" accesskey="e">Edit by keyboard: Alt+E, Tab, Space</span>'


def source_html(brief: Brief, image_url: str = "") -> str:
    """Return the product's facts as an HTML table, escaped; a picture, if any, stands on top.

    The picture is no Image tag of Label Studio: that brings a toolbar and takes letters of the keyboard.
    """
    rows = [("Present title", brief.title or "none"), ("Brand", brief.brand), ("Category", " › ".join(brief.category))]
    rows += [*brief.attributes, ("Price", brief.price), ("SKU", brief.sku)]
    cells = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows if value)
    return f'<table class="tl-facts">{_picture(image_url)}{cells}</table>'


def _picture(url: str) -> str:
    if not url.startswith(("https://", "http://")):
        return ""
    return f'<tr><td colspan="2"><img src="{escape(url)}" alt="" referrerpolicy="no-referrer"></td></tr>'
