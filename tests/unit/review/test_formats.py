"""Exports for machines: Parquet and a Google Merchant feed."""

import io
from dataclasses import replace
from xml.etree import ElementTree

import pyarrow.parquet as pq
import pytest

from tests.factories import make_catalog, make_decision, make_draft, make_item, make_product
from titlelab.review.exporting import AcceptedRow, accepted
from titlelab.review.formats import FORMATS

ROW = AcceptedRow(
    sku="A1", title="Mug <blue> & warm\x0b", tags=("gift",), outcome="accepted", version="t3-g1.2",
    person="anna@shop.example", decided_at="2026-07-30T12:00:00+00:00", product_changed=False,
    category_decided=("Home", "Mugs"), title_is_machines=True,
)  # fmt: skip
G = "{http://base.google.com/ns/1.0}"


def test_a_parquet_file_holds_the_values_as_they_are() -> None:
    (row,) = pq.read_table(io.BytesIO(b"".join(FORMATS["parquet"]([ROW])))).to_pylist()

    assert row["title"] == ROW.title
    assert (row["tags"], row["category_decided"]) == (["gift"], ["Home", "Mugs"])
    assert (row["version"], row["outcome"], row["title_is_machines"]) == ("t3-g1.2", "accepted", True)


def test_google_is_told_which_titles_a_machine_wrote() -> None:
    feed = b"".join(FORMATS["xml"]([ROW, replace(ROW, sku="A2", title="Cup", title_is_machines=False)]))

    machines, persons = ElementTree.fromstring(feed).iter("item")  # noqa: S314 (our own)
    structured = machines.find(f"{G}structured_title")
    assert structured is not None
    assert structured.findtext(f"{G}digital_source_type") == "trained_algorithmic_media"
    assert structured.findtext(f"{G}content") == "Mug <blue> & warm"
    assert machines.find(f"{G}title") is None
    assert (persons.findtext(f"{G}id"), persons.findtext(f"{G}title")) == ("A2", "Cup")
    assert persons.find(f"{G}structured_title") is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("title", "fields", "is_machines"),
    [
        ("Steel Mug", {"title_edit": 0.0}, True),
        ("Steel Mug", {"title_edit": 0.3, "outcome": "edited"}, True),
        ("Steel Mug", {"title_edit": 0.8, "outcome": "edited"}, False),
        ("Steel Mug", {"title_edit": 0.8, "outcome": "edited", "picked_candidate": True}, True),
        ("the shop's own", {"title_edit": 0.0}, False),
        ("Steel Mug", {"title_edit": 0.0, "draft": None}, False),
    ],
)
def test_a_title_is_a_machines_unless_a_person_or_the_shop_wrote_it(
    title: str, fields: dict[str, object], *, is_machines: bool
) -> None:
    product = make_product(catalog=make_catalog(), title="the shop's own")
    told = {"draft": make_draft(product=product), **fields}
    make_decision(item=make_item(product=product, state="decided"), title=title, **told)

    assert [row.title_is_machines for row in accepted(product.catalog)] == [is_machines]
