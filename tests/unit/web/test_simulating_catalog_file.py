"""A catalog file's rows: what is known, hidden and measured on, and that families stay on one side."""

import gzip
import json
from pathlib import Path

import pytest

from benchmarks import protocol
from titlelab.errors import BadFile
from titlelab.web.simulating.catalog_file import Parts, Row, answers, family, parts, read, split

NOUNS = ("Kettle", "Lantern", "Flask", "Apron", "Tent", "Stool")


def rows(n: int = 300) -> list[Row]:
    """Make pairs of near twins: the same first words in two sizes."""
    return [
        {
            "sku": f"P-{i}",
            "title": f"Tilvo {NOUNS[i % 6]} {chr(97 + i // 12 % 26)}ra {'xyz'[i % 3]}el {250 + i} ml",
            "description": "Boils fast.",
            "brand": "Tilvo",
            "attributes": {"Colour": ["red", "blue"], "Size": 3},
            "tags": ["red"],
            "price": 9.5,
            "language": "en",
        }
        for i in range(n)
    ]


def shared_out(seed: int = 0, known: int | None = None) -> Parts:
    return parts(rows(), known=known, n_probe=8, seed=seed)


@pytest.mark.parametrize("title", ["Tilvo Kettle 1.5 l, Red", "北湖不锈钢保温杯 500ml", "M1", "北湖 Flask"])
def test_families_and_splits_are_those_of_the_benchmarks(title: str) -> None:
    row = {"sku": "A", "title": title, "brand": "Tilvo"}

    assert family(row) == protocol.family(row)
    assert split(row) == protocol.split(row)


def test_train_titles_are_known_and_the_others_are_hidden() -> None:
    found = shared_out()
    train = {str(row["sku"]): row["title"] for row in rows() if protocol.split(dict(row)) == "train"}

    assert {str(row["sku"]): row["title"] for row in found.known} == train
    assert {row["title"] for row in found.hidden} == {""}
    assert {str(row["sku"]) for row in found.hidden}.isdisjoint(train)


@pytest.mark.parametrize("seed", range(3))
def test_the_annotator_knows_every_title_that_may_be_asked_about(seed: int) -> None:
    found = shared_out(seed)

    assert answers(rows()).keys() >= {str(row["sku"]) for row in (*found.known, *found.hidden)}


def test_nobody_is_asked_about_a_near_twin_of_a_probe_product_and_no_two_of_the_probe_are() -> None:
    found = shared_out()
    families = {str(row["sku"]): family(row) for row in rows()}

    probe = [families[sku] for sku in found.probe]
    asked = {families[str(row["sku"])] for row in found.hidden if row["sku"] not in found.probe}

    assert len(probe) == len(set(probe)) == 8
    assert asked.isdisjoint(probe)
    # Nothing else was left out.
    hidden = [row for row in rows() if protocol.split(dict(row)) != "train"]
    assert len(found.hidden) == sum(family(row) not in probe for row in hidden) + len(probe)


def test_known_titles_are_the_first_of_the_benchmarks_order() -> None:
    train = [row["sku"] for row in protocol.ordered(map(dict, rows())) if protocol.split(row) == "train"]

    assert [row["sku"] for row in shared_out(known=5).known] == train[:5]


def test_a_row_is_told_as_an_import_takes_it() -> None:
    known = shared_out().known[0]

    assert known["attributes"] == {"Colour": "red, blue", "Size": "3"}
    assert {"tags", "price", "language"}.isdisjoint(known)


def test_too_few_products_are_refused() -> None:
    with pytest.raises(BadFile, match="too few"):
        parts(rows(3), known=None, n_probe=8, seed=0)


def test_files_are_read_packed_and_plain_and_a_wrong_line_is_named(tmp_path: Path) -> None:
    lines = "\n".join(map(json.dumps, rows(2))).encode()
    (tmp_path / "plain.jsonl").write_bytes(lines)
    (tmp_path / "packed.jsonl.gz").write_bytes(gzip.compress(lines))
    (tmp_path / "wrong.jsonl").write_bytes(lines + b'\n{"sku": "A"}')

    assert read(tmp_path / "plain.jsonl") == read(tmp_path / "packed.jsonl.gz") == rows(2)
    with pytest.raises(BadFile, match="line 3"):
        read(tmp_path / "wrong.jsonl")
