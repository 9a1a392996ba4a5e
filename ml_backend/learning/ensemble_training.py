"""Trains an ensemble: every titler that data, base model and time allow, then the weights that choose among them.

A tenth of the families is kept apart: on it no member has learnt, so there the ranking's weights are fitted. Members
that cost next to nothing then learn once more from everything.
"""

import logging
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ml_backend.contract import Brief, Example, Titler
from ml_backend.errors import MissingBaseModel, TrainingFailed
from ml_backend.learning.edit_probability import fitted_edit_model
from ml_backend.learning.ranking_weights import Pool, fitted_weights
from ml_backend.learning.splits import folds
from ml_backend.learning.title_words import COLD_EVERY
from ml_backend.learning.titler_ensemble import EnsembleTitler
from ml_backend.learning.titler_neighbour import NeighbourTitler

logger = logging.getLogger(__name__)
Learn = Callable[[Sequence[Example], Callable[[float, str], None]], Titler]

_MOST_POOLS = 300  # more Briefs change the weights by little, and each is drafted by every member
_N_FOLDS = 4  # by which the ranking is fitted without those whose edits are foretold
_PROPOSALS = 6
_MEASURING_SHARE = 0.1  # of the progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A titler to be trained.

    is_cheap: it learns in seconds and so learns again from everything. learn must keep `valid` apart by itself unless
    it is cheap.
    """

    method: str
    learn: Learn
    is_cheap: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedEnsemble:
    """What came of a training; metrics hold seconds and the peak memory in MB by member."""

    titler: EnsembleTitler
    metrics: Mapping[str, float] = field(default_factory=dict)


def train_ensemble(
    members: Sequence[Member],
    train: Sequence[Example],
    valid: Sequence[Example],
    report: Callable[[float, str], None],
) -> TrainedEnsemble:
    """Train the members on train, fit the weights on valid; raises TrainingFailed when no member could be trained."""
    trained: dict[str, Titler] = {}
    metrics: dict[str, float] = {}
    share = (1 - _MEASURING_SHARE) / len(members)
    for i, member in enumerate(members):
        began = time.monotonic()
        examples = train if member.is_cheap else [*train, *valid]
        try:
            trained[member.method] = member.learn(examples, _part(report, i * share, share, member.method))
        except (TrainingFailed, MissingBaseModel) as e:
            logger.warning("the ensemble goes without %s: %s", member.method, e)
            continue
        metrics[f"seconds_{member.method}"] = round(time.monotonic() - began, 2)
        metrics[f"peak_mb_{member.method}"] = peak_mb()
    if not trained:
        raise TrainingFailed("no titler could be trained on these examples; review some products first")
    report(1 - _MEASURING_SHARE, "fitting the ranking")
    known = [example for example in valid if example.title][:_MOST_POOLS]
    pools, cold = _pools(trained, known), _cold_pools(trained, known[::COLD_EVERY])
    weights = fitted_weights([*pools, *cold])
    edit_model = fitted_edit_model(pools, _crossed_weights(pools, cold, [example.family for example in known]))
    for member in members:
        if member.is_cheap and member.method in trained:
            began = time.monotonic()
            trained[member.method] = member.learn([*train, *valid], _silent)
            metrics[f"seconds_{member.method}"] = round(
                metrics[f"seconds_{member.method}"] + time.monotonic() - began, 2
            )
    return TrainedEnsemble(titler=EnsembleTitler(trained, weights, edit_model), metrics=metrics)


def peak_mb() -> float:
    """Return the greatest resident memory of this process so far, in MB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def _pools(members: Mapping[str, Titler], known: Sequence[Example]) -> list[Pool]:
    briefs = [_untitled(example) for example in known]
    pooled = EnsembleTitler(members, {}).pooled(briefs, _PROPOSALS) if known else []
    return [
        Pool(brief=brief, proposals=tuple(pool), final=example.title or "")
        for brief, example, pool in zip(briefs, known, pooled, strict=True)
    ]


def _crossed_weights(pools: Sequence[Pool], cold: Sequence[Pool], families: Sequence[str]) -> list[Mapping[str, float]]:
    """Return for each pool the weights that are fitted without its family."""
    fold = folds(families, _N_FOLDS, seed=0).tolist()
    kept = [[pool for pool, own in zip(pools, fold, strict=True) if own != i] for i in range(_N_FOLDS)]
    weights = [fitted_weights([*others, *cold]) for others in kept]
    return [weights[i] for i in fold]


def _cold_pools(members: Mapping[str, Titler], known: Sequence[Example]) -> list[Pool]:
    """Return some pools as they are for products of a new kind, where others than the neighbour are to be trusted."""
    neighbour = members.get("neighbour")
    if not isinstance(neighbour, NeighbourTitler):
        return []
    return _pools({**members, "neighbour": neighbour.estranged()}, known)


def _untitled(example: Example) -> Brief:
    return replace(example.brief, title="")


def _part(
    report: Callable[[float, str], None], start: float, share: float, method: str
) -> Callable[[float, str], None]:
    return lambda done, message: report(start + share * done, f"{method}: {message}")


def _silent(_done: float, _message: str) -> None:
    """Report to nobody."""
