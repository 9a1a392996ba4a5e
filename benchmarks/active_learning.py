"""How many labels the choosing saves: labelling replayed in batches, ours against chance and other strategies.

`python -m benchmarks.active_learning CATALOG.jsonl.gz [--input title,description] [--seeds N] [--most LABELS]
[--strategies ours,random,…] [--parting N] [--out FILE.json]`

The first batch is the same random one for every strategy of a seed. After each batch the product's tagger is learnt
from what is labelled and measured on the protocol's test quarter; its vocabulary is that of the pool's texts, which
are known before any label, so that features and their likeness are computed once. What (strategy, seed) has finished
is kept under var/benchmarks and not done again, while neither the catalog nor the code that learns and chooses has
changed.
"""

import argparse
import hashlib
import json
import resource
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from benchmarks import tags_protocol
from benchmarks.compared_strategies import STRATEGIES, Rows, Situation
from benchmarks.intervals import paired_difference
from benchmarks.protocol import Row, read
from benchmarks.tags import DEFAULT_INPUT, Tagged, tagged_catalog
from ml_backend.learning.diversity import word_vectors
from ml_backend.learning.splits import folds
from ml_backend.learning.tag_features import TagFeatures
from ml_backend.learning.tag_model import N_FOLDS, TagModel, landmarks
from ml_backend.learning.tag_texts import States, TagText, alias_states
from ml_backend.learning.tagger import likeness
from ml_backend.rules.text import words

