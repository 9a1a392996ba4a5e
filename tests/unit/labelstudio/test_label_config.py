"""What an annotator sees: one page for any library, in which no product's text is more than text."""

from collections.abc import Sequence
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from ml_backend.contract import Candidate, CategoryPath, CategoryScore, Draft, TagScore, TagSpec
from tests.factories import make_brief
from titlelab.labelstudio.label_config import (
    MOST_CHOICES,
    REJECT_REASONS,
    draft_data,
    label_config,
    review_hint,
    source_html,
    tags_as,
    task_data,
)

HOSTILE = "<script>alert(\"1\")</script> & 'it' costs $5 {sku}"
ESCAPED = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#x27;it&#x27; costs $5 {sku}"
WITHOUT_VARIABLE = HOSTILE.replace("$5", "$\u20605")


def draft(*candidates: Candidate) -> Draft:
    return Draft(
        sku="S-1",
        version="t3-g5.2",
        titler_version=3,
        tagger_version=5,
        candidates=candidates or (Candidate(title="A title", score=0),),
        tags=(),
        title_uncertainty=0.5,
        tag_uncertainty=0.5,
    )


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


def test_a_library_is_asked_for_by_checkboxes_until_they_fill_the_screen() -> None:
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
        ("group 0", 20),
        ("group 1", 20),
        ("group 2", 20),
        ("loose", 0),
    ]


def test_without_a_library_no_tags_are_asked_for() -> None:
    assert "tags" not in {e.get("name") for e in parsed(()).iter()}


def test_no_two_hotkeys_are_the_same_and_digits_are_left_to_candidates() -> None:
    config = parsed(library(MOST_CHOICES))

    keys = [choice.get("hotkey") for choice in config.iter("Choice")]

    assert len(keys) == MOST_CHOICES + len(REJECT_REASONS)
    assert len(set(keys)) == len(keys)
    assert not [key for key in keys if key is None or key[-1].isdigit() or key == "u"]


def test_candidates_have_the_digits() -> None:
    shown = draft(*(Candidate(title=title, score=0) for title in ("best", "second", "third")))

    candidates = draft_data(shown, why="", limit="75 characters")["candidates"]

    assert [(c["value"], c["hotkey"]) for c in candidates] == [("second", "1"), ("third", "2")]


def test_every_control_points_at_the_description() -> None:
    config = parsed(library(3))

    pointed = {e.get("name"): e.get("toName") for e in config.iter() if e.get("toName")}

    assert pointed == dict.fromkeys(["title", "candidate", "tags", "suggested_tags", "reject_reason"], "description")


def test_the_task_holds_every_variable_of_the_config() -> None:
    config = parsed(library(3))
    variables = {value[1:] for e in config.iter() if (value := e.get("value", "")).startswith("$")}

    data = task_data(
        item_id=7, brief=make_brief(description=""), draft=draft(), image_url="", why="", asked_as="choices"
    )

    assert variables <= set(data)
    assert data["item"] == 7
    assert data["description"].isspace()  # an empty one would hide what the controls point at


@pytest.mark.parametrize(
    "name", [HOSTILE, "<b>", "a & b", 'say "so"', "it's", "$5", "$sku", "cheap $", "${sku}", "]]>"]
)
@pytest.mark.parametrize("n_others", [0, MOST_CHOICES])
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


def test_a_candidate_with_a_price_is_picked_as_it_was_drafted() -> None:
    shown = draft(Candidate(title="best", score=0), Candidate(title=HOSTILE, score=-1))

    (candidate,) = draft_data(shown, why="", limit="")["candidates"]

    assert candidate["alias"] == HOSTILE
    assert candidate["value"] == WITHOUT_VARIABLE


def test_a_product_s_facts_are_text() -> None:
    hostile = make_brief(
        title=HOSTILE, brand=HOSTILE, category=(HOSTILE,), attributes=((HOSTILE, HOSTILE),), price=HOSTILE, sku=HOSTILE
    )

    html = source_html(hostile)

    assert html.count(ESCAPED) == 7
    assert "<script" not in html


def test_facts_that_are_missing_take_no_room_but_the_present_title() -> None:
    html = source_html(make_brief(title="", brand="", category=(), attributes=()))

    assert html.count("<tr>") == 2  # and the SKU
    assert "<td>none</td>" in html


def test_a_picture_is_shown_by_its_address() -> None:
    assert '<img src="https://shop.example/1.png?a=1&amp;b=2"' in source_html(
        make_brief(), "https://shop.example/1.png?a=1&b=2"
    )


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "data:text/html,x", "//shop.example/1.png"])
def test_only_addresses_of_the_web_are_pictures(url: str) -> None:
    assert "<img" not in source_html(make_brief(), url)


