"""Taggers: one that knows only names and aliases, and a linear one that learns from Decisions.

The linear one adds to the log-odds that a tag's name or alias gives (the same for every tag, learnt from all of them)
what one-vs-rest logistic regression makes of words and pieces of words. A tag without examples is left with its
aliases alone, a rare one stays near them, a frequent one goes its own way.
"""

import itertools
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from scipy.linalg import eigh
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.special import expit, logit
from sklearn.feature_extraction.text import TfidfVectorizer
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from ml_backend.contract import Brief, Example, TagScore, TagSpec
from ml_backend.errors import TrainingFailed
from ml_backend.learning.splits import folds
from ml_backend.rules.text import HAN, normal_form, words

FloatArray = NDArray[np.float64]

MOST_EXAMPLES = 2500  # the Gram matrix is dense; above this a random part trains, in half a minute on two cores
_LONGEST_DESCRIPTION = 1500  # characters; sellers say what matters first
_N_FOLDS = 3
_MOST_COORDINATES = 400  # of the Gram matrix; what lies beyond them is noise to a penalised fit
_STRENGTH = 20.0  # inverse of the L2 penalty
_PRIOR_POSITIVES = 8.0  # how many positives a tag's own threshold needs to weigh as much as the global one
_MOST_REASONS = 3
_LEAST_CONTRIBUTION = 0.15  # log-odds
_NONE, _WEAK, _STRONG = 0, 1, 2  # where a name or alias stands: nowhere, in prose only, in a title or column
_UNTRAINED = (0.05, 0.9, 0.9)


class AliasTagger:
    """The built-in tagger: a tag applies where its name or one of its aliases stands."""

    def score(self, briefs: Sequence[Brief], tags: Sequence[TagSpec]) -> list[list[TagScore]]:
        """Return for each Brief one TagScore per tag, in the order of `tags`."""
        return [[self._score(source, tag) for tag in tags] for source in map(_Source.of, briefs)]

    def save(self, folder: Path) -> None:
        """Write nothing: there is nothing learnt."""

    def _score(self, source: "_Source", tag: TagSpec) -> TagScore:
        state, word = source.alias_match(tag)
        return TagScore(name=tag.name, proba=_UNTRAINED[state], threshold=0.5, reasons=(word,) if word else ())


