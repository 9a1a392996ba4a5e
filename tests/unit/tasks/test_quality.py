import pytest
from django.utils import timezone

import tasks.quality
from tasks.quality import take_snapshots
from tests.factories import make_catalog, make_decision, make_draft, make_library, make_product
from titlelab.quality.holding import measuring
from titlelab.quality.measures import RULES
from titlelab.quality.models import DecisionMeasure, QualitySnapshot, Suggestion
from titlelab.quality.recording import record_measures

pytestmark = pytest.mark.django_db
Rung = list[tuple[str, tuple[int, ...]]]


def test_the_schedule_measures_versions_and_looks_for_suggestions() -> None:
    catalog = make_catalog(library=make_library(tags=["flask"]))
    for n in range(3):
        draft = make_draft(product=make_product(catalog=catalog), title=f"Steel Jug {n}", tags=[])
        make_decision(draft=draft, outcome="edited", title=f"Steel Flask {n}", decided_at=timezone.now())

    assert take_snapshots() == 1

    assert QualitySnapshot.objects.get().n == 3
    assert [(row.word, row.goal) for row in Suggestion.objects.all()] == [("jug", "flask")]


def test_what_takes_too_long_is_measured_job_by_job_and_the_last_one_takes_the_snapshots(
    rung: Rung, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.quality, "MEASURING_S", 0.0)  # a batch, then
    make_decision()
    record_measures()
    DecisionMeasure.objects.update(rules=RULES - 1)
    make_decision()

    assert take_snapshots() == 0
    assert sorted(DecisionMeasure.objects.values_list("rules", flat=True)) == [RULES - 1, RULES]
    assert not QualitySnapshot.objects.exists()
    assert rung == [("tasks.quality.take_snapshots", ())]

    assert take_snapshots() == 2
    assert set(DecisionMeasure.objects.values_list("rules", flat=True)) == {RULES}
    assert len(rung) == 1


def test_while_another_worker_measures_nothing_is_done_and_nobody_is_rung_for(rung: Rung) -> None:
    make_decision()

    with measuring(timezone.now()):
        assert take_snapshots() == 0

    assert not DecisionMeasure.objects.exists()
    assert rung == []
