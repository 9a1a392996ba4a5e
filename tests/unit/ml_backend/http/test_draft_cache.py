"""What the cache keeps, drops and survives."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from ml_backend.contract import Brief, Candidate, Draft
from ml_backend.http.draft_cache import DraftCache
from tests.factories import make_brief


def draft_of(brief: Brief, *, title: str = "Bottle") -> Draft:
    return Draft(
        sku=brief.sku,
        version="t1-g0.0",
        titler_version=1,
        tagger_version=0,
        candidates=(Candidate(title=title, score=1.0),),
        tags=(),
        title_uncertainty=0.5,
        tag_uncertainty=0.0,
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "drafts.sqlite3"


@pytest.fixture
def cache(file: Path) -> Iterator[DraftCache]:
    with closing(DraftCache(file, max_bytes=10**8)) as cache:
        yield cache


def test_a_draft_is_found_by_its_version_and_brief_alone(cache: DraftCache) -> None:
    brief = make_brief(sku="A1")
    cache.keep("t1-g0.0", {brief: draft_of(brief)}, 4)

    assert cache.found("t1-g0.0", [brief, make_brief(sku="A2")]) == {brief: draft_of(brief)}
    assert cache.found("t2-g0.0", [brief]) == {}
    assert cache.found("t1-g0.0", [make_brief(sku="A1", price="3")]) == {}


def test_a_draft_is_found_by_those_who_want_as_many_candidates_or_any_number(cache: DraftCache) -> None:
    brief = make_brief()
    cache.keep("t1-g0.0", {brief: draft_of(brief)}, 1)

    assert brief in cache.found("t1-g0.0", [brief], 1)
    assert brief in cache.found("t1-g0.0", [brief])
    assert cache.found("t1-g0.0", [brief], 4) == {}


def test_drafts_outlive_the_process_but_not_a_release(file: Path) -> None:
    brief = make_brief()
    with closing(DraftCache(file, max_bytes=10**8, generation="a")) as cache:
        cache.keep("t1-g0.0", {brief: draft_of(brief)}, 4)

    with closing(DraftCache(file, max_bytes=10**8, generation="a")) as same:
        assert brief in same.found("t1-g0.0", [brief])
    with closing(DraftCache(file, max_bytes=10**8, generation="b")) as other:
        assert other.found("t1-g0.0", [brief]) == {}


def test_the_oldest_drafts_are_dropped_beyond_the_bound(file: Path) -> None:
    briefs = [make_brief(sku=f"A{i}") for i in range(200)]
    with closing(DraftCache(file, max_bytes=300_000)) as cache:
        for brief in briefs:
            cache.keep("t1-g0.0", {brief: draft_of(brief, title="x" * 5000)}, 4)
        found = cache.found("t1-g0.0", briefs)

    assert briefs[0] not in found
    assert briefs[-1] in found
    assert 20 < len(found) < 60
    assert file.stat().st_size < 500_000


def test_more_briefs_than_a_query_takes_are_found(cache: DraftCache) -> None:
    drafts = {brief: draft_of(brief) for brief in (make_brief(sku=f"A{i}") for i in range(1201))}

    cache.keep("t1-g0.0", drafts, 4)

    assert cache.found("t1-g0.0", drafts) == drafts


def test_many_threads_may_use_it_at_once(cache: DraftCache) -> None:
    def keep_and_find(number: int) -> bool:
        brief = make_brief(sku=f"A{number}")
        cache.keep("t1-g0.0", {brief: draft_of(brief)}, 4)
        return brief in cache.found("t1-g0.0", [brief])

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(keep_and_find, range(100)))


def test_a_file_that_is_no_database_gives_way(file: Path) -> None:
    file.write_bytes(b"no database at all" * 1000)
    brief = make_brief()

    with closing(DraftCache(file, max_bytes=10**8)) as cache:
        cache.keep("t1-g0.0", {brief: draft_of(brief)}, 4)
        assert brief in cache.found("t1-g0.0", [brief])


def test_a_cache_that_breaks_finds_and_keeps_nothing_but_fails_no_request(file: Path) -> None:
    brief = make_brief()
    cache = DraftCache(file, max_bytes=10**8)
    cache.close()

    cache.keep("t1-g0.0", {brief: draft_of(brief)}, 4)

    assert cache.found("t1-g0.0", [brief]) == {}
