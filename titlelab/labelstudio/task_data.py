"""What one task says: a task's data, from a product's Brief and its draft.

Computes only. Every product field is escaped here for HTML, which is what Label Studio renders; where it takes a dollar
sign for a variable of the task, that is disarmed.
"""

import json
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from django.utils.translation import gettext as _

from ml_backend.contract import Brief, Candidate, CategoryPath, Draft, path_name, to_json
from ml_backend.labelstudio.names import BRIEF, IS_BLIND, ITEM, TAGS_AS
from ml_backend.rules.support import stretches, words_without_support
from ml_backend.rules.text import length
from titlelab.labelstudio.label_config import TagsAs, disarmed
from titlelab.quality.diffs import word_diff

# The header is one line; the admin's page of the draft tells the rest.
_MOST_CAUTIONS = 2
_LONGEST_REASON = 60
_LONGEST_REASONS = 75
_LONGEST_HINT = 200  # of a candidate, in a bubble
_CATEGORY_HOTKEYS = "89"  # alternatives to the category; digits below are the candidates'
_LONGEST_BECAUSE = 150  # of what spoke for the tags: one line of its own
_MOST_STRANGE_WORDS = 6


def task_data(
    *,
    item_id: int,
    brief: Brief,
    draft: Draft,
    image_url: str,
    why: str,
    asked_as: TagsAs,
    is_blind: bool = False,
    twins: Sequence[str] = (),
) -> dict[str, Any]:
    """Return a task's data: what the annotator reads, our key, and the Brief for Label Studio's own /predict.

    twins are titles that people settled on for products like this one. is_blind keeps the drafted titles back, here and
    from /predict, and the twins with them: what is typed then is led by nothing.
    """
    blind = {"review_hint": _blind_hint(draft, why=why), "title_note": _blind_note(brief), "candidates": []}
    shown = {
        "review_hint": review_hint(draft, why=why),
        "title_note": title_note(brief, draft),
        "candidates": candidates(draft),
    }
    return {
        ITEM: item_id,
        TAGS_AS: asked_as,
        IS_BLIND: is_blind,
        BRIEF: to_json(brief),
        "sku": brief.sku,
        "source_html": source_html(brief, image_url, draft="" if is_blind else draft.title, twins=twins),
        "description": brief.description or " ",  # an empty Text would hide the object that the controls point at
        "categories": categories(draft),
        **(blind if is_blind else shown),
    }


def candidates(draft: Draft) -> list[dict[str, str]]:
    """Return the alternatives to the drafted title; hotkeys are given, or the digits would go to whatever has none."""
    others = [c for c in draft.candidates[1:] if c.title != draft.title]
    return [_choice(c.title, c.title, str(n)) | {"hint": _hint(c)} for n, c in enumerate(others, start=1)]


def categories(draft: Draft) -> list[dict[str, str]]:
    """Return the next likely categories; an annotation holds a path as JSON."""
    return [
        _choice(path_name(other.path), picked_value(other.path), key)
        for other, key in zip(draft.categories[1:], _CATEGORY_HOTKEYS, strict=False)
    ]


def picked_value(path: CategoryPath) -> str:
    """Return what an annotation holds where a path was picked: names may hold any separator."""
    return json.dumps(path, ensure_ascii=False)


def _choice(shown: str, value: str, hotkey: str) -> dict[str, str]:
    named = {"value": disarmed(shown), "hotkey": hotkey}
    return named if named["value"] == value else named | {"alias": value}


def _hint(candidate: Candidate) -> str:
    """Say what speaks against an alternative, then what speaks for it; Label Studio shows it as text."""
    said = [*candidate.unsupported, *candidate.violations, *_cautions(candidate), _reasons(candidate)]
    return _cut("; ".join(part for part in said if part), _LONGEST_HINT)


def _cautions(candidate: Candidate) -> list[str]:
    """Return the first warnings, and how many more there are."""
    few, n_more = candidate.warnings[:_MOST_CAUTIONS], len(candidate.warnings) - _MOST_CAUTIONS
    return [*few, _("and %(n)d more") % {"n": n_more}] if n_more > 0 else list(few)


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


def review_hint(draft: Draft, *, why: str) -> str:
    """Return the header as HTML: what is wrong or unsure, why the item is asked, who drafted it and why so.

    Further lines tell which words of the source spoke for the proposed tags and the category.
    """
    best = draft.candidates[0]
    marked = [("tl-warning", said) for said in (*best.unsupported, *best.violations)]
    marked += [("tl-caution", said) for said in _cautions(best)]
    marks = "".join(f'<span class="{kind}">{escape(said)}</span>' for kind, said in marked)
    told = (why, _("draft by %(version)s") % {"version": draft.version}, _reasons(best))
    return _header(marks, told) + _because(draft) + _category_because(draft)


def _blind_hint(draft: Draft, *, why: str) -> str:
    """Return the same for a task that shows no title: nothing in it tells what was drafted, but for the tags."""
    asked = escape(_("Type the title from the source: no draft is shown here"))
    told = (why, _("tags by %(version)s") % {"version": draft.version})
    marks = f'<span class="tl-caution">{asked}</span>'
    return _header(marks, told) + _because(draft) + _category_because(draft)


