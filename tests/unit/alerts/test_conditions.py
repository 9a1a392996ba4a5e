"""What is told, from when on, and in which sentence."""

import datetime as dt
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.factories import NOW, make_catalog, make_library, make_queue, make_run, make_version
from tests.unit.alerts.scenes import (
    days,
    decisions_of,
    drafts_of,
    products_of,
    queue_with_project,
    waiting_in,
)
from titlelab.alerts.conditions import LOOKS, Condition
from titlelab.alerts.kinds import USUAL, Kind
from titlelab.alerts.models import Portrait
from titlelab.alerts.portraying import portray_all
from titlelab.alerts.sentences import sentence
from titlelab.catalog.models import Catalog
from titlelab.labelstudio.models import InboxEvent, Project
from titlelab.review.models import ReviewQueue

pytestmark = pytest.mark.django_db


def seen(kind: Kind, *, limit: float | None = None, now: dt.datetime = NOW) -> list[Condition]:
    limit = USUAL[kind].limit if limit is None else limit
    return list(LOOKS[kind](dict.fromkeys(Catalog.objects.values_list("pk", flat=True), limit), now))


def told(kind: Kind, **options: Any) -> list[str]:
    return [sentence(kind, each.data) for each in seen(kind, **options) if each.opens]


def test_nothing_is_wrong_where_nothing_is() -> None:
    make_queue(catalog=make_catalog())

    assert [seen(kind) for kind in Kind] == [[]] * len(Kind)


def test_new_products_of_another_category_are_told() -> None:
    catalog = make_catalog(name="Shop")
    products_of(catalog, 200, at=NOW - days(60), category=["Bags"])
    products_of(catalog, 40, at=NOW - days(1), category=["Bags"])
    products_of(catalog, 40, at=NOW - days(1), category=["Shoes"])

    portray_all(NOW)

    assert told(Kind.PRODUCT_DRIFT) == [
        "New products of “Shop” differ from those before: category “Shoes” from 0% to 50%."
    ]


def test_a_first_import_is_no_drift() -> None:
    catalog = make_catalog()
    products_of(catalog, 50, at=NOW - days(2), category=["Bags"])
    products_of(catalog, 50, at=NOW - days(1), category=["Shoes"])

    portray_all(NOW)

    assert seen(Kind.PRODUCT_DRIFT) == []


def test_a_feed_that_lost_its_descriptions_is_told_though_no_product_is_new() -> None:
    catalog = make_catalog(name="Shop")
    products_of(catalog, 100, at=NOW - days(90))
    portray_all(NOW - days(20))
    catalog.products.update(description="", changed_at=NOW)

    portray_all(NOW)

    (line,) = told(Kind.PRODUCT_DRIFT)
    assert line.startswith("The products of “Shop” have changed since July 10, 2026: ")
    assert "length of description “0” from 0% to 100%" in line
    assert "told field “description” from 100% to 0%" in line


def test_all_products_are_held_against_those_of_four_weeks_ago_or_the_oldest_known() -> None:
    catalog = make_catalog()
    products_of(catalog, 40, at=NOW - days(300))
    for age in (50, 35, 29, 12, 5, 0):
        portray_all(NOW - days(age))

    portrait = Portrait.objects.get(population="range", day=NOW.date())

    assert portrait.about == {"day_before": str((NOW - days(29)).date())}
    assert Portrait.objects.get(population="range", day=(NOW - days(5)).date()).about["day_before"] == "2026-06-25"


def test_drafts_of_another_kind_are_told_with_the_version_that_made_them() -> None:
    catalog = make_catalog(name="Shop")
    drafts_of(catalog, 60, at=NOW - days(10), tags=["gift"], titler_version=1)
    drafts_of(catalog, 60, at=NOW - days(1), tags=["waterproof"], titler_version=2)

    portray_all(NOW)

    (line,) = told(Kind.DRAFT_DRIFT)
    assert line.startswith("Drafts for “Shop” differ from those before, by t2-g0.1 instead of t1-g0.1: ")
    assert "proposed tag “gift” from 100% to 0%" in line


def test_few_drafts_tell_nothing() -> None:
    catalog = make_catalog()
    drafts_of(catalog, 60, at=NOW - days(10), tags=["gift"])
    drafts_of(catalog, 20, at=NOW - days(1), tags=["waterproof"])

    portray_all(NOW)

    assert seen(Kind.DRAFT_DRIFT) == []


def test_a_drift_below_its_limit_but_not_by_far_closes_nothing() -> None:
    drift = {"psi": 0.22, "js": 0.1, "by_chance": 0.05, "n_before": 100, "n_now": 100, "moved": [["Shoes", 0.1, 0.3]]}
    Portrait.objects.create(
        catalog=make_catalog(), population="arrivals", day=NOW.date(), n=100, drifts={"category": drift}, taken_at=NOW
    )

    assert [each.opens for each in seen(Kind.PRODUCT_DRIFT, limit=0.25)] == [False]
    assert [each.opens for each in seen(Kind.PRODUCT_DRIFT, limit=0.2)] == [True]
    assert seen(Kind.PRODUCT_DRIFT, limit=0.3) == []


def test_an_old_portrait_says_nothing_of_today() -> None:
    catalog = make_catalog()
    products_of(catalog, 200, at=NOW - days(60), category=["Bags"])
    products_of(catalog, 80, at=NOW - days(1), category=["Shoes"])
    portray_all(NOW)

    assert seen(Kind.PRODUCT_DRIFT, now=NOW + days(4)) == []


