"""A run's curves, and what a version's page tells: what it learnt from, how good it was, and what it changes."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from ml_backend.contract import version_folder
from tests.factories import (
    NOW,
    make_catalog,
    make_decision,
    make_draft,
    make_item,
    make_library,
    make_product,
    make_run,
    make_version,
)
from tests.unit.web.reading import clicked, text_of, told
from tests.unit.web.worlds import client_of, make_person
from titlelab.people.roles import ML_ADMIN
from titlelab.review.models import Decision
from titlelab.training.models import Lessons, ModelVersion, SampleDrafts, Spell, TrainingCurve, TrainingRun
from titlelab.training.number_sets import packed

pytestmark = pytest.mark.django_db
MOST_QUERIES = 30


def page(client: Client, row: TrainingRun | ModelVersion) -> Any:
    return client.get(reverse(f"admin:training_{row._meta.model_name}_change", args=[row.pk]))


def scores(*qualities: float) -> list[dict[str, Any]]:
    return [{"sku": f"g{i}", "quality": quality, "unedited": quality == 1.0} for i, quality in enumerate(qualities)]


def decided(sku: str, person: str, catalog: Any) -> Decision:
    draft = make_draft(product=make_product(catalog=catalog, sku=sku))
    return make_decision(item=make_item(draft=draft, arm="uncertain"), draft=draft, person=person)


def line(product: Any, drafted: dict[str, Any], beside: dict[str, Any]) -> dict[str, Any]:
    return {"product": product.pk, "brief": "same", "drafted": drafted, "beside": beside}


def test_the_curves_of_a_run_are_drawn_with_their_figures_as_a_table(boss: Client) -> None:
    run = make_run(method="full_ensemble")
    for name, points in (
        ("pointer/training_loss", [[step, step / 10, 4.0 - step / 100] for step in range(1, 201)]),
        ("pointer/validation_loss", [[100, 10.0, 3.5], [200, 20.0, 2.5]]),
    ):
        TrainingCurve.objects.create(run=run, name=name, points=points)

    shown = page(boss, run)

    assert "Pointer network, by step" in text_of(shown)
    assert "training loss: 3.97 with 5 to 2.02 with 200" in shown.content.decode()
    assert "step training loss validation loss 5 3.97 –" in text_of(shown)


def test_what_is_made_of_titles_held_back_is_drawn_in_shares_beside_the_losses(boss: Client) -> None:
    run = make_run(method="pointer")
    for name, points in (
        ("training_loss", [[1, 0.1, 4.0], [2, 0.2, 3.0]]),
        ("validation_tokens", [[1, 0.1, 0.5], [2, 0.2, 0.75]]),
        ("validation_titles", [[1, 0.1, 0.0], [2, 0.2, 0.25]]),
    ):
        TrainingCurve.objects.create(run=run, name=name, points=points)

    shown = text_of(page(boss, run))

    assert "step training loss 1 4 2 3" in shown
    assert "Titles held back, by step" in shown
    assert "step words foretold whole titles foretold 1 50% 0% 2 75% 25%" in shown


def test_a_running_runs_curves_are_drawn_from_its_folder(boss: Client) -> None:
    run = make_run(method="pointer", state="running", attempts=1)
    folder = Path(settings.RUNS_FOLDER) / f"{run.pk}-1"
    (folder / "tensorboard").mkdir(parents=True)
    told_so_far = '{"name": "training_loss", "step": 1, "seconds": 0.5, "value": 2.0}\n'
    (folder / "curves.jsonl").write_text(told_so_far + "damaged\n")

    shown = text_of(page(boss, run))

    assert "training loss" in shown
    assert "1 damaged line was left out." in shown
    assert f"{run.pk}-1/tensorboard" in shown


def test_a_run_that_has_ended_tells_how_long_it_took(boss: Client) -> None:
    ended = make_run(started_at=NOW, finished_at=NOW + dt.timedelta(seconds=17.2))

    assert "Took 17.2 s" in text_of(page(boss, ended))
    assert "Took - " in text_of(page(boss, make_run(method="pointer", state="running", started_at=NOW)))


def test_a_method_without_steps_says_that_it_has_no_curve(boss: Client) -> None:
    assert "learns in one go" in text_of(page(boss, make_run(method="tagger", kind="tagger")))
    assert "None yet." in text_of(page(boss, make_run(method="pointer", state="running")))


def test_a_versions_page_tells_what_it_learnt_from_and_leads_to_those_decisions(boss: Client) -> None:
    catalog = make_catalog(key="shop")
    learnt = [decided(f"sku-{i}", f"person{i % 2}@shop.example", catalog) for i in range(3)]
    other = decided("later", "late@shop.example", catalog)
    run = make_run(n_examples=10, n_decisions=3, report={})
    Lessons.objects.create(run=run, packed=packed({decision.pk for decision in learnt}))
    version = make_version(run=run)

    shown = text_of(page(boss, version))
    behind = boss.get(reverse("admin:review_decision_changelist"), {"learnt_by": version.pk})

    assert "Decisions 3 3 accepted as drafted titles of the catalog 7 products 10 people 2" in shown
    assert "person0@shop.example 2" in shown
    listed = {decision.pk for decision in behind.context["cl"].queryset}
    assert listed == {decision.pk for decision in learnt}
    assert other.pk not in listed


@pytest.mark.parametrize("nonsense", ["0", "999", "x", "９", "1" * 30, ""])
def test_nobody_learnt_by_nonsense(boss: Client, nonsense: str) -> None:
    decided("sku", "anna@shop.example", make_catalog(key="shop"))

    shown = boss.get(reverse("admin:review_decision_changelist"), {"learnt_by": nonsense})

    assert shown.status_code == 200
    assert shown.context["cl"].queryset.count() == 0


def test_a_version_from_before_lessons_were_kept_says_so(boss: Client) -> None:
    assert "is not kept of a version" in text_of(page(boss, make_version()))


def test_golden_figures_stand_with_their_intervals_beside_those_of_what_served(boss: Client) -> None:
    report = {"serving_version": 4, "candidate": scores(0.9, 1.0, 0.8), "serving": scores(0.7, 0.7, 0.7)}

    shown = text_of(page(boss, make_version(number=5, run=make_run(number=5, report=report))))

    assert "3 items, each drafted by this version and by v4, which served then" in shown
    assert "mean quality 0.900 (0.787 to 1.000) 0.700 (0.047 to 1.000)" in shown
    assert "left unedited 33% (0% to 99%)" in shown


def test_a_version_stands_between_those_before_and_after_and_tells_when_it_served(boss: Client) -> None:
    first, second = make_version(number=1, state="retired"), make_version(number=2)
    Spell.objects.create(version=first, began_at="2026-11-01T10:00Z", ended_at="2026-11-02T10:00Z")

    shown = text_of(page(boss, first))

    assert "Before it: the built-in model After it: v2" in shown
    assert "Served from Nov. 1, 2026, 10 a.m. to Nov. 2, 2026, 10 a.m." in shown
    assert "Before it: v1" in text_of(page(boss, second))


def test_sample_products_show_what_a_version_changes_word_by_word(boss: Client) -> None:
    catalog = make_catalog(key="shop")
    one, two = (make_product(catalog=catalog, sku=sku) for sku in ("one", "two"))
    make_version(number=1)
    candidate = make_version(number=2, state="candidate")
    lines = [
        line(one, {"title": "Norvik steel flask"}, {"title": "Norvik glass flask"}),
        line(two, {"title": "Same"}, {"title": "Same"}),
    ]
    SampleDrafts.objects.create(version=candidate, beside=1, lines=lines)

    shown = page(boss, candidate)

    assert "1 of 2 differs from v1" in text_of(shown)
    assert "Norvik <del>glass</del><ins>steel</ins> flask" in shown.content.decode()
    assert "1 that is drafted alike" in text_of(shown)


def test_sample_tags_show_which_came_and_which_went(boss: Client) -> None:
    catalog = make_catalog(key="shop", library=make_library(key="words"))
    version = make_version(kind="tagger", scope="words", number=1, state="candidate")
    product = make_product(catalog=catalog)
    told_of = line(product, {"tags": ["steel", "gift"]}, {"tags": ["steel", "glass"]})
    SampleDrafts.objects.create(version=version, beside=0, lines=[told_of])

    shown = page(boss, version).content.decode()

    assert "<li>steel</li>" in shown
    assert "<ins>gift</ins>" in shown
    assert "<del>glass</del>" in shown


def test_a_version_without_samples_offers_a_button_that_makes_them(
    boss: Client, rung: list[Any], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    make_catalog(key="shop")
    version = make_version(number=1, state="candidate")
    folder = version_folder(Path(settings.MODELS_FOLDER), "titler", "shop", 1)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text("{}")
    before = text_of(page(boss, version))

    with django_capture_on_commit_callbacks(execute=True):
        answer = clicked(boss, "training_modelversion", version.pk, "draft_samples")

    assert "There are no drafts of this version beside the built-in model." in before
    assert "“Draft samples” above makes them." in before
    assert "as soon as the training worker is free" in told(answer)[0]
    assert rung == [("tasks.training.draft_version_samples", (version.pk,))]
    assert "They are being drafted since" in text_of(page(boss, version))


def test_a_version_whose_folder_is_gone_says_that_none_can_be_made(boss: Client) -> None:
    shown = text_of(page(boss, make_version(number=123, scope="elsewhere")))

    assert "Its folder was tidied away" in shown
    assert "Draft samples" not in shown


def test_samples_and_lessons_of_other_peoples_catalogs_are_told_to_nobody() -> None:
    library = make_library(key="words")
    own, other = make_catalog(key="own", library=library), make_catalog(key="other", library=library)
    mine, theirs = decided("mine", "near@shop.example", own), decided("theirs", "far@shop.example", other)
    run = make_run(kind="tagger", method="tagger", scope="words", n_decisions=2, n_examples=2)
    Lessons.objects.create(run=run, packed=packed({mine.pk, theirs.pk}))
    version = make_version(kind="tagger", scope="words", number=1, run=run, state="candidate")
    lines = [line(d.item.product, {"tags": [f"tag-{d.item.product.sku}"]}, {"tags": []}) for d in (mine, theirs)]
    SampleDrafts.objects.create(version=version, beside=0, lines=lines)
    client = client_of(make_person(ML_ADMIN, [own]))

    shown = text_of(page(client, version))
    behind = client.get(reverse("admin:review_decision_changelist"), {"learnt_by": version.pk})

    assert "near@shop.example" in shown
    assert "1 of them are of catalogs that you work on" in shown
    assert "tag-mine" in shown
    assert "far@shop.example" not in shown
    assert "tag-theirs" not in shown
    assert [decision.pk for decision in behind.context["cl"].queryset] == [mine.pk]


def test_a_versions_page_asks_the_database_little(
    boss: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    catalog = make_catalog(key="shop")
    learnt = [decided(f"sku-{i}", f"person{i}@shop.example", catalog) for i in range(8)]
    run = make_run(n_examples=10, n_decisions=8, report={"candidate": scores(0.9), "serving": scores(0.8)})
    Lessons.objects.create(run=run, packed=packed({decision.pk for decision in learnt}))
    version = make_version(run=run, number=3, state="candidate")
    lines = [line(d.item.product, {"title": "new"}, {"title": "old"}) for d in learnt]
    SampleDrafts.objects.create(version=version, beside=0, lines=lines)

    with django_assert_max_num_queries(MOST_QUERIES):
        page(boss, version)
