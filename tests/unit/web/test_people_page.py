"""The people page: each annotator's figures, fairly, and what reviewers made of the work."""

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_catalog, make_decision, make_draft, make_item, make_product, make_queue
from tests.unit.web.worlds import client_of, make_person, make_world
from titlelab.catalog.models import Catalog, Product
from titlelab.people.roles import REVIEWER
from titlelab.quality.recording import record_measures
from titlelab.review.classifying import Final
from titlelab.review.looking import Reviewer, accept, mend, send_back
from titlelab.review.models import Decision, DueLook, ReviewQueue
from titlelab.web.quality.people import Person

pytestmark = pytest.mark.django_db
ANNA, BERT = "anna@shop.example", "bert@shop.example"
RUTH = Reviewer(email="ruth@shop.example")
NOW = timezone.now() - dt.timedelta(minutes=5)


@pytest.fixture
def queue() -> ReviewQueue:
    return make_queue()


def decide(queue: ReviewQueue, person: str, *, product: Product | None = None, **fields: Any) -> Decision:
    product = product or make_product(catalog=queue.catalog)
    item = {name: fields.pop(name) for name in ("arm", "is_blind") if name in fields}
    draft = product.drafts.first() or make_draft(product=product)
    made = make_item(draft=draft, queue=queue, content_hash=product.content_hash, **item)
    fields = {"decided_at": NOW, "annotation_updated_at": NOW, "read_at": NOW, **fields}
    return make_decision(item=made, draft=draft, person=person, **fields)


def edit(queue: ReviewQueue, person: str, **fields: Any) -> Decision:
    return decide(queue, person, **{"outcome": "edited", "title": "Norvik Bottle", "title_edit": 0.5, **fields})


def page(client: Client, **params: Any) -> Any:
    record_measures()
    answer = client.get(reverse("admin:quality_people"), params)
    assert answer.status_code == 200
    return answer


def people(answer: Any) -> dict[str, Person]:
    return {person.name: person for person in answer.context["people"]}


