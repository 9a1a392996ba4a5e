"""The labeling config: what an annotator's page asks, and by which keys.

Computes only; task_data.py makes what one task says. Tags, groups and categories are escaped for XML, and for HTML
where Label Studio renders it; a dollar sign, which it would take for a variable of the task, is disarmed.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from html import escape
from string import Template
from typing import Literal
from xml.sax.saxutils import quoteattr

from django.utils.translation import gettext as _

from ml_backend.contract import CategoryPath, TagSpec
from ml_backend.labelstudio.names import (
    CANDIDATE,
    CATEGORY,
    PICKED_CATEGORY,
    REJECT_REASON,
    SOURCE,
    SUGGESTED_TAGS,
    TAGS,
    TITLE,
)
from titlelab.labelstudio.page_style import STYLE, past_limit

TagsAs = Literal["choices", "taxonomy"]
# What is not ticked is seen too, and a key ticks it: 60 checkboxes in groups fill half a laptop's screen, more would
# have to be scrolled.
MOST_AT_A_GLANCE = 60
# Beyond, a tag is found by typing a part of its name. A tree beyond this: all checkboxes are made with every task, and
# 500 of them take as long as the tree of 500 did (benchmarks/annotating.py).
MOST_CHOICES = 500
REJECT_REASONS = ("bad source", "wrong facts", "wrong language", "not for sale", "other")
_REASON_HOTKEYS = "qwert"
# Digits are the candidates', u is Label Studio's (it lets go of a region).
_TAG_LETTERS = "asdfgzxcvbyiophjklnm"
_TAG_HOTKEYS = (*_TAG_LETTERS, *(f"shift+{key}" for key in (*_TAG_LETTERS, *"1234567890")))
# Keeps Label Studio from giving a tag any free key, first of all the candidates' digits; nobody presses these.
_IDLE_HOTKEYS = tuple(f"ctrl+alt+shift+{key}" for key in _TAG_LETTERS)
_SEARCH_HOTKEY = "f"
_WORD_JOINER = "\u2060"  # of no width

_PAGE = Template(
    f"""<View className="tl"><Style>{STYLE}$limit</Style>
<HyperText name="hint" value="$$review_hint" inline="true"/>
<View className="tl-title">
<Header value=$title size="5"/>
<TextArea name="{TITLE}" toName="{SOURCE}" rows="1" maxSubmissions="1" editable="true" transcription="true"
 placeholder=$placeholder/>
