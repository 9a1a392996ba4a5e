"""Likeness of two titles, against values worked out by hand and against the metric's own program."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sacrebleu.metrics.chrf import CHRF

from titlelab.quality.likeness import chrf, rouge_l

TITLES = [
    ("Norvik Steel Bottle 750 ml", "Norvik Steel Bottle 500 ml Blue"),
    ("Norvik Steel Bottle 750 ml", "Bottle 750 ml Norvik Steel"),
    ("Steel Steel Steel", "Steel Steel"),
    ("不锈钢保温水壶 750ml 户外", "户外不锈钢水壶 500ml"),
    ("ab", "a b"),
    ("a", "abcdefg"),
    ("", "ab"),
    ("  ", "ab"),
]
FEW_LETTERS = st.text("ab 水", max_size=14)


def test_rouge_l_counts_words_and_han_characters() -> None:
    assert rouge_l("Steel Bottle", "steel bottle") == 1.0
    assert rouge_l("不锈钢水壶", "钢水壶 750ml") == pytest.approx(6 / 9)  # three of five and four
    assert rouge_l("", "Steel") == 0.0
    assert rouge_l("!", "?") == 1.0  # no word on either side differs


def test_chrf_is_a_share() -> None:
    # By hand, to bigrams: "ab" and "abc" share 2 of 2 and 3 characters, 1 of 1 and 2 bigrams, no longer n-gram.
    # Precisions average (1 + 1) / 2 = 1, recalls (2/3 + 1/2) / 2 = 7/12; F2 = 5 p r / (4 p + r) = 35/55.
    assert chrf("ab", "abc") == pytest.approx(35 / 55)
    assert chrf("ab", "xy") == 0.0
    assert chrf("", "") == chrf("same", "same") == 1.0


@pytest.mark.parametrize(("drafted", "final"), TITLES)
def test_chrf_of_titles_is_sacrebleus(drafted: str, final: str) -> None:
    assert chrf(drafted, final) == pytest.approx(_sacrebleus(drafted, final), abs=1e-12)


@given(FEW_LETTERS, FEW_LETTERS, FEW_LETTERS, FEW_LETTERS)
def test_chrf_is_sacrebleus_whatever_two_titles_share(start: str, one: str, other: str, end: str) -> None:
    drafted, final = start + one + end, start + other + end

    assert chrf(drafted, final) == pytest.approx(_sacrebleus(drafted, final), abs=1e-12)


def _sacrebleus(drafted: str, final: str) -> float:
    return 1.0 if drafted == final else float(CHRF().sentence_score(drafted, [final]).score) / 100
