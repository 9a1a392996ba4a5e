"""Skus of a file that were seen before."""

import pytest

from titlelab.catalog.remembering import SeenSkus


@pytest.mark.parametrize("most_in_memory", [0, 3, 100])
def test_a_batch_with_a_known_sku_is_not_remembered_and_its_rows_are_looked_up_one_by_one(most_in_memory: int) -> None:
    with SeenSkus(most_in_memory) as seen:
        assert seen.are_new([("A", 2), ("B", 3)])
        assert not seen.are_new([("C", 4), ("B", 5)])
        assert not seen.are_new([("D", 6), ("D", 7)])

        assert [seen.first_line(sku, line) for sku, line in [("C", 4), ("B", 5), ("D", 6), ("D", 7)]] == [4, 3, 6, 6]
        assert seen.are_new([("E", 8)])
        assert not seen.are_new([("A", 9)])
