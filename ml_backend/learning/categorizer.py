"""Categorizers: one that knows only the names of leaves, and one that learns from products and Decisions.

The learning one is a tagger whose tags are category paths. A tagger judges each of them by itself; of a category there
is one choice, so its odds are bent by a power and shared out, a part to paths that nobody has seen yet, so that what is
true of the products it learnt from becomes as likely as can be. What each product has of the others by cross-fitting is
what is bent: its own answer would flatter.

Neither reads the category that a Brief tells. For the products to learn from it is the answer itself, so that a model
would learn to copy it and nothing else; and it is then missing, or in doubt, where a category is asked.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logit, logsumexp

from ml_backend.contract import Brief, CategoryPath, CategoryScore, Example, TagSpec, path_name
from ml_backend.errors import TrainingFailed
from ml_backend.learning.category_names import spec_of
from ml_backend.learning.splits import folds
from ml_backend.learning.tag_model import N_FOLDS
from ml_backend.learning.tag_texts import NONE, STRONG, WEAK, TagText, alias_states
from ml_backend.learning.tagger import LinearTagger

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MOST_SHOWN = 4  # the choice and some alternatives
# 6,000 products × 1,000 paths take some 400 MB to learn; a path beyond is known by its name.
MOST_PATHS = 1000
_LEAST_ALTERNATIVE = 0.02  # probability from which an alternative is worth telling
_UNTRAINED = {WEAK: 1.0, STRONG: 2.0}  # how a leaf's name weighs by where it stands, against 1.0 for any other path
_SHARPNESSES = (0.2, 5.0)
_OUTSIDES = (-12.0, 6.0)
_USUAL_OUTSIDE, _OUTSIDE_SPREAD = -4.0, 4.0
_PULL = 4.0  # towards a sharpness of 1: as much as some four products say
_LEAST_PROBA = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """How the odds of paths, each judged by itself, become shares of one choice.

    sharpness is the power that odds are raised to, outside the log-odds of all paths that nobody has seen yet.
    """

    sharpness: float
    outside: float

    @classmethod
    def fitted(cls, proba: NDArray[np.floating], truth: IntArray, is_new: NDArray[np.bool_]) -> "Sharing":
        """Return the sharing under which what is true is likeliest.

        proba: (n, k), each path judged by itself. truth: (n,), the column of the true one. is_new: (n,), the products
        whose path no other product told; for them the outside is true.

        Source: Guo et al. 2017, "On Calibration of Modern Neural Networks" (temperature scaling), with one more class.
        """
        log_odds = _log_odds(proba)
        of_true = log_odds[np.arange(len(truth)), truth]

        def loss(values: FloatArray) -> float:
            sharpness, outside = np.exp(values[0]), values[1]
            total = np.logaddexp(logsumexp(sharpness * log_odds, axis=1), outside)
            fit = total - np.where(is_new, outside, sharpness * of_true)
            return float(
                fit.sum() + _PULL / 2 * values[0] ** 2 + ((outside - _USUAL_OUTSIDE) / _OUTSIDE_SPREAD) ** 2 / 2
            )

        bounds = [tuple(np.log(_SHARPNESSES)), _OUTSIDES]
        found = minimize(loss, x0=np.array([0.0, _USUAL_OUTSIDE]), bounds=bounds, method="L-BFGS-B").x
        return cls(sharpness=float(np.exp(found[0])), outside=float(found[1]))

    @classmethod
    def read(cls, data: Any) -> "Sharing":  # noqa: ANN401 - JSON
        """Return what was written as JSON; raises ValueError where it is out of range."""
        found = cls(sharpness=float(data["sharpness"]), outside=float(data["outside"]))
        for value, (least, most) in ((found.sharpness, _SHARPNESSES), (found.outside, _OUTSIDES)):
            if not least - 1e-6 <= value <= most + 1e-6:
                raise ValueError(f"its sharing {data} is none")
        return found

    def shares(self, proba: NDArray[np.floating]) -> FloatArray:
        """Return (n, k) probabilities of one choice; the rest to 1 in a row is the outside's. A path of 0 stays 0."""
        odds = np.exp(self.sharpness * _log_odds(proba)) * (proba > 0)
        return np.asarray(odds / (odds.sum(axis=1, keepdims=True) + np.exp(self.outside)), dtype=np.float64)


class NameCategorizer:
    """The built-in categorizer: a path may be the product's where its leaf's name stands; else it chooses none."""

    def categorize(self, briefs: Sequence[Brief], paths: Sequence[CategoryPath]) -> list[list[CategoryScore]]:
        """Return for each Brief the likeliest few of `paths`; of equals the longest name first, then in their order."""
        texts = [TagText.of(without_category(brief)) for brief in briefs]
        specs = [spec_of(path) for path in paths]
        states = alias_states(texts, specs)
        return [
            self._scores(text, [(paths[j], specs[j], _UNTRAINED[int(own[j])]) for j in np.flatnonzero(own != NONE)])
            for text, own in zip(texts, states, strict=True)
        ]

    def save(self, folder: Path) -> None:
        """Write nothing: there is nothing learnt."""

    @staticmethod
    def _scores(text: TagText, found: Sequence[tuple[CategoryPath, TagSpec, float]]) -> list[CategoryScore]:
        total = 1.0 + sum(weight for *_, weight in found)
        scores = [
            CategoryScore(path=path, proba=weight / total, reasons=(text.alias_match(spec),))
            for path, spec, weight in found
        ]
        return sorted(scores, key=lambda score: (-score.proba, -len(score.reasons[0])))[:MOST_SHOWN]


