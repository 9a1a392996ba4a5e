"""The second pass: who is shown what, what each answer does, and that two reviewers get two Decisions."""

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
from tests.unit.web.worlds import client_of, make_person
from titlelab.catalog.models import Catalog, Taxonomy
from titlelab.people.models import LabelStudioAccount
from titlelab.people.roles import ANNOTATOR, CATALOG_ADMIN, ML_ADMIN, REVIEWER
from titlelab.review.models import Decision, DueLook, ReviewItem, ReviewQueue, SecondLook

pytestmark = pytest.mark.django_db
PUSH = "tasks.label_studio.push_queue"
NOW = timezone.now()


@pytest.fixture
def queue() -> ReviewQueue:
    return make_queue()


@pytest.fixture
def ruth(queue: ReviewQueue) -> Client:
    return client_of(make_person(REVIEWER, [queue.catalog], name="ruth@shop.example"))


def due(queue: ReviewQueue, *, cause: str = "chance", **fields: Any) -> Decision:
    """Make a Decision that waits for a second look."""
    item = {name: fields.pop(name) for name in ("arm", "is_blind") if name in fields}
    draft = make_draft(product=make_product(catalog=queue.catalog), **fields.pop("drafted", {}))
    decision = make_decision(item=make_item(draft=draft, queue=queue, **item), draft=draft, **fields)
    DueLook.objects.create(decision=decision, cause=cause, wanted_at=NOW)
    return decision


def get(client: Client, **params: Any) -> Any:
    return client.get(reverse("admin:review_second_pass"), params)


def post(client: Client, decision: Decision, verdict: str, **fields: Any) -> Any:
    at = reverse("admin:review_second_pass")
    return client.post(at, {"decision": decision.pk, "verdict": verdict, **fields})


def shown(answer: Any) -> Decision | None:
    case = answer.context["case"]
    return case.decision if case else None


def text(answer: Any) -> str:
    html = re.sub(r"<del>(.*?)</del>", r"[-\1-]", answer.content.decode())
    html = re.sub(r"<ins>(.*?)</ins>", r"{+\1+}", html)
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_decision_is_laid_before_the_reviewer_with_its_source_and_its_difference(
    ruth: Client, queue: ReviewQueue
) -> None:
    due(
        queue,
        drafted={"title": "Norvik Steel Bottle"},
        outcome="edited",
        title="Norvik Steel Flask",
        tags=["waterproof", "gift"],
        tags_added=["gift"],
    )

    told = text(get(ruth))

    assert "Norvik Steel [-Bottle-]{+Flask+}" in told
    assert "Volume 750 ml" in told
    assert "A light steel bottle that keeps tea hot for a day." in told
    assert "waterproof + {+gift+}" in told
    assert "drawn by chance" in told


def test_who_decided_is_not_told(ruth: Client, queue: ReviewQueue) -> None:
    due(queue, person="anna@shop.example")

    assert "anna" not in get(ruth).content.decode()


def test_what_stood_against_the_draft_is_told(ruth: Client, queue: ReviewQueue) -> None:
    decision = due(queue)
    decision.draft.candidates[0]["unsupported"] = ["900 ml stands nowhere"]
    decision.draft.save()

    assert "900 ml stands nowhere" in text(get(ruth))


def test_of_a_blind_item_the_reviewer_sees_no_draft_either(ruth: Client, queue: ReviewQueue) -> None:
    drafted = {"title": "Secretly Drafted"}
    due(queue, arm="random", is_blind=True, outcome="written", title="Norvik Flask", drafted=drafted)

    answer = get(ruth)

    assert "Secretly" not in answer.content.decode()
    assert "Norvik Flask" in answer.content.decode()


def test_values_of_products_are_escaped(ruth: Client, queue: ReviewQueue) -> None:
    product = make_product(catalog=queue.catalog, brand="<script>alert(1)</script>")
    draft = make_draft(product=product, title="<b>Bottle</b>")
    decision = make_decision(item=make_item(draft=draft, queue=queue), draft=draft)

    html = get(ruth, decision=decision.pk).content.decode()

    assert "<script>alert" not in html
    assert "<b>Bottle" not in html


def test_accepting_leads_to_the_next(ruth: Client, queue: ReviewQueue) -> None:
    first, second = due(queue), due(queue)

    assert shown(get(ruth)) == second  # the latest first
    answer = post(ruth, second, "accepted")

    assert answer.status_code == 302
    assert SecondLook.objects.get().person == "ruth@shop.example"
    assert shown(ruth.get(answer["Location"])) == first