class LinearTagger:
    """Calibrated logistic regression per tag on words, pieces of words and alias matches."""

    def __init__(
        self,
        *,
        vectorizer: TfidfVectorizer,
        names: Sequence[str],
        weights: FloatArray,
        intercepts: FloatArray,
        thresholds: FloatArray,
        alias_logits: FloatArray,
        calibration: FloatArray,
        threshold: float,
    ) -> None:
        """Take the learnt state.

        names: the k tags with examples. weights: (features, k). intercepts, thresholds: (k,). alias_logits: (3,),
        log-odds by where an alias stands. calibration: (2,), slope and shift of the log-odds. threshold: for any
        other tag.
        """
        self._vectorizer = vectorizer
        self._column = {name: j for j, name in enumerate(names)}
        self._weights, self._intercepts, self._thresholds = weights, intercepts, thresholds
        self._alias_logits, self._calibration, self._threshold = alias_logits, calibration, threshold
        # How often the other tags apply without their aliases says nothing of a tag that nobody has used yet.
        self._unseen_logits = np.minimum(alias_logits, [logit(_UNTRAINED[_NONE]), np.inf, np.inf])
        self._pieces = vectorizer.get_feature_names_out()

    @classmethod
    def learned(cls, examples: Sequence[Example], tags: Sequence[TagSpec], *, seed: int) -> "LinearTagger":
        """Learn from the examples whose tags are known; raises TrainingFailed when there are none or no tags."""
        # Threads of BLAS spin while they wait: on busy cores two of them took ten times as long as one.
        with threadpool_limits(1):
            return cls._learned(examples, tags, seed=seed)

    @classmethod
    def _learned(cls, examples: Sequence[Example], tags: Sequence[TagSpec], *, seed: int) -> "LinearTagger":
        known = [example for example in examples if example.tags is not None]
        if not known or not tags:
            raise TrainingFailed("there is no example with tags to learn from; review some products first")
        if len(known) > MOST_EXAMPLES:
            chosen = np.random.default_rng(seed).choice(len(known), MOST_EXAMPLES, replace=False)
            known = [known[i] for i in sorted(chosen)]
        sources = [_Source.of(example.brief) for example in known]
        states = np.array([[source.alias_match(tag)[0] for tag in tags] for source in sources])
        truth = np.array([[tag.name in (example.tags or ()) for tag in tags] for example in known], dtype=float)
        alias_logits = _alias_logits(states, truth)
        vectorizer = _vectorizer(min_df=2 if len(known) > 20 else 1)
        x = vectorizer.fit_transform([source.text for source in sources])
        offsets, gram = alias_logits[states], (x @ x.T).toarray()
        fold = folds([example.family for example in known], _N_FOLDS, seed=seed)
        crossed = _cross_fitted(gram, offsets, truth, fold)
        calibration = _calibration(crossed, truth)
        proba = expit(calibration[0] * crossed + calibration[1])
        seen = np.flatnonzero(truth.any(axis=0))
        general = _best_threshold(proba.ravel(), truth.ravel())
        dual, intercepts = _fitted(gram, offsets[:, seen], truth[:, seen])
        return cls(
            vectorizer=vectorizer,
            names=[tags[j].name for j in seen],
            weights=np.asarray(x.T @ dual),
            intercepts=intercepts,
            thresholds=np.array([_shrunk_threshold(proba[:, j], truth[:, j], general) for j in seen]),
            alias_logits=alias_logits,
            calibration=calibration,
            threshold=general,
        )

    def score(self, briefs: Sequence[Brief], tags: Sequence[TagSpec]) -> list[list[TagScore]]:
        """Return for each Brief one TagScore per tag, in the order of `tags`; a tag never seen by its aliases."""
        sources = [_Source.of(brief) for brief in briefs]
        x = csr_matrix(self._vectorizer.transform([source.text for source in sources]))
        learnt = np.asarray(x @ self._weights) + self._intercepts
        slope, shift = self._calibration
        scores: list[list[TagScore]] = []
        for i, source in enumerate(sources):
            own: list[TagScore] = []
            for tag in tags:
                state, word = source.alias_match(tag)
                j = self._column.get(tag.name)
                log_odds = self._unseen_logits[state] if j is None else self._alias_logits[state] + learnt[i, j]
                threshold = float(self._thresholds[j]) if j is not None else self._threshold
                proba = float(expit(slope * log_odds + shift))
                reasons: tuple[str, ...] = (word,) if word else ()
                if j is not None and proba >= threshold / 2:  # reasons cost time and are read where a tag is likely
                    reasons = self._reasons(source, x[i], j, word)
                own.append(TagScore(name=tag.name, proba=proba, threshold=threshold, reasons=reasons))
            scores.append(own)
        return scores

    def probabilities(self, briefs: Sequence[Brief], tags: Sequence[TagSpec]) -> FloatArray:
        """Return the probability that each tag applies to each product: (n, k), in the orders given, [0, 1]."""
        sources = [_Source.of(brief) for brief in briefs]
        x = csr_matrix(self._vectorizer.transform([source.text for source in sources]))
        states = np.array([[source.alias_match(tag)[0] for tag in tags] for source in sources], dtype=np.int64)
        log_odds = self._unseen_logits[states.reshape(len(sources), len(tags))]
        own = [(j, self._column[tag.name]) for j, tag in enumerate(tags) if tag.name in self._column]
        if own:
            here, there = map(list, zip(*own, strict=True))
            log_odds[:, here] = self._alias_logits[states[:, here]] + x @ self._weights[:, there]
            log_odds[:, here] += self._intercepts[there]
        slope, shift = self._calibration
        return np.asarray(expit(slope * log_odds + shift))

    def thresholds(self, tags: Sequence[TagSpec]) -> FloatArray:
        """Return the probability that each tag must reach to be proposed: (k,), in the order given, [0, 1]."""
        columns = [self._column.get(tag.name) for tag in tags]
        return np.array([self._threshold if j is None else self._thresholds[j] for j in columns])

    def save(self, folder: Path) -> None:
        """Write the vocabulary and names as JSON and the arrays as safetensors."""
        names = {"names": list(self._column), "pieces": self._pieces.tolist(), "threshold": self._threshold}
        (folder / "tagger.json").write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")
        arrays = {
            "idf": self._vectorizer.idf_,
            "weights": self._weights.astype(np.float32),
            "intercepts": self._intercepts,
            "thresholds": self._thresholds,
            "alias_logits": self._alias_logits,
            "calibration": self._calibration,
        }
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, folder / "tagger.safetensors")

    @classmethod
    def load(cls, folder: Path) -> "LinearTagger":
        """Read what `save` wrote; raises ValueError where the parts do not fit each other."""
        names = json.loads((folder / "tagger.json").read_text(encoding="utf-8"))
        arrays = load_file(folder / "tagger.safetensors")
        if not 0 <= (threshold := float(names["threshold"])) <= 1:
            raise ValueError(f"its threshold {threshold} is no probability")
        n, k = len(names["pieces"]), len(names["names"])
        shapes = {"idf": (n,), "weights": (n, k), "intercepts": (k,), "thresholds": (k,)}
        for name, shape in {**shapes, "alias_logits": (3,), "calibration": (2,)}.items():
            if arrays[name].shape != shape or not np.isfinite(arrays[name]).all():
                raise ValueError(f"its {name} fit neither words nor tags, or are no numbers")
        vectorizer = _vectorizer(vocabulary={piece: i for i, piece in enumerate(names["pieces"])})
        vectorizer.idf_ = arrays["idf"]
        return cls(
            vectorizer=vectorizer,
            names=names["names"],
            weights=arrays["weights"].astype(np.float64),
            intercepts=arrays["intercepts"],
            thresholds=arrays["thresholds"],
            alias_logits=arrays["alias_logits"],
            calibration=arrays["calibration"],
            threshold=threshold,
        )

    def _reasons(self, source: "_Source", row: csr_matrix, j: int, alias: str) -> tuple[str, ...]:
        """Return the alias and the words of the source that, with their pieces, spoke loudest for a tag."""
        contributions = dict(zip(self._pieces[row.indices], row.data * self._weights[row.indices, j], strict=True))
        loudness = {word: sum(contributions.get(p, 0.0) for p in _pieces_of_word(word)) for word in _units(source.text)}
        found = [alias] if alias else []
        for word in sorted(loudness, key=lambda word: -loudness[word]):
            if loudness[word] < _LEAST_CONTRIBUTION or len(found) >= _MOST_REASONS:
                break
            if not any(word in other.lower() for other in found):
                found.append(word)
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """What a tagger reads of a Brief: columns count more than prose."""

    columns: str
    prose: str

    @classmethod
    def of(cls, brief: Brief) -> "_Source":
        columns = [brief.title, *brief.category, brief.brand]
        columns += [f"{value}" if _speaks_for_itself(value) else f"{name} {value}" for name, value in brief.attributes]
        return cls(
            columns=normal_form(" | ".join(columns)).lower().replace("_", " "),
            prose=normal_form(brief.description[:_LONGEST_DESCRIPTION]).lower(),
        )

    @property
    def text(self) -> str:
        return f"{self.columns} | {self.prose}"

    def alias_match(self, tag: TagSpec) -> tuple[int, str]:
        """Return where the tag's name or an alias stands, and which."""
        for state, text in ((_STRONG, self.columns), (_WEAK, self.prose)):
            for word in (tag.name, *tag.aliases):
                if _stands_in(word, text):
                    return state, word
        return _NONE, ""


