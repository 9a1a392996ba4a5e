"""Pages of runs and versions in a browser: no barrier that axe-core finds, no sideways scroll, and a way back."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.signing_in import signed_in
from tests.browser.test_quality_pages import WIDTHS, barriers
from tests.factories import make_catalog, make_product, make_run, make_version
from titlelab.training.models import ModelVersion, SampleDrafts, TrainingCurve


@pytest.fixture(scope="module")
def candidate(stack: None) -> ModelVersion:
    """A version that waits, with all that its pages can tell."""
    catalog = make_catalog(name="Flask shop", key="flask-shop")
    product = make_product(catalog=catalog, sku="flask-1", title="Norvik flask")
    scores = [{"sku": f"g{i}", "quality": i / 10, "group": ""} for i in range(5, 10)]
    run = make_run(
        method="pointer", scope=catalog.key, number=1, data_hash="f" * 64, attempts=1, n_examples=40,
        report={"candidate": scores, "serving": scores, "serving_version": 0, "seconds": 9},
    )  # fmt: skip
    points = [[step, step / 10, 4 - step / 100] for step in range(1, 201)]
    TrainingCurve.objects.create(run=run, name="training_loss", points=points)
    TrainingCurve.objects.create(run=run, name="validation_loss", points=points[19::20])
    shares = [[step, step / 10, step / 400] for step in range(20, 201, 20)]
    TrainingCurve.objects.create(run=run, name="validation_titles", points=shares)
    version = make_version(
        scope=catalog.key, number=1, method="pointer", state="candidate", run=run,
        metrics={"quality": 0.7, "quality_low": 0.6, "quality_high": 0.8, "serving_quality": 0.65},
    )  # fmt: skip
    drafts = {"drafted": {"title": "Norvik steel flask"}, "beside": {"title": "Norvik glass flask"}}
    SampleDrafts.objects.create(version=version, lines=[{"product": product.pk, "brief": "same", **drafts}])
    return version


@pytest.fixture(scope="module")
def boss(browser: BrowserContext, candidate: ModelVersion) -> Iterator[Page]:
    """A superuser, logged in."""
    with signed_in(browser, User.objects.create_superuser("keeps-models", "keeps-models@shop.example")) as tab:
        yield tab


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("page", ["training_modelversion_change", "training_trainingrun_change", "quality_models"])
def test_a_page_of_models_can_be_read_by_everybody(
    boss: Page, candidate: ModelVersion, page: str, width: str, scheme: str
) -> None:
    rows = {"training_modelversion_change": [candidate.pk], "training_trainingrun_change": [candidate.run_id]}
    boss.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    boss.set_viewport_size({"width": WIDTHS[width], "height": 900})

    boss.goto(f"{settings.TITLELAB_URL}{reverse(f'admin:{page}', args=rows.get(page, []))}")

    expect(boss.locator("figure.tl-chart svg, ol.tl-decisions del").first).to_be_visible()
    assert boss.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, "it scrolls sideways"
    assert barriers(boss) == []


def test_a_candidate_is_retired_from_the_page_of_all_models_and_the_reader_stays_there(
    boss: Page, candidate: ModelVersion
) -> None:
    boss.goto(f"{settings.TITLELAB_URL}{reverse('admin:quality_models')}")

    boss.get_by_role("button", name="Retire: v1").click()

    expect(boss).to_have_url(f"{settings.TITLELAB_URL}{reverse('admin:quality_models')}")
    expect(boss.get_by_role("button", name="Retire: v1")).to_have_count(0)
    candidate.refresh_from_db()
    assert candidate.state == ModelVersion.State.RETIRED
