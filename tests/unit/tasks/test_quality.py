import pytest
from django.utils import timezone

from tasks.quality import take_snapshots
from tests.factories import make_catalog, make_decision, make_draft, make_library, make_product
from titlelab.quality.models import QualitySnapshot, Suggestion

pytestmark = pytest.mark.django_db


def test_the_schedule_measures_versions_and_looks_for_suggestions() -> None:
    catalog = make_catalog(library=make_library(tags=["flask"]))
    for n in range(3):
        draft = make_draft(product=make_product(catalog=catalog), title=f"Steel Jug {n}", tags=[])
        make_decision(draft=draft, outcome="edited", title=f"Steel Flask {n}", decided_at=timezone.now())

    assert take_snapshots() == 1

    assert QualitySnapshot.objects.get().n == 3
    assert [(row.word, row.goal) for row in Suggestion.objects.all()] == [("jug", "flask")]
