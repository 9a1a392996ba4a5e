"""Which products' answers are held against each other."""

import datetime as dt
from typing import Any

import pytest

from tests.factories import NOW, make_catalog, make_decision, make_draft, make_item, make_product
from titlelab.catalog.models import Catalog, Product
from titlelab.quality.models import DecisionMeasure
from titlelab.quality.overlaps import Overlap, overlaps
from titlelab.quality.recording import record_measures
from titlelab.review.classifying import Final
from titlelab.review.looking import Reviewer, accept, mend
from titlelab.review.models import Decision, DueLook
from titlelab.tags.models import Tag

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(days=2)
ANNA, BERT = "anna@shop.example", "bert@shop.example"
RUTH = Reviewer(email="ruth@shop.example")


def says(product: Product, person: str, title: str, *, arm: str = "random", **fields: Any) -> Decision:
    is_blind = fields.pop("is_blind", False)
    draft = product.drafts.first() or make_draft(product=product)
    queue = getattr(product.items.first(), "queue", None)
    item = make_item(draft=draft, queue=queue, arm=arm, is_blind=is_blind, content_hash=product.content_hash)
    return make_decision(item=item, draft=draft, person=person, title=title, **fields)


def found(catalog: Catalog) -> list[Overlap]:
    record_measures()
    return overlaps(DecisionMeasure.objects.filter(catalog=catalog), today=LATER.date())


def test_a_random_product_that_two_people_decided_on_is_an_overlap() -> None:
    product = make_product()
    says(product, ANNA, "Norvik Bottle", tags=["gift"])
    says(product, BERT, "Norvik Steel Bottle", tags=[])
    says(make_product(catalog=product.catalog), ANNA, "alone")

    (overlap,) = found(product.catalog)

    assert {(said.person, said.title) for said in overlap.said} == {
        (ANNA, "Norvik Bottle"),
        (BERT, "Norvik Steel Bottle"),
    }
    assert sorted(map(sorted, overlap.tags)) == [[], ["gift"]]
    assert overlap.has(ANNA)
    assert not overlap.is_blind


def test_the_same_person_twice_chosen_items_and_changed_products_are_none() -> None:
    catalog = make_catalog()
    alone, chosen, changed = (make_product(catalog=catalog) for _ in range(3))
    says(alone, ANNA, "one")
    says(alone, ANNA, "two")
    says(chosen, ANNA, "one", arm="uncertain")
    says(chosen, BERT, "two", arm="uncertain")
    says(changed, ANNA, "one")
    changed.content_hash = "f" * 32
    says(changed, BERT, "two")

    assert found(catalog) == []


def test_what_a_reviewer_mended_counts_as_the_annotator_said_it() -> None:
    product = make_product()
    mended = says(product, ANNA, "Norvik Bottle")
    says(product, BERT, "Norvik Steel Bottle")
    mend(mended, Final(title="Norvik Flask"), by=Reviewer(email="ruth@shop.example"), reason="flask", now=LATER)

    (overlap,) = found(product.catalog)

    assert sorted(overlap.titles) == ["Norvik Bottle", "Norvik Steel Bottle"]


def drawn(decision: Decision, cause: str = "chance") -> Decision:
    DueLook.objects.create(decision=decision, cause=cause, wanted_at=NOW)
    return decision


def test_what_a_reviewer_settled_probes_everybody_else() -> None:
    catalog = make_catalog()
    left, mended, pointed_at, open_ = (make_product(catalog=catalog) for _ in range(4))
    first = [says(product, ANNA, "Norvik Bottle", tags=["gift"]) for product in (left, mended, pointed_at, open_)]
    for product in (left, mended, pointed_at, open_):
        says(product, BERT, "Norvik Steel Bottle")
    accept(drawn(first[0]), by=RUTH, now=LATER)
    mend(drawn(first[1]), Final(title="Norvik Flask"), by=RUTH, reason="flask", now=LATER)
    accept(drawn(first[2], "hurried"), by=RUTH, now=LATER)
    drawn(first[3])

    overlapping = found(catalog)

    probes = [probe for overlap in overlapping if (probe := overlap.probe(BERT))]
    assert sorted((probe.settled_title, sorted(probe.settled_tags), probe.title) for probe in probes) == [
        ("Norvik Bottle", ["gift"], "Norvik Steel Bottle"),
        ("Norvik Flask", [], "Norvik Steel Bottle"),
    ]
    assert [overlap.probe(ANNA) for overlap in overlapping] == [None] * 4  # by her own answers
    assert [overlap.probe("carl@shop.example") for overlap in overlapping] == [None] * 4


def test_a_rejection_has_no_title_and_blind_answers_are_told_apart() -> None:
    product = make_product()
    says(product, ANNA, "", outcome="rejected", is_blind=True)
    says(product, BERT, "Norvik Bottle", outcome="written", is_blind=True)

    (overlap,) = found(product.catalog)

    assert overlap.titles == ["Norvik Bottle"]
    assert overlap.is_blind


def test_tags_stand_by_their_names_of_today() -> None:
    product = make_product()
    library = product.catalog.library
    assert library is not None
    present = Tag.objects.create(library=library, name="present")
    library.tags.filter(name="gift").update(state=Tag.State.MOVED, moved_to=present)
    says(product, ANNA, "one", tags=["gift"])
    says(product, BERT, "two", tags=["present"])

    (overlap,) = found(product.catalog)

    assert overlap.tags == [frozenset(["present"]), frozenset(["present"])]


def test_what_is_older_than_twelve_weeks_is_left_out() -> None:
    product = make_product()
    says(product, ANNA, "one")
    says(product, BERT, "two")
    record_measures()

    today = (NOW + dt.timedelta(weeks=14)).date()
    assert overlaps(DecisionMeasure.objects.filter(catalog=product.catalog), today=today) == []
