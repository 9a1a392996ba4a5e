"""Fits the ranking's weights on titles that people or the shop settled on.

Ridge regression (Hoerl & Kennard 1970) of a proposal's quality on its features, both as differences from the mean of
the proposals for the same Brief: what is learnt is what makes one proposal better than the others. The weights are
drawn towards what holds for catalogs in general, not towards nothing, so that a few Briefs move them little. A judge's
entropy is left out: it tells how sure the judge is, not which title is better.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from ml_backend.contract import Brief, TitleProposal
from ml_backend.learning.metrics import title_quality, word_f1
from ml_backend.learning.ranking import CONSENSUS, DOUBTED_BY, EXPECTED, LENGTH, ORDER, features
from ml_backend.rules.text import normal_form

# A title's quality by what mostly tells it, near what was fitted on valid splits of real catalogs.
GENERAL_WEIGHTS: Mapping[str, float] = MappingProxyType({EXPECTED: 0.5, CONSENSUS: 0.5, ORDER: 0.1, LENGTH: 0.1})
_RIDGE = 10.0  # so many Briefs weigh as much as the general weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """The proposals for one Brief and the title that was settled on."""

    brief: Brief
    proposals: tuple[TitleProposal, ...]
    final: str


def fitted_weights(pools: Sequence[Pool]) -> Mapping[str, float]:
    """Return weights by feature; the general ones when no pool holds a choice."""
    telling = [pool for pool in pools if len({quality(p.title, pool.final) for p in pool.proposals}) > 1]
    if not telling:
        return GENERAL_WEIGHTS
    rows = [features(pool.brief, pool.proposals) for pool in telling]
    told = {name for row in rows for known in row for name in known if not name.startswith(DOUBTED_BY)}
    names = sorted(told | GENERAL_WEIGHTS.keys())
    general = np.array([GENERAL_WEIGHTS.get(name, 0.0) for name in names])
    xs, ys = [], []
    for pool, known in zip(telling, rows, strict=True):
        x = np.array([[one.get(name, 0.0) for name in names] for one in known])
        y = np.array([quality(p.title, pool.final) for p in pool.proposals])
        scale = len(known) ** -0.5  # every Brief counts the same, however many proposals it has
        xs.append((x - x.mean(axis=0)) * scale)
        ys.append((y - y.mean()) * scale)
    x, y = np.concatenate(xs), np.concatenate(ys)
    spread = np.sqrt((x**2).sum(axis=0) / len(telling))
    spread[spread < 1e-9] = np.inf  # a feature that never differs keeps its general weight
    scaled = x / spread
    moved = np.linalg.solve(scaled.T @ scaled + _RIDGE * np.eye(len(names)), scaled.T @ (y - x @ general))
    return {n: float(w) for n, w in zip(names, general + moved / spread, strict=True) if w}


def quality(title: str, final: str) -> float:
    """Return in [0, 1] how near a title comes: half by the typing left to do, half by the words that are right."""
    title, final = normal_form(title), normal_form(final)
    return (title_quality(title, final) + word_f1(title, final)) / 2