def text(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_annotators_stand_side_by_side_the_busiest_first(boss: Client, queue: ReviewQueue) -> None:
    decide(queue, ANNA)
    edit(queue, BERT)
    decide(queue, BERT)

    answer = page(boss)

    assert list(people(answer)) == [BERT, ANNA]
    bert = people(answer)[BERT]
    assert bert.n == 2
    assert bert.acceptance is not None
    assert (bert.acceptance.share, bert.acceptance.n) == (0.5, 2)
    assert [bar.label for bar in answer.context["bars"].bars] == [BERT, ANNA]


def test_few_decisions_are_said_to_be_few(boss: Client, queue: ReviewQueue) -> None:
    decide(queue, ANNA)

    assert "So few that every figure here may be chance." in text(page(boss))


def test_what_reviewers_overturned_is_the_annotators_work_and_mending_the_reviewers(
    boss: Client, queue: ReviewQueue
) -> None:
    decide(queue, ANNA)
    mend(decide(queue, ANNA), Final(title="Norvik Flask"), by=RUTH, reason="flask", now=NOW)
    send_back(decide(queue, ANNA), by=RUTH, reason="wrong", now=NOW)

    found = people(page(boss))

    assert set(found) == {ANNA}
    assert (found[ANNA].n, found[ANNA].acceptance.n) == (3, 3)  # type: ignore[union-attr] # some were shown
    assert [n for _, n in found[ANNA].told_looks] == [0, 1, 1]
    assert found[ANNA].chart is not None
    assert found[ANNA].chart.rows[-1].cells == ("3",)
    behind = boss.get(found[ANNA].chart.rows[-1].url)
    assert (behind.context["n"], behind.context["n_overturned"]) == (1, 2)
    assert "2 more were mended or sent back by reviewers and stand no more." in text(behind)
    assert boss.get(behind.context["looks_url"]).context["cl"].result_list.count() == 2


def test_accuracy_is_of_what_chance_drew_alone(boss: Client, queue: ReviewQueue) -> None:
    for n in range(8):
        decision = decide(queue, ANNA)
        DueLook.objects.create(decision=decision, cause="chance" if n < 4 else "hurried", wanted_at=NOW)
        if n == 0 or n > 3:
            send_back(decision, by=RUTH, reason="wrong", now=NOW)
        else:
            accept(decision, by=RUTH, now=NOW)

    accuracy = people(page(boss))[ANNA].looks.accuracy

    assert accuracy is not None
    assert (accuracy.share, accuracy.n) == (0.75, 4)


def test_every_figure_stands_with_its_interval(boss: Client, queue: ReviewQueue) -> None:
    """Fourteen products that both decide, a third of them otherwise; a reviewer leaves each one's answer to half."""
    for n in range(14):
        product = make_product(catalog=queue.catalog)
        for person in (ANNA, BERT):
            differs = n % 3 == 0 and person == BERT
            title, tags = (f"Orvel {n}", ["gift", "waterproof"]) if differs else ("Norvik Bottle", ["gift"])
            told = {"title": title, "tags": tags, "title_edit": n / 20, "seconds": float(n)}
            made = edit(queue, person, product=product, arm="random", **told)
            if person == (ANNA, BERT)[n % 2]:
                DueLook.objects.create(decision=made, cause="chance", wanted_at=NOW)
                accept(made, by=RUTH, now=NOW)

    answer = page(boss)

    for bar in answer.context["bars"].bars:
        assert all(" to " in cell for cell in (bar.text, *bar.cells[2:])), bar
    told = people(answer)[ANNA].told
    assert {name for name, figure in told.items() if " to " not in figure} == set(), told
    assert f"Edit distance: {told['edit']}" in text(answer)
    assert f"Golden probes: titles, as like as chrF tells {told['probe_titles']}" in text(answer)


def test_accuracy_on_golden_probes_is_told_and_where_they_come_from(boss: Client, queue: ReviewQueue) -> None:
    product = make_product(catalog=queue.catalog)
    settled = edit(queue, ANNA, product=product, arm="random", title="Norvik Bottle", tags=["gift"])
    edit(queue, BERT, product=product, arm="random", title="Norvik Bottle", tags=["gift", "waterproof"])
    DueLook.objects.create(decision=settled, cause="chance", wanted_at=NOW)
    accept(settled, by=RUTH, now=NOW)

    answer = page(boss)

    told = people(answer)[BERT].told
    assert (told["probe_titles"], told["probe_tags"]) == ("100% over 1", "67% over 1")
    assert people(answer)[ANNA].told["probe_titles"] == ""
    assert "Golden probes: none yet." in text(answer)


def test_agreement_is_told_for_all_and_for_each_with_its_interval(boss: Client, queue: ReviewQueue) -> None:
    for n in range(8):
        product = make_product(catalog=queue.catalog)
        decide(queue, ANNA, product=product, arm="random", tags=["gift"] if n % 2 else ["waterproof"])
        decide(queue, BERT, product=product, arm="random", tags=["gift"] if n % 2 else ["waterproof"])
    decide(queue, "carl@shop.example")

    answer = page(boss)

    anna = people(answer)[ANNA]
    assert anna.tags is not None
    assert (anna.tags.value, anna.tags.n, anna.tags.low) == (1.0, 8, 1.0)
    assert people(answer)["carl@shop.example"].tags is None
    assert "1.00 (1.00 to 1.00) over 8" in text(answer)
    assert "nothing to compare yet" in text(answer)  # typed without sight of a draft


def test_without_an_overlap_the_page_says_how_one_comes_about(boss: Client, queue: ReviewQueue) -> None:
    decide(queue, ANNA)

    assert "asks about a share of its random items twice" in text(page(boss))


def test_signs_are_told_in_a_sentence(boss: Client, queue: ReviewQueue) -> None:
    for _ in range(25):
        decide(queue, ANNA, arm="random")
        edit(queue, BERT, arm="random")

    told = text(page(boss))

    assert "Accepts 100% of 25 random drafts unedited; the others accept 0% of theirs." in told
    assert "Accepted 25 drafts in a row" in told
    assert people(page(boss))[BERT].signs == ()


def test_each_week_leads_to_its_decisions(boss: Client, queue: ReviewQueue) -> None:
    decide(queue, ANNA)
    week = (timezone.localdate(NOW) - dt.timedelta(days=timezone.localdate(NOW).weekday())).isoformat()

    chart = people(page(boss))[ANNA].chart

    assert chart is not None
    assert f"person=anna%40shop.example&week={week}" in chart.rows[-1].url
    assert boss.get(chart.rows[-1].url).status_code == 200


def test_a_reviewer_sees_the_people_of_own_catalogs_alone() -> None:
    own, other = make_world("nearby"), make_world("elsewhere")
    catalog = own["catalog.catalog"]
    assert isinstance(catalog, Catalog)
    client = client_of(make_person(REVIEWER, [catalog]))

    answer = page(client)

    assert list(people(answer)) == ["nearby@shop.example"]
    assert "elsewhere" not in answer.content.decode()
    assert list(people(page(client, catalog=other["catalog.catalog"].pk))) == []


def test_the_address_narrows_to_a_catalog_a_queue_and_a_week(boss: Client, queue: ReviewQueue) -> None:
    send_back(decide(queue, ANNA), by=RUTH, reason="wrong", now=NOW)
    other = make_queue(catalog=make_catalog())
    decide(other, BERT)
    before = timezone.localdate(NOW) - dt.timedelta(days=14)

    assert list(people(page(boss, queue=queue.pk))) == [ANNA]
    assert list(people(page(boss, catalog=other.catalog_id))) == [BERT]
    assert people(page(boss, week=before.isoformat())) == {}


def test_the_page_asks_the_database_little(boss: Client) -> None:
    for _ in range(3):
        queue = make_queue()
        for n in range(6):
            product = make_product(catalog=queue.catalog)
            for person in (ANNA, BERT, f"person{n}@shop.example"):
                decision = decide(queue, person, product=product, arm="random")
            accept(decision, by=RUTH, now=NOW)
    record_measures()

    with CaptureQueriesContext(connection) as asked:
        page(boss)

    assert len(asked) < 35  # five of them are record_measures's own
