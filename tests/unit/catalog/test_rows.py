"""A product's hash: what is stored in every catalog, so that it must never come out otherwise."""

import hashlib
import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from titlelab.catalog.rows import ProductRow

TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=8)


def test_a_known_row_keeps_its_hash() -> None:
    row = ProductRow(
        line=3,
        sku="S-1",
        title='Steel "Norvik" bottle',
        category=("Outdoor", "Camping"),
        attributes=(("颜色", "蓝色"), ("Size", "12 cm")),
        price=Decimal("12.5"),
        currency="EUR",
    )

    assert row.content_hash() == "d4b78d56f1b7fa7dc8c67f99647624e9"


@given(TEXTS, TEXTS, st.lists(TEXTS), st.lists(st.tuples(TEXTS, TEXTS)), st.none() | st.decimals("0", "999", places=2))
def test_the_hash_is_that_of_a_json_list(
    sku: str, title: str, category: list[str], attributes: list[tuple[str, str]], price: Decimal | None
) -> None:
    row = ProductRow(
        line=1,
        sku=sku,
        title=title,
        category=tuple(category),
        attributes=tuple(attributes),
        price=price,
        currency="EUR",
    )

    told = [sku, title, "", "", "", None if price is None else f"{price:.2f}", "EUR", category, attributes]
    expected = hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()[:32]
    assert row.content_hash() == expected
