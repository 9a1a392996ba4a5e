"""Fits the ranking's weights on titles that people or the shop settled on.

Ridge regression (Hoerl & Kennard 1970) of a proposal's quality on its features, both as differences from the mean of
the proposals for the same Brief: what is learnt is what makes one proposal better than the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ml_backend.contract import Brief, TitleProposal
from ml_backend.learning.metrics import title_quality, word_f1
from ml_backend.learning.ranking import DEFAULT_WEIGHTS, features
from ml_backend.rules.text import normal_form

LEAST_POOLS = 20  # fewer Briefs say less than the default weights do
_RIDGE = 1.0  # in squared standard deviations of a feature, per Brief's worth of proposals


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """The proposals for one Brief and the title that was settled on."""

    brief: Brief
    proposals: tuple[TitleProposal, ...]
    final: str


def fitted_weights(pools: Sequence[Pool]) -> Mapping[str, float]:
    """Return weights by feature; the default ones when fewer than LEAST_POOLS pools hold a choice."""
    telling = [pool for pool in pools if len({quality(p.title, pool.final) for p in pool.proposals}) > 1]
    if len(telling) < LEAST_POOLS:
        return DEFAULT_WEIGHTS
    rows = [features(pool.brief, pool.proposals) for pool in telling]
    names = sorted({name for row in rows for known in row for name in known})
    xs, ys = [], []
    for pool, known in zip(telling, rows, strict=True):
        x = np.array([[one.get(name, 0.0) for name in names] for one in known])
        y = np.array([quality(p.title, pool.final) for p in pool.proposals])
        scale = len(known) ** -0.5  # every Brief counts the same, however many proposals it has
        xs.append((x - x.mean(axis=0)) * scale)
        ys.append((y - y.mean()) * scale)
    x, y = np.concatenate(xs), np.concatenate(ys)
    spread = np.sqrt((x**2).mean(axis=0))
    spread[spread < 1e-9] = np.inf  # a feature that never differs gets no weight
    x = x / spread
    solved = np.linalg.solve(x.T @ x + _RIDGE * np.eye(len(names)), x.T @ y)
    return {name: float(value) for name, value in zip(names, solved / spread, strict=True) if value}


def quality(title: str, final: str) -> float:
    """Return in [0, 1] how near a title comes: half by the typing left to do, half by the words that are right."""
    title, final = normal_form(title), normal_form(final)
    return (title_quality(title, final) + word_f1(title, final)) / 2
