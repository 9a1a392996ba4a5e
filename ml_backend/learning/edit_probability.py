"""How likely a person is to edit a draft: logistic regression on the signs by which drafts are ranked.

Fitted on titles that were settled on (Decisions, or a shop's good titles, of families that no titler has learnt), so
that of drafts with probability 0.3 about three in ten are edited. Source: Platt 1999, on several scores at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from ml_backend.contract import Brief, TitleProposal
from ml_backend.learning.choosing import candidates
from ml_backend.learning.diversity import different
from ml_backend.learning.ranking import features
from ml_backend.learning.ranking_weights import Pool
from ml_backend.rules.text import normal_form

LEAST_OF_EACH = 8  # drafts edited and drafts left as they were; fewer tell nothing of when people edit
_STRENGTH = 0.1  # inverse of the regularisation: there may be thirty drafts, and there are a dozen signs


@dataclass(frozen=True, slots=True, kw_only=True)
class EditModel:
    """Weights by sign, in units of the sign, and the bias, in log-odds."""

    weights: Mapping[str, float]
    bias: float


def fitted_edit_model(pools: Sequence[Pool], rankings: Sequence[Mapping[str, float]]) -> EditModel | None:
    """Return what tells edited drafts from the others; None where too few were edited, or too few left alone.

    rankings: by which each pool's draft is chosen, fitted without that pool: the best of what a ranking was fitted on
    is better than what it will find.
    """
    signs, edited = [], []
    for pool, ranking in zip(pools, rankings, strict=True):
        best = candidates(pool.brief, pool.proposals, ranking)[0].title
        signs.append(signs_of(pool.brief, pool.proposals, best))
        edited.append(best != normal_form(pool.final))
    if min(sum(edited), len(edited) - sum(edited)) < LEAST_OF_EACH:
        return None
    names = sorted({name for known in signs for name in known})
    x = np.array([[known.get(name, 0.0) for name in names] for known in signs])
    means, spreads = x.mean(axis=0), x.std(axis=0)
    spreads[spreads < 1e-9] = np.inf
    model = LogisticRegression(C=_STRENGTH).fit((x - means) / spreads, np.array(edited))
    weights = model.coef_[0] / spreads
    return EditModel(
        weights={name: float(weight) for name, weight in zip(names, weights, strict=True) if weight},
        bias=float(model.intercept_[0] - weights @ means),
    )


def edit_probability(model: EditModel, signs: Mapping[str, float]) -> float:
    """Return in (0, 1) how likely a person is to edit the draft."""
    log_odds = model.bias + sum(weight * signs.get(name, 0.0) for name, weight in model.weights.items())
    return float(1 / (1 + np.exp(-np.clip(log_odds, -30, 30))))


def signs_of(brief: Brief, proposals: Sequence[TitleProposal], title: str) -> Mapping[str, float]:
    """Return the ranking's features of a chosen title; of one that nobody proposed, those of a bare title."""
    pool = different(proposals)
    proposal = next((one for one in pool if one.title == title), TitleProposal(title=title, judged=_ALONE))
    return {name: value for name, value in features(brief, [proposal])[0].items() if name != "order"}


_ALONE = {"consensus": 0.0, "length": 0.0, "expected": 0.0}
