"""From Decisions to suggestions, and from a click to what it changes."""

import datetime as dt
from typing import Any

import pytest

from tests.factories import NOW, make_catalog, make_decision, make_draft, make_library, make_product
from titlelab.catalog.models import Catalog
from titlelab.channels.models import PhraseList
from titlelab.channels.rules import rules_on
from titlelab.errors import NotPossibleNow
from titlelab.quality.models import Suggestion
from titlelab.quality.recording import record_measures
from titlelab.quality.suggesting import ban, dismiss, make_alias, suggest
from titlelab.review.models import Decision
from titlelab.tags.models import Tag

pytestmark = pytest.mark.django_db
State = Suggestion.State
ANNA = "anna@shop.example"


def edited(
    catalog: Catalog, drafted: str, title: str, *, n: int = 3, source: str = "", category: str = "", **fields: Any
) -> list[Decision]:
    """Make Decisions that edit the same way the titles of so many products."""
    made = []
    for i in range(n):
        product = make_product(catalog=catalog, brand="Acme", title="thing", description=source, category=[category])
        draft = make_draft(product=product, title=f"{drafted} Model{i}", tags=[])
        defaults = {"outcome": Decision.Outcome.EDITED, "title": f"{title} Model{i}".strip(), "person": ANNA}
        made.append(make_decision(draft=draft, **{**defaults, **fields}))
    return made


def suggestions(catalog: Catalog) -> list[tuple[str, str, str, str]]:
    record_measures()
    suggest(catalog, now=NOW)
    return list(catalog.suggestions.order_by("pk").values_list("sort", "word", "goal", "state"))


@pytest.fixture
def catalog() -> Catalog:
    return make_catalog(library=make_library(tags=[{"name": "flask", "aliases": ["thermos"]}, "gift"]))


def a_suggestion(catalog: Catalog, **fields: Any) -> Suggestion:
    defaults = {"sort": "replaced", "word": "jug", "goal": "flask", "found_at": NOW}
    counts = {"n_decisions": 3, "n_products": 3, "n_people": 1, "n_titles": 9}
    return Suggestion.objects.create(catalog=catalog, **{**defaults, **counts, **fields})


def test_a_word_replaced_by_a_tag_on_several_products_is_suggested_as_its_alias(catalog: Catalog) -> None:
    made = edited(catalog, "Steel Jug", "Steel Flask")

    assert suggestions(catalog) == [("replaced", "jug", "flask", "open")]
    (row,) = catalog.suggestions.all()
    assert (row.n_decisions, row.n_products, row.n_people, row.n_titles) == (3, 3, 1, 3)
    assert row.examples == [d.pk for d in reversed(made)]


def test_a_word_of_the_products_that_people_add_a_tag_to_is_suggested_as_its_alias(catalog: Catalog) -> None:
    edited(catalog, "Cup", "Cup", n=4, source="double-walled for hikers", tags=["gift"], tags_added=["gift"])
    edited(catalog, "Cup", "Cup", n=20, source="for the office", tags=[])

    found = suggestions(catalog)

    assert [(sort, goal) for sort, _, goal, _ in found] == [("said", "gift")]
    assert found[0][1] in ("hikers", "doublewalled", "double-walled")


def test_a_word_taken_out_of_title_after_title_is_suggested_for_banning(catalog: Catalog) -> None:
    edited(catalog, "Ultimate Steel Bottle", "Steel Bottle", category="Bottles")
    edited(catalog, "Ultimate Steel Mug", "Steel Mug", category="Mugs")
    edited(catalog, "Great Deal Steel Mug", "Steel Mug")

    assert sorted(suggestions(catalog)) == [("banned", "great deal", "", "open"), ("banned", "ultimate", "", "open")]


def test_a_word_that_more_titles_keep_or_that_is_banned_already_is_not_suggested(catalog: Catalog) -> None:
    edited(catalog, "Amazing Steel Bottle", "Steel Bottle")
    edited(catalog, "Amazing Steel Bottle", "Amazing Steel Bottle", n=4, outcome=Decision.Outcome.ACCEPTED)
    assert suggestions(catalog) == []

    edited(catalog, "Amazing Steel Bottle", "Steel Bottle", n=9)
    PhraseList.objects.create(key="praise", name="Praise", phrases=["amazing"]).channels.add(catalog.channel)
    assert suggestions(catalog) == []