ROOT = Path(__file__).resolve().parents[1]
RUNS_FOLDER = ROOT / "var" / "benchmarks" / "active_learning"
BATCH = 50
OURS = ("ours", "doubts_by_rank")  # what our own code decides
SEEDS = 10
# What decides a curve: with other code it is another curve.
_CODE = ("ml_backend/learning/tag*.py", "ml_backend/rules/text.py")
_OUR_CODE = ("ml_backend/learning/diversity.py", "ml_backend/learning/uncertainty.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A catalog of N products and k tags to be labelled, with all that no label changes.

    gram: (N, N), likeness as the tagger sees it. states: (N, k), where names stand. truth: (N, k), 0 or 1. x: (N,
    words), unit rows, by which the product chooses. families: of near twins. pool: the rows that may be labelled;
    test: those that measure.
    """

    gram: NDArray[np.float32]
    states: States
    truth: NDArray[np.float32]
    x: csr_matrix
    families: Sequence[str]
    pool: Rows
    test: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Micro-F1 on test by the number of labels; seconds of learning and of choosing over all of it."""

    labels: Sequence[int]
    micro_f1: Sequence[float]
    seconds_learning: float
    seconds_choosing: float


def main() -> None:
    """Replay, print and write."""
    options = _options()
    with threadpool_limits(1):  # a second thread of BLAS waits for the first more than it helps
        figures = measured(options)
    print(json.dumps(figures, indent=1))
    if options.out:
        options.out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def measured(options: argparse.Namespace) -> dict[str, Any]:
    """Replay what is not kept yet, seed by seed, and return the figures."""
    began = time.monotonic()
    name = options.catalog.name.split(".")[0]
    fields = tuple(options.input.split(",")) if options.input else tags_protocol.INPUT.get(name, DEFAULT_INPUT)
    catalog = tagged_catalog(_rows(options.catalog), fields, options.parting)
    if not len(catalog.tags) or not len(catalog.test):
        raise SystemExit(f"{options.catalog.name} has no tag that is frequent enough, or nothing to measure on")
    replay = replay_of(catalog)
    most = min(options.most or len(replay.pool), len(replay.pool))
    folder = _folder(options.catalog, fields, most, options.parting)
    full = _full(replay, folder)
    curves: dict[str, list[Curve]] = {strategy: [] for strategy in options.strategies.split(",")}
    for seed in range(options.seeds):
        for strategy, own in curves.items():
            own.append(_kept_curve(replay, strategy, seed, most, folder))
            print(f"{name} seed {seed} {strategy}: area {_area(own[-1]):.4f}", flush=True)
    return {
        "catalog": name,
        "input": list(fields),
        "parting": options.parting,
        "pool": len(replay.pool),
        "test": len(replay.test),
        "tags": len(catalog.tags),
        "batch": BATCH,
        "seeds": options.seeds,
        "most_labels": most,
        "full_micro_f1": round(full, 4),
        **figures_of(curves, full),
        "seconds": round(time.monotonic() - began, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


def replay_of(catalog: Tagged) -> Replay:
    """Return a catalog with its features, their likeness and where names stand."""
    texts = [TagText.of(example.brief) for example in catalog.examples]
    features = TagFeatures.learned([texts[i] for i in catalog.train])[0].of(texts)
    told = [tags_protocol.text_of(row, catalog.fields) for row in catalog.rows]
    return Replay(
        gram=likeness(features, features),
        states=alias_states(texts, catalog.tags),
        truth=catalog.truth.astype(np.float32),
        x=word_vectors([frozenset(words(text)) for text in told]),
        families=[example.family for example in catalog.examples],
        pool=catalog.train,
        test=catalog.test,
    )


def replayed(replay: Replay, strategy: str, seed: int, most: int) -> Curve:
    """Label by a strategy, from the seed's first batch until `most` are labelled."""
    labelled = np.sort(np.random.default_rng(seed).permutation(replay.pool)[:BATCH])
    labels: list[int] = []
    micro_f1: list[float] = []
    learning, choosing = 0.0, 0.0
    while True:
        began = time.process_time()
        proba, thresholds = _learnt(replay, labelled)
        learning += time.process_time() - began
        labels.append(len(labelled))
        micro_f1.append(_micro_f1(proba[replay.test] >= thresholds, replay.truth[replay.test]))
        if len(labelled) >= most:
            return Curve(labels=labels, micro_f1=micro_f1, seconds_learning=learning, seconds_choosing=choosing)
        began = time.process_time()
        situation = Situation(
            proba=proba,
            thresholds=thresholds,
            x=replay.x,
            labelled=labelled,
            unlabelled=np.setdiff1d(replay.pool, labelled),
            truth=replay.truth[labelled],
        )
        n = min(BATCH, most - len(labelled))
        chosen = STRATEGIES[strategy](situation, n, np.random.default_rng([seed, len(labelled)]))
        choosing += time.process_time() - began
        labelled = np.union1d(labelled, chosen)


def figures_of(curves: Mapping[str, Sequence[Curve]], full: float) -> dict[str, Any]:
    """Return what the curves say; "ours" and "random" must be among them. Intervals are 95 %, over seeds, bootstrapped.

    labels_to_90 and _95: labels until that share of the full-data micro-F1 is first reached, between points by
    straight lines; the whole course where it never is. area: the mean micro-F1 over the course. area_difference: of
    ours to each other strategy, paired by seed. least_lead: the smallest lead of our mean over random's at any point.
    """
    ours, random = curves["ours"], curves["random"]
    needed = {share: {name: [labels_to(c, share * full) for c in own] for name, own in curves.items()} for share in
              (0.9, 0.95)}  # fmt: skip
    areas = {name: [_area(curve) for curve in own] for name, own in curves.items()}
    lead = np.mean([c.micro_f1 for c in ours], axis=0) - np.mean([c.micro_f1 for c in random], axis=0)
    return {
        "labels_to_90": {name: _interval(own) for name, own in needed[0.9].items()},
        "labels_to_95": {name: _interval(own) for name, own in needed[0.95].items()},
        "share_of_random": {
            "to_90": _ratio(needed[0.9]["ours"], needed[0.9]["random"]),
            "to_95": _ratio(needed[0.95]["ours"], needed[0.95]["random"]),
        },
        "area": {name: _interval(own) for name, own in areas.items()},
        "area_difference": {
            name: paired_difference(areas["ours"], own) for name, own in areas.items() if name != "ours"
        },
        "least_lead": {"micro_f1": round(float(lead.min()), 4), "labels": int(ours[0].labels[int(lead.argmin())])},
        "curves": {name: _curve_figures(own) for name, own in curves.items()},
    }


def labels_to(curve: Curve, target: float) -> float:
    """Return the labels at which a curve first reaches the target; its last point's where it never does."""
    for i, (labels, f1) in enumerate(zip(curve.labels, curve.micro_f1, strict=True)):
        if f1 >= target:
            if not i:
                return float(labels)
            before, f1_before = curve.labels[i - 1], curve.micro_f1[i - 1]
            return before + (labels - before) * (target - f1_before) / (f1 - f1_before)
    return float(curve.labels[-1])


def _rows(path: Path) -> list[Row]:
    if not path.is_file():
        raise SystemExit(f"{path} is not there: name a catalog file (gzipped JSON Lines, one product a line)")
    return read(path)


def _learnt(replay: Replay, rows: Rows) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return all products' probabilities (N, k) and the thresholds (k,) of a tagger learnt from some rows."""
    truth = replay.truth[rows]
    chosen = landmarks(truth, seed=0)
    fold = folds([replay.families[i] for i in rows], N_FOLDS, seed=0)
    gram = replay.gram[:, rows[chosen]]
    model = TagModel.learned(gram[rows], chosen, truth, replay.states[rows], fold, seed=0)
    proba = model.probabilities(gram, replay.states)
    return proba.astype(np.float64), np.where(model.known, model.thresholds, model.cold_threshold).astype(np.float64)


def _full(replay: Replay, folder: Path) -> float:
    """Return the micro-F1 with the whole pool labelled."""
    file = folder / "full.json"
    if not file.is_file():
        proba, thresholds = _learnt(replay, replay.pool)
        f1 = _micro_f1(proba[replay.test] >= thresholds, replay.truth[replay.test])
        _write(file, {"micro_f1": f1})
    return float(json.loads(file.read_text(encoding="utf-8"))["micro_f1"])


def _kept_curve(replay: Replay, strategy: str, seed: int, most: int, folder: Path) -> Curve:
    code = f"-{_code_digest(_OUR_CODE)}" if strategy in OURS else ""
    file = folder / f"{strategy}{code}-{seed}.json"
    if not file.is_file():
        curve = replayed(replay, strategy, seed, most)
        _write(file, {name: getattr(curve, name) for name in Curve.__slots__})
    return Curve(**json.loads(file.read_text(encoding="utf-8")))


def _folder(catalog: Path, fields: Sequence[str], most: int, parting: int | None) -> Path:
    settings = json.dumps([fields, most, BATCH, _code_digest(_CODE), *([] if parting is None else [parting])])
    digest = hashlib.sha256(catalog.read_bytes() + settings.encode()).hexdigest()[:12]
    return RUNS_FOLDER / f"{catalog.name.split('.')[0]}-{digest}"


def _code_digest(patterns: Sequence[str]) -> str:
    files = sorted(file for pattern in patterns for file in ROOT.glob(pattern))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:8]


def _write(file: Path, value: Mapping[str, object]) -> None:
    """Write beside and rename, so that an interrupted run leaves no half curve."""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_suffix(".part")
    beside.write_text(json.dumps(value), encoding="utf-8")
    beside.rename(file)


def _micro_f1(chosen: NDArray[np.bool_], truth: NDArray[np.float32]) -> float:
    both = float((chosen & (truth > 0)).sum())
    either = float(chosen.sum() + truth.sum())
    return 2 * both / either if either else 0.0


def _area(curve: Curve) -> float:
    if len(curve.labels) < 2:
        return curve.micro_f1[0]
    return float(np.trapezoid(curve.micro_f1, curve.labels) / (curve.labels[-1] - curve.labels[0]))


def _interval(values: Sequence[float]) -> dict[str, float]:
    return paired_difference(values, [0.0] * len(values))


def _ratio(ours: Sequence[float], random: Sequence[float], draws: int = 2000) -> dict[str, float]:
    """Return the ratio of the means with its interval over resampled seeds."""
    chosen = np.random.default_rng(0).integers(0, len(ours), size=(draws, len(ours)))
    ratios = np.asarray(ours)[chosen].mean(axis=1) / np.asarray(random)[chosen].mean(axis=1)
    low, high = np.percentile(ratios, [2.5, 97.5])
    mean = float(np.mean(ours) / np.mean(random))
    return {"mean": round(mean, 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def _curve_figures(curves: Sequence[Curve]) -> dict[str, Any]:
    points = [_interval([curve.micro_f1[i] for curve in curves]) for i in range(len(curves[0].labels))]
    return {
        "labels": list(curves[0].labels),
        "micro_f1": [point["mean"] for point in points],
        "low": [point["low"] for point in points],
        "high": [point["high"] for point in points],
        "seconds_learning": round(sum(curve.seconds_learning for curve in curves), 1),
        "seconds_choosing": round(sum(curve.seconds_choosing for curve in curves), 1),
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("catalog", type=Path)
    parser.add_argument("--input", help="what a tagger may read (default: by tags_protocol, else title,description)")
    parser.add_argument("--seeds", type=int, default=SEEDS, help=f"(default: {SEEDS})")
    parser.add_argument("--most", type=int, help="labels at which the replay ends (default: the whole pool)")
    parser.add_argument("--strategies", default=",".join(STRATEGIES), help="(default: all)")
    parser.add_argument("--parting", type=int, help="measure on this other quarter, without the test quarter")
    parser.add_argument("--out", type=Path, help="a JSON file for the figures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
