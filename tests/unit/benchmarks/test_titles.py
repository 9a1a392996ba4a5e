"""The title benchmark on an invented catalog of the schema: trained by the product's own process, resumed, told."""

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import title_runs, titles
from benchmarks.catalogs import examples_of, rows_by_split
from benchmarks.intervals import paired_difference
from ml_backend.rules.faithfulness import hard_facts

BRANDS = ("Norvale", "Brennholt", "Ostrava", "Liljemark", "Vesterby", "Tandem Pine", "Karstein", "Quillon")
KINDS = {"Kettle": "1.7 l", "Toaster": "900 W", "Blender": "600 W", "Scale": "5 kg", "Grinder": "150 W", "Press": "1 l"}
COLOURS = ("Red", "Sage", "Ivory", "Navy")


@pytest.fixture
def catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(title_runs, "RUNS_FOLDER", tmp_path / "runs")
    monkeypatch.setattr(title_runs, "MODELS_FOLDER", tmp_path / "models")
    rows = [
        {
            "sku": f"{brand}-{kind}-{colour}",
            "title": f"{brand} {kind} {size}, {colour}",
            "description": f"A {kind.lower()} for small kitchens.",
            "attributes": {"Colour": colour, "Size": [size], "Made in": "Portugal"},
            "brand": brand,
            "category": ["Kitchen", kind],
            "tags": [],
            "price": None,
            "currency": None,
            "language": "en",
        }
        for brand in BRANDS
        for kind, size in KINDS.items()
        for colour in COLOURS
    ]
    file = tmp_path / "kitchen.jsonl.gz"
    with gzip.open(file, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)
    return file


def run(monkeypatch: pytest.MonkeyPatch, catalog: Path, *options: str) -> dict[str, Any]:
    out = catalog.parent / "figures.json"
    monkeypatch.setattr(sys, "argv", ["titles", str(catalog), "--titler", "ensemble", "--out", str(out), *options])
    titles.main()
    figures: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return figures


def test_titlers_are_trained_chosen_on_valid_and_told_on_test(catalog: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drafts = catalog.parent / "drafts.jsonl"
    figures = run(monkeypatch, catalog, "--channels", "--drafts", str(drafts))
    chosen = figures["chosen"]
    assert set(figures["titlers"]) == {"template", "neighbour", "ensemble"}
    assert chosen["chosen_on"] == "valid"
    assert chosen["test"].keys() == {"n", "rouge_l", "chrf", "unedited", "edit"}
    assert chosen["test"]["rouge_l"] > figures["baselines"]["nearest_neighbour"]["test"]["rouge_l"]
    assert (chosen["unsupported"], chosen["violations"]) == (0, 0)
    assert all(told["unsupported"] == told["violations"] == 0 for told in chosen["channels"].values())
    assert len(drafts.read_text(encoding="utf-8").splitlines()) == chosen["test"]["n"]

    def fail(_folder: Path) -> float:
        raise AssertionError("trained again")

    monkeypatch.setattr(title_runs, "_run", fail)
    assert run(monkeypatch, catalog)["titlers"] == figures["titlers"]


def test_families_stay_together_and_no_title_stands_in_a_brief(catalog: Path) -> None:
    splits = rows_by_split(catalog)
    by_split = {name: {e.family for e in examples_of(rows, "c")} for name, rows in splits.items()}
    assert by_split["train"].isdisjoint(by_split["test"] | by_split["valid"])
    example = examples_of(splits["train"], "c")[0]
    assert example.brief.title == ""
    assert not hard_facts(example.title or "", example.brief)


def test_a_paired_interval_holds_the_mean_and_none_is_wide_where_all_differ_alike() -> None:
    told = paired_difference([3.0, 4.0, 9.0], [1.0, 2.0, 3.0])
    assert told["low"] <= told["mean"] <= told["high"]
    assert paired_difference([2.0, 3.0], [1.0, 2.0]) == {"mean": 1.0, "low": 1.0, "high": 1.0}
