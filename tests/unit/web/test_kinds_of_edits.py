"""The page of the kinds of edits: how often each was made, and the latest of each."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import NOW, make_catalog, make_decision, make_draft, make_product
from tests.unit.web.worlds import client_of, make_person
from titlelab.catalog.models import Catalog
from titlelab.people.roles import REVIEWER
from titlelab.quality.recording import record_measures
from titlelab.quality.slices import Slice
from titlelab.review.models import Decision
from titlelab.web.quality.edits import N_EXAMPLES

pytestmark = pytest.mark.django_db


def page(client: Client, query: str = "") -> Any:
    return client.get(f"{reverse('admin:quality_edits')}?{query}")


def edited(catalog: Catalog, drafted: str, title: str, **fields: Any) -> Decision:
    draft = make_draft(product=make_product(catalog=catalog, brand=""), title=drafted, tags=[])
    return make_decision(draft=draft, **{"outcome": Decision.Outcome.EDITED, "title": title, **fields})


def counted(answer: Any) -> dict[str, str]:
    return {bar.label: bar.text for bar in answer.context["bars"].bars}


def test_each_kind_is_counted_the_most_frequent_first_and_leads_to_its_decisions(boss: Client) -> None:
    catalog = make_catalog()
    for n in range(N_EXAMPLES + 1):
        edited(catalog, f"Mug {n} cm", f"Mug {n + 5} cm")
    edited(catalog, "Red Mug 1 cm", "Blue Mug 2 cm")
    record_measures()

    answer = page(boss)

    assert counted(answer) == {"number or unit": "5", "fact corrected": "1"}
    bar = answer.context["bars"].bars[0]
    assert bar.url == f"{reverse('admin:quality_decisions')}?kind=number_or_unit"
    assert bar.cells[0] == "83%"
    assert len(boss.get(bar.url).context["decisions"]) == 5


def test_a_kind_has_its_latest_examples_as_differences(boss: Client) -> None:
    catalog = make_catalog()
    for n in range(N_EXAMPLES + 2):
        edited(catalog, f"Red Mug {n}", f"Blue Mug {n}", decided_at=NOW + dt.timedelta(minutes=n))
    record_measures()

    answer = page(boss)

    (kind,) = answer.context["kinds"]
    assert [example.told.decision.title for example in kind.examples] == ["Blue Mug 4", "Blue Mug 3", "Blue Mug 2"]
    assert "<del>Red</del> → <ins>Blue</ins>" in answer.content.decode()
    assert "<del>Red</del><ins>Blue</ins> Mug 4" in answer.content.decode()


def test_the_most_frequent_edits_of_a_kind_lead_to_their_decisions(boss: Client) -> None:
    catalog = make_catalog()
    for n in range(3):
        edited(catalog, f"Red Mug No{n}", f"Blue Mug No{n}")
    edited(catalog, "red mug", "blue mug")
    edited(catalog, "Green Mug", "Blue Mug")
    record_measures()

    (kind,) = page(boss).context["kinds"]

    assert [(edit.before, edit.after, edit.n) for edit in kind.frequent] == [("red", "blue", "4 times")]
    assert len(boss.get(kind.frequent[0].url).context["decisions"]) == 4


def test_a_slice_narrows_counts_and_examples(boss: Client) -> None:
    one, other = make_catalog(), make_catalog()
    edited(one, "Red Mug", "Blue Mug", person="anna@shop.example")
    edited(other, "Mug 1 cm", "Mug 2 cm", person="ben@shop.example", decided_at=NOW - dt.timedelta(days=21))
    record_measures()

    assert counted(page(boss, Slice(catalog=one.pk).query())) == {"fact corrected": "1"}
    assert counted(page(boss, Slice(person="ben@shop.example").query())) == {"number or unit": "1"}
    assert counted(page(boss, Slice(week=(NOW - dt.timedelta(days=21)).date()).query())) in (
        {"number or unit": "1"},
        {},
    )
    assert page(boss, Slice(person="nobody").query()).context["bars"] is None


def test_edits_in_another_catalog_are_not_counted() -> None:
    own, other = make_catalog(), make_catalog()
    edited(own, "Red Mug", "Blue Mug")
    edited(other, "Elsewhere 1 cm", "Elsewhere 2 cm")
    record_measures()
    client = client_of(make_person(REVIEWER, [own]))

    for query in (
        "",
        Slice(catalog=other.pk).query(),
        Slice(catalog=other.pk, channel="custom").query(),
        "channel=custom",
    ):
        answer = page(client, query)
        assert "Elsewhere" not in answer.content.decode()
        assert answer.context["bars"] is None or counted(answer) == {"fact corrected": "1"}
