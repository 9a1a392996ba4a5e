"""Whom a title may name."""

import pytest

from ml_backend.rules.genders import audiences, audiences_of_column, is_for


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Men's and Women's Socks", {"men", "women"}),
        ("Ladies Bag", {"women"}),
        ("Mentor Women", {"women"}),
        ("Boys T-shirt for Kids", {"boys", "children"}),
        ("Unisex Cap", {"all"}),
        ("男女通用手套", {"all"}),
        ("女童短袖男友风", {"girls"}),
        ("女士凉鞋", {"women"}),
        ("Male to Male Cable", set()),
    ],
)
def test_people_are_told_in_two_languages(text: str, expected: set[str]) -> None:
    assert set(audiences(text)) == expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [("Gender", "Male", {"men"}), ("适用性别", "通用", {"all"}), ("Connector gender", "Male", set())],
)
def test_some_words_name_people_only_in_a_column_of_people(name: str, value: str, expected: set[str]) -> None:
    assert audiences_of_column(name, value) == expected


def test_what_is_for_all_is_for_each_and_not_the_other_way_round() -> None:
    assert is_for("men", {"all"})
    assert not is_for("all", {"men"})
    assert is_for("all", {"men", "women"})
    assert is_for("girls", {"children"})
    assert not is_for("girls", {"boys"})
