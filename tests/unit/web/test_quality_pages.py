"""The quality pages answer, whatever there is to tell and whoever asks."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_catalog
from tests.unit.web.worlds import client_of, make_person
from titlelab.people.roles import ANNOTATOR, ROLES
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
