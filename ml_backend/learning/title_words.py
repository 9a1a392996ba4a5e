"""How likely each word is to stand in a product's title, judged by its near products and by what its Brief holds.

A small network (one hidden layer) over a few signs of each word; learnt from titles whose own family is left out of
the near products. From the probabilities comes the word F1 that a title may be expected to reach.
"""

import json
import warnings
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from ml_backend.contract import Brief, Example, from_json
from ml_backend.learning.neighbours import Neighbour, Neighbours
from ml_backend.learning.title_facts import field_name
from ml_backend.rules.text import words

FILE = "title_words.json"
N_NEAREST = 15
# One product in COLD_EVERY is learnt from as if its nearest FAR were not known: products of a new category come, too.
FAR, COLD_EVERY = 100, 3
_MOST_EXAMPLES = 1500  # more teach a dozen signs nothing new
_MOST_PROSE_WORDS = 60
_LONGEST_VALUE = 60  # characters; longer values are prose
_SHARPNESS = 4
_HIDDEN, _BATCH = 24, 512
_LEAST_EPOCHS, _LEAST_STEPS = 12, 600
_PRIOR = 2.0  # pseudo-counts of the shares by field and by word
_BRAND, _CATEGORY, _PROSE = "brand", "category", "description"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Network:
    """Weights of the hidden layer (n_signs, hidden) and the output (hidden, 1), with the signs' means and spreads."""

    means: list[float]
    spreads: list[float]
    hidden: list[list[float]]
    hidden_bias: list[float]
    output: list[list[float]]
    output_bias: list[float]