def test_a_picture_s_address_can_not_leave_its_attribute() -> None:
    html = source_html(make_brief(), 'https://x/" onerror="alert(1)')

    assert 'onerror="' not in html


def test_the_header_begins_with_the_warnings() -> None:
    best = Candidate(title="A", score=0, unsupported=("750 ml stands nowhere",), violations=("longer than 75",))

    hint = review_hint(draft(best), why="title uncertain", limit="75 characters")

    places = [hint.index(part) for part in ("750 ml stands nowhere", "longer than 75", "title uncertain", "t3-g5.2")]
    assert places == sorted(places)
    assert hint.count("tl-warning") == 2


def test_the_header_shows_few_warnings_after_what_is_wrong_and_ends_with_the_reasons() -> None:
    best = Candidate(
        title="A",
        score=0,
        reasons=("like “Orvel Oak Lamp” (85% alike)", "covers brand"),
        unsupported=("750 ml stands nowhere",),
        warnings=("red", "oak", "soft", "warm"),
    )

    hint = review_hint(draft(best), why="title uncertain", limit="75 characters")

    parts = [
        "750 ml",
        ">red<",
        ">oak<",
        ">and 2 more<",
        "title uncertain",
        "t3-g5.2",
        "like “Orvel Oak Lamp” (85% alike); ",
    ]
    assert [hint.index(part) for part in parts] == sorted(hint.index(part) for part in parts)
    assert hint.count("tl-caution") == 3
    assert "soft" not in hint


def test_a_long_neighbour_s_title_leaves_room_for_how_alike_it_is() -> None:
    reason = f"like “{'Orvel ' * 40}Lamp” (85% alike)"

    hint = review_hint(draft(Candidate(title="A", score=0, reasons=(reason,))), why="", limit="")

    assert "· like “Orvel Orvel" in hint
    assert "Lamp” (85% alike)" in hint
    assert len(hint) < 300


def test_an_alternative_s_bubble_begins_with_what_speaks_against_it() -> None:
    other = Candidate(title="B", score=-1, reasons=("covers brand",), violations=("longer than 75",), warnings=("red",))

    (shown,) = draft_data(draft(Candidate(title="A", score=0), other), why="", limit="")["candidates"]

    assert shown["hint"] == "longer than 75; red; covers brand"


def test_the_header_is_text() -> None:
    like = f"like “{HOSTILE}”"
    best = Candidate(title="A", score=0, unsupported=(HOSTILE,), warnings=(HOSTILE,), reasons=(like,))

    hint = review_hint(draft(best), why=HOSTILE, limit="")

    assert hint.count(ESCAPED) == 4
    assert "<script" not in hint


def test_a_missing_tag_can_be_told_where_there_is_a_library() -> None:
    assert control(library(3), "suggested_tags").tag == "TextArea"
    assert control(library(MOST_CHOICES + 1), "suggested_tags").tag == "TextArea"
    assert "suggested_tags" not in label_config([])


def tagged(*tags: TagScore) -> str:
    return review_hint(replace(draft(), tags=tags), why="", limit="")


def test_the_words_that_spoke_for_the_proposed_tags_are_listed_as_text() -> None:
    hint = tagged(
        TagScore(name="gift & more", proba=0.9, threshold=0.5, reasons=("present", "<b>")),
        TagScore(name="wool", proba=0.2, threshold=0.5, reasons=("lamb",)),
    )

    assert hint.endswith(
        '<div class="tl-because">Tags because of gift &amp; more: <mark>present</mark> <mark>&lt;b&gt;</mark></div>'
    )


def test_a_tag_whose_name_stands_in_the_source_needs_no_explanation() -> None:
    assert "tl-because" not in tagged(TagScore(name="Wool", proba=0.9, threshold=0.5, reasons=("wool",)))


def test_the_words_for_many_tags_stay_one_line() -> None:
    hint = tagged(*(TagScore(name=f"tag {n}", proba=0.9, threshold=0.5, reasons=("because",) * 3) for n in range(50)))

    assert 0 < hint.count("<mark>") <= 15


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


def test_the_header_tells_why_the_category_and_which_others_are_likely() -> None:
    categories = (
        CategoryScore(path=("Home", "Flasks"), proba=0.82, reasons=("steel <b>",)),
        CategoryScore(path=("Home", "<i>"), proba=0.1),
    )

    hint = review_hint(replace(draft(), categories=categories), why="", limit="")

    assert "Category 82% sure because of <mark>steel &lt;b&gt;</mark> · or Home › &lt;i&gt; (10%)" in hint
    assert "Category" not in review_hint(draft(), why="", limit="")
