"""What one task tells an annotator: no product's text is more than text, and a blind one tells nothing of a draft."""

import json
import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from django.utils.translation import override

from ml_backend.contract import Brief, Candidate, CategoryScore, ChannelRules, Draft, TagScore, TagSpec
from ml_backend.labelstudio.annotations import final_values
from tests.factories import make_brief
from titlelab.labelstudio.label_config import label_config
from titlelab.labelstudio.task_data import candidates, categories, review_hint, source_html, task_data, title_note

SAFE = {"table", "tr", "th", "td", "mark", "details", "summary", "li", "ins", "p"}
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


def test_candidates_have_the_digits() -> None:
    shown = draft(*(Candidate(title=title, score=0) for title in ("best", "second", "third")))

    offered = candidates(shown)

    assert [(c["value"], c["hotkey"]) for c in offered] == [("second", "1"), ("third", "2")]


def test_the_task_holds_every_variable_of_the_config() -> None:
    config = ElementTree.fromstring(label_config([TagSpec(name="gift")], categories=[("Home",)]))  # noqa: S314 - our own
    variables = {value[1:] for e in config.iter() if (value := e.get("value", "")).startswith("$")}

    data = task_data(
        item_id=7, brief=make_brief(description=""), draft=draft(), image_url="", why="", asked_as="choices"
    )

    assert variables <= set(data)
    assert data["item"] == 7
    assert data["description"].isspace()  # an empty one would hide what the controls point at


def test_a_candidate_with_a_price_is_picked_as_it_was_drafted() -> None:
    shown = draft(Candidate(title="best", score=0), Candidate(title=HOSTILE, score=-1))

    (candidate,) = candidates(shown)

    assert candidate["alias"] == HOSTILE
    assert candidate["value"] == WITHOUT_VARIABLE


HOSTILE_BRIEF = make_brief(
    title=HOSTILE,
    brand=HOSTILE,
    category=(HOSTILE,),
    attributes=((HOSTILE, HOSTILE),),
    description=HOSTILE,
    price=HOSTILE,
    sku=HOSTILE,
)


def test_a_product_s_facts_are_text() -> None:
    html = source_html(HOSTILE_BRIEF)

    assert html.count(ESCAPED) == 8
    assert "<script" not in html


def test_marks_and_twins_leave_text_to_be_text() -> None:
    html = source_html(HOSTILE_BRIEF, draft=f"{HOSTILE} alert", twins=(HOSTILE, f"{HOSTILE}<b>"))

    assert "<mark>alert</mark>" in html
    assert {tag.lstrip("/") for tag in re.findall(r"<(/?[a-z]+)", html)} == SAFE


def test_what_the_drafted_title_has_too_is_marked_in_the_source_but_not_in_the_present_title() -> None:
    brief = make_brief(title="Norvik", brand="Norvik", attributes=(("Size", "750 ml"),), description="It is steel.")

    html = source_html(brief, draft="Norvik Steel Bottle 750ml")

    assert "<td>Norvik</td>" in html
    assert "<td><mark>Norvik</mark></td>" in html
    assert "<td><mark>750</mark> <mark>ml</mark></td>" in html
    assert "It is <mark>steel</mark>." in html


def test_a_near_twin_s_title_stands_there_with_what_the_draft_has_not() -> None:
    html = source_html(make_brief(), draft="Norvik Bottle blue", twins=("Norvik Bottle red",))

    assert "<li>Norvik Bottle <ins>red</ins></li>" in html
    assert "tl-twins" not in source_html(make_brief(), draft="Norvik Bottle blue")


def blind(brief: Brief, **values: Any) -> dict[str, Any]:
    given = {"draft": draft(Candidate(title="Norvik Steel Bottle", score=0)), "twins": ("Norvik Bottle red",)}
    common = {"item_id": 7, "brief": brief, "image_url": "", "why": "", "asked_as": "choices", "is_blind": True}
    return task_data(**(common | given | values))


def test_a_blind_task_tells_nothing_of_the_draft_nor_of_near_twins() -> None:
    data = blind(make_brief(brand="Norvik", description="A steel bottle."))

    assert "<mark>" not in data["source_html"]
    assert "red" not in json.dumps(data)
    assert "at most 200 characters" in data["title_note"]
    assert "Steel Bottle" not in json.dumps(data)


def test_the_note_tells_the_length_in_the_channel_s_unit_and_the_words_that_the_source_has_not() -> None:
    brief = make_brief(
        channel=ChannelRules(key="taobao", max_length=60, length_unit="gbk_bytes"), description="", brand="北溪"
    )

    note = title_note(brief, draft(Candidate(title="北溪 Oak <b>", score=0)))

    assert "12 of at most 60 bytes of GBK" in note
    assert '<span class="tl-caution">Oak</span>' in note
    assert "<b>" not in note