def test_mending_makes_the_reviewers_decision(ruth: Client, queue: ReviewQueue) -> None:
    decision = due(queue)

    post(ruth, decision, "mended", title="Norvik Flask", tags=["gift"], reason="It is a flask.")

    mended = Decision.objects.current().get()
    assert (mended.title, mended.tags, mended.person) == ("Norvik Flask", ["gift"], "ruth@shop.example")
    assert mended.mends == decision


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"title": "", "reason": "x"}, "This field is required"),
        ({"title": "Norvik Flask", "reason": ""}, "This field is required"),
        ({"title": "Norvik Flask", "reason": "x", "tags": ["unheard-of"]}, "not one of the available choices"),
        ({"title": "Norvik Flask", "reason": "x", "category": "Nowhere"}, "is no category of this catalog"),
        ({"title": "Norvik Steel Bottle 750 ml Blue", "reason": "x", "tags": ["waterproof"]}, "Nothing was changed"),
    ],
)
def test_what_can_not_be_mended_comes_back_with_what_was_typed(
    fields: dict[str, Any], told: str, ruth: Client, queue: ReviewQueue
) -> None:
    decision = due(queue)

    answer = post(ruth, decision, "mended", **fields)

    assert answer.status_code == 422
    assert told in text(answer)
    assert f'value="{fields["title"]}"' in answer.content.decode()
    assert Decision.objects.current().get() == decision


def test_the_category_is_mended_where_the_catalog_asks_for_it(queue: ReviewQueue) -> None:
    Catalog.objects.filter(pk=queue.catalog_id).update(asks_for_category=True)
    Taxonomy.objects.create(catalog=queue.catalog, paths=[["Outdoor", "Bottles"], ["Outdoor", "Flasks"]])
    decision = due(queue, drafted={"category": ("Outdoor", "Bottles")}, category=["Outdoor", "Bottles"])
    ruth = client_of(make_person(REVIEWER, [queue.catalog]))

    assert '<option value="Outdoor &gt; Flasks">' in get(ruth).content.decode()
    post(
        ruth, decision, "mended", title=decision.title, tags=decision.tags, category="Outdoor > Flasks", reason="flask"
    )

    mended = Decision.objects.current().get()
    assert (mended.category, mended.category_changed) == (["Outdoor", "Flasks"], True)


def test_sending_back_asks_anew_and_rings_for_the_push(
    ruth: Client, queue: ReviewQueue, django_capture_on_commit_callbacks: Any, rung: list[Any]
) -> None:
    decision = due(queue)

    with django_capture_on_commit_callbacks(execute=True):
        post(ruth, decision, "sent_back", reason="It is a flask.")

    again = ReviewItem.objects.waiting().get()
    assert again.why == "sent back by a reviewer: It is a flask."
    assert (PUSH, (queue.pk,)) in rung


def test_sending_back_without_a_reason_is_refused(ruth: Client, queue: ReviewQueue) -> None:
    answer = post(ruth, due(queue), "sent_back", reason=" ")

    assert answer.status_code == 422
    assert "Say why" in text(answer)
    assert not SecondLook.objects.exists()


def test_two_reviewers_are_given_two_decisions(ruth: Client, queue: ReviewQueue) -> None:
    rolf = client_of(make_person(REVIEWER, [queue.catalog], name="rolf@shop.example"))
    first, second = due(queue), due(queue)

    assert shown(get(ruth)) == second
    assert shown(get(rolf)) == first
    assert shown(get(ruth)) == second  # loaded again
    nobody = client_of(make_person(REVIEWER, [queue.catalog], name="third@shop.example"))
    assert shown(get(nobody)) is None


def test_what_was_left_open_is_given_to_somebody_else_after_a_while(ruth: Client, queue: ReviewQueue) -> None:
    decision = due(queue)
    get(ruth)
    DueLook.objects.update(held_until=NOW - dt.timedelta(seconds=1))

    rolf = client_of(make_person(REVIEWER, [queue.catalog], name="rolf@shop.example"))

    assert shown(get(rolf)) == decision


def test_the_second_of_two_who_answer_is_told_so(ruth: Client, queue: ReviewQueue) -> None:
    decision = due(queue)
    rolf = client_of(make_person(REVIEWER, [queue.catalog], name="rolf@shop.example"))
    post(rolf, decision, "accepted")

    answer = post(ruth, decision, "sent_back", reason="wrong")

    assert answer.status_code == 422
    assert "Somebody else has looked at this Decision meanwhile" in text(answer)
    assert Decision.objects.current().get() == decision