def _header(marks: str, told: Iterable[str]) -> str:
    """Return the first line. It ends with what Alt+E leads to from wherever the focus is.

    (Firefox: Alt+Shift+E; macOS: Ctrl+Option+E.) The next stop of the Tab key is the title. Label Studio has no key
    for it.
    """
    said = " · ".join(escape(part) for part in told if part)
    keys = escape(_("Tab edits the title; from anywhere: Alt+E, Tab"))
    anchor = f'<span class="tl-keys" tabindex="-1" accesskey="e">{keys}</span>'
    return f'<div class="tl-hint tl-line"><span class="tl-said">{marks}{said}</span>{anchor}</div>'


def title_note(brief: Brief, draft: Draft) -> str:
    """Return, as HTML, the line beneath the title: its length, and its words that the source has nowhere."""
    said = [f"<span>{escape(_length(brief, draft.title))}</span>"]
    best = draft.candidates[0]
    known = " ".join([*best.unsupported, *best.violations, *best.warnings]).casefold()
    strange = [word for word in words_without_support(draft.title, brief) if word.casefold() not in known]
    if strange:
        words = " ".join(f'<span class="tl-caution">{escape(word)}</span>' for word in strange[:_MOST_STRANGE_WORDS])
        said.append(f"{escape(_('not in the source in these words:'))} {words}")
    return _note(" · ".join(said))


def _blind_note(brief: Brief) -> str:
    return _note(escape(_("at most %(limit)s") % {"limit": _limit(brief)}))


def _note(said: str) -> str:
    """Return the line with the next stop of the Tab key: no field, so that Label Studio's keys work again."""
    idle, editing = escape(_("Ctrl+Enter submits")), escape(_("Tab leaves the title, then Ctrl+Enter submits"))
    keys = f'<span class="tl-idle">{idle}</span><span class="tl-editing">{editing}</span>'
    stop = f'<span class="tl-stop" tabindex="0">{keys}</span>'
    return f'<div class="tl-line"><span class="tl-said">{said}</span>{stop}</div>'


def _length(brief: Brief, title: str) -> str:
    return _("%(n)d of at most %(limit)s") % {"n": length(title, brief.channel.length_unit), "limit": _limit(brief)}


def _limit(brief: Brief) -> str:
    n = {"n": brief.channel.max_length}
    return _("%(n)d bytes of GBK") % n if brief.channel.length_unit == "gbk_bytes" else _("%(n)d characters") % n


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
    if not told:
        return ""
    return f'<div class="tl-because">{escape(_("Tags because of"))} {" · ".join(told)}</div>'


def _category_because(draft: Draft) -> str:
    """Return, as HTML, how sure the category is, the words that spoke for it, and the next likely ones."""
    if not draft.categories:
        return ""
    best, *others = draft.categories
    words = "".join(f" <mark>{escape(word)}</mark>" for word in best.reasons)
    sure = _("Category %(share)s sure because of") if words else _("Category %(share)s sure")
    told = [f"{escape(sure % {'share': f'{best.proba:.0%}'})}{words}"]
    for other in others[: len(_CATEGORY_HOTKEYS)]:
        named = {"category": path_name(other.path), "share": f"{other.proba:.0%}"}
        told.append(escape(_("or %(category)s (%(share)s)") % named))
    return f'<div class="tl-because">{" · ".join(told)}</div>'


def source_html(brief: Brief, image_url: str = "", *, draft: str = "", twins: Sequence[str] = ()) -> str:
    """Return the product's facts, twins' titles and description as HTML, escaped; a picture, if any, stands on top.

    What the drafted title has too is marked; with no draft, as in a blind task, there are neither marks nor twins. The
    picture is no Image tag of Label Studio: that brings a toolbar and takes letters of the keyboard.
    """
    rows = [
        (_("Brand"), brief.brand),
        (_("Category"), " › ".join(brief.category)),
        *brief.attributes,
    ]
    cells = [(_("Present title"), escape(brief.title or _("none")))]
    cells += [(name, _marked(value, draft)) for name, value in rows if value]
    cells += [(name, escape(value)) for name, value in ((_("Price"), brief.price), (_("SKU"), brief.sku)) if value]
    table = "".join(f"<tr><th>{escape(name)}</th><td>{html}</td></tr>" for name, html in cells)
    prose = f'<p class="tl-prose">{_marked(brief.description, draft)}</p>' if brief.description else ""
    return f'<table class="tl-facts">{_picture(image_url)}{table}</table>{_twins(twins, draft)}{prose}'


def _marked(text: str, draft: str) -> str:
    return "".join(
        f"<mark>{escape(stretch.text)}</mark>" if stretch.is_shared else escape(stretch.text)
        for stretch in stretches(text, draft)
    )


def _twins(titles: Sequence[str], draft: str) -> str:
    """Return titles of near twins as HTML, with the words that the draft has not."""
    if not titles or not draft:
        return ""
    lines = "".join(f"<li>{_beside(draft, title)}</li>" for title in titles)
    said = escape(_("Accepted titles of near twins"))
    return f'<details class="tl-twins" open><summary>{said}</summary>{lines}</details>'


def _beside(draft: str, title: str) -> str:
    marks = {"same": "{}", "added": "<ins>{}</ins>", "removed": ""}
    return "".join(marks[piece.kind].format(escape(piece.text)) for piece in word_diff(draft, title))


def _picture(url: str) -> str:
    if not url.startswith(("https://", "http://")):
        return ""
    return f'<tr><td colspan="2"><img src="{escape(url)}" alt="" referrerpolicy="no-referrer"></td></tr>'
