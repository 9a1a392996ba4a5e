"""How well the categorizer finds a product's category path, against its nearest neighbour's path and names alone.

`python -m benchmarks.categories CATALOG.jsonl.gz [--input title,description,…] [--out FILE.json]`

It learns from the products outside the test quarter (see tags_protocol.py) whose category is known, and is told on that
quarter. `seen` is the share of it whose path some product to learn from stands under: of others only names could tell.
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from benchmarks import tags_protocol
from benchmarks.protocol import Row, read
from benchmarks.tags import example_of
from ml_backend.contract import CategoryPath, CategoryScore, Example
from ml_backend.learning.categorizer import LinearCategorizer, NameCategorizer
from ml_backend.learning.ensemble_training import peak_mb
from ml_backend.learning.metrics import category_quality
from ml_backend.learning.reliability import reliability

DEFAULT_INPUT = ("title", "description")
LEAST_TRAIN, LEAST_TEST = 20, 10  # products below which no figure means anything


@dataclass(frozen=True, slots=True, kw_only=True)
class Categorized:
    """A catalog's products with known paths: those to learn from, those that measure, and all their paths."""

    train: Sequence[Example]
    test: Sequence[Example]
    texts: Sequence[str]  # of train, then of test
    paths: Sequence[CategoryPath]


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("catalog", type=Path)
    parser.add_argument("--input", help=f"what may be read (default: by catalog, else {','.join(DEFAULT_INPUT)})")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="a JSON file for the figures")
    options = parser.parse_args()
    figures = measured(options.catalog, options.input, seed=options.seed)
    print(json.dumps(figures, indent=1, ensure_ascii=False))
    if options.out:
        options.out.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def measured(path: Path, asked_input: str | None, *, seed: int) -> dict[str, Any]:
    """Return the figures of the categorizer, of names alone and of the nearest neighbour on the test quarter."""
    if not path.is_file():
        raise SystemExit(f"{path} is not there: name a catalog file (gzipped JSON Lines, one product a line)")
    name = path.name.split(".")[0]
    fields = asked_input.split(",") if asked_input else tags_protocol.INPUT.get(name, DEFAULT_INPUT)
    known = categorized(read(path), fields)
    if len(known.train) < LEAST_TRAIN or len(known.test) < LEAST_TEST:
        raise SystemExit(f"{path.name}: too few products with a category to learn from, or to measure on")
    briefs, learnt_paths = [example.brief for example in known.test], {example.category for example in known.train}
    began = time.perf_counter()
    model = LinearCategorizer.learned(known.train, known.paths, seed=seed)
    learnt = time.perf_counter()
    chosen = model.categorize(briefs, known.paths)
    told = time.perf_counter()
    return {
        "catalog": name,
        "input": list(fields),
        "seed": seed,
        "products": {"train": len(known.train), "test": len(known.test)},
        "paths": len(known.paths),
        "seen": round(float(np.mean([example.category in learnt_paths for example in known.test])), 4),
        "test": _figures(chosen, known.test),
        "names_alone": _figures(NameCategorizer().categorize(briefs, known.paths), known.test),
        "nearest_neighbour": _figures(_of_neighbours(known), known.test),
        "seconds": round(learnt - began, 2),
        "seconds_choosing": round(told - learnt, 2),
        "peak_mb": peak_mb(),
    }


def categorized(rows: Sequence[Row], fields: Sequence[str]) -> Categorized:
    """Return a catalog's products whose category is known, by the protocol's split."""
    parts: dict[bool, list[Example]] = {False: [], True: []}
    texts: dict[bool, list[str]] = {False: [], True: []}
    for row in rows:
        path = tuple(map(str, row.get("category") or ()))  # type: ignore[call-overload]
        if path:
            is_test = tags_protocol.is_test(row)
            parts[is_test].append(replace(example_of(row, fields, ()), category=path))
            texts[is_test].append(tags_protocol.text_of(row, fields))
    return Categorized(
        train=parts[False],
        test=parts[True],
        texts=[*texts[False], *texts[True]],
        paths=sorted({example.category or () for example in (*parts[False], *parts[True])}),
    )


def _of_neighbours(known: Categorized) -> list[list[CategoryScore]]:
    """Choose the path of the likest product to learn from: TF-IDF of character 2–4-grams within words."""
    n = len(known.train)
    features = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True).fit(known.texts[:n])
    x = features.transform(known.texts)
    likeness = x[n:] @ x[:n].T
    return [
        [CategoryScore(path=known.train[int(own.argmax())].category or (), proba=float(own.max()))] for own in likeness
    ]


def _figures(found: Sequence[Sequence[CategoryScore]], true: Sequence[Example]) -> dict[str, float]:
    """Tell how many paths and first levels are right, how much of a path on average, and how honest the choices are."""
    paths = [own[0].path if own else () for own in found]
    right = [path == example.category for path, example in zip(paths, true, strict=True)]
    proba = np.array([own[0].proba for own in found if own])
    came_true = np.array([is_right for own, is_right in zip(found, right, strict=True) if own], dtype=np.int8)
    honesty = reliability(proba, came_true, least_proba=0.0)
    return {
        "accuracy": _share(right),
        "first_level": _share([path[:1] == (e.category or ())[:1] for path, e in zip(paths, true, strict=True)]),
        "quality": _share([category_quality(path, e.category or ()) for path, e in zip(paths, true, strict=True)]),
        "chosen": _share([bool(own) for own in found]),
        "ece": round(honesty.ece, 4) if honesty else 0.0,
    }


def _share(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 4)


if __name__ == "__main__":
    main()
