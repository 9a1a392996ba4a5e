import datetime as dt
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from tests.factories import make_catalog, make_decision, make_draft, make_item, make_library, make_product, make_run
from titlelab.catalog.models import Catalog
from titlelab.errors import NotPossibleNow
from titlelab.review.models import Decision
from titlelab.training.models import TrainingRun
from titlelab.training.scopes import methods_of, trainable
from titlelab.training.starting import FIRST_CATEGORIES, FIRST_GOOD_TITLES, due, start_due_runs, start_run

pytestmark = pytest.mark.django_db
State = TrainingRun.State
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def shop(settings: LazySettings) -> Catalog:
    settings.RETRAIN_AFTER_DECISIONS = 2
    settings.RETRAIN_FULL_ENSEMBLE_AFTER_DECISIONS = 3
    settings.BASE_MODEL, settings.BASE_MODEL_ZH = "small", ""
    return make_catalog(key="shop", library=make_library(key="tags"))


def test_nothing_is_due_before_anybody_has_decided(shop: Catalog) -> None:
    assert _due() == []


def test_enough_decisions_ring_for_tagger_and_quick_ensemble_and_more_for_the_full_one(shop: Catalog) -> None:
    _decide(shop, 2)
    assert _due() == ["tagger tags schedule", "ensemble shop schedule"]

    _decide(shop, 1)
    assert _due() == ["tagger tags schedule", "ensemble shop schedule", "full_ensemble shop schedule"]


def test_the_first_good_titles_ring_for_the_quick_ensemble(shop: Catalog) -> None:
    for n in range(FIRST_GOOD_TITLES):
        make_product(catalog=shop, title=f"Title {n}", has_good_title=True)

    assert _due() == ["ensemble shop first"]


def test_the_first_good_titles_ring_once(shop: Catalog) -> None:
    for n in range(FIRST_GOOD_TITLES):
        make_product(catalog=shop, title=f"Title {n}", has_good_title=True)
    _ended(State.REFUSED)

    assert _due() == []


def test_a_catalog_that_asks_for_categories_learns_them_from_its_first_products_and_then_from_decisions(
    shop: Catalog,
) -> None:
    for _ in range(FIRST_CATEGORIES):
        make_product(catalog=shop)
    assert _due() == []

    Catalog.objects.update(asks_for_category=True)
    assert _due() == ["categorizer shop first"]

    make_run(kind="categorizer", method="categorizer", scope="shop", state=State.PROMOTED, started_at=timezone.now())
    assert _due() == []

    _decide(shop, 2)
    assert "categorizer shop schedule" in _due()


def test_categories_are_not_trained_for_a_catalog_that_does_not_ask(shop: Catalog) -> None:
    with pytest.raises(NotPossibleNow, match="does not ask for categories"):
        start_run("categorizer", "shop")
    assert ("categorizer", "shop") not in methods_of(shop)


@pytest.mark.parametrize("state", [State.PROMOTED, State.DONE, State.REFUSED, State.NOTHING])
def test_what_a_concluded_run_has_read_rings_no_more(shop: Catalog, state: str) -> None:
    _decide(shop, 2)
    _ended(state)

    assert "ensemble shop schedule" not in _due()


def test_changes_since_the_run_ring_again(shop: Catalog) -> None:
    first, second = _decide(shop, 2)
    _ended(State.PROMOTED)
    Decision.objects.filter(pk=first.pk).update(withdrawn_at=timezone.now())
    assert "ensemble shop schedule" not in _due()

    Decision.objects.filter(pk=second.pk).update(superseded_at=timezone.now())
    assert "ensemble shop schedule" in _due()


def test_a_decision_and_the_one_it_supersedes_are_one_change(shop: Catalog) -> None:
    (decision,) = _decide(shop, 1)
    Decision.objects.filter(pk=decision.pk).update(superseded_at=timezone.now())
    make_decision(
        item=decision.item,
        annotation_id=decision.annotation_id,
        annotation_updated_at=decision.annotation_updated_at + MINUTE,
    )

    assert _due() == []


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING])
def test_what_is_under_way_is_not_due(shop: Catalog, state: str) -> None:
    _decide(shop, 2)
    make_run(method="ensemble", scope="shop", state=state)

    assert _due() == ["tagger tags schedule"]


def test_a_failed_run_is_tried_again_after_a_growing_back_off(shop: Catalog) -> None:
    _decide(shop, 2)
    _ended(State.FAILED)
    assert "ensemble shop schedule" not in _due(after=9 * MINUTE)
    assert "ensemble shop schedule" in _due(after=11 * MINUTE)

    _ended(State.FAILED)
    assert "ensemble shop schedule" not in _due(after=19 * MINUTE)
    assert "ensemble shop schedule" in _due(after=21 * MINUTE)


def test_a_failed_run_is_tried_again_when_as_many_decisions_have_changed(shop: Catalog) -> None:
    _decide(shop, 2)
    _ended(State.FAILED)
    _decide(shop, 2)

    assert "ensemble shop schedule" in _due()


def test_due_runs_are_queued_once(shop: Catalog) -> None:
    _decide(shop, 2)

    first, second = start_due_runs(), start_due_runs()

    assert [(run.kind, run.method, run.scope, run.state) for run in first] == [
        ("tagger", "tagger", "tags", "queued"),
        ("titler", "ensemble", "shop", "queued"),
    ]
    assert second == []


@pytest.mark.parametrize("method", TrainingRun.Method.values)
def test_a_scope_that_does_not_exist_is_refused_by_name(method: str) -> None:
    with pytest.raises(NotPossibleNow, match="'nowhere'"):
        start_run(method, "nowhere")


def test_a_language_model_without_a_base_names_the_setting(shop: Catalog) -> None:
    make_catalog(key="dian", language="zh", library=None)

    with pytest.raises(NotPossibleNow, match="TITLELAB_BASE_MODEL_ZH"):
        start_run("language_model", "dian")


@pytest.mark.parametrize(("language", "learns"), [("en", True), ("de-AT", True), ("zh-hans", False), ("ja", False)])
def test_a_language_model_learns_where_its_base_knows_the_script(language: str, *, learns: bool, shop: Catalog) -> None:
    catalog = make_catalog(key="second", language=language, library=None)

    assert (("language_model", "second") in trainable(catalog)) is learns


def test_the_loop_trains_ensembles_of_every_catalog_whether_or_not_its_language_has_a_base_model(shop: Catalog) -> None:
    make_catalog(key="dian", language="zh", library=None)
    _decide(Catalog.objects.get(key="dian"), 3)

    assert _due() == ["ensemble dian schedule", "full_ensemble dian schedule"]
    assert methods_of(shop) == [("tagger", "tags"), ("ensemble", "shop"), ("full_ensemble", "shop")]


def test_single_titlers_can_be_trained_by_hand_but_are_never_due(shop: Catalog) -> None:
    _decide(shop, 5)

    single = {method for method, _ in trainable(shop)} - {each.method for each in due(timezone.now())}

    assert single == {"template", "neighbour", "pointer", "language_model"}


def _due(*, after: dt.timedelta = dt.timedelta()) -> list[str]:
    return [f"{each.method} {each.scope} {each.trigger}" for each in due(timezone.now() + after)]


def _decide(catalog: Catalog, n: int) -> list[Decision]:
    return [make_decision(item=make_item(draft=make_draft(product=make_product(catalog=catalog)))) for _ in range(n)]


def _ended(state: str, **fields: Any) -> TrainingRun:
    now = timezone.now()
    return make_run(method="ensemble", scope="shop", state=state, started_at=now, finished_at=now, **fields)
