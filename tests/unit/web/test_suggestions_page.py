"""The page of suggestions: what it says, who may press which button, and what pressing does."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from tests.factories import NOW, make_catalog, make_channel, make_library
from tests.unit.web.worlds import client_of, make_person
from titlelab.catalog.models import Catalog
from titlelab.channels.models import PhraseList
from titlelab.people.roles import ANNOTATOR, CATALOG_ADMIN, ML_ADMIN, REVIEWER
from titlelab.quality.models import Suggestion
from titlelab.tags.models import Tag

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalog() -> Catalog:
    return make_catalog(name="North", library=make_library(tags=["flask"]), channel=make_channel(key="north"))


def make_suggestion(catalog: Catalog, sort: str = "replaced", word: str = "jug", goal: str = "flask") -> Suggestion:
    return Suggestion.objects.create(
        catalog=catalog, sort=sort, word=word, goal=goal, n_decisions=8, n_products=7, n_people=2, n_titles=40,
        found_at=NOW,
    )  # fmt: skip


def page(client: Client) -> Any:
    return client.get(reverse("admin:quality_suggestions"))


def press(client: Client, row: Suggestion, act: str, **params: str) -> Any:
    return client.post(reverse("admin:quality_suggestions"), {"suggestion": row.pk, "act": act, **params}, follow=True)


def lines(answer: Any) -> list[Any]:
    return [line for group in answer.context["groups"] for line in group.lines]


@pytest.mark.parametrize(
    ("sort", "word", "goal", "sentence"),
    [
        ("replaced", "jug", "flask", "People write “flask” in the place of “jug”, which no tag knows."),
        ("said", "insulated", "flask", "People add the tag “flask” where the source says “insulated”."),
        ("banned", "ultimate", "", "People take “ultimate” out of titles again and again."),
        ("habit", "brand", "front", "People move the brand to the front of the title."),
        ("habit", "size", "removed", "People take the size out of the title."),
    ],
)
def test_a_suggestion_is_a_sentence_with_its_evidence_and_the_decisions_behind_it(
    sort: str, word: str, goal: str, sentence: str, boss: Client, catalog: Catalog
) -> None:
    make_suggestion(catalog, sort, word, goal)

    (line,) = lines(page(boss))

    assert line.sentence == sentence
    assert line.evidence == "7 products, 2 people" + (": 20% of 40 titles" if sort == "habit" else "")
    assert boss.get(line.url).status_code == 200


def test_an_alias_is_made_with_one_click(boss: Client, catalog: Catalog, rung: list[Any]) -> None:
    row = make_suggestion(catalog)
    assert catalog.library is not None
    revision = catalog.library.revision

    answer = press(boss, row, "alias")

    assert "“jug” is an alias of “flask” now." in answer.content.decode()
    assert Tag.objects.get(name="flask").aliases == ["jug"]
    catalog.library.refresh_from_db()
    assert catalog.library.revision == revision + 1
    assert LogEntry.objects.get().get_change_message() == "“jug” is an alias of “flask” now."
    assert lines(answer) == []


def test_a_word_is_banned_with_one_click(boss: Client, catalog: Catalog) -> None:
    answer = press(boss, make_suggestion(catalog, "banned", "ultimate", ""), "ban")

    assert PhraseList.objects.get(channels=catalog.channel).phrases == ["ultimate"]
    assert "may hold “ultimate”" in answer.content.decode()


def test_a_second_click_changes_nothing(boss: Client, catalog: Catalog, rung: list[Any]) -> None:
    row = make_suggestion(catalog)
    press(boss, row, "alias")

    answer = press(boss, row, "alias")

    assert "settled already" in answer.content.decode()
    assert Tag.objects.get(name="flask").aliases == ["jug"]
    assert LogEntry.objects.count() == 1


def test_a_dismissed_suggestion_is_gone(boss: Client, catalog: Catalog) -> None:
    row = make_suggestion(catalog, "habit", "brand", "front")

    answer = press(boss, row, "dismiss")

    assert lines(answer) == []
    assert [sentence for _, sentence in answer.context["settled"]] == [
        "People move the brand to the front of the title."
    ]
    row.refresh_from_db()
    assert (row.state, row.settled_by) == ("dismissed", "boss")


@pytest.mark.parametrize(
    ("role", "sort", "expected"),
    [
        (REVIEWER, "replaced", ("alias", True)),
        (CATALOG_ADMIN, "replaced", ("alias", True)),
        (ML_ADMIN, "replaced", ("alias", True)),
        (REVIEWER, "banned", ("", False)),
        (CATALOG_ADMIN, "banned", ("ban", True)),
        (ML_ADMIN, "banned", ("", False)),
        (CATALOG_ADMIN, "habit", ("", True)),
        (ML_ADMIN, "habit", ("", False)),
    ],
)
def test_a_role_is_offered_what_it_may_do_and_refused_the_rest(
    role: str, sort: str, expected: tuple[str, bool], catalog: Catalog, rung: list[Any]
) -> None:
    word, goal = {"replaced": ("jug", "flask"), "banned": ("ultimate", ""), "habit": ("brand", "front")}[sort]
    row = make_suggestion(catalog, sort, word, goal)
    client = client_of(make_person(role, [catalog]))

    (line,) = lines(page(client))

    assert (line.act, line.may_dismiss) == expected
    may_act, may_dismiss = bool(expected[0]), expected[1]
    act = {"replaced": "alias", "banned": "ban", "habit": "alias"}[sort]
    if not may_dismiss:
        assert press(client, row, "dismiss").status_code == 403
    assert press(client, row, act).status_code == (200 if may_act else 403)


def test_an_annotator_sees_no_suggestions(catalog: Catalog) -> None:
    assert page(client_of(make_person(ANNOTATOR, [catalog]))).status_code == 403


def test_what_another_catalog_shares_is_not_changed_by_who_works_on_one_of_them(catalog: Catalog) -> None:
    make_catalog(library=catalog.library, channel=catalog.channel)
    alias, word = make_suggestion(catalog), make_suggestion(catalog, "banned", "ultimate", "")
    client = client_of(make_person(CATALOG_ADMIN, [catalog]))

    assert [line.act for line in lines(page(client))] == ["", ""]
    assert all(line.why for line in lines(page(client)))
    assert press(client, alias, "alias").status_code == 403
    assert press(client, word, "ban").status_code == 403
    assert not PhraseList.objects.exists()


def test_suggestions_of_another_catalog_are_not_to_be_seen_or_settled(catalog: Catalog) -> None:
    row = make_suggestion(make_catalog(name="Elsewhere"))
    client = client_of(make_person(CATALOG_ADMIN, [catalog]))

    assert lines(page(client)) == []
    assert press(client, row, "dismiss").status_code == 404
    row.refresh_from_db()
    assert row.state == "open"


@pytest.mark.parametrize("pk", ["", "x", "-1", "9" * 30, "99"])
def test_a_suggestion_that_is_none_is_not_found(pk: str, boss: Client) -> None:
    answer = boss.post(reverse("admin:quality_suggestions"), {"suggestion": pk, "act": "dismiss"})

    assert answer.status_code == 404


@pytest.mark.parametrize("act", ["", "promote", "ban"])
def test_an_act_that_does_not_fit_is_refused(act: str, boss: Client, catalog: Catalog) -> None:
    assert press(boss, make_suggestion(catalog), act).status_code == 403
