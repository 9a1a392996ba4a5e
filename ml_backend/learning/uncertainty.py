"""How unsure a draft is, in [0, 1], where 1 is least sure: what a person's minute is best spent on."""

import math
from collections.abc import Sequence

from ml_backend.contract import Candidate, TagScore
from ml_backend.learning.diversity import disagreement

_MOST_DOUBTFUL = 3
# Warnings are what people mend first; disagreement and the model's own doubt only tell that there may be something.
_WARNING_SHARE = 0.4


def title_uncertainty(candidates: Sequence[Candidate], log_proba: float | None) -> float:
    """Join the best candidate's warnings, its distance from the others and its mean token log-probability, if known."""
    best = candidates[0]
    warnings = 1 - 0.5 ** len(best.unsupported + best.violations)
    doubts = [disagreement(best.title, [c.title for c in candidates[1:]])]
    if log_proba is not None:
        doubts.append(1 - math.exp(min(log_proba, 0.0)))
    if not best.title:
        return 1.0
    return _WARNING_SHARE * warnings + (1 - _WARNING_SHARE) * sum(doubts) / len(doubts)


def tag_uncertainty(scores: Sequence[TagScore]) -> float:
    """Return the mean doubt over the most doubtful tags: 1 at a tag's threshold, 0 where it is ruled in or out.

    Source: Lewis & Gale 1994 (nearest to the boundary); the mean over the few most doubtful tags is our extension.
    """
    doubts = sorted((_doubt(score) for score in scores), reverse=True)[:_MOST_DOUBTFUL]
    return sum(doubts) / len(doubts) if doubts else 0.0


def _doubt(score: TagScore) -> float:
    p, threshold = min(max(score.proba, 0.0), 1.0), min(max(score.threshold, 0.0), 1.0)
    room = 1 - threshold if p >= threshold else threshold
    return 1 - abs(p - threshold) / room if room else 0.0
