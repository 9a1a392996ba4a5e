"""A tagger version's page shows how honest its probabilities are."""

import pytest
from django.test import Client
from django.urls import reverse

from ml_backend.contract import Reliability, ReliabilityBin, to_json
from tests.factories import make_run, make_version
from tests.unit.web.reading import text_of
from titlelab.training.models import ModelVersion
from titlelab.web.admin.verdicts import reliability_chart

pytestmark = pytest.mark.django_db
MEASURED = Reliability(
    n=40, ece=0.075, bins=(ReliabilityBin(n=20, proba=0.2, share=0.3), ReliabilityBin(n=20, proba=0.9, share=0.95))
)


def page(boss: Client, version: ModelVersion) -> str:
    return text_of(boss.get(reverse("admin:training_modelversion_change", args=[version.pk])))


def test_the_diagram_and_its_figures_stand_on_the_versions_page(boss: Client) -> None:
    run = make_run(kind="tagger", method="tagger", report={"reliability": to_json(MEASURED)})

    told = page(boss, make_version(kind="tagger", run=run))

    assert "Expected calibration error 0.075" in told
    assert "promised came true promised 20% 30% (15% to 52%) 20%" in told


def test_a_version_from_before_it_was_measured_says_so(boss: Client) -> None:
    assert "not measured" in page(boss, make_version(kind="tagger", run=make_run(kind="tagger", report={})))


def test_the_chart_holds_a_point_per_bin_for_promise_and_truth() -> None:
    chart = reliability_chart(MEASURED)

    assert chart is not None
    assert [(line.name, len(line.points)) for line in chart.lines] == [("came true", 2), ("promised", 2)]
    assert all(point.whisker for point in chart.lines[0].points)
