"""Alerts on pages: who sees which, who may silence them, and that drift is drawn."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from tests.factories import make_catalog, make_run
from tests.unit.alerts.scenes import days, make_alert, products_of
from tests.unit.web.reading import text_of
from tests.unit.web.worlds import client_of, make_person
from titlelab.alerts.models import Alert, AlertRule, Letter, Portrait
from titlelab.alerts.opening import check
from titlelab.alerts.portraying import portray_all
from titlelab.catalog.models import Catalog
from titlelab.people.roles import ANNOTATOR, CATALOG_ADMIN, REVIEWER

pytestmark = pytest.mark.django_db
PAGE, RULES = "admin:quality_alerts", "admin:alerts_alertrule_changelist"
MOST_QUERIES = 30


def drifting(name: str) -> Catalog:
    catalog = make_catalog(name=name)
    products_of(catalog, 120, at=timezone.now() - days(60), category=["Bags"])
    products_of(catalog, 60, at=timezone.now() - days(1), category=["<b>Shoes</b>"])
    return catalog


def page(client: Client, **query: Any) -> str:
    return text_of(client.get(reverse(PAGE), query))


def test_open_and_past_alerts_stand_on_the_page_with_their_sentence(boss: Client) -> None:
    make_alert(make_catalog(name="Shop"))
    make_alert(closed_at=timezone.now(), data={"method": "tagger", "scope": "shop", "run_id": 1, "n": 2, "reason": "x"})

    text = page(boss)

    assert "What is wrong now" in text
    assert text.index("The last Template run of shop failed") < text.index("What is over")
    assert text.index("What is over") < text.index("The last 2 Tagger runs of shop failed, the last with: x")


def test_drift_is_drawn_with_what_moved(boss: Client) -> None:
    catalog = drifting("Shop")
    for age in (2, 1, 0):
        portray_all(timezone.now() - days(age))
    check(timezone.now())

    response = boss.get(reverse(PAGE), {"catalog": catalog.pk})

    html, text = response.content.decode(), text_of(response)
    assert "New products of “Shop” differ from those before: category “<b>Shoes</b>” from 0% to 100%." in text
    assert "<b>Shoes" not in html
    assert 'aria-label="furthest feature:' in html
    assert "<b>Shoes</b> 0% → 100%" in text
    assert "Too few on one of the two sides to compare." in text  # there are no drafts


def test_the_pages_take_few_queries_whatever_there_is(
    boss: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for name in ("One", "Two", "Three"):
        catalog = drifting(name)
        for _ in range(4):
            make_alert(catalog)
    portray_all(timezone.now())

    for address in (PAGE, "admin:alerts_alert_changelist", RULES):
        with django_assert_max_num_queries(MOST_QUERIES):
            assert boss.get(reverse(address)).status_code == 200


def test_everybody_sees_alerts_and_drift_of_own_catalogs_alone() -> None:
    here, elsewhere = make_catalog(name="Nearby"), make_catalog(name="Elsewhere")
    for catalog in (here, elsewhere):
        make_alert(catalog, data={"method": "template", "scope": catalog.name, "run_id": 1, "n": 1, "reason": "x"})
        make_alert(catalog, closed_at=timezone.now())
    client = client_of(make_person(REVIEWER, [here]))

    for text in (page(client), page(client, catalog=elsewhere.pk), text_of(client.get("/admin/"))):
        assert "Elsewhere" not in text
    assert "run of Nearby failed" in page(client)


def test_who_may_see_no_alerts_is_refused_and_told_of_none_in_front() -> None:
    catalog = make_catalog()
    make_alert(catalog)
    client = client_of(make_person(ANNOTATOR, [catalog]))

    assert client.get(reverse(PAGE)).status_code == 403
    assert "run of shop failed" not in text_of(client.get("/admin/"))


def test_an_alert_is_acknowledged_from_the_front_page_by_who_may() -> None:
    catalog = make_catalog()
    alert = make_alert(catalog)
    admin, reviewer = (client_of(make_person(role, [catalog], name=role)) for role in (CATALOG_ADMIN, REVIEWER))
    button = reverse("admin:alerts_alert_click", args=[alert.pk, "acknowledge"])
    assert button in admin.get("/admin/").content.decode()
    assert button not in reviewer.get("/admin/").content.decode()

    assert "csrfmiddlewaretoken" in admin.get("/admin/").content.decode().split(button)[1].split("</form>")[0]

    assert reviewer.post(button).status_code == 403
    assert admin.post(button).status_code == 302

    alert.refresh_from_db()
    assert alert.acknowledged_by == User.objects.get(username=CATALOG_ADMIN)
    assert f"acknowledged by {CATALOG_ADMIN}" in text_of(reviewer.get("/admin/"))


def test_what_is_wrong_is_on_the_front_page_before_it_is_an_alert_and_once_after(boss: Client) -> None:
    catalog = make_catalog(key="shop")
    make_run(scope=catalog.key, state="failed", message="The disk is full.")
    before = text_of(boss.get("/admin/"))

    check(timezone.now())

    after = text_of(boss.get("/admin/"))
    assert [text.count("failed: The disk is full.") for text in (before, after)] == [1, 2]  # once for its button
    assert "The alert" in after


def test_an_alert_leads_to_what_it_is_about(boss: Client) -> None:
    catalog = make_catalog()
    found = {
        "product_drift": {"catalog": "Shop", "population": "range", "features": [], "day_before": "2026-07-01"},
        "draft_drift": {"catalog": "Shop", "population": "drafts", "features": []},
        "falling_acceptance": {
            "catalog": "Shop",
            "now": {"share": 0.1, "low": 0, "high": 0.2},
            "before": {"share": 1, "low": 0.9, "high": 1},
        },
        "stalled_queue": {"queue": "Titles", "queue_id": 1, "n": 1, "since": "2026-07-01T12:00:00+00:00"},
        "failing_webhook": {"queue": "Titles", "queue_id": 1, "n": 1},
        "run_failed": {"method": "template", "scope": "shop", "run_id": 1, "n": 1, "reason": "x"},
        "folder_missing": {"kind": "titler", "scope": "shop", "number": 1, "version_id": 1},
    }  # fmt: skip
    assert set(found) == set(AlertRule.objects.values_list("kind", flat=True))

    for kind, data in found.items():
        alert = make_alert(catalog, kind=kind, data=data)
        response = boss.get(reverse("admin:alerts_alert_change", args=[alert.pk]))
        assert "What it is about" in text_of(response)
        assert str(alert) in text_of(response)


def test_without_mail_the_pages_say_so(boss: Client, settings: Settings) -> None:
    for address in (PAGE, RULES, "admin:alerts_alert_changelist"):
        settings.EMAIL_URL = ""
        assert "No mail is set up" in text_of(boss.get(reverse(address)))
        settings.EMAIL_URL = "smtp://mail.shop.example"
        assert "No mail is set up" not in text_of(boss.get(reverse(address)))


def test_a_mail_server_that_takes_nothing_is_told_without_its_words(boss: Client, settings: Settings) -> None:
    settings.EMAIL_URL = "smtp://mail.shop.example"
    Letter.objects.create(
        user=User.objects.get(username="boss"), written_at=timezone.now(), problem="550 no such mailbox anna@x.example"
    )

    text = page(boss)

    assert "has not taken every mail" in text
    assert "anna@x.example" not in text


def test_a_catalog_admin_makes_rules_for_own_catalogs_and_none_for_all() -> None:
    here, elsewhere = make_catalog(), make_catalog()
    client = client_of(make_person(CATALOG_ADMIN, [here]))
    told = {"kind": "stalled_queue", "threshold": "2", "is_active": "on", "mail_roles": [REVIEWER], "mail_also": ""}
    add = reverse("admin:alerts_alertrule_add")

    assert client.post(add, {**told, "catalog": elsewhere.pk}).status_code == 200
    assert client.post(add, {**told, "catalog": ""}).status_code == 200
    for beyond in ({"threshold": "1e300"}, {"threshold": "-1"}, {"threshold": "nan"}, {"remind_after_days": "1e9"}):
        assert client.post(add, {**told, "catalog": here.pk, **beyond}).status_code == 200
    assert client.post(add, {**told, "catalog": here.pk}).status_code == 302

    rule = AlertRule.objects.exclude(catalog=None).get()
    assert (rule.catalog, rule.limit, rule.mail_roles) == (here, 2.0, [REVIEWER])


def test_a_rule_for_all_is_read_by_everybody_without_its_addresses_and_changed_by_superusers(boss: Client) -> None:
    rule = AlertRule.objects.get(kind="run_failed", catalog=None)
    AlertRule.objects.filter(pk=rule.pk).update(mail_also=["secret@shop.example"])
    client = client_of(make_person(CATALOG_ADMIN, [make_catalog()]))
    address = reverse("admin:alerts_alertrule_change", args=[rule.pk])

    seen = client.get(address)
    assert seen.status_code == 200
    assert "secret@shop.example" not in seen.content.decode()
    assert "secret@shop.example" not in client.get(reverse(RULES)).content.decode()
    assert client.post(address, {"threshold": "5"}).status_code == 403
    assert boss.post(address, {"threshold": "5", "is_active": "on"}).status_code == 302
    rule.refresh_from_db()
    assert rule.limit == 5


def test_nobody_is_mailed_also_who_may_not_see_the_catalog() -> None:
    here = make_catalog()
    client = client_of(make_person(CATALOG_ADMIN, [here], name="admin@shop.example"))
    make_person(CATALOG_ADMIN, [make_catalog()], name="outsider@shop.example")
    add = reverse("admin:alerts_alertrule_add")
    told = {"kind": "stalled_queue", "catalog": here.pk, "is_active": "on"}

    refused = client.post(add, {**told, "mail_also": "outsider@shop.example"})
    taken = client.post(add, {**told, "mail_also": "Admin@shop.example"})

    assert "Nobody who may see these alerts has the address outsider@shop.example." in text_of(refused)
    assert taken.status_code == 302


def test_an_old_day_of_drift_is_not_drawn(boss: Client) -> None:
    catalog = drifting("Shop")
    portray_all(timezone.now())
    Portrait.objects.update(day=timezone.localdate() - dt.timedelta(days=100))

    assert "Day by day" not in page(boss, catalog=catalog.pk)
    assert Alert.objects.count() == 0
