"""What the front page tells."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from tests.factories import make_catalog, make_decision, make_draft, make_item, make_product, make_queue, make_run
from tests.unit.web.reading import text_of
from tests.unit.web.worlds import client_of, make_person
from titlelab.labelstudio.models import InboxEvent, Project
from titlelab.people.roles import ANNOTATOR
from titlelab.quality.measuring import take_all_snapshots
from titlelab.review.models import Decision

pytestmark = pytest.mark.django_db
MOST_QUERIES = 30
PASSWORD = "a-password-for-tests"  # noqa: S105


def loop(name: str) -> Any:
    """Make a catalog with a project, a waiting item and three Decisions on one version's drafts."""
    catalog = make_catalog(name=name)
    queue = make_queue(catalog=catalog, name=f"{name} queue")
    Project.objects.create(queue=queue, project_id=catalog.pk)
    items = [make_item(draft=make_draft(product=make_product(catalog=catalog)), queue=queue) for _ in range(4)]
    for item, outcome in zip(items, ("accepted", "accepted", "edited"), strict=False):
        make_decision(item=item, outcome=outcome, title_edit=0.0 if outcome == "accepted" else 0.25)
    return catalog


def test_a_new_admin_is_shown_the_way(boss: Client) -> None:
    page = boss.get("/admin/")

    text = text_of(page)
    assert "Your way into the loop" in text
    assert reverse("admin:catalog_catalog_add") in page.content.decode()


def test_the_loops_numbers_stand_on_the_page_in_few_queries(
    boss: Client, django_assert_max_num_queries: DjangoAssertNumQueries, settings: Settings
) -> None:
    catalog = loop("Shop")
    loop("Laden")
    take_all_snapshots()

    with django_assert_max_num_queries(MOST_QUERIES):
        page = boss.get("/admin/")

    text = text_of(page)
    for words in ("products 4", "waiting 1", "decided 3 2 accepted · 1 edited · 0 rejected", "accepted unedited 67 %",
                  "Shop queue 1 waiting"):  # fmt: skip
        assert words in text
    assert f"{settings.LABEL_STUDIO_URL}/projects/{catalog.pk}/data" in page.content.decode()
    assert 'aria-label="accepted unedited: 67% with t0-g0.1' in page.content.decode()
    chart = page.context["panels"][0].chart
    assert [boss.get(point.url).context["n"] for line in chart.lines for point in line.points] == [3, 3]


def test_who_may_see_no_decisions_is_led_to_none() -> None:
    catalog = loop("Shop")
    take_all_snapshots()

    page = client_of(make_person(ANNOTATOR, [catalog])).get("/admin/")

    assert page.context["panels"][0].chart is not None
    assert not page.context["panels"][0].chart.has_links


def test_what_is_wrong_is_told(boss: Client) -> None:
    catalog = loop("Shop")
    make_run(scope=catalog.key, state="failed", message="The disk is full.")
    InboxEvent.objects.create(action="ANNOTATION_CREATED", body={}, state="failed")
    Project.objects.update(problem="The webhook is gone.")
    make_queue(catalog=catalog, name="Bare")
    empty = make_queue(catalog=make_product().catalog, name="Empty")
    Project.objects.create(queue=empty, project_id=99)

    text = text_of(boss.get("/admin/"))

    for words in ("run of", "failed: The disk is full.", "1 event of Label Studio's webhook could not be read",
                  "The queue “Shop queue”: The webhook is gone.", "The queue “Bare” is not set up in Label Studio yet",
                  "The queue “Empty” is empty though products could be asked about"):  # fmt: skip
        assert words in text


def test_staff_who_may_not_read_catalogs_see_djangos_own_page(clerk: Client) -> None:
    loop("Shop")

    page = clerk.get("/admin/")

    assert page.status_code == 200
    assert "Shop" not in text_of(page)


def test_names_from_outside_are_escaped(boss: Client) -> None:
    loop("<script>alert(1)</script>")

    assert b"<script>alert(1)" not in boss.get("/admin/").content


def test_a_rejected_decision_does_not_break_the_chart(boss: Client) -> None:
    make_decision(outcome=Decision.Outcome.REJECTED)
    take_all_snapshots()

    assert "accepted unedited 0 %" in text_of(boss.get("/admin/"))


def test_people_log_in_with_djangos_accounts() -> None:
    User.objects.create_user("anna", password=PASSWORD, is_staff=True)
    client = Client()

    refused = client.post("/admin/login/", {"username": "anna", "password": "wrong"})
    accepted = client.post("/admin/login/", {"username": "anna", "password": PASSWORD})

    assert refused.status_code == 200
    assert (accepted.status_code, accepted["Location"]) == (302, "/admin/")


def test_health_answers_without_the_database(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        response = client.get("/health")

    assert response.json() == {"status": "ok"}
