"""Titles of one category cut into phrases, laid below each other, and composed anew slot by slot."""

import json
from itertools import product
from pathlib import Path

from ml_backend.contract import Brief, ChannelRules, Example, TitleProposal
from ml_backend.learning.title_alignment import aligned
from ml_backend.learning.title_columns import columns
from ml_backend.learning.title_composing import SURENESS, Composer
from ml_backend.learning.title_phrases import phrases
from ml_backend.learning.title_slots import Slots, learned_slots, reading_of
from ml_backend.learning.title_wording import Wording, learned_wording
from ml_backend.learning.titler_template import TemplateTitler

CHANNEL = ChannelRules(key="shop", max_length=80)
BRANDS = ("Halbrook", "Oriel & Sons")
MATERIALS = {"Oak": "turned from oak", "Brass": "of brushed brass", "Ceramic": "of glazed stoneware"}
KINDS = {"Table Lamp": "a light for any table", "Desk Lamp": "a light to write by"}
SHADES = {"Glass": "Light falls through opal glass.", "Linen": "The hood is linen.", "": ""}


def make_brief(
    description: str,
    brand: str = "Halbrook",
    *,
    height: str = "",
    channel: ChannelRules = CHANNEL,
    language: str = "en",
) -> Brief:
    return Brief(
        catalog="lamps",
        library="",
        sku=f"{brand} {description} {height}",
        language=language,
        channel=channel,
        description=description,
        brand=brand,
        category=("Home", "Lamps"),
        attributes=(("Height", height),) if height else (),
    )


def make_lamp(brand: str, material: str, kind: str, shade: str, height: str) -> Example:
    """Return a lamp whose title names what the prose tells in other words."""
    brief = make_brief(f"This is {KINDS[kind]}, {MATERIALS[material]}. {SHADES[shade]}", brand, height=f"{height} inch")
    title = f"{brand} {material} {kind}{f' with {shade} Shade' if shade else ''}, {height} in"
    return Example(brief=brief, title=title, tags=None, source="decision", family=title)


LAMPS = [make_lamp(*parts) for parts in product(BRANDS, MATERIALS, KINDS, SHADES, ("12", "15"))]


def slots_of(examples: list[Example]) -> Slots:
    titled = [(example.brief, example.title or "") for example in examples]
    return learned_slots(titled, [reading_of(brief) for brief, _ in titled], Wording())


def best_of(examples: list[Example], brief: Brief) -> TitleProposal:
    wording = learned_wording(aligned([(example.brief, example.title or "") for example in examples]))
    return Composer.learned(examples, wording).proposals(brief, 3)[0]


def test_words_that_never_part_are_one_phrase_and_others_are_not() -> None:
    titles = ["Solenne Oat Face Cream", "Solenne Squalane Face Cream", "Solenne Oat Night Balm", "Solenne Face Serum"]

    cut = phrases([(make_brief("", "Solenne"), title) for title in 3 * titles])

    assert [phrase.text for phrase in cut[0]] == ["Solenne", "Oat", "Face", "Cream"]
    assert [phrase.text for phrase in cut[2]] == ["Solenne", "Oat", "Night Balm"]


def test_figures_go_with_what_they_count_and_keep_their_place_in_a_chinese_title() -> None:
    titles = ["微流三合一充电线66W0.5米黑色", "微流三合一充电线100W2米白色", "微流三合一充电线66W1.2米黑色"]

    cut = phrases([(make_brief("", "微流", language="zh"), title) for title in titles])

    assert {"66W", "0.5米"} <= {phrase.text for phrase in cut[0]}


def test_a_title_that_leaves_something_out_is_laid_under_the_longer_ones() -> None:
    titles = ["B Cordless Oak Lamp", "B Dimmable Brass Lamp", "B Brass Lamp", "B Cordless Brass Lamp", "B Oak Lamp"]
    cut = phrases([(make_brief("", "B"), title) for title in titles])

    places = columns(cut, [[frozenset()] * len(own) for own in cut])

    assert places == [[0, 1, 2, 3], [0, 1, 2, 3], [0, 2, 3], [0, 1, 2, 3], [0, 2, 3]]


