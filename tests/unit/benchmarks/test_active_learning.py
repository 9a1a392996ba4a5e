"""Labelling replayed on an invented catalog of the schema: told by strategy, resumed, with the same first batch."""

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from benchmarks import active_learning
from benchmarks.active_learning import Curve, figures_of, labels_to
from benchmarks.compared_strategies import STRATEGIES, Situation
from benchmarks.protocol import read
from benchmarks.tags import tagged_catalog

WORDS = {"Warm": "fleece", "Dry": "membrane", "Light": "mesh", "Gift": "ribbon", "Travel": "folding"}


@pytest.fixture
def catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(active_learning, "RUNS_FOLDER", tmp_path / "runs")
    rng = np.random.default_rng(0)
    rows = []
    for i in range(240):
        tags = [tag for tag in WORDS if rng.random() < 0.3] or ["Warm"]
        noise = " ".join(f"w{j}" for j in rng.integers(0, 40, 5))
        brand = "".join(rng.choice(list("abcdefgh"), 5))
        rows.append(
            {
                "sku": f"P{i}",
                "title": f"{brand} coat {i}",
                "description": f"{' '.join(WORDS[tag] for tag in tags)} {noise}",
                "attributes": {},
                "brand": brand,
                "category": [],
                "tags": tags,
                "language": "en",
            }
        )
    file = tmp_path / "coats.jsonl.gz"
    with gzip.open(file, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)
    return file


def run(monkeypatch: pytest.MonkeyPatch, catalog: Path, *options: str) -> dict[str, Any]:
    out = catalog.parent / "figures.json"
    monkeypatch.setattr(sys, "argv", ["active_learning", str(catalog), "--seeds", "2", "--out", str(out), *options])
    active_learning.main()
    figures: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return figures


def test_every_strategy_is_replayed_from_the_same_first_batch_and_not_done_again(
    catalog: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = run(monkeypatch, catalog)

    names = {"ours", "random", "doubts_by_rank", "label_cardinality_inconsistency", "cvirs", "adaptive"}
    assert set(figures["labels_to_95"]) == set(figures["area"]) == set(figures["curves"]) == names
    assert figures["area"]["ours"].keys() == {"mean", "low", "high"}
    assert set(figures["area_difference"]) == names - {"ours"}
    curves = figures["curves"].values()
    assert len({curve["micro_f1"][0] for curve in curves}) == 1
    assert len({tuple(curve["labels"]) for curve in curves}) == 1
    assert all(curve["micro_f1"][-1] == pytest.approx(figures["full_micro_f1"], abs=0.001) for curve in curves)

    def fail(*_: object) -> Curve:
        raise AssertionError("replayed again")

    monkeypatch.setattr(active_learning, "replayed", fail)
    assert run(monkeypatch, catalog)["curves"] == figures["curves"]


def test_another_parting_neither_measures_on_the_test_quarter_nor_labels_it(
    catalog: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = read(catalog)
    whole, parted = tagged_catalog(rows, ("description",)), tagged_catalog(rows, ("description",), 0)

    outside = {str(whole.rows[i]["sku"]) for i in whole.train}
    assert {str(row["sku"]) for row in parted.rows} == outside
    assert 0 < len(parted.test) < len(parted.train)
    assert run(monkeypatch, catalog, "--parting", "0", "--strategies", "ours,random")["pool"] == len(parted.train)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_strategy_chooses_as_many_as_asked_of_what_is_not_labelled(strategy: str) -> None:
    rng = np.random.default_rng(0)
    situation = Situation(
        proba=rng.random((30, 4)),
        thresholds=np.full(4, 0.5),
        x=csr_matrix(rng.random((30, 6))),
        labelled=np.arange(8),
        unlabelled=np.arange(8, 30),
        truth=rng.integers(0, 2, (8, 4)).astype(np.float32),
    )

    chosen = STRATEGIES[strategy](situation, 5, rng)

    assert len(set(chosen.tolist())) == 5
    assert set(chosen.tolist()) <= set(range(8, 30))


def test_small_text_s_strategies_see_our_probabilities() -> None:
    """With two labels of one tag each, the product of which every tag is predicted is the least consistent."""
    proba = np.array([[0.9, 0.1, 0.1]] * 5 + [[0.9, 0.9, 0.9]])
    situation = Situation(
        proba=proba,
        thresholds=np.full(3, 0.5),
        x=csr_matrix(np.eye(6)),
        labelled=np.arange(2),
        unlabelled=np.arange(2, 6),
        truth=np.array([[1, 0, 0], [0, 1, 0]], dtype=np.float32),
    )

    chosen = STRATEGIES["label_cardinality_inconsistency"](situation, 1, np.random.default_rng(0))

    assert chosen.tolist() == [5]


def test_labels_are_counted_to_where_the_line_between_two_points_reaches_the_target() -> None:
    assert labels_to(curve(0.2, 0.4, 0.8), 0.6) == 125
    assert labels_to(curve(0.7, 0.4, 0.8), 0.6) == 50
    assert labels_to(curve(0.2, 0.4, 0.5), 0.6) == 150


def test_figures_compare_ours_with_the_others_seed_by_seed() -> None:
    figures = figures_of(
        {"ours": [curve(0.2, 0.6, 0.8), curve(0.4, 0.8, 1.0)], "random": [curve(0.2, 0.5, 0.8), curve(0.4, 0.7, 1.0)]},
        1.0,
    )

    assert figures["area"]["ours"]["mean"] == pytest.approx((0.55 + 0.75) / 2)
    assert figures["area_difference"] == {"random": {"mean": 0.05, "low": 0.05, "high": 0.05}}
    assert figures["least_lead"] == {"micro_f1": 0.0, "labels": 50}


def curve(*micro_f1: float) -> Curve:
    labels = [50 * (i + 1) for i in range(len(micro_f1))]
    return Curve(labels=labels, micro_f1=micro_f1, seconds_learning=0, seconds_choosing=0)
