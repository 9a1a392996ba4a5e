"""The page of the Decisions behind a point: which it shows, in what order, and how."""

import datetime as dt
import re
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from tests.factories import NOW, make_catalog, make_decision, make_draft, make_product, make_queue
from tests.unit.web.worlds import client_of, make_person, make_world
from titlelab.catalog.models import Catalog
from titlelab.people.roles import REVIEWER
from titlelab.quality.recording import record_measures
from titlelab.quality.slices import Slice
from titlelab.review.models import Decision
from titlelab.web.quality.decisions import PER_PAGE

pytestmark = pytest.mark.django_db
Outcome = Decision.Outcome


def page(client: Client, query: str = "", **params: str) -> Any:
    at = reverse("admin:quality_decisions")
    return client.get(f"{at}?{query}" if query else at, params or None)


def text(answer: Any) -> str:
    """Return the page's main part as text, with diffs as [-removed-] and {+added+}."""
    html = answer.content.decode().split("tl-decisions", 1)[-1]
    html = re.sub(r"<del>(.*?)</del>", r"[-\1-]", html)
    html = re.sub(r"<ins>(.*?)</ins>", r"{+\1+}", html)
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def shown(answer: Any) -> list[int]:
    return [told.measure.pk for told in answer.context["decisions"]]


def edited(catalog: Catalog, drafted: str, title: str, **fields: Any) -> Decision:
    draft = make_draft(product=make_product(catalog=catalog, brand=""), title=drafted, tags=["gift", "waterproof"])
    fields = {"outcome": Outcome.EDITED, "title": title, "tags": ["gift"], **fields}
    return make_decision(draft=draft, **fields)


def test_a_title_is_shown_as_what_went_and_what_came(boss: Client) -> None:
    edited(make_catalog(), "Red Mug", "Blue Mug")
    record_measures()

    assert "[-Red-]{+Blue+} Mug" in text(page(boss))


def test_a_chinese_title_is_told_by_character_and_its_language_is_marked(boss: Client) -> None:
    edited(make_catalog(language="zh"), "红色马克杯", "蓝色马克杯")
    record_measures()

    answer = page(boss)

    assert "<del>红</del><ins>蓝</ins>色马克杯" in answer.content.decode()
    assert '<p class="tl-diff" lang="zh">' in answer.content.decode()


def test_tags_stand_as_kept_added_and_removed(boss: Client) -> None:
    edited(make_catalog(), "Mug", "Mug", tags=["gift", "large"], tags_added=["large"], tags_removed=["waterproof"])
    record_measures()

    assert "gift + {+large+} − [-waterproof-]" in text(page(boss))


def test_a_rejected_draft_is_shown_whole_with_its_reason(boss: Client) -> None:
    edited(make_catalog(), "Mug", "", outcome=Outcome.REJECTED, tags=[], reject_reason="not for sale")
    record_measures()

    told = text(page(boss))

    assert "Rejected: not for sale" in told
    assert "[-" not in told


def test_why_it_was_rejected_is_said_in_the_readers_language(boss: Client) -> None:
    edited(make_catalog(), "Mug", "", outcome=Outcome.REJECTED, tags=[], reject_reason="not for sale")
    record_measures()
    boss.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"

    with override(settings.LANGUAGE_CODE):
        told = text(page(boss))

    assert "非卖品" in told
    assert "not for sale" not in told


def test_what_was_written_without_a_draft_and_blind_answers_is_shown(boss: Client) -> None:
    make_decision(draft=None, title="Mug", outcome=Outcome.EDITED, tags=["gift"], tags_added=["gift"])
    record_measures()

    assert "{+gift+}" in text(page(boss))


def test_who_when_and_with_which_version_stands_beside_it_with_the_ways_on(boss: Client) -> None:
    decision = edited(make_catalog(name="North"), "Mug", "Cup", person="anna@shop.example", seconds=12.4)
    record_measures()

    answer = page(boss)
    html, told = answer.content.decode(), text(answer)

    assert decision.draft is not None
    for said in ("anna@shop.example", "12 s", decision.draft.version, "North", "Edited"):
        assert said in told
    assert reverse("admin:review_decision_change", args=[decision.pk]) in html
    assert reverse("admin:catalog_product_change", args=[decision.item.product_id]) in html


