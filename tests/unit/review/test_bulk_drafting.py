"""How a whole catalog is drafted: to its end, whatever stops it in between, and never more than a page in memory."""

import gc
import itertools
from collections.abc import Sequence

import pytest

from ml_backend.contract import Brief
from ml_backend.contract import Draft as Answer
from ml_backend.errors import BackendRefused, BackendUnreachable
from tests.factories import NOW, make_catalog, make_product
from tests.fakes import FakeDraftSource
from titlelab.catalog.models import Catalog, Product
from titlelab.review.bulk_drafting import Progress, draft_catalog
from titlelab.review.models import Draft

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def catalog() -> Catalog:
    """A catalog of ten products beside another shop's."""
    make_product(sku="OTHER")
    catalog = make_catalog()
    for i in range(10):
        make_product(catalog=catalog, sku=f"A{i}")
    return catalog


def drafted(catalog: Catalog, source: FakeDraftSource) -> list[Progress]:
    return list(draft_catalog(catalog, source, today=TODAY, page=3, clock=itertools.count().__next__))


def test_every_product_of_the_catalog_is_drafted_page_by_page(catalog: Catalog) -> None:
    source = FakeDraftSource()

    *_, last = drafted(catalog, source)

    assert source.asked == [["A0", "A1", "A2"], ["A3", "A4", "A5"], ["A6", "A7", "A8"], ["A9"]]
    assert set(Draft.objects.values_list("product__sku", flat=True)) == {f"A{i}" for i in range(10)}
    assert (last.n_products, last.n_seen, last.n_drafted, last.version) == (10, 10, 10, "t0-g0.1")


def test_a_second_start_drafts_what_a_killed_one_left_and_nothing_twice(catalog: Catalog) -> None:
    class Killed(FakeDraftSource):
        def drafts(self, briefs: Sequence[Brief]) -> list[Answer]:
            if len(self.asked) == 2:
                raise KeyboardInterrupt
            return super().drafts(briefs)

    first, second = Killed(), FakeDraftSource()
    with pytest.raises(KeyboardInterrupt):
        drafted(catalog, first)

    *_, last = drafted(catalog, second)

    assert [sku for skus in first.asked + second.asked for sku in skus] == [f"A{i}" for i in range(10)]
    assert Draft.objects.count() == 10
    assert (last.n_seen, last.n_drafted) == (10, 4)


def test_only_a_changed_product_is_drafted_again(catalog: Catalog) -> None:
    drafted(catalog, FakeDraftSource())
    Product.objects.filter(sku="A4").update(brand="Sudvik")
    source = FakeDraftSource()

    drafted(catalog, source)

    assert source.asked == [["A4"]]


def test_a_new_version_drafts_all_anew(catalog: Catalog) -> None:
    drafted(catalog, FakeDraftSource())

    *_, last = drafted(catalog, FakeDraftSource(serving="t1-g0.1"))

    assert (last.n_drafted, last.version) == (10, "t1-g0.1")


def test_the_estimate_is_what_the_rest_takes_at_the_rate_so_far(catalog: Catalog) -> None:
    first, second, *_ = drafted(catalog, FakeDraftSource())  # a page takes a second

    assert (first.per_second, first.seconds_left) == (3.0, pytest.approx(7 / 3))
    assert (second.seconds, second.seconds_left) == (2.0, pytest.approx(4 / 3))


def test_nothing_is_estimated_before_anything_was_drafted(catalog: Catalog) -> None:
    drafted(catalog, FakeDraftSource())

    first, *_ = drafted(catalog, FakeDraftSource())

    assert first.seconds_left is None


def test_a_product_that_the_backend_refuses_is_named_and_costs_its_neighbours_nothing(catalog: Catalog) -> None:
    class Poisoned(FakeDraftSource):
        def drafts(self, briefs: Sequence[Brief]) -> list[Answer]:
            if any(brief.sku == "A4" for brief in briefs):
                raise BackendRefused("no title for A4")
            return super().drafts(briefs)

    _, second, *_, last = drafted(catalog, Poisoned())

    assert second.refused == ("A4",)
    assert (last.n_drafted, last.n_refused) == (9, 1)


def test_a_backend_that_is_gone_ends_the_drafting(catalog: Catalog) -> None:
    with pytest.raises(BackendUnreachable):
        drafted(catalog, FakeDraftSource(is_down=True))


def test_an_empty_catalog_is_drafted_at_once() -> None:
    assert drafted(make_catalog(), FakeDraftSource()) == []


def test_memory_holds_one_page_of_briefs_at_a_time(catalog: Catalog) -> None:
    def n_alive() -> int:
        return sum(type(thing) is Brief for thing in gc.get_objects())

    class Counting(FakeDraftSource):
        def drafts(self, briefs: Sequence[Brief]) -> list[Answer]:
            alive.append(n_alive() - before)
            return super().drafts(briefs)

    gc.collect()
    before, alive = n_alive(), list[int]()

    drafted(catalog, Counting())

    assert alive == [3, 3, 3, 1]
