"""How near a draft comes to what people settled on; every figure lies in [0, 1], higher is better."""

from collections.abc import Collection, Sequence

from rapidfuzz.distance import LCSseq, Levenshtein

from ml_backend.rules.text import words


def title_quality(draft: str, final: str) -> float:
    """Return 1 - normalised Levenshtein distance: the share of the typing that the draft saved."""
    return 1.0 - Levenshtein.normalized_distance(draft, final)


def word_f1(draft: str, final: str) -> float:
    """Return ROUGE-L: the F1 of the longest common subsequence of words (Lin 2004); 1 where both have none."""
    a, b = words(draft), words(final)
    if not a and not b:
        return 1.0
    return 2 * LCSseq.similarity(a, b) / (len(a) + len(b))


def tag_quality(proposed: Collection[str], true: Collection[str]) -> float:
    """Return the F1 of one product's proposed tags; 1 where both sides are empty."""
    if not proposed and not true:
        return 1.0
    return 2 * len(set(proposed) & set(true)) / (len(set(proposed)) + len(set(true)))


def category_quality(proposed: Sequence[str], true: Sequence[str]) -> float:
    """Return 1 where a category path is right, else the share of its levels that are, from the root on.

    The longer path's levels count: whoever proposes Home › Kitchen for Home › Kitchen › Kettles is right by two thirds.
    """
    n_right = next((i for i, (a, b) in enumerate(zip(proposed, true, strict=False)) if a != b), len(proposed))
    return min(n_right, len(true)) / max(len(proposed), len(true), 1)


def mean(values: Sequence[float]) -> float:
    """Return the mean, 0 of nothing."""
    return sum(values) / len(values) if values else 0.0