def test_slots_hold_what_says_one_thing_together() -> None:
    known = slots_of(LAMPS)

    fillers = [{filler.text for filler in slot.fillers.values()} for slot in known.slots]
    assert {"Oak", "Brass", "Ceramic"} in fillers
    assert {"with Glass Shade", "with Linen Shade"} in fillers
    assert {"12 in", "15 in"} in fillers


def test_the_same_thing_at_another_place_is_no_slot_of_its_own() -> None:
    other_editor = make_lamp("Halbrook", "Oak", "Table Lamp", "", "12")
    moved = [
        Example(brief=other_editor.brief, title=title, tags=None, source="decision", family=title)
        for title in ("Halbrook 12 in Oak Table Lamp", "Halbrook 15 in Oak Table Lamp")
    ]

    known = slots_of([*LAMPS, *moved])

    assert sum("12 in" in {filler.text for filler in slot.fillers.values()} for slot in known.slots) == 1


def test_a_composition_never_seen_is_told_from_the_prose() -> None:
    unseen = make_lamp("Oriel & Sons", "Ceramic", "Desk Lamp", "Linen", "15")
    rest = [example for example in LAMPS if example.title != unseen.title]

    best = best_of(rest, unseen.brief)

    assert best.title == "Oriel & Sons Ceramic Desk Lamp with Linen Shade, 15 in"
    assert best.reasons[0] == "brand: Oriel & Sons"
    assert 0 < best.judged[SURENESS] <= 1


def test_a_number_never_seen_is_spelt_as_the_others_are() -> None:
    brief = make_brief("This is a light to write by, turned from oak.", "Lucerne Row", height="18 inch")

    assert best_of(LAMPS, brief).title == "Lucerne Row Oak Desk Lamp, 18 in"


def test_what_titles_infer_may_be_said_and_what_they_never_inferred_may_not() -> None:
    inferred = make_brief("This is a light for any table, of glazed stoneware.", height="12 inch")
    never = make_brief("This is a light for any table.", height="12 inch")

    assert "Ceramic" in best_of(LAMPS, inferred).title
    assert "Oak" not in best_of([e for e in LAMPS if "Oak" in (e.title or "")], never).title


def test_a_title_too_long_for_the_channel_loses_what_is_least_sure() -> None:
    short = ChannelRules(key="short", max_length=24)
    brief = make_brief("This is a light to write by, turned from oak. The hood is linen.", channel=short)

    title = best_of(LAMPS, brief).title

    assert len(title) <= 24
    assert title.startswith("Halbrook")


def test_a_category_with_few_titles_shows_no_slots() -> None:
    composer = Composer.learned(LAMPS[:5], Wording())

    assert composer.proposals(LAMPS[0].brief, 3) == []


def test_proposals_differ_where_the_choice_was_close() -> None:
    wording = learned_wording(aligned([(example.brief, example.title or "") for example in LAMPS]))

    titles = [p.title for p in Composer.learned(LAMPS, wording).proposals(LAMPS[0].brief, 3)]

    assert len(titles) == len(set(titles)) == 3


def test_where_slots_did_not_pay_they_come_after_the_habits(tmp_path: Path) -> None:
    TemplateTitler.learned(LAMPS, seed=0).save(tmp_path)
    told = json.loads((tmp_path / "template.json").read_text(encoding="utf-8"))
    brief = LAMPS[0].brief
    is_by_slots = {}
    for slots_first in (True, False):
        (tmp_path / "template.json").write_text(json.dumps({**told, "slots_first": slots_first}), encoding="utf-8")
        proposals = TemplateTitler.load(tmp_path).propose([brief], 12)[0]
        is_by_slots[slots_first] = [SURENESS in proposal.judged for proposal in proposals]

    assert is_by_slots[True][0]
    assert not is_by_slots[False][0]
    assert any(is_by_slots[False])


def test_slots_that_held_out_titles_bear_out_come_first(tmp_path: Path) -> None:
    TemplateTitler.learned(LAMPS, seed=0).save(tmp_path)

    assert json.loads((tmp_path / "template.json").read_text(encoding="utf-8"))["slots_first"] is True