class TitleWords:
    """Probabilities of words by what near titles and the Brief hold."""

    def __init__(self, network: _Network, told: Mapping[str, float], known: Mapping[str, float]) -> None:
        """Take the network, by word how often it stood in the title when the Brief held it, and its share of titles."""
        self._means, self._spreads = np.array(network.means), np.array(network.spreads)
        self._hidden, self._hidden_bias = np.array(network.hidden), np.array(network.hidden_bias)
        self._output, self._output_bias = np.array(network.output), np.array(network.output_bias)
        self._network, self._told, self._known = network, dict(told), dict(known)

    @classmethod
    def learned(cls, examples: Sequence[Example], neighbours: Neighbours, *, seed: int) -> "TitleWords | None":
        """Learn from Examples with a title that the neighbours know; None when they are too few to learn from."""
        titled = [example for example in examples if example.title]
        told, known = _shares(titled)
        some = [titled[i] for i in np.random.default_rng(seed).permutation(len(titled))[:_MOST_EXAMPLES]]
        briefs, families = [e.brief for e in some], [e.family for e in some]
        near = neighbours.nearest(briefs, N_NEAREST, families=families)
        far = neighbours.nearest(briefs, N_NEAREST, families=families, skip=FAR)
        near = [far[i] if i % COLD_EVERY == 0 and far[i] else own for i, own in enumerate(near)]
        rows, labels = [], []
        for example, own in zip(some, near, strict=True):
            signs = _signs(example.brief, own, told, known)
            title = set(words(example.title or ""))
            rows += list(signs.values())
            labels += [word in title for word in signs]
        if not 0 < sum(labels) < len(labels):
            return None
        x = np.array(rows)
        means, spreads = x.mean(axis=0), x.std(axis=0) + 1e-6
        batch = min(_BATCH, len(rows))
        epochs = max(_LEAST_EPOCHS, _LEAST_STEPS * batch // len(rows))
        network = MLPClassifier(
            (_HIDDEN,), alpha=1e-3, batch_size=batch, learning_rate_init=3e-3, max_iter=epochs, random_state=seed
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # a few epochs are enough: it is bounded on purpose
            network.fit((x - means) / spreads, np.array(labels))
        return cls(
            _Network(
                means=means.tolist(),
                spreads=spreads.tolist(),
                hidden=network.coefs_[0].tolist(),
                hidden_bias=network.intercepts_[0].tolist(),
                output=network.coefs_[1].tolist(),
                output_bias=network.intercepts_[1].tolist(),
            ),
            told,
            known,
        )

    def probabilities(self, brief: Brief, near: Sequence[Neighbour]) -> dict[str, float]:
        """Return by word, of the near titles and the Brief, how likely the title holds it."""
        signs = _signs(brief, near, self._told, self._known)
        if not signs:
            return {}
        x = (np.array(list(signs.values())) - self._means) / self._spreads
        hidden = np.maximum(x @ self._hidden + self._hidden_bias, 0.0)
        values: NDArray[np.float64] = 1 / (1 + np.exp(-(hidden @ self._output + self._output_bias)[:, 0]))
        return dict(zip(signs, values.tolist(), strict=True))

    def save(self, folder: Path) -> None:
        """Write all as JSON."""
        data = {"network": asdict(self._network), "told": self._told, "known": self._known}
        (folder / FILE).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")

    @staticmethod
    def is_in(folder: Path) -> bool:
        """Say whether a folder holds what `save` writes."""
        return (folder / FILE).is_file()

    @classmethod
    def load(cls, folder: Path) -> "TitleWords":
        """Read what `save` wrote; raises BadRequest, KeyError, TypeError or ValueError on anything else."""
        data = json.loads((folder / FILE).read_text(encoding="utf-8"))
        told, known = (from_json(dict[str, float], data[name]) for name in ("told", "known"))
        return cls(from_json(_Network, data["network"]), told, known)


def expected_f1(title: str, probabilities: Mapping[str, float]) -> float:
    """Return the word F1 that a title may be expected to reach, order left aside, in [0, 1]."""
    own = words(title)
    expected = sum(probabilities.values())
    return 2 * sum(probabilities.get(word, 0.0) for word in set(own)) / max(len(own) + expected, 1e-9)


def _sources(brief: Brief) -> dict[str, set[str]]:
    """Return the words of a Brief by the fields that they stand in."""
    found = {_BRAND: set(words(brief.brand)), _CATEGORY: set(words(" ".join(brief.category[-1:])))}
    for name, value in brief.attributes:
        if len(value) <= _LONGEST_VALUE:
            found.setdefault(field_name(name), set()).update(words(value))
    found[_PROSE] = set(words(brief.description)[:_MOST_PROSE_WORDS])
    return found


def _shares(titled: Sequence[Example]) -> tuple[dict[str, float], dict[str, float]]:
    """Return by word how often it stood in the title when the Brief held it, and its share of all titles."""
    held: Counter[str] = Counter()
    told: Counter[str] = Counter()
    titles: Counter[str] = Counter()
    for example in titled:
        title = set(words(example.title or ""))
        own = set().union(*_sources(example.brief).values())
        held.update(own)
        told.update(own & title)
        titles.update(title)
    mean = told.total() / max(held.total(), 1)
    rates = {word: (told[word] + _PRIOR * mean) / (n + _PRIOR) for word, n in held.items() if n > 1}
    return {**rates, "": mean}, {word: n / len(titled) for word, n in titles.items() if n > 1}


def _signs(
    brief: Brief, near: Sequence[Neighbour], told: Mapping[str, float], known: Mapping[str, float]
) -> dict[str, list[float]]:
    """Return for each word of the near titles and the Brief what speaks for it."""
    total = sum(one.similarity**_SHARPNESS for one in near) or 1.0
    sharp: dict[str, float] = defaultdict(float)
    flat: dict[str, float] = defaultdict(float)
    field_told: dict[str, float] = defaultdict(float)
    field_held: dict[str, float] = defaultdict(float)
    word_told: dict[str, float] = defaultdict(float)
    word_held: dict[str, float] = defaultdict(float)
    for one in near:
        weight, title = one.similarity**_SHARPNESS / total, set(words(one.title))
        for word in title:
            sharp[word] += weight
            flat[word] += 1 / len(near)
        for name, own in _sources(one.brief).items():
            if own:
                field_held[name] += 1
                field_told[name] += len(own & title) / len(own)
            for word in own:
                word_held[word] += 1
                word_told[word] += word in title
    sources = _sources(brief)
    fields: dict[str, list[str]] = defaultdict(list)
    for name, own in sources.items():
        for word in own:
            fields[word].append(name)
    mean = told[""]
    found = {}
    for word in sorted({*sharp, *fields}):
        names = fields.get(word, [])
        local = max(((field_told[n] + _PRIOR * mean) / (field_held[n] + _PRIOR) for n in names), default=0.0)
        found[word] = [
            sharp[word],
            flat[word],
            float(bool(names)),
            float(_BRAND in names),
            float(_CATEGORY in names),
            float(_PROSE in names),
            float(any(name not in (_BRAND, _CATEGORY, _PROSE) for name in names)),
            local,
            told.get(word, mean) if names else 0.0,
            (word_told[word] + _PRIOR * mean) / (word_held[word] + _PRIOR),
            float(known.get(word, 0.0) > 0),
            float(np.log1p(1000 * known.get(word, 0.0))),
            float(word[0].isdigit()),
            near[0].similarity if near else 0.0,
            float(min(len(names), 3)),
        ]
    return found
