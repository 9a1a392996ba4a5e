"""Slices, and the measures of one."""

import datetime as dt
from dataclasses import fields

import pytest

from titlelab.errors import BadSlice
from titlelab.quality.slices import NONE, Slice

WHOLE = Slice(
    catalog=3, queue=4, version="t1-g2.3", category="Home & Garden", tag="water proof", person="anna@shop.example",
    channel="taobao", week=dt.date(2026, 11, 16), kind="brand",
)  # fmt: skip


def test_an_address_names_the_slice_it_was_made_of() -> None:
    assert Slice.read(dict(pair.split("=") for pair in Slice(catalog=3, version="t1").query().split("&"))) == Slice(
        catalog=3, version="t1"
    )
    assert Slice.read(WHOLE.params()) == WHOLE
    assert all(getattr(WHOLE, field.name) is not None for field in fields(Slice))


def test_what_is_not_told_does_not_narrow() -> None:
    assert Slice.read({"catalog": "", "page": "2"}) == Slice()
    assert Slice().query() == ""


def test_having_none_is_told_apart_from_all() -> None:
    of_none = Slice(category="")

    assert of_none.params() == {"category": NONE}
    assert Slice.read(of_none.params()) == of_none


def test_any_day_names_its_week() -> None:
    assert Slice.read({"week": "2026-11-22"}).week == dt.date(2026, 11, 16)


def test_a_slice_is_narrowed_and_widened() -> None:
    assert Slice(catalog=1).narrowed(queue=2, catalog=None) == Slice(queue=2)


@pytest.mark.parametrize(
    ("name", "value"),
    [("catalog", "north"), ("catalog", "-1"), ("queue", "9" * 30), ("catalog", "²"), ("week", "soon"),
     ("week", "0001-13-01"), ("version", "t\x001"), ("queue", "9" * 5000), ("week", "0001-01-02"),
     ("week", "9999-12-31")],
)  # fmt: skip
def test_nonsense_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(BadSlice, match=f"is no {name}"):
        Slice.read({name: value})