def test_acceptance_that_fell_beyond_its_interval_is_told() -> None:
    queue = make_queue(catalog=make_catalog(name="Shop"))
    decisions_of(queue, 48, 12, at=NOW - days(20))
    decisions_of(queue, 10, 20, at=NOW - days(2))

    assert told(Kind.FALLING_ACCEPTANCE) == [
        "People accepted 33% (19% to 51%) of the drafts for “Shop” this week, after 80% (68% to 88%) before."
    ]


def test_acceptance_within_chance_is_not_told() -> None:
    queue = make_queue()
    decisions_of(queue, 16, 4, at=NOW - days(20))
    decisions_of(queue, 5, 5, at=NOW - days(2))

    assert told(Kind.FALLING_ACCEPTANCE) == []


def test_a_fall_is_over_when_the_share_is_back_within_the_interval_of_before() -> None:
    queue = make_queue()
    decisions_of(queue, 48, 12, at=NOW - days(20))
    decisions_of(queue, 6, 4, at=NOW - days(2))  # 60 %: below 68 %, but 31 % to 83 % by its own interval

    assert [each.opens for each in seen(Kind.FALLING_ACCEPTANCE)] == [False]

    decisions_of(queue, 12, 2, at=NOW - days(1))  # 75 % of 24

    assert seen(Kind.FALLING_ACCEPTANCE) == []


def test_a_queue_in_which_nothing_is_decided_is_told() -> None:
    queue = make_queue(name="Titles")
    decisions_of(queue, 2, 0, at=NOW - days(6))
    waiting_in(queue, 3, since=NOW - days(8))

    assert told(Kind.STALLED_QUEUE) == [
        "Nothing has been decided in “Titles” since July 24, 2026, noon, while 3 items wait."
    ]


def test_a_queue_is_not_stalled_while_it_is_new_worked_on_paused_or_empty() -> None:
    worked_on, fresh, paused, empty = (make_queue() for _ in range(4))
    waiting_in(worked_on, 1, since=NOW - days(30))
    decisions_of(worked_on, 1, 0, at=NOW - days(1))
    waiting_in(fresh, 1, since=NOW - days(1))
    waiting_in(paused, 1, since=NOW - days(30))
    ReviewQueue.objects.filter(pk=paused.pk).update(state="paused")
    decisions_of(empty, 1, 0, at=NOW - days(30))

    assert seen(Kind.STALLED_QUEUE) == []


def test_a_webhook_that_has_not_come_for_long_is_told_once_a_queue() -> None:
    queue_with_project(name="Fine")
    _, late = queue_with_project(name="Titles")
    _, soon = queue_with_project(name="Soon back")
    Project.objects.filter(pk=late.pk).update(missed_since=NOW - dt.timedelta(hours=2))
    Project.objects.filter(pk=soon.pk).update(missed_since=NOW - dt.timedelta(minutes=3))

    assert told(Kind.FAILING_WEBHOOK) == [
        "Label Studio's webhook for “Titles” has not arrived since July 30, 2026, 10 a.m.: Decisions come by polling "
        "alone."
    ]


def test_events_that_could_not_be_read_are_counted_by_queue() -> None:
    _, project = queue_with_project(name="Titles")
    for _ in range(2):
        InboxEvent.objects.create(action="ANNOTATION_CREATED", body={"project": project.project_id}, state="failed")
    InboxEvent.objects.create(action="ANNOTATION_CREATED", body={"id": 1}, state="failed")

    (line,) = told(Kind.FAILING_WEBHOOK)
    assert line.startswith("2 events of Label Studio's webhook for “Titles” could not be read")


def test_a_failed_run_is_told_until_the_method_comes_to_an_answer() -> None:
    catalog = make_catalog()
    make_run(scope=catalog.key, state="failed", message="The disk is full.")
    make_run(scope=catalog.key, state="queued")

    assert told(Kind.RUN_FAILED) == [f"The last Template run of {catalog.key} failed: The disk is full."]

    make_run(scope=catalog.key, state="failed", message="It is still full.")

    assert [each.data["n"] for each in seen(Kind.RUN_FAILED)] == [2]

    make_run(scope=catalog.key, state="refused")

    assert seen(Kind.RUN_FAILED) == []


def test_a_rule_may_wait_for_several_failures() -> None:
    catalog = make_catalog()
    make_run(scope=catalog.key, state="failed")

    assert [each.opens for each in seen(Kind.RUN_FAILED, limit=2)] == [False]


def test_a_taggers_failure_concerns_all_catalogs_of_its_library() -> None:
    library = make_library(key="tags")
    first, second, _ = make_catalog(library=library), make_catalog(library=library), make_catalog(key="tags")
    make_run(kind="tagger", method="tagger", scope="tags", state="failed")

    assert [each.catalog_id for each in seen(Kind.RUN_FAILED)] == [first.pk, second.pk]


def test_a_serving_version_without_its_folder_is_told() -> None:
    catalog = make_catalog(key="shop")
    make_version(scope="shop", number=3)

    (found,) = seen(Kind.FOLDER_MISSING)

    assert (found.catalog_id, found.subject) == (catalog.pk, "titler shop")
    assert told(Kind.FOLDER_MISSING) == ["The folder of titler shop v3 is missing: roll back or train again."]


def test_a_catalog_that_no_rule_watches_is_not_looked_at() -> None:
    catalog = make_catalog()
    make_run(scope=catalog.key, state="failed")

    assert list(LOOKS[Kind.RUN_FAILED]({}, NOW)) == []


def test_all_looks_together_take_few_queries_whatever_the_number_of_catalogs(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(5):
        queue, _ = queue_with_project()
        waiting_in(queue, 1, since=NOW - days(1))

    with django_assert_max_num_queries(20):
        for kind in Kind:
            seen(kind)