def test_a_field_that_is_moved_again_and_again_is_a_habit(catalog: Catalog) -> None:
    edited(catalog, "Steel Bottle Acme", "Acme Steel Bottle", n=5)
    Decision.objects.update(title="Acme Steel Bottle Model0")

    assert ("habit", "brand", "front", "open") in suggestions(catalog)


def test_suggestions_follow_the_decisions_until_they_are_settled(catalog: Catalog) -> None:
    made = edited(catalog, "Steel Jug", "Steel Flask")
    assert suggestions(catalog) == [("replaced", "jug", "flask", "open")]

    edited(catalog, "Steel Jug", "Steel Flask", n=1)
    assert suggestions(catalog) == [("replaced", "jug", "flask", "open")]
    assert catalog.suggestions.get().n_products == 4

    Decision.objects.filter(pk__in=[d.pk for d in made]).update(withdrawn_at=NOW, changed_at=NOW)
    assert suggestions(catalog) == []


def test_what_was_dismissed_is_never_suggested_again_nor_changed(catalog: Catalog) -> None:
    edited(catalog, "Steel Jug", "Steel Flask")
    suggestions(catalog)
    dismiss(catalog.suggestions.get(), by=ANNA, now=NOW)

    edited(catalog, "Steel Jug", "Steel Flask")

    assert suggestions(catalog) == [("replaced", "jug", "flask", "dismissed")]
    row = catalog.suggestions.get()
    assert (row.n_products, row.settled_by, row.settled_at) == (3, ANNA, NOW)


def test_old_corrections_suggest_nothing(catalog: Catalog) -> None:
    edited(catalog, "Steel Jug", "Steel Flask", decided_at=NOW - dt.timedelta(days=300))

    assert suggestions(catalog) == []


def test_a_catalog_without_library_channel_policy_or_decisions_has_no_suggestions() -> None:
    catalog = make_catalog(library=None)
    catalog.channel.policies.all().delete()

    assert suggestions(catalog) == []


def test_an_alias_is_given_to_the_tag_with_history(catalog: Catalog) -> None:
    row = a_suggestion(catalog)

    tag = make_alias(row, by=ANNA, now=NOW)

    assert tag.aliases == ["thermos", "jug"]
    assert Tag.objects.get(name="flask").history.first().aliases == ["thermos", "jug"]
    assert (row.state, row.settled_by, row.settled_at) == (State.DONE, ANNA, NOW)


def test_an_alias_that_the_tag_has_by_now_is_not_given_twice(catalog: Catalog) -> None:
    assert make_alias(a_suggestion(catalog, word="Thermos"), by=ANNA, now=NOW).aliases == ["thermos"]


@pytest.mark.parametrize("fields", [{"goal": "kettle"}, {"word": "gift"}, {"state": "done", "settled_at": NOW}])
def test_an_alias_that_cannot_be_given_leaves_everything_as_it_was(catalog: Catalog, fields: dict[str, Any]) -> None:
    row = a_suggestion(catalog, **fields)

    with pytest.raises(NotPossibleNow):
        make_alias(row, by=ANNA, now=NOW)

    assert Tag.objects.get(name="flask").aliases == ["thermos"]
    assert Suggestion.objects.get().state == fields.get("state", "open")


def test_a_banned_word_is_forbidden_on_the_channel_from_then_on(catalog: Catalog) -> None:
    ban(a_suggestion(catalog, sort="banned", word="ultimate", goal=""), by=ANNA, now=NOW)
    phrases = ban(a_suggestion(catalog, sort="banned", word="amazing", goal=""), by=ANNA, now=NOW)

    assert phrases.phrases == ["ultimate", "amazing"]
    assert phrases.history.count() >= 2
    assert {"ultimate", "amazing"} <= set(rules_on(catalog.channel, NOW.date()).banned_words)


def test_a_settled_suggestion_is_not_settled_again(catalog: Catalog) -> None:
    row = a_suggestion(catalog, sort="banned", word="ultimate", goal="")
    ban(row, by=ANNA, now=NOW)

    with pytest.raises(NotPossibleNow, match="settled already"):
        ban(row, by=ANNA, now=NOW)
    with pytest.raises(NotPossibleNow, match="settled already"):
        dismiss(row, by=ANNA, now=NOW)

    assert PhraseList.objects.get().phrases == ["ultimate"]
