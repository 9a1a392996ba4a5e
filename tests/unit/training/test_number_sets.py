import pytest
from hypothesis import given
from hypothesis import strategies as st

from titlelab.training.number_sets import DamagedSet, as_json, packed, unpacked


@given(st.sets(st.integers(0, 5000)))
def test_a_set_comes_back_as_it_was_in_rising_order(numbers: set[int]) -> None:
    assert unpacked(packed(numbers)) == sorted(numbers)


def test_two_hundred_thousand_neighbours_take_few_bytes() -> None:
    numbers = {n for n in range(3_000_000, 3_200_000) if n % 5}

    assert len(packed(numbers)) < 2_000


def test_a_set_travels_to_a_database_as_json() -> None:
    assert as_json(packed({7, 3})) == "[3, 7]"
    assert as_json(b"") == "[]"


def test_a_negative_number_is_no_rows() -> None:
    with pytest.raises(ValueError, match="-1 is no row's number"):
        packed({-1})


@pytest.mark.parametrize("content", [b"12345678nothing", packed({1, 2, 3})[:-3]])
def test_damaged_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(DamagedSet):
        unpacked(content)
