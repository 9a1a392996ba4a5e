from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from titlelab.quality.diffs import word_diff

TITLES = st.text(
    alphabet=st.one_of(st.sampled_from("aB cd-1.5 ,'红色马克杯大号 "), st.characters(exclude_categories=["Cs"])),
    max_size=40,
)


def told(before: str, after: str) -> str:
    """Return the diff as [-removed-] and {+added+}."""
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(marks[piece.kind].format(piece.text) for piece in word_diff(before, after))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Red Mug", "Red Mug", "Red Mug"),
        ("Red Mug", "Blue Mug", "[-Red-]{+Blue+} Mug"),
        ("Mug", "Mug 350 ml", "Mug{+ 350 ml+}"),
        ("Acme Red Mug", "Acme Mug", "Acme [-Red -]Mug"),
        ("Mug 350ml", "Mug 500ml", "Mug [-350-]{+500+}ml"),
        ("Rope 1.5 m", "Rope 2.5 m", "Rope [-1.5-]{+2.5+} m"),
        ("Red cotton shoe", "Blue silk shoe", "[-Red cotton-]{+Blue silk+} shoe"),
        ("T-Shirt for Men", "T-Shirt for Women", "T-Shirt for [-Men-]{+Women+}"),
        ("红色马克杯", "蓝色马克杯", "[-红-]{+蓝+}色马克杯"),
        ("加厚保暖手套", "加绒保暖手套", "加[-厚-]{+绒+}保暖手套"),
        ("夏季男鞋", "春季男士运动鞋", "[-夏-]{+春+}季男{+士运动+}鞋"),
        ("", "Mug", "{+Mug+}"),
        ("Mug", "", "[-Mug-]"),
        ("", "", ""),
    ],
)
def test_words_and_han_characters_are_told_apart(before: str, after: str, expected: str) -> None:
    assert told(before, after) == expected


@given(TITLES, TITLES)
def test_the_pieces_rebuild_both_titles(before: str, after: str) -> None:
    pieces = word_diff(before, after)

    assert "".join(p.text for p in pieces if p.kind != "added") == before
    assert "".join(p.text for p in pieces if p.kind != "removed") == after
    assert all(p.text for p in pieces)


@given(TITLES)
def test_a_title_differs_from_itself_in_nothing(title: str) -> None:
    assert all(p.kind == "same" for p in word_diff(title, title))


@given(TITLES, TITLES)
def test_no_two_pieces_of_a_kind_stand_side_by_side(before: str, after: str) -> None:
    kinds = [p.kind for p in word_diff(before, after)]

    assert all(a != b for a, b in pairwise(kinds))
