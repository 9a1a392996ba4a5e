"""Candidates worth showing beside each other."""

from collections.abc import Sequence
from dataclasses import replace

from rapidfuzz.distance import Levenshtein

from ml_backend.contract import TitleProposal
from ml_backend.rules.text import normal_form


def different(proposals: Sequence[TitleProposal]) -> list[TitleProposal]:
    """Keep the first of proposals that differ only in blanks or width, and put titles into normal form."""
    kept: dict[str, TitleProposal] = {}
    for proposal in proposals:
        title = normal_form(proposal.title) if proposal.title.strip() else ""
        kept.setdefault(title, replace(proposal, title=title))
    return list(kept.values())


def disagreement(best: str, others: Sequence[str]) -> float:
    """Return the mean normalised Levenshtein distance from the best title to the others; 0 without others."""
    if not others:
        return 0.0
    return sum(Levenshtein.normalized_distance(best, other) for other in others) / len(others)
