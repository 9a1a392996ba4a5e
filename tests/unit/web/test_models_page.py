"""The page of models: each scope's versions over time, what serves, what is being trained, and its buttons."""

import datetime as dt
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from ml_backend.contract import version_folder
from tests.factories import NOW, make_catalog, make_library, make_run, make_version
from tests.unit.web.reading import text_of
from tests.unit.web.worlds import client_of, make_person
from titlelab.catalog.models import Catalog
from titlelab.people.roles import ML_ADMIN, REVIEWER
from titlelab.training.models import ModelVersion, Spell, TrainingRun

pytestmark = pytest.mark.django_db
MOST_QUERIES = 30
MEASURED = {"quality": 0.82, "serving_quality": 0.8, "quality_low": 0.78, "quality_high": 0.86, "n_golden": 60.0}
VERDICT = {"passed": True, "reason": "Passed on 60 items.", "n": 60, "golden_is": "golden set", "margin": 0.02}


@pytest.fixture
def shop() -> Catalog:
    return make_catalog(
        name="Shop", key="shop", library=make_library(name="Words", key="words"), asks_for_category=True
    )


def page(client: Client, **query: object) -> Any:
    return client.get(reverse("admin:quality_models"), query)


def measured(number: int, state: str, **fields: Any) -> ModelVersion:
    kind, scope = fields.get("kind", "titler"), fields.get("scope", "shop")
    run = make_run(number=number, verdict=VERDICT, kind=kind, scope=scope)
    return make_version(number=number, state=state, metrics=MEASURED, run=run, **fields)


def with_folder(version: ModelVersion) -> ModelVersion:
    folder = version_folder(settings.MODELS_FOLDER, "titler", version.scope, version.number)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text("{}")
    return version


def test_every_scope_has_its_lane_even_before_anything_was_learnt(boss: Client, shop: Catalog) -> None:
    shown = text_of(page(boss))

    for name in ("Titles of Shop", "Tags of Words", "Categories of Shop"):
        assert f"{name} The built-in model serves. No version was learnt yet." in shown


def test_versions_stand_with_verdict_quality_and_the_times_in_which_they_served(boss: Client, shop: Catalog) -> None:
    first, second = measured(1, "retired"), measured(2, "serving")
    Spell.objects.create(version=first, began_at=NOW, ended_at=NOW + dt.timedelta(days=1))
    Spell.objects.create(version=second, began_at=NOW + dt.timedelta(days=1))

    shown = page(boss)

    assert "v2 serves: Template." in text_of(shown)
    assert "0.820 (0.780 to 0.860)" in text_of(shown)
    assert "Passed on 60 items." in text_of(shown)
    assert "Serves since" in text_of(shown)
    assert "Served from" in text_of(shown)
    chart = shown.context["lanes"][0].chart
    assert [line.name for line in chart.lines] == ["this version", "what served then, on the same items"]
    assert all(point.whisker for point in chart.lines[0].points)
    assert chart.lines[0].points[0].url == reverse("admin:training_modelversion_change", args=[first.pk])


def test_a_running_run_stands_with_progress_estimate_log_and_cancel(boss: Client, shop: Catalog) -> None:
    began = timezone.now() - dt.timedelta(minutes=5)
    run = make_run(method="pointer", state="running", progress=0.5, started_at=began, message="epoch 3, loss 1.2")

    shown = page(boss)

    assert "Pointer network: run, curves and log Running 50 % 50 % about 5 minutes left epoch 3, loss 1.2" in text_of(
        shown
    )
    assert reverse("admin:training_trainingrun_click", args=[run.pk, "cancel"]) in shown.content.decode()
    assert 'aria-label="Cancel: Pointer network"' in shown.content.decode()


def test_a_click_on_the_page_leads_back_to_it(boss: Client, shop: Catalog) -> None:
    with_folder(measured(1, "serving"))
    candidate = with_folder(measured(2, "candidate"))
    here = f"{reverse('admin:quality_models')}?catalog={shop.pk}"

    answer = boss.post(reverse("admin:training_modelversion_click", args=[candidate.pk, "promote"]), {"back_to": here})

    candidate.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (302, here)
    assert candidate.state == "serving"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_a_click_never_leads_to_another_site(boss: Client, shop: Catalog, elsewhere: str) -> None:
    candidate = measured(2, "candidate")

    answer = boss.post(
        reverse("admin:training_modelversion_click", args=[candidate.pk, "retire"]), {"back_to": elsewhere}
    )

    assert answer["Location"] == reverse("admin:training_modelversion_change", args=[candidate.pk])


def buttons(shown: Any) -> dict[int, list[str]]:
    lane = shown.context["lanes"][0]
    return {line.version.number: [button.click.name for button in line.buttons] for line in lane.versions}


def test_buttons_fit_the_versions_state(boss: Client, shop: Catalog) -> None:
    with_folder(measured(1, "retired"))
    with_folder(measured(2, "serving"))
    with_folder(measured(3, "candidate"))
    measured(4, "candidate", passed_gate=False)
    measured(5, "retired")  # its folder was tidied away

    assert buttons(page(boss)) == {5: [], 4: ["retire"], 3: ["promote", "retire"], 2: ["roll_back"], 1: ["promote"]}


def test_buttons_stand_for_those_who_may_click_them(shop: Catalog) -> None:
    with_folder(measured(3, "candidate"))
    reader = client_of(make_person(REVIEWER, [shop], name="reader@shop.example"))
    keeper = client_of(make_person(ML_ADMIN, [shop], name="keeper@shop.example"))

    assert buttons(page(reader)) == {3: []}
    assert buttons(page(keeper)) == {3: ["promote", "retire"]}


def test_a_tagger_that_other_catalogs_share_is_seen_but_not_changed(shop: Catalog) -> None:
    make_catalog(key="other", library=shop.library)
    measured(1, "candidate", kind="tagger", scope="words")
    keeper = client_of(make_person(ML_ADMIN, [shop]))

    (lane,) = (lane for lane in page(keeper).context["lanes"] if lane.key == "tagger-words")

    assert [(line.version.number, line.buttons) for line in lane.versions] == [(1, [])]


def test_other_peoples_models_are_told_to_nobody(shop: Catalog) -> None:
    other = make_catalog(name="Elsewhere", key="elsewhere")
    measured(77, "serving", scope="elsewhere")
    client = client_of(make_person(ML_ADMIN, [shop]))

    for shown in (page(client), page(client, catalog=other.pk)):
        assert "Elsewhere" not in text_of(shown)
        assert "v77" not in text_of(shown)


def test_a_long_history_shows_its_end_and_what_serves(boss: Client, shop: Catalog) -> None:
    measured(1, "serving")
    for number in range(2, 20):
        measured(number, "retired")

    shown = list(buttons(page(boss)))

    assert shown == [*range(19, 7, -1), 1]


def test_many_scopes_take_as_few_queries_as_one(
    boss: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for i in range(8):
        make_catalog(name=f"Shop {i}", key=f"shop-{i}")
        for number in range(1, 4):
            version = measured(number, "serving" if number == 3 else "retired", scope=f"shop-{i}")
            Spell.objects.create(version=version, began_at=NOW, ended_at=NOW)
        TrainingRun.objects.create(
            kind="titler", method="template", scope=f"shop-{i}", trigger="by_hand", state="queued"
        )

    with django_assert_max_num_queries(MOST_QUERIES):
        shown = page(boss)

    assert sum(len(lane.versions) for lane in shown.context["lanes"]) == 24
