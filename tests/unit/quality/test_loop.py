"""Where the loop of each catalog stands."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import (
    make_catalog,
    make_decision,
    make_draft,
    make_item,
    make_library,
    make_product,
    make_run,
    make_version,
)
from titlelab.catalog.models import Catalog
from titlelab.quality.loop import N_LAST_RUNS, loop_state
from titlelab.quality.measuring import take_all_snapshots
from titlelab.review.models import Decision, ReviewItem
from titlelab.training.models import TrainingRun

pytestmark = pytest.mark.django_db
REJECTED = Decision.Outcome.REJECTED


@pytest.fixture
def shop() -> Catalog:
    return make_catalog(key="shop", library=make_library(key="tags"))


def test_an_empty_catalog_has_a_state(shop: Catalog) -> None:
    (state,) = loop_state(Catalog.objects.all())

    assert (state.catalog, state.n_products, state.n_decided, state.acceptance) == (shop, 0, 0, None)
    assert (state.titler.number, state.titler.method) == (0, "built in")
    assert (state.runs, state.snapshots) == ((), ())


def test_the_state_counts_what_stands_where(shop: Catalog) -> None:
    make_product(catalog=shop, has_good_title=True)
    make_item(product=make_product(catalog=shop))
    _decide(shop)
    _decide(shop, outcome=REJECTED)
    _decide(make_catalog(key="other"))
    take_all_snapshots()

    state = next(state for state in loop_state(Catalog.objects.all()) if state.catalog == shop)

    assert (state.n_products, state.n_good_titles, state.n_drafts, state.n_waiting) == (4, 1, 2, 1)
    assert (state.n_accepted, state.n_edited, state.n_rejected, state.n_decided) == (1, 0, 1, 2)
    assert state.acceptance is not None
    assert state.acceptance.share == 0.5
    assert [snapshot.n for snapshot in state.snapshots] == [2]


def test_the_state_names_what_serves_and_what_went_wrong(shop: Catalog) -> None:
    make_version(kind="titler", scope="shop", number=3)
    make_version(kind="tagger", scope="tags", number=5)
    failed = make_run(scope="shop", method="language_model", state=TrainingRun.State.FAILED, message="Disk full.")

    (state,) = loop_state(Catalog.objects.all())

    assert (state.titler.number, state.titler.method) == (3, "Template")
    assert state.tagger is not None
    assert state.tagger.number == 5
    assert state.runs[0] == failed


def test_a_catalog_without_a_library_has_no_tagger() -> None:
    make_catalog(library=None)

    assert loop_state(Catalog.objects.all())[0].tagger is None


def test_blind_rejections_are_no_answers_to_a_drafted_title(shop: Catalog) -> None:
    _decide(shop)
    blind = _decide(shop, outcome=REJECTED)
    ReviewItem.objects.filter(pk=blind.item_id).update(arm=ReviewItem.Arm.RANDOM, is_blind=True)
    _decide(shop, outcome=Decision.Outcome.WRITTEN, title="Norvik", title_edit=0.6)

    (state,) = loop_state(Catalog.objects.all())

    assert (state.n_decided, state.n_rejected, state.n_written) == (3, 1, 1)
    assert state.acceptance is not None
    assert (state.acceptance.share, state.acceptance.n) == (1.0, 1)


def test_the_last_runs_are_those_of_all_that_learns_from_a_catalog(shop: Catalog) -> None:
    runs = [make_run(scope="shop", state=TrainingRun.State.REFUSED) for _ in range(N_LAST_RUNS)]
    make_run(scope="another")
    tagger = make_run(kind="tagger", method="tagger", scope="tags")

    (state,) = loop_state(Catalog.objects.all())

    assert list(state.runs) == [tagger, *reversed(runs[1:])]


def test_more_catalogs_are_no_more_queries(shop: Catalog) -> None:
    def n_queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            loop_state(Catalog.objects.all())
        return len(asked)

    one = n_queries()
    for n in range(3):
        _decide(make_catalog(key=f"shop-{n}", library=make_library(key=f"tags-{n}")))

    assert n_queries() == one


def _decide(catalog: Catalog, **fields: Any) -> Decision:
    draft = make_draft(product=make_product(catalog=catalog))
    return make_decision(item=make_item(draft=draft, state="decided"), **fields)