def test_a_word_that_a_warning_names_is_not_told_twice() -> None:
    best = Candidate(title="Norvik Oak", score=0, warnings=("material oak is not in the source",))

    assert "tl-caution" not in title_note(make_brief(), draft(best))


def test_beneath_the_title_the_tab_key_stops_where_no_field_is() -> None:
    note = title_note(make_brief(), draft())

    assert note.count('tabindex="0"') == 1
    assert "<input" not in note


def test_the_next_likely_categories_are_picked_as_the_paths_they_are() -> None:
    paths = [("Home", "Flasks"), ("Home", HOSTILE), ("Outdoor › Camping", "Tents"), ("Fourth",)]
    drafted = replace(draft(), categories=tuple(CategoryScore(path=path, proba=0.2) for path in paths))

    offered = categories(drafted)

    assert [c["hotkey"] for c in offered] == ["8", "9"]
    assert offered[0]["value"] == f"Home › {WITHOUT_VARIABLE}"
    picked = [{"from_name": "picked_category", "value": {"choices": [c["alias"]]}} for c in offered]
    assert [final_values([region]).picked_category for region in picked] == paths[1:3]


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

    hint = review_hint(draft(best), why="title uncertain")

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

    hint = review_hint(draft(best), why="title uncertain")

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

    hint = review_hint(draft(Candidate(title="A", score=0, reasons=(reason,))), why="")

    assert "· like “Orvel Orvel" in hint
    assert "Lamp” (85% alike)" in hint
    assert len(hint) < 300


def test_an_alternative_s_bubble_begins_with_what_speaks_against_it() -> None:
    other = Candidate(title="B", score=-1, reasons=("covers brand",), violations=("longer than 75",), warnings=("red",))

    (shown,) = candidates(draft(Candidate(title="A", score=0), other))

    assert shown["hint"] == "longer than 75; red; covers brand"


def test_the_header_is_text() -> None:
    like = f"like “{HOSTILE}”"
    best = Candidate(title="A", score=0, unsupported=(HOSTILE,), warnings=(HOSTILE,), reasons=(like,))

    hint = review_hint(draft(best), why=HOSTILE)

    assert hint.count(ESCAPED) == 4
    assert "<script" not in hint


def tagged(*tags: TagScore) -> str:
    return review_hint(replace(draft(), tags=tags), why="")


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


def test_the_header_tells_why_the_category_and_which_others_are_likely() -> None:
    categories = (
        CategoryScore(path=("Home", "Flasks"), proba=0.82, reasons=("steel <b>",)),
        CategoryScore(path=("Home", "<i>"), proba=0.1),
    )

    hint = review_hint(replace(draft(), categories=categories), why="")

    assert "Category 82% sure because of <mark>steel &lt;b&gt;</mark> · or Home › &lt;i&gt; (10%)" in hint
    assert "Category" not in review_hint(draft(), why="")


@pytest.mark.parametrize("is_blind", [False, True])
def test_a_chinese_task_says_nothing_in_english_but_what_was_told_in_it(is_blind: bool) -> None:  # noqa: FBT001
    shown = replace(
        draft(*(Candidate(title=title, score=0, warnings=tuple("一二三四")) for title in ("不锈钢保温杯", "保温杯"))),
        tags=(TagScore(name="户外", proba=0.9, threshold=0.5, reasons=("露营",)),),
        categories=tuple(CategoryScore(path=("家居", name), proba=0.5, reasons=("杯",)) for name in ("水杯", "茶杯")),
    )
    brief = make_brief(
        sku="7", title="旧标题", description="保温杯，适合露营。", brand="诺维克", category=("家居", "杯"),
        attributes=(("颜色", "蓝"),), price="99",
    )  # fmt: skip

    def task(language: str) -> dict[str, Any]:
        with override(language):
            return task_data(
                item_id=7, brief=brief, draft=shown, image_url="", why="", asked_as="choices", is_blind=is_blind,
                twins=() if is_blind else ["保温杯 蓝"],
            )  # fmt: skip

    assert english_in(task("zh-hans")) == []
    assert english_in(task("en"))  # the same words are found where nobody translates them


def english_in(data: dict[str, Any]) -> list[str]:
    """Return the texts of a task that hold English, but for names of keys, versions and codes."""
    texts = [str(data[name]) for name in ("review_hint", "title_note", "source_html")]
    texts += [each["hint"] for each in data["candidates"]]
    told = [re.sub(r"<[^>]+>|\b(Ctrl|Alt|Enter|Tab|SKU|GBK|E)\b|t3-g5\.2", " ", text) for text in texts]
    return [text for text in told if re.search("[A-Za-z]{2,}", text)]
