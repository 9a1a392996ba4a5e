"""A draft's page tells everything that is known of its candidates."""

import pytest
from django.test import Client
from django.urls import reverse

from ml_backend.contract import Candidate, to_json
from tests.factories import make_decision, make_draft
from tests.unit.web.reading import text_of

pytestmark = pytest.mark.django_db
CANDIDATE = Candidate(
    title="Norvik Bottle",
    score=0.5,
    reasons=("like “Orvel <b>Flask</b>” (85% alike)", "covers brand"),
    unsupported=("750 ml stands nowhere",),
    violations=("longer than 75",),
    warnings=("red is not mentioned", "oak is not mentioned", "soft is not mentioned"),
)


def test_all_that_speaks_for_and_against_a_candidate_is_told(boss: Client) -> None:
    draft = make_draft(candidates=[to_json(CANDIDATE)])

    response = boss.get(reverse("admin:review_draft_change", args=[draft.pk]))

    assert (
        "Norvik Bottle 0.500 750 ml stands nowhere longer than 75 "
        "red is not mentioned; oak is not mentioned; soft is not mentioned "
        "like “Orvel <b>Flask</b>” (85% alike); covers brand"
    ) in text_of(response)
    assert b"<b>Flask" not in response.content


def test_a_draft_that_was_stored_before_there_were_warnings_is_read_all_the_same(boss: Client) -> None:
    old = to_json(CANDIDATE)
    del old["warnings"]
    draft = make_draft(candidates=[old])

    response = boss.get(reverse("admin:review_draft_change", args=[draft.pk]))

    assert "longer than 75" in text_of(response)


def test_the_categories_in_sight_are_told_with_what_spoke_for_them(boss: Client) -> None:
    draft = make_draft(category=["Home", "Flasks"])
    decision = make_decision(draft=draft, category=["Home", "Kettles"], category_changed=True)

    of_draft = boss.get(reverse("admin:review_draft_change", args=[draft.pk]))
    of_decision = boss.get(reverse("admin:review_decision_change", args=[decision.pk]))

    assert "Home › Flasks 80%" in text_of(of_draft)
    assert "Home › Kettles" in text_of(of_decision)
