import pytest

from ml_backend.learning.pointer_tokens import (
    N_BUCKETS,
    N_GRAMS,
    N_SHAPES,
    N_VARIANTS,
    end_of,
    joined,
    n_grams,
    shape,
    start_of,
    tokens_of,
    variants,
)


@pytest.mark.parametrize(
    "text",
    [
        "Norvik Men's Navy-Blue T-shirt (Pack of 2), 1.5 l / 30ml",
        "U.S. Coat 62.5/125 – 3,5mm “Loud” AX-100B",
        "北山 1.5L保温杯AX-100B 家用",
        "Norvik/北山保温杯500ml",
    ],
)
def test_tokens_give_the_text_back(text: str) -> None:
    assert joined(tokens_of(text, "characters")) == text
    assert joined(tokens_of(text, "words")) == text


def test_numbers_part_from_their_units_and_model_codes_stay_whole() -> None:
    assert tokens_of("30ml 1.5 l AX100B U.S. men's", "characters") == [
        " 30",
        "ml",
        " 1.5",
        " l",
        " AX100B",
        " U.S.",
        " men's",
    ]


def test_han_text_is_cut_into_characters_or_words() -> None:
    assert tokens_of("家用水壶", "characters") == ["家", "用", "水", "壶"]
    assert tokens_of("家用水壶", "words") == ["家用", "水壶"]


def test_copying_may_change_case_and_blank() -> None:
    assert variants("-blue") != variants("blue")
    assert variants(" navy") == (" navy", "navy", " Navy", "Navy", " navy", "navy")
    assert len(variants("壶")) == N_VARIANTS


@pytest.mark.parametrize(
    ("before", "token", "run_together"),
    [
        (" 30", "ml", False),
        (" shirt", "New", True),
        (" AX100B", "2", True),
        ("-", "shirt", False),
        (" shirt", " New", False),
        ("壶", "New", False),
        (" 30", "0", True),
    ],
)
def test_two_words_without_a_blank_would_be_one(before: str, token: str, *, run_together: bool) -> None:
    assert (end_of(before) * start_of(token) > 1) is run_together


def test_shapes_and_n_grams_are_bounded() -> None:
    tokens = [" Navy", "navy", "AX100B", "100", "壶", "-", "ABC", "é"]

    assert all(0 <= shape(token) < N_SHAPES for token in tokens)
    assert shape(" Navy") != shape("Navy") != shape("navy")
    assert all(len(n_grams(token)) == N_GRAMS and max(n_grams(token)) < N_BUCKETS for token in tokens)
