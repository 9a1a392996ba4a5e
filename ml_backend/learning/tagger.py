"""Taggers: one that knows only names and aliases, and one that learns from Decisions.

This module turns Briefs into arrays, names the words that spoke for a tag, and keeps a model as files; what is learnt,
and what each part of it brought, is told in tag_features.py, tag_model.py and tag_cells.py.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from ml_backend.contract import Brief, Example, TagScore, TagSpec
from ml_backend.errors import TrainingFailed
from ml_backend.learning import tag_cells
from ml_backend.learning.splits import folds
from ml_backend.learning.tag_features import N_FIELDS, TagFeatures, piece_terms, units
from ml_backend.learning.tag_model import N_FOLDS, UNTRAINED, TagModel, landmarks
from ml_backend.learning.tag_texts import NONE, States, TagText, alias_states

FloatArray = NDArray[np.float32]

_BATCH = 1000  # products at a time: the likeness to all landmarks is dense
_COMMON = 0.1  # part of the remembered products, from which on a term is common
_MOST_REASONS = 3
_LEAST_CONTRIBUTION = 0.01  # of a ridge score, in which 1 is a tag for certain
_THRESHOLD = 0.5  # of a tagger that has learnt nothing


class AliasTagger:
    """The built-in tagger: a tag applies where its name or one of its aliases stands."""

    def score(self, briefs: Sequence[Brief], tags: Sequence[TagSpec]) -> list[list[TagScore]]:
        """Return for each Brief one TagScore per tag, in the order of `tags`."""
        texts = [TagText.of(brief) for brief in briefs]
        return [
            [
                TagScore(
                    name=tag.name,
                    proba=UNTRAINED[state],
                    threshold=_THRESHOLD,
                    reasons=(text.alias_match(tag),) if state != NONE else (),
                )
                for tag, state in zip(tags, own, strict=True)
            ]
            for text, own in zip(texts, alias_states(texts, tags), strict=True)
        ]

    def save(self, folder: Path) -> None:
        """Write nothing: there is nothing learnt."""


class LinearTagger:
    """Calibrated probabilities from words, pieces of words, near products, names and aliases."""

    def __init__(self, *, features: TagFeatures, names: Sequence[str], model: TagModel, remembered: csr_matrix) -> None:
        """Take the learnt state; names: the k tags of the model, remembered: its landmarks' features, (m, columns)."""
        self._features, self._names, self._model, self._remembered = features, tuple(names), model, remembered
        self._column = {name: j for j, name in enumerate(names) if model.known[j]}
        self._terms = features.terms()
        self._by_column = remembered.tocsc()

    @classmethod
    def learned(cls, examples: Sequence[Example], tags: Sequence[TagSpec], *, seed: int) -> "LinearTagger":
        """Learn from the examples whose tags are known; raises TrainingFailed when there are none or no tags."""
        return cls.learned_and_crossed(examples, tags, seed=seed)[0]

    @classmethod
    def learned_and_crossed(
        cls, examples: Sequence[Example], tags: Sequence[TagSpec], *, seed: int
    ) -> "tuple[LinearTagger, FloatArray]":
        """Learn as `learned`; and return the probabilities of those examples' tags by cross-fitting: (n, k)."""
        known = [example for example in examples if example.tags is not None]
        if not known or not tags:
            raise TrainingFailed("there is no example with tags to learn from; review some products first")
        # Threads of BLAS spin while they wait: on busy cores two of them took ten times as long as one.
        with threadpool_limits(1):
            return cls._learned(known, tags, seed=seed)

    @classmethod
    def _learned(
        cls, examples: Sequence[Example], tags: Sequence[TagSpec], *, seed: int
    ) -> "tuple[LinearTagger, FloatArray]":
        texts = [TagText.of(example.brief) for example in examples]
        features, x = TagFeatures.learned(texts)
        truth = truth_of(examples, tags)
        chosen = landmarks(truth, seed=seed)
        fold = folds([example.family for example in examples], N_FOLDS, seed=seed)
        states = alias_states(texts, tags)
        model, crossed = TagModel.learned_and_crossed(likeness(x, x[chosen]), chosen, truth, states, fold, seed=seed)
        return cls(features=features, names=[tag.name for tag in tags], model=model, remembered=x[chosen]), crossed

    @property
    def learnt_names(self) -> frozenset[str]:
        """Return the names of the tags that were learnt from examples; see tag_names.py."""
        return frozenset(self._column)

    def probabilities(self, briefs: Sequence[Brief], tags: Sequence[TagSpec]) -> FloatArray:
        """Return the probability that each tag applies to each product: (n, k), in the orders given, [0, 1]."""
        return self._probabilities([TagText.of(brief) for brief in briefs], tags)[0]

    def thresholds(self, tags: Sequence[TagSpec]) -> FloatArray:
        """Return the probability that each tag must reach to be proposed: (k,), in the order given, [0, 1]."""
        columns = [self._column.get(tag.name) for tag in tags]
        own, cold = self._model.thresholds, self._model.cold_threshold
        return np.array([cold if j is None else own[j] for j in columns], dtype=np.float32)

    def score(self, briefs: Sequence[Brief], tags: Sequence[TagSpec]) -> list[list[TagScore]]:
        """Return for each Brief one TagScore per tag, in the order of `tags`; a tag never seen by its aliases."""
        texts = [TagText.of(brief) for brief in briefs]
        proba, states, x = self._probabilities(texts, tags)
        thresholds = self.thresholds(tags)
        scores: list[list[TagScore]] = []
        for i, text in enumerate(texts):
            # Reasons cost time and are read where a tag is likely.
            likely = np.flatnonzero(proba[i] >= thresholds / 2)
            reasons = self._reasons(text, x[i], [tags[j] for j in likely], states[i, likely])
            found = dict(zip(likely.tolist(), reasons, strict=True))
            scores.append(
                [
                    TagScore(
                        name=tag.name,
                        proba=float(proba[i, j]),
                        threshold=float(thresholds[j]),
                        reasons=found.get(j, ()),
                    )
                    for j, tag in enumerate(tags)
                ]
            )
        return scores

    def reasons(self, briefs: Sequence[Brief], tags: Sequence[Sequence[TagSpec]]) -> list[list[tuple[str, ...]]]:
        """Return, for each Brief and each of its own tags, the words of the source that spoke for the tag."""
        texts = [TagText.of(brief) for brief in briefs]
        x = self._features.of(texts)
        return [
            self._reasons(text, x[i], own, alias_states([text], own)[0])
            for i, (text, own) in enumerate(zip(texts, tags, strict=True))
        ]

    def save(self, folder: Path) -> None:
        """Write words, pieces and names as JSON and the arrays as safetensors."""
        told = {
            "names": self._names,
            "words": list(self._features.words),
            "pieces": list(self._features.pieces),
            "cold_threshold": self._model.cold_threshold,
        }
        (folder / "tagger.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        arrays = {
            "word_idf": self._features.word_idf,
            "piece_idf": self._features.piece_idf,
            "values": self._remembered.data,
            "columns": self._remembered.indices.astype(np.int32),
            "starts": self._remembered.indptr.astype(np.int64),
            "dual": self._model.dual,
            "truth": self._model.truth.astype(np.uint8),
            "shares": self._model.shares,
            "cold": self._model.cold,
            "weights": self._model.weights,
            "thresholds": self._model.thresholds,
            "known": self._model.known.astype(np.uint8),
        }
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, folder / "tagger.safetensors")

    @classmethod
    def load(cls, folder: Path) -> "LinearTagger":
        """Read what `save` wrote; raises ValueError where the parts do not fit each other."""
        told = json.loads((folder / "tagger.json").read_text(encoding="utf-8"))
        arrays = load_file(folder / "tagger.safetensors")
        if not 0 <= (cold_threshold := float(told["cold_threshold"])) <= 1:
            raise ValueError(f"its threshold {cold_threshold} is no probability")
        _check_arrays(arrays, n_words=len(told["words"]), n_pieces=len(told["pieces"]), k=len(told["names"]))
        features = TagFeatures(
            words={word: i for i, word in enumerate(told["words"])},
            pieces={piece: i for i, piece in enumerate(told["pieces"])},
            word_idf=arrays["word_idf"],
            piece_idf=arrays["piece_idf"],
        )
        model = TagModel(
            dual=arrays["dual"],
            truth=arrays["truth"].astype(np.float32),
            shares=arrays["shares"],
            cold=arrays["cold"],
            weights=arrays["weights"],
            thresholds=arrays["thresholds"],
            cold_threshold=cold_threshold,
            known=arrays["known"].astype(bool),
        )
        shape = (len(arrays["dual"]), features.n_columns)
        remembered = csr_matrix((arrays["values"], arrays["columns"], arrays["starts"]), shape=shape)
        remembered.check_format()
        return cls(features=features, names=told["names"], model=model, remembered=remembered)

    def _probabilities(
        self, texts: Sequence[TagText], tags: Sequence[TagSpec]
    ) -> tuple[FloatArray, States, csr_matrix]:
        """Return probabilities (n, k), where names stand (n, k), and the products' features."""
        states, x = alias_states(texts, tags), self._features.of(texts)
        proba = self._model.cold[states]
        own = [(j, self._column[tag.name]) for j, tag in enumerate(tags) if tag.name in self._column]
        if own:
            here, there = map(list, zip(*own, strict=True))
            model = self._model.of_tags(there)
            for start in range(0, len(texts), _BATCH):
                batch = slice(start, start + _BATCH)
                proba[batch, here] = model.probabilities(likeness(x[batch], self._remembered), states[batch, here])
        return proba, states, x

    def _reasons(
        self, text: TagText, row: csr_matrix, tags: Sequence[TagSpec], states: States
    ) -> list[tuple[str, ...]]:
        """Return for each tag the alias and the words of the source that, with their pieces, spoke loudest for it."""
        aliases = [text.alias_match(tag) if state != NONE else "" for tag, state in zip(tags, states, strict=True)]
        columns = [self._column.get(tag.name) for tag in tags]
        learnt = [j for j in columns if j is not None]
        weights = self._by_column[:, row.indices].T @ self._model.dual[:, learnt]
        place = {j: i for i, j in enumerate(learnt)}
        return [
            self._loudest(text, row, None if j is None else weights[:, place[j]], alias)
            for j, alias in zip(columns, aliases, strict=True)
        ]

    def _loudest(self, text: TagText, row: csr_matrix, weights: FloatArray | None, alias: str) -> tuple[str, ...]:
        found = [alias] if alias else []
        if weights is None:
            return tuple(found)
        by_term: defaultdict[str, float] = defaultdict(float)
        for column, contribution in zip(row.indices, row.data * weights, strict=True):
            by_term[self._terms[column]] += float(contribution)
        loudness = {unit: _contribution(unit, by_term) for unit in units(" | ".join(text.fields))}
        for unit in sorted(loudness, key=lambda unit: (-loudness[unit], unit)):
            if loudness[unit] < _LEAST_CONTRIBUTION or len(found) >= _MOST_REASONS:
                break
            if not any(unit in other.lower() for other in found):
                found.append(unit)
        return tuple(found)


