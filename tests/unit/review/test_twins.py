"""Titles of near twins: at hand for the next of their kind, and never an answer that measures."""

import datetime as dt
from dataclasses import replace

import pytest

from tests.factories import NOW, make_brief, make_catalog, make_decision, make_item, make_product, make_queue
from titlelab.catalog.models import Catalog
from titlelab.review.twins import MOST_TWINS, SettledTitle, near_twins, settled_titles

BRIEF = make_brief(brand="Norvik", category=("Outdoor", "Bottles"), attributes=(("Colour", "blue"), ("Size", "750 ml")))


def settled(title: str, **fields: str) -> SettledTitle:
    known = {"sku": title, "brand": "norvik", "leaf": "bottles", **fields}
    return SettledTitle(title=title, words=frozenset(title.lower().split()), **known)


def test_the_most_alike_come_first_and_there_are_few() -> None:
    titles = [
        "Norvik Bottle 750 ml red",
        "Norvik Bottle 750 ml",
        "Norvik pump set",
        "Norvik Bottle blue steel",
        "Norvik",
    ]

    found = near_twins(BRIEF, "Norvik Bottle blue", [settled(title) for title in titles])

    assert found == ("Norvik", "Norvik Bottle 750 ml", "Norvik Bottle 750 ml red")
    assert len(found) == MOST_TWINS


def test_a_twin_is_of_the_same_brand_or_category() -> None:
    strangers = [settled("Norvik Bottle", brand="orvel", leaf="lamps"), settled("Norvik Bottle 1", brand="", leaf="")]

    assert near_twins(BRIEF, "Norvik Bottle blue", strangers) == ()
    assert near_twins(BRIEF, "Norvik", [settled("Orvel Bottle 750 ml", brand="orvel")]) == ("Orvel Bottle 750 ml",)


def test_a_product_is_no_twin_of_its_own_and_the_draft_tells_nothing_new() -> None:
    own = replace(settled("Norvik Bottle 750 ml"), sku=BRIEF.sku)

    assert near_twins(BRIEF, "Norvik Bottle blue", [own, settled("Norvik Bottle blue")]) == ()


@pytest.fixture
def catalog(db: None) -> Catalog:
    return make_catalog()


def decide(catalog: Catalog, sku: str, *, arm: str = "uncertain", **fields: object) -> None:
    product = make_product(catalog=catalog, sku=sku)
    queue = catalog.queues.first() or make_queue(catalog=catalog)
    make_decision(item=make_item(product=product, queue=queue, arm=arm), title=f"Title of {sku}", **fields)


def test_the_latest_settled_titles_come_first(catalog: Catalog) -> None:
    decide(catalog, "old", decided_at=NOW - dt.timedelta(days=1))
    decide(catalog, "new", decided_at=NOW)

    assert [one.title for one in settled_titles(catalog)] == ["Title of new", "Title of old"]


def test_rejected_golden_reserved_and_foreign_answers_are_shown_to_nobody(catalog: Catalog) -> None:
    decide(catalog, "good")
    decide(catalog, "golden", arm="random")
    decide(catalog, "reserved")
    decide(catalog, "rejected", outcome="rejected")
    decide(make_catalog(), "foreign")
    catalog.queues.update(reserved_skus=["reserved"])

    assert [one.sku for one in settled_titles(catalog)] == ["good"]


def test_settled_titles_take_two_queries(catalog: Catalog, django_assert_num_queries: object) -> None:
    for n in range(5):
        decide(catalog, f"S-{n}")

    with django_assert_num_queries(2):  # type: ignore[operator]
        assert len(settled_titles(catalog)) == 5