</View>
<View className="tl-note"><HyperText name="note" value="$$title_note" inline="true"/></View>
<View className="tl-others">
<Header value=$others size="5"/>
<Choices name="{CANDIDATE}" toName="{SOURCE}" choice="single-radio" value="$$candidates" layout="vertical"/>
</View>
<View className="tl-columns">
<View className="tl-source">
<HyperText name="source" value="$$source_html" inline="true"/>
<View className="tl-object"><Text name="{SOURCE}" value="$$description"/></View>
</View>
<View className="tl-answers">
$category$tags
<View className="tl-reject">
<Header value=$or_reject size="5"/>
<Choices name="{REJECT_REASON}" toName="{SOURCE}" choice="single-radio" layout="inline">$reasons</Choices>
</View>
</View>
</View>
</View>"""
)


def tags_as(tags: Sequence[TagSpec], *, is_tree: bool = False) -> TagsAs:
    """Say how a library is asked for: checkboxes while the browser takes them at once, a searchable tree beyond.

    is_tree says that it is asked for by a tree already, which stays.
    """
    return "taxonomy" if is_tree or len(tags) > MOST_CHOICES else "choices"


def label_config(
    tags: Sequence[TagSpec],
    *,
    is_tree: bool = False,
    categories: Sequence[CategoryPath] | None = None,
    limit: int | None = None,
) -> str:
    """Return the labeling config of a queue whose library holds these active tags; is_tree as in tags_as.

    categories are the paths to choose one from; None: no category is asked. limit is how many characters a title may
    have, where that can be shown while it is typed (see page_style.past_limit).
    """
    reasons = zip(_reasons().items(), _REASON_HOTKEYS, strict=True)
    return _PAGE.substitute(
        limit=past_limit(limit) if limit else "",
        title=_shown(_("Title")),
        placeholder=_shown(_("Product title")),
        others=_shown(_("Or take")),
        or_reject=_shown(_("Or reject")),
        category="" if categories is None else _category_control(categories),
        tags=_tags_control(tags, tags_as(tags, is_tree=is_tree)),
        reasons="".join(
            f'<Choice value={_shown(said)} alias={quoteattr(reason)} hotkey="{key}"/>'
            for (reason, said), key in reasons
        ),
    )


def _reasons() -> dict[str, str]:
    """Return each reason as it is kept, and as it is shown."""
    said = (_("bad source"), _("wrong facts"), _("wrong language"), _("not for sale"), _("other"))
    return dict(zip(REJECT_REASONS, said, strict=True))


def _tags_control(tags: Sequence[TagSpec], asked_as: TagsAs) -> str:
    if not tags:
        return ""
    if asked_as == "taxonomy":
        return _tree(tags) + _missing()
    return (_at_a_glance(tags) if len(tags) <= MOST_AT_A_GLANCE else _searched(tags)) + _missing()


def _at_a_glance(tags: Sequence[TagSpec]) -> str:
    """One line a group, led by its name; a hotkey each while keys last, shown as it is pressed."""
    hotkeys = iter((*_TAG_HOTKEYS, *_IDLE_HOTKEYS))
    lines = "".join(
        f'<View className="tl-group"><Header value={_shown(group or _("Tags"))} size="5"/>'
        + "".join(_checkbox(tag.name, hotkey) for tag, hotkey in zip(members, hotkeys, strict=False))
        + "</View>"
        for group, members in _grouped(tags).items()
    )
    return f'<View className="tl-tags">{_checkboxes(lines)}</View>'


def _checkbox(name: str, hotkey: str) -> str:
    shown = "" if hotkey in _IDLE_HOTKEYS else hotkey.replace("shift+", "⇧").upper()
    return _choice(name, hotkey, beside=shown)


def _searched(tags: Sequence[TagSpec]) -> str:
    """Show what is ticked, and what a typed part of a name finds; the first of these is ticked by Enter.

    The next stop of the Tab key is no field, so that Label Studio's keys work again.
    """
    found = "".join(_choice(tag.name, _IDLE_HOTKEYS[0], beside=tag.group) for tag in tags)
    stop = f'<span class="tl-stop" tabindex="0">{escape(_("Ctrl+Enter submits"))}</span>'
    placeholder = _("Press F and type a part of a tag; Enter ticks or unticks the first; then Tab")
    return (
        f'<View className="tl-group tl-many"><Header value={_shown(_("Tags"))} size="5"/><Filter name="tag_search"'
        f' toName="{TAGS}" hotkey="{_SEARCH_HOTKEY}" minlength="1" placeholder={_shown(placeholder)}/>'
        f'<View className="tl-after"><HyperText name="tags_note" value={quoteattr(stop)} inline="true"/></View>'
        f"{_checkboxes(found)}</View>"
    )


def _checkboxes(choices: str) -> str:
    return f'<Choices name="{TAGS}" toName="{SOURCE}" choice="multiple" layout="inline">{choices}</Choices>'


def _choice(name: str, hotkey: str, *, beside: str) -> str:
    html = f'{escape(name)}<span class="tl-key">{escape(beside)}</span>'
    return f'<Choice {_named(name)} hotkey="{hotkey}" html={quoteattr(html)}/>'


def _missing() -> str:
    """Return the field whose words become proposed tags, once others say so too."""
    return (
        f'<View className="tl-group tl-missing"><Header value={_shown(_("Missing"))} size="5"/>'
        f'<TextArea name="{SUGGESTED_TAGS}" toName="{SOURCE}" rows="1" editable="true" maxSubmissions="5"'
        f" placeholder={_shown(_('A tag that is missing above'))}/></View>"
    )


def _tree(tags: Sequence[TagSpec]) -> str:
    leaves = {group: "".join(f"<Choice {_named(tag.name)}/>" for tag in m) for group, m in _grouped(tags).items()}
    branches = (f"<Choice {_named(group)}>{inner}</Choice>" if group else inner for group, inner in leaves.items())
    return (
        f'<View className="tl-group"><Header value={_shown(_("Tags"))} size="5"/><Taxonomy name="{TAGS}"'
        f' toName="{SOURCE}" leafsOnly="true" showFullPath="false" placeholder={_shown(_("Search or open the tags"))}>'
        f"{''.join(branches)}</Taxonomy></View>"
    )


def _category_control(paths: Sequence[CategoryPath]) -> str:
    """Return the choice in the tree of all categories, and the next likely ones by a key each.

    Only leaves can be chosen, unless products stand under inner names too.
    """
    inner = {path[:depth] for path in paths for depth in range(1, len(path))}
    leafs_only = "false" if inner.intersection(paths) else "true"
    return (
        f'<View className="tl-group"><Header value={_shown(_("Category"))} size="5"/><Taxonomy name="{CATEGORY}"'
        f' toName="{SOURCE}" maxUsages="1" leafsOnly="{leafs_only}" showFullPath="true" pathSeparator=" › "'
        f" placeholder={_shown(_('Search or open the categories'))}>{_branches(paths)}</Taxonomy></View>"
        f'<View className="tl-group tl-likely"><Header value={_shown(_("Or rather"))} size="5"/>'
        f'<Choices name="{PICKED_CATEGORY}" toName="{SOURCE}" choice="single-radio" value="$categories"'
        ' layout="inline"/></View>'
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
    shown = disarmed(name)
    alias = f" alias={quoteattr(name)}" if shown != name else ""
    return f"value={quoteattr(shown)}{alias}"


def _shown(text: str) -> str:
    """Return a text that is only read as an attribute's value."""
    return quoteattr(disarmed(text))


def disarmed(text: str) -> str:
    """Keep Label Studio from reading "$5" as the task's field "5", by a character that takes no room."""
    return re.sub(r"\$(?=[\w\[\].{}])", "$" + _WORD_JOINER, text)