def test_the_latest_stand_first_and_pages_neither_repeat_nor_leave_out(boss: Client) -> None:
    catalog = make_catalog()
    made = [edited(catalog, "Mug", "Cup", decided_at=NOW - dt.timedelta(hours=n // 3)) for n in range(2 * PER_PAGE + 3)]
    record_measures()

    answers = [page(boss)]
    while older := answers[-1].context["older"]:
        answers.append(page(boss, older))

    pages = [shown(answer) for answer in answers]
    assert [len(each) for each in pages] == [PER_PAGE, PER_PAGE, 3]
    latest_first = sorted(made, key=lambda d: (d.decided_at, d.pk), reverse=True)
    assert [pk for each in pages for pk in each] == [d.pk for d in latest_first]
    assert answers[0].context["latest"] == ""
    assert shown(page(boss, answers[-1].context["latest"])) == pages[0]


def test_a_slice_narrows_the_list(boss: Client) -> None:
    one, other = make_catalog(), make_catalog()
    first = edited(one, "Red Mug", "Blue Mug")
    second = edited(other, "Mug 350 ml", "Mug 500 ml", decided_at=NOW - dt.timedelta(days=30))
    record_measures()

    assert shown(page(boss, Slice(catalog=one.pk).query())) == [first.pk]
    assert shown(page(boss, Slice(kind="number_or_unit").query())) == [second.pk]
    assert shown(page(boss, Slice(week=second.decided_at.date()).query())) == [second.pk]
    assert shown(page(boss, Slice(person="nobody@shop.example").query())) == []


def test_an_edits_texts_and_an_outcome_narrow_the_list_and_stay_while_it_is_read(boss: Client) -> None:
    catalog = make_catalog()
    wanted = edited(catalog, "Steel Cup", "Steel Mug")
    edited(catalog, "Steel Cup", "Steel Jug")
    rejected = edited(catalog, "Cup", "", outcome=Outcome.REJECTED, tags=[])
    record_measures()

    answer = page(boss, kind="fact_corrected", old="cup", new="mug")

    assert shown(answer) == [wanted.pk]
    assert ("old", "cup") in answer.context["hidden_filters"]
    assert "cup → mug" in answer.content.decode()
    assert shown(page(boss, outcome="rejected")) == [rejected.pk]


def test_what_became_of_a_tag_narrows_the_list(boss: Client) -> None:
    catalog = make_catalog()
    added = edited(catalog, "Mug", "Mug", tags=["gift", "large"], tags_added=["large"])
    kept = make_decision(draft=make_draft(product=make_product(catalog=catalog), tags=["large"]))
    record_measures()

    assert shown(page(boss, tag="large", change="added")) == [added.pk]
    assert shown(page(boss, tag="large", change="kept")) == [kept.pk]


@pytest.mark.parametrize("older", ["nonsense", "e30", "WyJkZWNpc2lvbnMiLDEsMl0"])
def test_a_place_in_the_list_that_is_none_leads_to_the_latest(older: str, boss: Client) -> None:
    answer = boss.get(reverse("admin:quality_decisions"), {"older": older}, follow=True)

    assert answer.redirect_chain == [(reverse("admin:quality_decisions"), 302)]


def test_nobody_sees_decisions_of_a_catalog_that_is_not_his() -> None:
    own, other = make_world("nearby"), make_world("elsewhere")
    record_measures()
    client = client_of(make_person(REVIEWER, [own["catalog.catalog"]]))  # type: ignore[list-item] # it is one

    for query in (
        "",
        Slice(catalog=other["catalog.catalog"].pk).query(),
        Slice(queue=other["review.reviewqueue"].pk).query(),
    ):
        answer = page(client, query)
        assert answer.status_code == 200
        assert "elsewhere" not in answer.content.decode()
    assert shown(page(client)) == [own["review.decision"].pk]


def test_a_page_takes_few_queries_however_many_decisions_it_shows(boss: Client) -> None:
    catalog = make_catalog()
    queue = make_queue(catalog=catalog)
    assert queue.catalog == catalog
    for _ in range(PER_PAGE + 1):
        edited(catalog, "Mug", "Cup")
    record_measures()

    page(boss)
    with CaptureQueriesContext(connection) as queries:
        page(boss)

    assert len(queries) <= 16