class LinearCategorizer:
    """A tagger of paths, and how its probabilities are shared out."""

    def __init__(self, *, tagger: LinearTagger, sharing: Sharing) -> None:
        self._tagger, self._sharing = tagger, sharing

    @classmethod
    def learned(cls, examples: Sequence[Example], paths: Sequence[CategoryPath], *, seed: int) -> "LinearCategorizer":
        """Learn from the examples whose path is known and among `paths`; raises TrainingFailed without any."""
        counts = Counter(example.category for example in examples if example.category in set(paths))
        if not counts:
            raise TrainingFailed("there is no product with a category to learn from; import or review some first")
        learnt = sorted(path for path, _ in counts.most_common(MOST_PATHS) if path)
        known = [example for example in examples if example.category in counts]
        taught = [
            replace(example, brief=without_category(example.brief), tags=(path_name(example.category or ()),))
            for example in known
        ]
        tagger, crossed = LinearTagger.learned_and_crossed(taught, [spec_of(path) for path in learnt], seed=seed)
        place = {path: j for j, path in enumerate(learnt)}
        truth = np.array([place.get(example.category or (), -1) for example in known])
        is_new = _are_new(truth, folds([example.family for example in known], N_FOLDS, seed=seed))
        fair = truth >= 0
        return cls(tagger=tagger, sharing=Sharing.fitted(crossed[fair], truth[fair], is_new[fair]))

    def probabilities(self, briefs: Sequence[Brief], paths: Sequence[CategoryPath]) -> FloatArray:
        """Return the probability of each path: (n, k), rows sum to 1 at most."""
        specs = [spec_of(path) for path in paths]
        return self._probabilities([without_category(brief) for brief in briefs], specs)

    def categorize(self, briefs: Sequence[Brief], paths: Sequence[CategoryPath]) -> list[list[CategoryScore]]:
        """Return for each Brief the likeliest few of `paths`, the likeliest first."""
        read, specs = [without_category(brief) for brief in briefs], [spec_of(path) for path in paths]
        proba = self._probabilities(read, specs)
        chosen = [_likeliest(own) for own in proba]
        reasons = self._tagger.reasons(read, [[specs[j] for j in own] for own in chosen])
        return [
            [
                CategoryScore(path=paths[j], proba=float(proba[i, j]), reasons=why)
                for j, why in zip(own, reasons[i], strict=True)
            ]
            for i, own in enumerate(chosen)
        ]

    def save(self, folder: Path) -> None:
        """Write the tagger's files and the sharing as JSON."""
        self._tagger.save(folder)
        (folder / "categorizer.json").write_text(json.dumps(asdict(self._sharing)), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "LinearCategorizer":
        """Read what `save` wrote; raises ValueError where it makes no model."""
        sharing = Sharing.read(json.loads((folder / "categorizer.json").read_text(encoding="utf-8")))
        return cls(tagger=LinearTagger.load(folder), sharing=sharing)

    def _probabilities(self, read: Sequence[Brief], specs: Sequence[TagSpec]) -> FloatArray:
        proba = self._tagger.probabilities(read, specs)
        # Of a path without any product only a name tells: hundreds of them would else outweigh the likeliest together.
        is_telling = alias_states([TagText.of(brief) for brief in read], specs) != NONE
        is_telling |= np.array([spec.name in self._tagger.learnt_names for spec in specs], dtype=bool)
        return self._sharing.shares(np.where(is_telling, proba, 0))


def without_category(brief: Brief) -> Brief:
    """Return what a categorizer may read: see the module's last words."""
    return replace(brief, category=())


def _are_new(truth: IntArray, fold: IntArray) -> NDArray[np.bool_]:
    """Say which products stand under a path that no product of another fold does: (n,)."""
    folds_of: dict[int, set[int]] = defaultdict(set)
    for path, own in zip(truth.tolist(), fold.tolist(), strict=True):
        folds_of[path].add(own)
    return np.array([len(folds_of[path]) == 1 for path in truth.tolist()], dtype=bool)


def _log_odds(proba: NDArray[np.floating]) -> FloatArray:
    return np.asarray(logit(proba.astype(np.float64).clip(_LEAST_PROBA, 1 - _LEAST_PROBA)), dtype=np.float64)


def _likeliest(proba: FloatArray) -> list[int]:
    """Return the columns of the choice and of the alternatives that are worth telling; none for a row of zeros."""
    best = np.argsort(-proba, kind="stable")[:MOST_SHOWN]
    return [int(j) for rank, j in enumerate(best) if proba[j] > 0 and (rank == 0 or proba[j] >= _LEAST_ALTERNATIVE)]
