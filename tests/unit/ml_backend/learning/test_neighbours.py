"""The nearest known products, the titler that edits their titles, and how likely each word is."""

from dataclasses import replace
from pathlib import Path

import pytest

from ml_backend.contract import Brief, ChannelRules, Example
from ml_backend.errors import TrainingFailed
from ml_backend.learning.neighbours import Neighbours
from ml_backend.learning.title_words import TitleWords, expected_f1
from ml_backend.learning.titler_neighbour import NeighbourTitler
from ml_backend.rules.faithfulness import hard_facts

SHOP = ChannelRules(key="shop", max_length=200)
BRANDS = ("Norvale", "Brennholt", "Ostrava", "Liljemark")
KINDS = {"Kettle": "1.7 l", "Toaster": "900 W", "Blender": "600 W", "Scale": "5 kg"}
COLOURS = ("Red", "Sage", "Ivory")


def make_example(brand: str, kind: str, colour: str) -> Example:
    brief = Brief(
        catalog="c",
        library="",
        sku=f"{brand}-{kind}-{colour}",
        language="en",
        channel=SHOP,
        brand=brand,
        category=("Kitchen", kind),
        attributes=(("Colour", colour), ("Power or size", KINDS[kind]), ("Made in", "Portugal")),
    )
    title = f"{brand} {kind} {KINDS[kind]}, {colour}"
    return Example(brief=brief, title=title, tags=None, source="catalog", family=f"{brand} {kind}")


KNOWN = [make_example(brand, kind, colour) for brand in BRANDS for kind in KINDS for colour in COLOURS]
NEW = make_example("Vesterby", "Kettle", "Sage")


def test_the_nearest_products_come_first_and_an_own_family_can_be_left_out() -> None:
    neighbours = Neighbours.learned(KNOWN)
    asked = KNOWN[0]
    near, others = (neighbours.nearest([asked.brief], 3, families=families)[0] for families in (None, [asked.family]))
    assert near[0].title == asked.title
    assert near[0].similarity == pytest.approx(1.0, abs=1e-5)
    assert [one.similarity for one in near] == sorted((one.similarity for one in near), reverse=True)
    assert all(one.family != asked.family for one in others)


def test_nothing_is_near_a_product_that_shares_nothing() -> None:
    stranger = Brief(catalog="c", library="", sku="9", language="zh", channel=SHOP, brand="炊烟里")
    neighbours = Neighbours.learned(KNOWN)
    assert neighbours.nearest([stranger], 3, families=None) == [[]]
    assert NeighbourTitler(neighbours, None).propose([stranger], 3)[0][0].title == "炊烟里"


def test_near_titles_are_edited_to_a_product_of_an_unknown_brand() -> None:
    titler = NeighbourTitler.learned(KNOWN, seed=0)
    proposals = titler.propose([NEW.brief], 4)[0]
    assert proposals[0].title == NEW.title
    assert "alike" in proposals[0].reasons[0]
    assert all(not hard_facts(proposal.title, NEW.brief) for proposal in proposals)


def test_words_of_told_fields_are_likelier_than_words_of_fields_that_titles_leave_out() -> None:
    neighbours = Neighbours.learned(KNOWN)
    words = TitleWords.learned(KNOWN, neighbours, seed=0)
    assert words is not None
    known = words.probabilities(NEW.brief, neighbours.nearest([NEW.brief], 15, families=None)[0])
    assert min(known["vesterby"], known["kettle"], known["sage"]) > 2 * known["portugal"]
    assert expected_f1(NEW.title or "", known) > expected_f1("Vesterby Kettle, Portugal", known)


def test_a_saved_titler_proposes_the_same(tmp_path: Path) -> None:
    titler = NeighbourTitler.learned(KNOWN, seed=0)
    titler.save(tmp_path)
    again = NeighbourTitler.load(tmp_path)
    assert again.propose([NEW.brief], 4) == titler.propose([NEW.brief], 4)
    assert again.expected_f1s([NEW.brief], [["Kettle"]]) == titler.expected_f1s([NEW.brief], [["Kettle"]])


def test_without_a_title_there_is_nothing_to_remember() -> None:
    with pytest.raises(TrainingFailed):
        Neighbours.learned([replace(NEW, title=None)])