def _speaks_for_itself(value: str) -> bool:
    """Say whether a column's value means something without its name; a single word, as yes or 3, does not."""
    return len(words(value)) > 1


@lru_cache(maxsize=100_000)
def _phrase(word: str) -> tuple[str, re.Pattern[str] | None]:
    phrase = normal_form(word).lower()
    if re.search(f"[{HAN}]", phrase):
        return phrase, None
    return phrase, re.compile(rf"(?<![a-z0-9]){re.escape(phrase)}(?![a-z0-9])")


def _stands_in(word: str, text: str) -> bool:
    phrase, whole_word = _phrase(word)
    # The substring test is cheap and nearly always enough to say no.
    return bool(phrase) and phrase in text and (whole_word is None or whole_word.search(text) is not None)


def _vectorizer(**options: object) -> TfidfVectorizer:
    return TfidfVectorizer(
        analyzer=_pieces, sublinear_tf=True, max_features=None if "vocabulary" in options else 60_000, **options
    )


def _pieces(text: str) -> Iterator[str]:
    """Yield words ("w:"), pairs of neighbouring words and pieces of words ("c:"); of Han runs pieces of 1 to 3."""
    found = words(text)
    for word in found:
        yield from _pieces_of_word(word)
    for a, b in itertools.pairwise(found):
        yield f"w:{a}{b}" if re.match(f"[{HAN}]", a) and re.match(f"[{HAN}]", b) else f"w:{a} {b}"
    for run in re.findall(f"[{HAN}]{{3,}}", text):
        yield from (f"w:{run[i : i + 3]}" for i in range(len(run) - 2))


@lru_cache(maxsize=200_000)
def _pieces_of_word(word: str) -> tuple[str, ...]:
    padded = f" {word} "
    pieces = [padded[i : i + n] for n in (3, 4, 5) for i in range(len(padded) - n + 1)] if len(word) > 2 else []
    return (f"w:{word}", *(f"c:{piece}" for piece in pieces))


