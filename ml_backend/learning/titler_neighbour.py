"""The neighbour titler: offers what near products are called, edited to what the Brief supports.

Where little in a Brief decides the title, the words of near products are better evidence than any rule. Brands,
numbers and codes of the other product are cut out or replaced by this product's own.
"""

from collections.abc import Sequence
from pathlib import Path

from ml_backend.contract import Brief, Example, TitleProposal
from ml_backend.learning.metrics import word_f1
from ml_backend.learning.neighbours import Neighbour, Neighbours
from ml_backend.learning.title_editing import edited
from ml_backend.learning.title_words import FAR, N_NEAREST, TitleWords, expected_f1

SIMILARITY = "similarity of the near product"  # a feature of the ranking: a far product's title is worth little
_SHARPNESS = 4  # a neighbour's say in the consensus is its similarity to this power


class NeighbourTitler:
    """Proposes the edited titles of the nearest products, those first that are expected to fit best."""

    def __init__(self, neighbours: Neighbours, title_words: TitleWords | None, *, skip: int = 0) -> None:
        """Take the known products, and what tells a title's words; without it the most typical title comes first.

        The nearest `skip` products are passed over.
        """
        self._neighbours, self._title_words, self._skip = neighbours, title_words, skip

    @classmethod
    def learned(cls, examples: Sequence[Example], *, seed: int) -> "NeighbourTitler":
        """Remember the Examples that have a title; raises TrainingFailed when none has."""
        neighbours = Neighbours.learned(examples)
        return cls(neighbours, TitleWords.learned(examples, neighbours, seed=seed))

    def estranged(self) -> "NeighbourTitler":
        """Return the titler as it is for products of a kind that it does not know."""
        return NeighbourTitler(self._neighbours, self._title_words, skip=FAR)

    def propose(self, briefs: Sequence[Brief], n: int) -> list[list[TitleProposal]]:
        """Return for each Brief 1 to n different proposals, the one that is expected to fit best first."""
        found = self._neighbours.nearest(briefs, N_NEAREST, families=None, skip=self._skip)
        return [self._proposals(brief, own)[:n] for brief, own in zip(briefs, found, strict=True)]

    def expected_f1s(self, briefs: Sequence[Brief], titles: Sequence[Sequence[str]]) -> list[list[float]]:
        """Return for each Brief the word F1, in [0, 1], that each of its titles may be expected to reach."""
        if self._title_words is None:
            return [[0.0] * len(own) for own in titles]
        near = self._neighbours.nearest(briefs, N_NEAREST, families=None, skip=self._skip)
        probabilities = [self._title_words.probabilities(b, own) for b, own in zip(briefs, near, strict=True)]
        return [[expected_f1(title, known) for title in own] for own, known in zip(titles, probabilities, strict=True)]

    def save(self, folder: Path) -> None:
        """Write the known products, and what tells a title's words, as JSON."""
        self._neighbours.save(folder)
        if self._title_words:
            self._title_words.save(folder)

    @classmethod
    def load(cls, folder: Path) -> "NeighbourTitler":
        """Read what `save` wrote; raises MLBackendError, KeyError, TypeError or ValueError on anything else."""
        return cls(Neighbours.load(folder), TitleWords.load(folder) if TitleWords.is_in(folder) else None)

    def _proposals(self, brief: Brief, near: Sequence[Neighbour]) -> list[TitleProposal]:
        probabilities = self._title_words.probabilities(brief, near) if self._title_words else {}
        proposals: dict[str, TitleProposal] = {}
        for one in sorted(near, key=lambda one: -_typicality(one, near)):
            title = edited(one.title, one.brief, brief)
            reason = f"like “{one.title}” ({one.similarity:.0%} alike)"
            if title:
                likeness = {SIMILARITY: one.similarity}
                found = TitleProposal(title=title, reasons=(reason,), method="neighbour", judged=likeness)
                proposals.setdefault(title, found)
        best_first = sorted(proposals.values(), key=lambda proposal: -expected_f1(proposal.title, probabilities))
        return best_first or [_plainest(brief)]


def _plainest(brief: Brief) -> TitleProposal:
    """Return a title for a Brief that is like no known product."""
    title = " ".join([brief.brand, *brief.category[-1:]]).strip() or brief.title or brief.sku
    return TitleProposal(title=title, reasons=("no known product is like it",), method="neighbour")


def _typicality(one: Neighbour, near: Sequence[Neighbour]) -> float:
    """Return the expected word F1 with a title drawn from the neighbours by similarity (minimum Bayes risk)."""
    total = sum(other.similarity**_SHARPNESS for other in near)
    return sum(other.similarity**_SHARPNESS * word_f1(one.title, other.title) for other in near) / max(total, 1e-9)
