"""How good the tagger is on a catalog, against the protocol's baseline (see tags_protocol.py).

`python -m benchmarks.tags CATALOG.jsonl.gz [--input title,description,…] [--folds N] [--parting N] [--out FILE.json]`

It learns from the products outside the test quarter and is told on that quarter; with --folds, also by cross-validation
on the former. With --parting it leaves the test quarter out and is told on another quarter: choices are made by these
two. A second training hides some tags: what their names alone are worth.
"""

import argparse
import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import tags_protocol
from benchmarks.protocol import Row, family, read
from ml_backend.contract import Brief, ChannelRules, Example, TagSpec
from ml_backend.learning.ensemble_training import peak_mb
from ml_backend.learning.splits import folds
from ml_backend.learning.tagger import LinearTagger

# Attributes are left out unless they are asked for: many catalogs' tags restate them.
DEFAULT_INPUT = ("title", "description", "brand", "category")
LONGEST = 800  # characters a tagger may read, as tags_protocol.text_of
BASELINE_THRESHOLD = 0.35
MOST_HIDDEN = 20
_CHANNEL = ChannelRules(key="shop", max_length=250)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """A catalog's n products, its k tags, what is true, (n, k) of 0 and 1, and which rows train and which measure."""

    rows: Sequence[Row]
    fields: Sequence[str]
    examples: Sequence[Example]
    tags: Sequence[TagSpec]
    truth: NDArray[np.int8]
    train: NDArray[np.int64]
    test: NDArray[np.int64]


def main() -> None:
    """Measure, print and write."""
    options = _options()
    figures = measured(
        options.catalog, options.input, n_folds=options.folds, seed=options.seed, parting=options.parting
    )
    print(json.dumps(figures, indent=1, ensure_ascii=False))
    if options.out:
        options.out.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def measured(
    path: Path, asked_input: str | None, *, n_folds: int, seed: int, parting: int | None = None
) -> dict[str, Any]:
    """Return the figures of the tagger and of the baseline on the quarter that measures."""
    if not path.is_file():
        raise SystemExit(f"{path} is not there: name a catalog file (gzipped JSON Lines, one product a line)")
    name = path.name.split(".")[0]
    fields = asked_input.split(",") if asked_input else tags_protocol.INPUT.get(name, DEFAULT_INPUT)
    tagged = tagged_catalog(read(path), fields, parting)
    if not len(tagged.tags) or not len(tagged.test):
        least = tags_protocol.LEAST_PRODUCTS
        raise SystemExit(f"{path.name}: no tag on {least} products outside the test quarter, or nothing to measure on")
    began = time.perf_counter()
    tagger = LinearTagger.learned([tagged.examples[i] for i in tagged.train], tagged.tags, seed=seed)
    learnt = time.perf_counter()
    test = _figures(tagger, tagged, tagged.test)
    told = time.perf_counter()
    memory = peak_mb()
    return {
        "catalog": name,
        "input": list(fields),
        "seed": seed,
        "products": {"train": len(tagged.train), "test": len(tagged.test)},
        "test": test,
        "baseline": _baseline(tagged),
        "ece_of_chance": ece_of_chance(tagged, seed),
        "no_example": _without_examples(tagged, seed),
        **({"cross_validated": cross_validated(tagged, n_folds, seed)} if n_folds else {}),
        "seconds": round(learnt - began, 2),
        "seconds_tagging": round(told - learnt, 2),
        "peak_mb": memory,
    }


def tagged_catalog(rows: Sequence[Row], fields: Sequence[str], parting: int | None = None) -> Tagged:
    """Return a catalog by the protocol: what may be read, which tags count, which products measure.

    parting, a number, leaves the protocol's test quarter out and lets another quarter of the families measure.
    """
    kept, names, truth = tags_protocol.tagged(rows)
    is_test = np.array([tags_protocol.is_test(row) for row in kept], dtype=bool)
    if parting is not None:
        kept = [row for row, out in zip(kept, is_test, strict=True) if not out]
        is_other = np.array([_is_in_parting(row, parting) for row in kept], dtype=bool)
        known = truth[~is_test]
        frequent = known[~is_other].sum(axis=0) >= tags_protocol.LEAST_PRODUCTS
        names, truth, is_test = list(np.array(names)[frequent]), known[:, frequent], is_other
    return Tagged(
        rows=kept,
        fields=fields,
        examples=[
            example_of(row, fields, [name for name, has in zip(names, own, strict=True) if has])
            for row, own in zip(kept, truth, strict=True)
        ],
        tags=[TagSpec(name=name) for name in names],
        truth=truth,
        train=np.flatnonzero(~is_test),
        test=np.flatnonzero(is_test),
    )


def _is_in_parting(row: Row, parting: int) -> bool:
    return int(hashlib.sha256(f"{family(row)}/parting {parting}".encode()).hexdigest(), 16) % 4 == 0


