"""What an annotator sees: one page for any library, in which no product's text is more than text."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree

import pytest
from django.utils.translation import override

from ml_backend.contract import CategoryPath, TagSpec
from titlelab.labelstudio.label_config import MOST_AT_A_GLANCE, MOST_CHOICES, REJECT_REASONS, label_config, tags_as

HOSTILE = "<script>alert(\"1\")</script> & 'it' costs $5 {sku}"
ESCAPED = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#x27;it&#x27; costs $5 {sku}"
WITHOUT_VARIABLE = HOSTILE.replace("$5", "$\u20605")


def library(n: int) -> list[TagSpec]:
    return [TagSpec(name=f"tag {i}", group=f"group {i % 3}") for i in range(n)]


def parsed(tags: Sequence[TagSpec]) -> ElementTree.Element:
    return ElementTree.fromstring(label_config(tags))  # noqa: S314 - it is our own


def control(tags: Sequence[TagSpec], name: str) -> ElementTree.Element:
    """Return a control of the config; there must be exactly one of the name."""
    found = [e for e in parsed(tags).iter() if e.get("name") == name]
    assert len(found) == 1
    return found[0]


def meant(choice: ElementTree.Element) -> str | None:
    """Return what an annotation holds when the choice is ticked."""
    return choice.get("alias") or choice.get("value")


def test_a_library_is_asked_for_by_checkboxes_until_they_slow_the_page() -> None:
    assert tags_as(library(MOST_CHOICES)) == "choices"
    assert tags_as(library(MOST_CHOICES + 1)) == "taxonomy"


def test_checkboxes_stand_in_their_groups() -> None:
    tags = [TagSpec(name="wood", group="Material"), TagSpec(name="gift"), TagSpec(name="wool", group="Material")]

    groups = control(tags, "tags").findall("View")

    lines = [[group.find("Header").get("value"), *map(meant, group.findall("Choice"))] for group in groups]  # type: ignore[union-attr]
    assert lines == [["Material", "wood", "wool"], ["Tags", "gift"]]


def test_a_large_library_is_a_tree_of_groups() -> None:
    tree = control([*library(MOST_CHOICES), TagSpec(name="loose")], "tags")

    assert tree.tag == "Taxonomy"
    assert [(meant(branch), len(branch)) for branch in tree] == [
        ("group 0", 167),
        ("group 1", 167),
        ("group 2", 166),
        ("loose", 0),
    ]


def test_a_library_that_is_no_longer_seen_at_a_glance_is_searched() -> None:
    config = parsed(library(MOST_AT_A_GLANCE + 1))

    (search,) = config.iter("Filter")
    choices = list(control(library(MOST_AT_A_GLANCE + 1), "tags"))

    assert (search.get("toName"), search.get("minlength")) == ("tags", "1")
    assert len(choices) == MOST_AT_A_GLANCE + 1
    assert search.get("hotkey") not in {choice.get("hotkey") for choice in config.iter("Choice")}
    assert not list(parsed(library(MOST_AT_A_GLANCE)).iter("Filter"))


def test_a_tag_that_is_searched_has_no_key_that_anybody_presses() -> None:
    keys = {choice.get("hotkey") for choice in control(library(MOST_AT_A_GLANCE + 1), "tags")}

    assert keys == {"ctrl+alt+shift+a"}  # one of its own, or Label Studio would give it a candidate's digit


def test_the_title_is_a_field_that_is_open_for_typing() -> None:
    title = control(library(3), "title")

    assert (title.get("editable"), title.get("transcription"), title.get("rows")) == ("true", "true", "1")


def test_the_limit_is_drawn_where_it_is_told() -> None:
    assert "transparent 150ch" in label_config([], limit=150)
    assert "ch," not in label_config([])


def test_a_reason_is_kept_in_english_whatever_language_it_is_shown_in() -> None:
    with override("de"):
        choices = list(control([], "reject_reason"))

    assert tuple(meant(choice) for choice in choices) == REJECT_REASONS


def test_without_a_library_no_tags_are_asked_for() -> None:
    assert "tags" not in {e.get("name") for e in parsed(()).iter()}


def test_no_two_hotkeys_are_the_same_and_digits_are_left_to_candidates() -> None:
    config = parsed(library(MOST_AT_A_GLANCE))

    keys = [choice.get("hotkey") for choice in config.iter("Choice")]

    assert len(keys) == MOST_AT_A_GLANCE + len(REJECT_REASONS)
    assert len(set(keys)) == len(keys)
    assert not [key for key in keys if key is None or key.isdigit() or key == "u"]


def test_every_control_points_at_the_description() -> None:
    config = parsed(library(3))

    pointed = {e.get("name"): e.get("toName") for e in config.iter() if e.get("toName") and e.tag != "Filter"}

    assert pointed == dict.fromkeys(["title", "candidate", "tags", "suggested_tags", "reject_reason"], "description")


@pytest.mark.parametrize(
    "name", [HOSTILE, "<b>", "a & b", 'say "so"', "it's", "$5", "$sku", "cheap $", "${sku}", "]]>"]
)
@pytest.mark.parametrize("n_others", [0, MOST_AT_A_GLANCE, MOST_CHOICES])
def test_a_tag_of_any_name_is_that_tag_and_nothing_else(name: str, n_others: int) -> None:
    tags = [TagSpec(name=name, group=name), *library(n_others)]

    choices = list(control(tags, "tags").iter("Choice"))

    assert name in [meant(choice) for choice in choices]
    assert "script" not in {e.tag.lower() for e in parsed(tags).iter()}
    assert not [c for c in choices if "$sku" in c.get("value", "") or "$5" in c.get("value", "")]


def test_a_tag_s_name_is_escaped_where_it_is_shown_as_html() -> None:
    shown = control([TagSpec(name=HOSTILE)], "tags").find(".//Choice").get("html", "")  # type: ignore[union-attr]

    assert shown.startswith(ESCAPED)
    assert "<script" not in shown


def test_a_group_s_name_is_no_variable() -> None:
    header = control([TagSpec(name="gift", group=HOSTILE)], "tags").find(".//Header")

    assert header is not None
    assert header.get("value") == WITHOUT_VARIABLE


def test_a_missing_tag_can_be_told_where_there_is_a_library() -> None:
    assert control(library(3), "suggested_tags").tag == "TextArea"
    assert control(library(MOST_CHOICES + 1), "suggested_tags").tag == "TextArea"
    assert "suggested_tags" not in label_config([])


def tree(paths: Sequence[CategoryPath]) -> ElementTree.Element:
    """Return the control that asks for the category; there must be exactly one."""
    root = ElementTree.fromstring(label_config(library(3), categories=paths))  # noqa: S314 - it is our own
    (found,) = [e for e in root.iter() if e.get("name") == "category"]
    return found


def test_where_no_category_is_asked_the_page_is_as_it_always_was() -> None:
    assert "category" not in label_config(library(3))
    assert label_config(library(3)).count("Taxonomy") == 0


def test_the_category_is_one_choice_in_the_tree_of_paths() -> None:
    found = tree([("Home", "Flasks"), ("Home", HOSTILE), ("Outdoor", "Camping", "Tents")])

    home, outdoor = found
    assert (found.tag, found.get("maxUsages"), found.get("leafsOnly")) == ("Taxonomy", "1", "true")
    assert [meant(choice) for choice in home] == ["Flasks", HOSTILE]
    assert [choice.get("value") for choice in home] == ["Flasks", WITHOUT_VARIABLE]
    assert [meant(choice) for choice in outdoor.iter("Choice")] == ["Outdoor", "Camping", "Tents"]


def test_an_inner_name_can_be_chosen_where_products_stand_under_it() -> None:
    found = tree([("Home",), ("Home", "Flasks")])

    assert found.get("leafsOnly") == "false"
    assert [meant(choice) for choice in found.iter("Choice")] == ["Home", "Flasks"]


def test_the_next_likely_categories_are_offered_beside_the_tree() -> None:
    root = ElementTree.fromstring(label_config([], categories=[("Home",)]))  # noqa: S314 - it is our own

    (picked,) = [e for e in root.iter() if e.get("name") == "picked_category"]
    assert (picked.get("choice"), picked.get("value")) == ("single-radio", "$categories")


@pytest.mark.parametrize("n_tags", [0, 5, MOST_AT_A_GLANCE + 1, MOST_CHOICES + 1])
def test_a_chinese_page_says_nothing_in_english_whatever_the_librarys_size(n_tags: int) -> None:
    tags = [TagSpec(name=f"标签{i}", group="" if i % 3 else "组") for i in range(n_tags)]

    with override("zh-hans"):
        config = label_config(tags, categories=[("家居", "杯子")], limit=60)

    assert english_in(config) == []
    assert english_in(label_config(tags))  # the same words are found where nobody translates them


def english_in(config: str) -> list[str]:
    """Return what a config shows in English, but for names of keys."""
    shown = [
        text
        for element in ElementTree.fromstring(config).iter()  # noqa: S314 - it is our own
        for name in ("value", "placeholder", "html")
        if (text := element.get(name, "")) and not text.startswith("$")
    ]
    told = [re.sub("<[^>]+>|Ctrl|Enter|Tab|⇧?[A-Z]\\b", " ", text) for text in shown]
    return [text for text in told if re.search("[A-Za-z]{2,}", text)]
