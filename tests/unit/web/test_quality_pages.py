"""The quality pages answer, whatever there is to tell and whoever asks."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_catalog, make_decision, make_draft, make_item, make_product
from tests.unit.web.worlds import client_of, make_person, make_world
from titlelab.catalog.models import Catalog
from titlelab.people.roles import ANNOTATOR, ROLES
from titlelab.quality.recording import record_measures
from titlelab.review.models import Decision
from titlelab.web.admin.quality import PAGES

NAMES = [name for _, name, _ in PAGES]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_answers_before_anything_was_decided(name: str, boss: Client) -> None:
    assert boss.get(reverse(f"admin:{name}")).status_code == 200


@pytest.mark.parametrize("name", NAMES)
def test_a_page_answers_once_something_was(name: str, boss: Client, decision: Decision) -> None:
    assert boss.get(reverse(f"admin:{name}")).status_code == 200


@pytest.mark.parametrize("name", NAMES)
def test_who_may_not_see_quality_is_refused(name: str, clerk: Client) -> None:
    assert clerk.get(reverse(f"admin:{name}")).status_code == 403


@pytest.mark.parametrize("role", ROLES)
def test_who_reviews_or_runs_a_catalog_reads_its_quality_and_who_annotates_does_not(role: str, db: None) -> None:
    client = client_of(make_person(role, [make_catalog()]))
    expected = 403 if role == ANNOTATOR else 200

    assert {
        client.get(reverse(f"admin:{name}")).status_code for name in ("quality_overview", "quality_drill_down")
    } == {expected}


@pytest.mark.parametrize("query", ["week=monday", "catalog=all", "queue=-1", "version=%00"])
def test_an_address_that_names_no_decisions_leads_to_all_of_them(query: str, boss: Client) -> None:
    at = reverse("admin:quality_overview")

    answer = boss.get(f"{at}?{query}", follow=True)

    assert answer.redirect_chain == [(at, 302)]
    assert "is no" in answer.content.decode()


def test_a_reader_is_offered_own_catalogs_queues_and_versions_alone(db: None) -> None:
    own, other = make_world("nearby"), make_world("elsewhere")
    record_measures()
    catalog = own["catalog.catalog"]
    assert isinstance(catalog, Catalog)
    client = client_of(make_person("Reviewer", [catalog]))

    filters = client.get(reverse("admin:quality_overview")).context["filters"]

    assert {each.name: [label for _, label in each.options] for each in filters} == {
        "catalog": ["nearby shop"],
        "queue": ["nearby queue"],
        "version": ["t0-g0.1"],
        "channel": ["Custom"],
        "week": ["July 27, 2026"],
    }
    elsewhere = {"catalog": other["catalog.catalog"].pk, "queue": other["review.reviewqueue"].pk}
    told = client.get(reverse("admin:quality_overview"), elsewhere)
    assert "elsewhere" not in told.content.decode()
    assert "No Decision is of this kind" in told.content.decode()


def test_what_no_list_offers_is_kept_and_can_be_taken_away(boss: Client, decision: Decision) -> None:
    record_measures()

    context = boss.get(
        reverse("admin:quality_drill_down"), {"category": "(none)", "kind": "brand", "by": "tag"}
    ).context

    assert context["hidden_filters"] == [("category", "(none)"), ("kind", "brand")]
    assert [(chip.label, chip.value, chip.query) for chip in context["chips"]] == [
        ("Category", "none", "kind=brand&by=tag"),
        ("Kind of edit", "brand", "category=%28none%29&by=tag"),
    ]


def test_a_page_says_how_many_decisions_its_figures_wait_for(boss: Client, decision: Decision) -> None:
    at, told = reverse("admin:quality_overview"), "1 Decision is still to be measured"
    assert told in boss.get(at).content.decode()

    record_measures()

    assert told not in boss.get(at).content.decode()


def test_a_reader_is_told_of_what_waits_in_own_and_chosen_catalogs_alone(db: None) -> None:
    own, other = make_catalog(), make_catalog()
    make_decision(item=make_item(draft=make_draft(product=make_product(catalog=other))))
    client = client_of(make_person("Reviewer", [own]))
    at = reverse("admin:quality_overview")

    assert client.get(at).context["n_unmeasured"] == 0
    assert client.get(at, {"catalog": other.pk}).context["n_unmeasured"] == 0