def test_what_is_left_to_somebody_else_is_free_and_the_next_follows(ruth: Client, queue: ReviewQueue) -> None:
    first, second = due(queue), due(queue)
    get(ruth)

    answer = get(ruth, after=second.due_look.pk)
    assert shown(answer) == first
    assert shown(get(ruth, after=first.due_look.pk)) == second  # behind the last the first comes again
    DueLook.objects.filter(decision=first).update(held_by="rolf@shop.example")
    rolf = client_of(make_person(REVIEWER, [queue.catalog], name="rolf@shop.example"))
    assert shown(get(rolf)) == first


@pytest.mark.parametrize("name", ["ruth@shop.example", "Ruth@Shop.Example", "ruth.in.studio@shop.example"])
def test_nobody_is_given_his_own_whatever_name_he_annotates_under(name: str, queue: ReviewQueue) -> None:
    person = make_person(REVIEWER, [queue.catalog], name="ruth@shop.example")
    LabelStudioAccount.objects.create(user=person, email="ruth.in.studio@shop.example")
    decision = due(queue, person=name)

    assert shown(get(client_of(person))) is None
    assert "of his own" in text(post(client_of(person), decision, "accepted"))
    assert not SecondLook.objects.exists()


@pytest.mark.parametrize(("role", "status"), [(ANNOTATOR, 403), (REVIEWER, 200), (CATALOG_ADMIN, 200), (ML_ADMIN, 200)])
def test_reviewers_and_admins_may_and_annotators_may_not(role: str, status: int, queue: ReviewQueue) -> None:
    client = client_of(make_person(role, [queue.catalog]))
    decision = due(queue)

    assert get(client).status_code == status
    assert post(client, decision, "accepted").status_code == (302 if status == 200 else 403)


def test_decisions_of_other_catalogs_are_neither_shown_nor_taken(ruth: Client) -> None:
    elsewhere = due(make_queue(catalog=make_catalog()))

    assert shown(get(ruth)) is None
    assert get(ruth, decision=elsewhere.pk).status_code == 403
    assert post(ruth, elsewhere, "accepted").status_code == 403
    assert not SecondLook.objects.exists()


@pytest.mark.parametrize("params", [{"decision": "1e9"}, {"after": "-"}, {"after": "9" * 30}, {"decision": "²"}])
def test_nonsense_in_the_address_is_read_past(params: dict[str, str], ruth: Client, queue: ReviewQueue) -> None:
    decision = due(queue)

    assert shown(get(ruth, **params)) == decision


def test_a_verdict_that_is_none_is_refused(ruth: Client, queue: ReviewQueue) -> None:
    assert post(ruth, due(queue), "deleted").status_code == 403
    assert ruth.post(reverse("admin:review_second_pass"), {"verdict": "accepted"}).status_code == 403


def test_what_is_sent_needs_the_forms_token(queue: ReviewQueue) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_person(REVIEWER, [queue.catalog]))

    assert post(strict, due(queue), "accepted").status_code == 403
    assert not SecondLook.objects.exists()


def test_the_list_of_second_looks_leads_to_the_pass(ruth: Client, queue: ReviewQueue) -> None:
    post(ruth, due(queue), "accepted")
    due(queue)

    told = text(ruth.get(reverse("admin:review_secondlook_changelist")))

    assert "Take a second look: 1 Decision waits" in told
    assert "accepted as it was" in told


def test_the_page_asks_the_database_little(ruth: Client, queue: ReviewQueue) -> None:
    for _ in range(30):
        due(queue)
    get(ruth)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        get(ruth)

    assert len(asked) < 30


def test_a_decisions_page_leads_to_its_second_look_and_to_taking_one(ruth: Client, queue: ReviewQueue) -> None:
    looked_at, waiting = due(queue), due(queue)
    post(ruth, looked_at, "sent_back", reason="It is a flask.")

    def told(decision: Decision) -> Any:
        return ruth.get(reverse("admin:review_decision_change", args=[decision.pk]))

    assert "sent back: It is a flask." in text(told(looked_at))
    assert f"{reverse('admin:review_second_pass')}?decision={waiting.pk}" in told(waiting).content.decode()


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 30, "-1", "one"])
def test_what_names_no_decision_is_refused(ruth: Client, queue: ReviewQueue, number: str) -> None:
    due(queue)

    sent = {"decision": number, "verdict": "accepted"}
    assert ruth.post(reverse("admin:review_second_pass"), sent).status_code == 403
    assert get(ruth, decision=number).status_code == get(ruth, after=number).status_code == 200
