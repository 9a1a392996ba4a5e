"""A tagger that was trained before a rename goes on answering for the renamed tag."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ml_backend.contract import Brief, TagScore, TagSpec
from ml_backend.learning.tag_names import renamed, tag_scores
from ml_backend.learning.tagger import AliasTagger, LinearTagger
from tests.unit.ml_backend.learning.test_tagger import LEATHER, TEST, TRAIN, WARM

COSY = TagSpec(name="Cosy", aliases=("winter", "For Winter"), former_names=("For Winter",))
BRIEFS = [example.brief for example in TEST[:5]]


class Known:
    """A tagger that learnt some names, with the probability that it gives each; 0.1 to all others."""

    def __init__(self, **learnt: float) -> None:
        self.learnt = learnt

    @property
    def learnt_names(self) -> frozenset[str]:
        return frozenset(self.learnt)

    def score(self, briefs: Sequence[Brief], tags: Sequence[TagSpec]) -> list[list[TagScore]]:
        return [
            [TagScore(name=t.name, proba=self.learnt.get(t.name, 0.1), threshold=0.5) for t in tags] for _ in briefs
        ]

    def save(self, folder: Path) -> None:
        """Nothing is to be written."""


def probas(tagger: Known, *tags: TagSpec) -> dict[str, float]:
    return {score.name: score.proba for score in tag_scores(tagger, BRIEFS[:1], tags)[0]}


def test_a_renamed_tag_is_scored_by_the_name_that_was_learnt() -> None:
    learned = LinearTagger.learned(TRAIN, [WARM, LEATHER], seed=0)

    before = learned.score(BRIEFS, [replace(WARM, aliases=COSY.aliases), LEATHER])
    after = tag_scores(learned, BRIEFS, [COSY, LEATHER])

    assert [[(s.proba, s.threshold) for s in own] for own in after] == [
        [(s.proba, s.threshold) for s in own] for own in before
    ]
    assert {score.name for own in after for score in own} == {"Cosy", "Leather"}


def test_a_tagger_that_learnt_the_new_name_is_asked_by_it_alone() -> None:
    assert probas(Known(Cosy=0.3), COSY) == {"Cosy": 0.3}


def test_a_tag_that_another_was_merged_into_is_proposed_where_either_was() -> None:
    assert probas(Known(**{"Cosy": 0.3, "For Winter": 0.8}), COSY) == {"Cosy": 0.8}


def test_a_tag_that_nobody_has_given_yet_is_asked_by_its_name_of_today() -> None:
    assert probas(Known(Leather=0.7), COSY, LEATHER) == {"Cosy": 0.1, "Leather": 0.7}
    assert tag_scores(AliasTagger(), BRIEFS, [COSY])[0][0].name == "Cosy"


@pytest.mark.parametrize(
    ("before", "after"), [(("For Winter", "Leather"), ("Cosy", "Leather")), (("Cosy", "For Winter"), ("Cosy",))]
)
def test_examples_from_before_a_rename_are_learnt_under_the_new_name(
    before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    (example,) = renamed([replace(TRAIN[0], tags=before)], [COSY, LEATHER])

    assert example.tags == after