def cross_validated(tagged: Tagged, n_folds: int, seed: int) -> dict[str, float]:
    """Return the figures by cross-validation on the products outside the test quarter, families together."""
    fold = folds([tagged.examples[i].family for i in tagged.train], n_folds, seed=seed)
    proba = np.zeros((len(tagged.train), len(tagged.tags)))
    chosen = np.zeros(proba.shape, dtype=bool)
    for i in range(n_folds):
        train, rest = tagged.train[fold != i], fold == i
        tagger = LinearTagger.learned([tagged.examples[j] for j in train], tagged.tags, seed=seed)
        proba[rest] = tagger.probabilities([tagged.examples[j].brief for j in tagged.train[rest]], tagged.tags)
        chosen[rest] = proba[rest] >= tagger.thresholds(tagged.tags)
    return tags_protocol.tag_figures(proba, tagged.truth[tagged.train], chosen)


def _figures(tagger: LinearTagger, tagged: Tagged, rows: NDArray[np.int64]) -> dict[str, float]:
    proba = tagger.probabilities([tagged.examples[i].brief for i in rows], tagged.tags).astype(np.float64)
    return tags_protocol.tag_figures(proba, tagged.truth[rows], proba >= tagger.thresholds(tagged.tags))


def ece_of_chance(tagged: Tagged, seed: int, draws: int = 200) -> dict[str, float]:
    """Return what calibration error so few products show by chance, of probabilities that are right over all.

    The probabilities are the cross-fitted ones of the products outside the test quarter, on which they are calibrated;
    whole families of these are drawn until there are as many products as measure. Mean and 95 % interval.

    Source: Bröcker & Smith 2007, "Increasing the Reliability of Reliability Diagrams" (consistency resampling); of
    families, since near twins are right or wrong together.
    """
    examples = [tagged.examples[i] for i in tagged.train]
    _, proba = LinearTagger.learned_and_crossed(examples, tagged.tags, seed=seed)
    families, truth = np.array([example.family for example in examples]), tagged.truth[tagged.train]
    names, sizes = np.unique(families, return_counts=True)
    rng = np.random.default_rng(seed)
    errors = []
    for _ in range(draws):
        order = rng.permutation(len(names))
        n = int(np.searchsorted(sizes[order].cumsum(), len(tagged.test))) + 1
        drawn = np.isin(families, names[order[:n]])
        errors.append(
            tags_protocol.tag_figures(proba[drawn].astype(np.float64), truth[drawn], proba[drawn] >= 1.0)["ece"]
        )
    low, high = np.percentile(errors, [2.5, 97.5])
    return {"mean": round(float(np.mean(errors)), 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def _baseline(tagged: Tagged) -> dict[str, float]:
    texts = [tags_protocol.text_of(row, tagged.fields) for row in tagged.rows]
    proba = tags_protocol.baseline_probabilities(texts, tagged.truth, tagged.train)[tagged.test]
    return tags_protocol.tag_figures(proba, tagged.truth[tagged.test], proba >= BASELINE_THRESHOLD)


def _without_examples(tagged: Tagged, seed: int) -> dict[str, Any]:
    """Hide seeded tags, a quarter at most, from a training, and measure what their names alone are worth."""
    n = min(MOST_HIDDEN, len(tagged.tags) // 4)
    hidden = np.sort(np.random.default_rng(seed).choice(len(tagged.tags), n, replace=False))
    shown = [tag for j, tag in enumerate(tagged.tags) if j not in set(hidden.tolist())]
    if not n or not tagged.truth[np.ix_(tagged.test, hidden)].any():
        return {"hidden": [], "micro_f1": None}
    tagger = LinearTagger.learned([tagged.examples[i] for i in tagged.train], shown, seed=seed)
    own = [tagged.tags[j] for j in hidden]
    proba = tagger.probabilities([tagged.examples[i].brief for i in tagged.test], own)
    figures = tags_protocol.tag_figures(
        proba.astype(np.float64), tagged.truth[np.ix_(tagged.test, hidden)], proba >= tagger.thresholds(own)
    )
    return {"hidden": [tag.name for tag in own], "micro_f1": figures["micro_f1"], "macro_f1": figures["macro_f1"]}


def example_of(row: Row, fields: Sequence[str], tags: Sequence[str]) -> Example:
    """Return a product with just what a tagger may read, cut where the protocol cuts it."""
    told: dict[str, Any] = {}
    left = LONGEST
    for field in fields:
        told[field] = row.get(field)
        if not isinstance(told[field], dict | list):
            told[field] = str(told[field] or "")[: max(left, 0)]
        left -= len(str(told[field])) + 1
    brief = Brief(
        catalog="benchmark",
        library="benchmark",
        sku=str(row["sku"]),
        language=str(row.get("language") or "en"),
        channel=_CHANNEL,
        title=told.get("title", ""),
        description=told.get("description", ""),
        brand=told.get("brand", ""),
        category=tuple(map(str, told.get("category") or ())),
        attributes=tuple((str(name), _value(value)) for name, value in (told.get("attributes") or {}).items()),
    )
    return Example(brief=brief, title=None, tags=tuple(tags), source="decision", family=family(row))


def _value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("catalog", type=Path)
    parser.add_argument("--input", help=f"what a tagger may read (default: by catalog, else {','.join(DEFAULT_INPUT)})")
    parser.add_argument("--folds", type=int, default=0, help="also cross-validate outside the test quarter")
    parser.add_argument("--parting", type=int, help="measure on this other quarter, without the test quarter")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="a JSON file for the figures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