def truth_of(examples: Sequence[Example], tags: Sequence[TagSpec]) -> FloatArray:
    """Return which tags people gave which products: (n, k) of 0 and 1."""
    column = {tag.name: j for j, tag in enumerate(tags)}
    truth = np.zeros((len(examples), len(tags)), dtype=np.float32)
    for i, example in enumerate(examples):
        truth[i, [column[name] for name in example.tags or () if name in column]] = 1
    return truth


def likeness(x: csr_matrix, remembered: csr_matrix) -> FloatArray:
    """Return the cosine of each product to each remembered one: (n, m), [0, 1].

    Terms of many products are multiplied as dense arrays, which takes a fraction of the time that sparse ones take.
    """
    is_common = remembered.getnnz(axis=0) > _COMMON * remembered.shape[0]
    common, rare = np.flatnonzero(is_common), np.flatnonzero(~is_common)
    found = np.asarray((x[:, rare] @ remembered[:, rare].T).toarray(), dtype=np.float32)
    dense = remembered[:, common].toarray().T
    for start in range(0, len(found), _BATCH):
        found[start : start + _BATCH] += x[start : start + _BATCH, common].toarray() @ dense
    return found


def _contribution(unit: str, by_term: dict[str, float]) -> float:
    return by_term.get(f"w:{unit}", 0.0) + sum(by_term.get(f"c:{piece}", 0.0) for piece in piece_terms(unit))


def _check_arrays(arrays: dict[str, NDArray[np.float32]], *, n_words: int, n_pieces: int, k: int) -> None:
    m, n_values = len(arrays["starts"]) - 1, len(arrays["values"])
    shapes: dict[str, tuple[int, ...]] = {
        "word_idf": (N_FIELDS, n_words),
        "piece_idf": (N_FIELDS, n_pieces),
        "values": (n_values,),
        "columns": (n_values,),
        "dual": (m, k),
        "truth": (m, k),
        "shares": (len(UNTRAINED), k),
        "cold": (len(UNTRAINED),),
        "weights": tag_cells.EXPECTED.shape,
        "thresholds": (k,),
        "known": (k,),
    }
    for name, shape in shapes.items():
        if arrays[name].shape != shape or not np.isfinite(arrays[name]).all():
            raise ValueError(f"its {name} fit neither words nor tags, or are no numbers")
