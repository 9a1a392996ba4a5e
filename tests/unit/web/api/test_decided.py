"""What people decided, with where it comes from; and the tags that they chose from."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tests.factories import make_catalog, make_decision, make_draft, make_item, make_product
from tests.unit.web.api.conftest import Shop
from titlelab.catalog.models import Catalog
from titlelab.review.classifying import Final, Shown, judge
from titlelab.review.deciding import record_decision, withdraw_decision
from titlelab.review.looking import Reviewer, mend, send_back
from titlelab.review.models import Decision
from titlelab.tags.models import Tag, TagLibrary

pytestmark = pytest.mark.django_db


def decide(catalog: Catalog, sku: str, **fields: Any) -> Decision:
    draft = make_draft(product=make_product(catalog=catalog, sku=sku), tags=["waterproof"], titler_version=3)
    return make_decision(item=make_item(draft=draft), draft=draft, **fields)


def read_all(shop: Shop, path: str, key: str, cursor: str = "") -> tuple[list[Any], str]:
    rows: list[Any] = []
    has_more = True
    while has_more:
        page = shop.get(path, cursor=cursor, limit=2).json()
        rows, cursor, has_more = rows + page[key], page["next_cursor"], page["has_more"]
    return rows, cursor


def test_an_accepted_title_tells_where_it_comes_from(shop: Shop, catalog: Catalog) -> None:
    decide(catalog, "A-1", title="Blue Bottle", outcome="edited", category=["Outdoor", "Bottles"])

    assert shop.get("/catalogs/shop/accepted").json()["products"] == [
        {
            "sku": "A-1",
            "accepted": {
                "title": "Blue Bottle",
                "tags": ["waterproof"],
                "category": ["Outdoor", "Bottles"],
                "outcome": "edited",
                "version": "t3-g0.1",
                "person": "anna@shop.example",
                "decided_at": "2026-07-30T12:00:00Z",
                "product_changed": False,
                "title_is_machines": True,
            },
        }
    ]


def test_accepted_titles_come_in_pages_without_those_of_others(shop: Shop, catalog: Catalog) -> None:
    for n in range(5):
        decide(catalog, f"A-{n}", title=f"Bottle {n}")
    decide(catalog, "A-5", outcome="rejected")
    decide(make_catalog(), "B-1")

    rows, _ = read_all(shop, "/catalogs/shop/accepted", "products")

    titles = {row["sku"]: row["accepted"] and row["accepted"]["title"] for row in rows}
    assert titles == {**{f"A-{n}": f"Bottle {n}" for n in range(5)}, "A-5": None}


def test_whoever_comes_again_learns_of_a_changed_mind(shop: Shop, catalog: Catalog) -> None:
    decision = decide(catalog, "A-1", title="Blue Bottle")
    _, cursor = read_all(shop, "/catalogs/shop/accepted", "products")
    later = decision.read_at + dt.timedelta(hours=1)

    record_decision(
        decision.item,
        decision.draft,
        judge(Shown(title="Blue Bottle"), Final(title="Blue Steel Bottle")),
        annotation_id=decision.annotation_id,
        annotation_updated_at=later,
        person="anna@shop.example",
        seconds=3.0,
        decided_at=later,
        read_at=later,
    )
    rows, cursor = read_all(shop, "/catalogs/shop/accepted", "products", cursor)
    assert {row["accepted"]["title"] for row in rows} == {"Blue Steel Bottle"}

    withdraw_decision(decision.item, decision.annotation_id, later + dt.timedelta(hours=1))
    rows, _ = read_all(shop, "/catalogs/shop/accepted", "products", cursor)
    assert {row["accepted"] for row in rows} == {None}


def test_the_ledger_keeps_superseded_and_withdrawn_decisions(shop: Shop, catalog: Catalog) -> None:
    now = timezone.now()
    decide(catalog, "A-1", superseded_at=now, category=["Outdoor", "Flasks"], category_changed=True)
    decide(catalog, "A-2", withdrawn_at=now)
    decide(catalog, "A-3", outcome="rejected", reject_reason="no title")
    decide(make_catalog(), "B-1")

    rows, _ = read_all(shop, "/catalogs/shop/decisions", "decisions")

    assert [(row["sku"], row["state"], row["outcome"], row["reject_reason"]) for row in rows] == [
        ("A-1", "superseded", "accepted", ""),
        ("A-2", "withdrawn", "accepted", ""),
        ("A-3", "current", "rejected", "no title"),
    ]
    assert (rows[0]["category"], rows[0]["category_changed"]) == (["Outdoor", "Flasks"], True)
    assert (rows[0]["version"], rows[0]["person"], rows[0]["tags"]) == ("t3-g0.1", "anna@shop.example", ["waterproof"])


def test_tags_tell_their_former_names_and_nothing_that_is_merely_proposed(shop: Shop, catalog: Catalog) -> None:
    library = catalog.library
    assert library is not None
    library.tags.all().delete()
    dry = Tag.objects.create(library=library, name="dry", aliases=["keeps dry"], group="use")
    Tag.objects.create(library=library, name="old", state="retired")
    Tag.objects.create(library=library, name="wet", state="proposed")
    Tag.objects.create(library=library, name="arid", state="moved", moved_to=dry)

    rows, _ = read_all(shop, "/catalogs/shop/tags", "tags")

    assert [(row["name"], row["state"], row["moved_to"]) for row in rows] == [
        ("dry", "active", None),
        ("old", "retired", None),
        ("arid", "moved", "dry"),
    ]
    assert (rows[0]["aliases"], rows[0]["group"]) == (["keeps dry"], "use")


def test_a_page_of_tags_tells_the_librarys_revision(shop: Shop, catalog: Catalog) -> None:
    TagLibrary.objects.update(revision=7)

    assert shop.get("/catalogs/shop/tags").json()["revision"] == 7


def test_a_catalog_without_a_library_has_no_tags(shop: Shop, catalog: Catalog) -> None:
    Catalog.objects.update(library=None)

    page = shop.get("/catalogs/shop/tags").json()
    assert (page["library"], page["tags"], page["has_more"]) == (None, [], False)


@pytest.mark.parametrize("path", ["/catalogs/shop/decisions", "/catalogs/shop/accepted"])
def test_a_page_is_read_from_the_catalogs_index_and_nothing_is_sorted(shop: Shop, catalog: Catalog, path: str) -> None:
    decide(catalog, "A-1")
    plans: list[str] = []

    def explained(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        if 'FROM "review_decision"' in sql and '"changed_at" >=' in sql:
            rows = execute(f"EXPLAIN QUERY PLAN {sql}", params, many, context).fetchall()
            plans.append("\n".join(str(row[-1]) for row in rows))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        shop.get(path)

    assert len(plans) == 1
    assert "USING INDEX decision_changes (catalog_id=? AND changed_at>?)" in plans[0]
    assert "TEMP B-TREE" not in plans[0]


def test_what_reviewers_mended_and_sent_back_is_told(shop: Shop, catalog: Catalog) -> None:
    mended, sent_back = decide(catalog, "A-1"), decide(catalog, "A-2")
    ruth, now = Reviewer(email="ruth@shop.example"), timezone.now()
    mend(mended, Final(title="Blue Flask"), by=ruth, reason="flask", now=now)
    send_back(sent_back, by=ruth, reason="wrong", now=now)

    decisions, _ = read_all(shop, "/catalogs/shop/decisions", "decisions")
    accepted, _ = read_all(shop, "/catalogs/shop/accepted", "products")

    assert {(d["sku"], d["state"], d["mends"]) for d in decisions} == {
        ("A-1", "superseded", None),
        ("A-1", "current", mended.pk),
        ("A-2", "sent_back", None),
    }
    told = {row["sku"]: row["accepted"] and row["accepted"]["title"] for row in accepted}
    assert told == {"A-1": "Blue Flask", "A-2": None}
