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

_N_NEAREST = 15
_SHARPNESS = 4  # a neighbour's say in the consensus is its similarity to this power


class NeighbourTitler:
    """Proposes the edited titles of the nearest products, the most typical of them first."""

    def __init__(self, neighbours: Neighbours) -> None:
        self._neighbours = neighbours

    @classmethod
    def learned(cls, examples: Sequence[Example]) -> "NeighbourTitler":
        """Remember the Examples that have a title; raises TrainingFailed when none has."""
        return cls(Neighbours.learned(examples))

    def propose(self, briefs: Sequence[Brief], n: int) -> list[list[TitleProposal]]:
        """Return for each Brief 1 to n different proposals, the most typical of its neighbours first."""
        found = self._neighbours.nearest(briefs, _N_NEAREST, families=None)
        return [self._proposals(brief, own, n) for brief, own in zip(briefs, found, strict=True)]

    def save(self, folder: Path) -> None:
        """Write the known products as JSON."""
        self._neighbours.save(folder)

    @classmethod
    def load(cls, folder: Path) -> "NeighbourTitler":
        """Read what `save` wrote; raises KeyError, TypeError or ValueError on anything else."""
        return cls(Neighbours.load(folder))

    def _proposals(self, brief: Brief, near: Sequence[Neighbour], n: int) -> list[TitleProposal]:
        if not near:
            return [_plainest(brief)]
        proposals: dict[str, TitleProposal] = {}
        for one in sorted(near, key=lambda one: -_typicality(one, near)):
            title = edited(one.title, one.brief, brief)
            reason = f"like “{one.title}” ({one.similarity:.0%} alike)"
            if title:
                proposals.setdefault(title, TitleProposal(title=title, reasons=(reason,), method="neighbour"))
        return list(proposals.values())[:n] or [_plainest(brief)]


def _plainest(brief: Brief) -> TitleProposal:
    """Return a title for a Brief that is like no known product."""
    title = " ".join([brief.brand, *brief.category[-1:]]).strip() or brief.title or brief.sku
    return TitleProposal(title=title, reasons=("no known product is like it",), method="neighbour")


def _typicality(one: Neighbour, near: Sequence[Neighbour]) -> float:
    """Return the expected word F1 with a title drawn from the neighbours by similarity (minimum Bayes risk)."""
    total = sum(other.similarity**_SHARPNESS for other in near)
    return sum(other.similarity**_SHARPNESS * word_f1(one.title, other.title) for other in near) / max(total, 1e-9)
