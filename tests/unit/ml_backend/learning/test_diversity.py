"""Titles worth showing beside each other, products worth asking about."""

from collections.abc import Sequence

import numpy as np
import pytest

from ml_backend.contract import TitleProposal
from ml_backend.learning.diversity import different, most_informative, word_vectors

SHOES = [f"red shoe size {i}" for i in range(8)]


def chosen(
    texts: Sequence[str], n: int, *, worth: Sequence[float] | None = None, asked: Sequence[str] = (), seed: int = 0
) -> list[str]:
    x = word_vectors([text.split() for text in (*texts, *asked)])
    m = len(texts)
    weights = np.ones(m) if worth is None else np.array(worth)
    picks = most_informative(x[:m], weights, n, asked=x[m:], rng=np.random.default_rng(seed))
    return [texts[pick.row] for pick in picks]


def test_titles_that_differ_in_blanks_and_width_are_shown_once() -> None:
    told = different([TitleProposal(title=title) for title in ("Red  Shoe", "Red Shoe ", "Ｒed Shoe", "Blue")])

    assert [proposal.title for proposal in told] == ["Red Shoe", "Blue"]


def test_vectors_have_unit_length_and_rare_words_weigh_more() -> None:
    x = word_vectors([("red", "shoe"), ("blue", "shoe"), ()]).toarray()

    assert np.linalg.norm(x, axis=1).tolist() == pytest.approx([1, 1, 0])
    assert x[0].max() == pytest.approx(np.log1p(3) / np.hypot(np.log1p(3), np.log1p(1.5)))


def test_at_the_start_what_stands_for_many_is_asked_before_what_stands_alone() -> None:
    assert chosen(["green tea", *SHOES], 1)[0] in SHOES


def test_what_was_asked_before_tells_of_its_likes() -> None:
    assert chosen(["green tea", "black tea", *SHOES[:3]], 1, asked=SHOES[3:])[0].endswith("tea")


def test_worth_decides_between_products_that_tell_alike() -> None:
    assert chosen(["a b", "c d", "e f"], 3, worth=[0.2, 0.9, 0.5]) == ["c d", "e f", "a b"]


def test_near_twins_are_asked_once_whatever_they_are_worth() -> None:
    assert chosen(["a b c", "c b a", "x y"], 3, worth=[1.0, 0.9, 0.01]) == ["a b c", "x y", "c b a"]
    assert chosen(["a b c", "x y"], 1, worth=[1.0, 0.01], asked=["b a c"]) == ["x y"]


def test_a_pick_tells_how_many_are_like_it() -> None:
    x = word_vectors([text.split() for text in ("red shoe", "red shoe", "red shoe", "tea")])

    picks = most_informative(x, np.ones(4), 2, asked=x[:0], rng=np.random.default_rng(0))

    assert [pick.n_alike for pick in picks] == [3, 1]


def test_of_many_products_a_part_is_weighed_and_none_is_chosen_twice() -> None:
    rng = np.random.default_rng(0)
    x = word_vectors([[f"w{j}" for j in rng.integers(0, 300, 12)] for _ in range(5000)])

    picks = most_informative(x, rng.random(5000), 60, asked=x[:0], rng=rng)

    assert len({pick.row for pick in picks}) == 60


def test_products_without_a_word_and_empty_pools_are_no_trouble() -> None:
    assert chosen(["", "", "a"], 5)[0] == "a"
    assert len(chosen(["", "", "a"], 5, asked=[""])) == 3
    assert chosen([], 2) == []
