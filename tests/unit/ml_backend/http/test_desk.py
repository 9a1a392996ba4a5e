"""The desk's order of work: chunks, warm-up and stop."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from ml_backend.contract import PublishedTaxonomy, taxonomy_file
from ml_backend.errors import BackendUnreachable
from ml_backend.http.desk import Desk
from ml_backend.http.draft_cache import DraftCache
from ml_backend.labelstudio.projects import Scopes
from tests.factories import make_brief
from tests.unit.ml_backend.http.fakes import FakeLearning, held_up, point_at, publish_taxonomy, write_version


@pytest.fixture
def learning() -> FakeLearning:
    return FakeLearning()


@pytest.fixture
def desk(tmp_path: Path, learning: FakeLearning) -> Iterator[Desk]:
    with closing(DraftCache(tmp_path / "drafts.sqlite3", max_bytes=10**7)) as cache:
        yield Desk(models_folder=tmp_path, models=learning.models(), cache=cache)


def test_drafts_are_made_in_chunks_and_the_kept_ones_not_again(desk: Desk, learning: FakeLearning) -> None:
    briefs = [make_brief(sku=f"A{i}") for i in range(20)]
    desk.drafts(briefs[:2])

    desk.drafts(briefs)

    assert [len(chunk) for chunk in learning.asked] == [2, 16, 2]


def test_products_of_like_length_are_drafted_together(desk: Desk, learning: FakeLearning) -> None:
    briefs = [make_brief(sku=f"A{i}", description="word " * (i % 2)) for i in range(32)]

    drafts = desk.drafts(briefs)

    assert [draft.sku for draft in drafts] == [brief.sku for brief in briefs]
    assert [{int(sku[1:]) % 2 for sku in chunk} for chunk in learning.asked] == [{0}, {1}]


def test_warming_up_loads_what_serves_and_learns_of_what_can_not(desk: Desk, tmp_path: Path) -> None:
    write_version(tmp_path, "tagger", "home", 1)
    point_at(tmp_path, "tagger", "home", 1)
    point_at(tmp_path, "titler", "shop", 4)

    desk.warm_up()

    assert desk.problems() == ["version 4 of shop can't be loaded: v4: name.json is missing"]
    assert desk.version(Scopes(catalog="shop", library="home")) == "t0-g1.0"


def test_a_stop_ends_a_long_request_after_its_chunk_and_keeps_what_was_drafted(
    desk: Desk, learning: FakeLearning
) -> None:
    briefs = [make_brief(sku=f"A{i}") for i in range(40)]
    with ThreadPoolExecutor(1) as threads:
        with held_up(learning.may_draft):
            waiting = threads.submit(desk.drafts_where_possible, briefs)
            assert learning.is_drafting.wait(10)
            desk.stop()
        with pytest.raises(BackendUnreachable, match="being stopped"):
            waiting.result(10)

    assert [len(chunk) for chunk in learning.asked] == [16]
    assert len(desk.drafts(briefs[:16])) == 16


def test_a_catalog_that_asks_for_categories_is_told_them_by_its_own_version(desk: Desk, tmp_path: Path) -> None:
    (before,) = desk.drafts([make_brief()])
    publish_taxonomy(tmp_path, PublishedTaxonomy(key="shop", revision=3, paths=(("Home", "Flasks"),)))
    (asked,) = desk.drafts([make_brief()])
    write_version(tmp_path, "categorizer", "shop", 2)
    point_at(tmp_path, "categorizer", "shop", 2)
    (learnt,) = desk.drafts([make_brief()])
    taxonomy_file(tmp_path, "shop").unlink()

    assert (before.version, before.category) == ("t0-g0.0", ())
    assert (asked.version, asked.category, asked.categories[0].reasons) == (
        "t0-g0.0-c0.3",
        ("Home", "Flasks"),
        ("built-in",),
    )
    assert (learnt.version, learnt.categorizer_version, learnt.categories[0].reasons) == ("t0-g0.0-c2.3", 2, ("v2",))
    assert desk.version(Scopes(catalog="shop")) == "t0-g0.0"


def test_a_new_category_model_is_named_before_it_is_loaded(desk: Desk, tmp_path: Path) -> None:
    publish_taxonomy(tmp_path, PublishedTaxonomy(key="shop", revision=3, paths=(("Home", "Flasks"),)))
    point_at(tmp_path, "categorizer", "shop", 2)

    assert desk.version(Scopes(catalog="shop")) == "t0-g0.0-c2.3"
    desk.drafts([make_brief()])
    assert desk.problems() == ["version 2 of shop can't be loaded: v2: name.json is missing"]
