"""The categorizer told on an invented catalog of the schema, against names alone and the nearest neighbour."""

import gzip
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import categories

SAID = {("Home", "Lamps"): "glows warm", ("Home", "Rugs"): "woven wool", ("Garden", "Hoses"): "sprays water"}


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    rows = []
    for i in range(120):
        path, said = list(SAID.items())[i % 3]
        brand = "".join(rng.choice(list("abcdefgh"), 5))
        noise = " ".join(f"w{j}" for j in rng.integers(0, 40, 5))
        told = {"sku": f"P{i}", "title": f"{brand} thing", "description": f"{said} {noise}", "brand": brand}
        rows.append({**told, "attributes": {}, "category": path if i % 10 else [], "tags": [], "language": "en"})
    file = tmp_path / "shop.jsonl.gz"
    with gzip.open(file, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)
    return file


def test_what_products_say_tells_their_path(
    catalog: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "figures.json"
    monkeypatch.setattr(sys, "argv", ["categories", str(catalog), "--out", str(out)])

    categories.main()

    told = json.loads(out.read_text())
    assert json.loads(capsys.readouterr().out) == told
    assert sum(told["products"].values()) == 108
    assert (told["paths"], told["seen"]) == (3, 1.0)
    assert told["test"]["accuracy"] > 0.9
    assert told["names_alone"] == {"accuracy": 0.0, "first_level": 0.0, "quality": 0.0, "chosen": 0.0, "ece": 0.0}
    assert set(told["nearest_neighbour"]) == set(told["test"])


def test_a_catalog_without_categories_is_refused_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "shop.jsonl.gz"
    with gzip.open(file, "wt", encoding="utf-8") as lines:
        lines.write(json.dumps({"sku": "A", "title": "Lamp", "category": []}) + "\n")

    with pytest.raises(SystemExit, match="too few products with a category"):
        categories.measured(file, None, seed=0)