def _units(text: str) -> set[str]:
    """Return the words a reason may name: of Han runs pairs of characters."""
    pairs = {run[i : i + 2] for run in re.findall(f"[{HAN}]+", text) for i in range(len(run) - 1)}
    return pairs | {word for word in words(text) if len(word) > 2}


def _alias_logits(states: NDArray[np.int64], truth: FloatArray) -> FloatArray:
    """Return the log-odds of a tag by where its aliases stand: (3,), smoothed towards the untrained ones."""
    weight = 5.0
    odds = [
        (truth[states == state].sum() + weight * prior) / ((states == state).sum() + weight)
        for state, prior in enumerate(_UNTRAINED)
    ]
    return np.asarray(logit(odds))


def _cross_fitted(gram: FloatArray, offsets: FloatArray, truth: FloatArray, fold: NDArray[np.int64]) -> FloatArray:
    """Return every product's log-odds by a model that never saw its family: (n, k)."""
    crossed = offsets.copy()
    for i in np.unique(fold):
        train, rest = np.flatnonzero(fold != i), np.flatnonzero(fold == i)
        if len(train) == 0:
            continue  # one family: the aliases alone answer
        dual, intercepts = _fitted(gram[np.ix_(train, train)], offsets[train], truth[train])
        crossed[rest] += gram[np.ix_(rest, train)] @ dual + intercepts
    return crossed


def _fitted(gram: FloatArray, offsets: FloatArray, truth: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Fit L2-penalised logistic regression to all tags at once.

    gram: (n, n), products of the rows of x. offsets: (n, k), log-odds known beforehand. truth: (n, k), 0 or 1.
    Returns dual: (n, k), with weights = x.T @ dual, and intercepts: (k,). The rows are turned into the n coordinates
    in which the Gram matrix is diagonal: the same optimum, and a dense problem of n instead of 60,000 columns.
    """
    n, k = truth.shape
    values, vectors = eigh(gram, subset_by_index=(max(0, n - _MOST_COORDINATES), n - 1))
    kept = values > 1e-6 * max(values[-1], 1e-12)
    # Single precision halves the time of the two products and is far finer than the figures need.
    z = np.hstack([vectors[:, kept] * np.sqrt(values[kept]), np.ones((n, 1))]).astype(np.float32)

    def loss(flat: FloatArray) -> tuple[float, FloatArray]:
        beta = flat.reshape(-1, k)
        log_odds = z @ beta.astype(np.float32) + offsets
        value = np.logaddexp(0, log_odds).sum() - (truth * log_odds).sum() + (beta**2).sum() / (2 * _STRENGTH)
        gradient = z.T @ (expit(log_odds) - truth).astype(np.float32) + beta / _STRENGTH
        return float(value), gradient.ravel()

    start = np.zeros(z.shape[1] * k)
    beta = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 40}).x.reshape(-1, k)
    return vectors[:, kept] / np.sqrt(values[kept]) @ beta[:-1], beta[-1]


def _calibration(log_odds: FloatArray, truth: FloatArray) -> FloatArray:
    """Return slope and shift that make the cross-fitted log-odds honest over all tags (Platt 1999): (2,)."""
    x, y = log_odds.ravel(), truth.ravel()

    def loss(given: FloatArray) -> tuple[float, FloatArray]:
        adjusted = given[0] * x + given[1]
        error = expit(adjusted) - y
        # A weak pull towards (1, 0) keeps a handful of cells from an infinite slope.
        value = np.logaddexp(0, adjusted).sum() - (y * adjusted).sum() + (given[0] - 1) ** 2 + given[1] ** 2
        gradient = np.array([(error * x).sum() + 2 * (given[0] - 1), error.sum() + 2 * given[1]])
        return float(value), gradient

    return np.asarray(minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B").x)


def _best_threshold(proba: FloatArray, truth: FloatArray) -> float:
    """Return the threshold of the best F1, 0.5 where there is no positive; proba, truth: (n,)."""
    if not truth.any():
        return 0.5
    order = np.argsort(-proba, kind="stable")
    hits = np.cumsum(truth[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + truth.sum())
    best = int(np.argmax(f1))
    after = proba[order[best + 1]] if best + 1 < len(order) else 0.0
    return float(np.clip((proba[order[best]] + after) / 2, 0.1, 0.9))


def _shrunk_threshold(proba: FloatArray, truth: FloatArray, general: float) -> float:
    """Pull a tag's own threshold towards the general one, the more the fewer positives it has."""
    n = float(truth.sum())
    return (n * _best_threshold(proba, truth) + _PRIOR_POSITIVES * general) / (n + _PRIOR_POSITIVES)
