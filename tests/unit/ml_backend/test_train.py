"""A training run is a child process that reads a run folder and leaves a version and a report."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ml_backend.contract import (
    Brief,
    ChannelRules,
    CurvePoint,
    Example,
    PublishedLibrary,
    PublishedTaxonomy,
    TagSpec,
    TrainingReport,
    TrainingRequest,
    from_json,
    library_file,
    pointer_file,
    taxonomy_file,
    to_json,
)
from ml_backend.learning.artifacts import load_categorizer, load_tagger, load_titler

MATERIALS = ("Steel", "Glass", "Oak")
LOAD = {"titler": load_titler, "tagger": load_tagger, "categorizer": load_categorizer}


def make_example(i: int) -> Example:
    material, size = MATERIALS[i % 3], 10 + i
    brief = Brief(
        catalog="lamps",
        library="lamps",
        sku=str(i),
        language="en",
        channel=ChannelRules(key="k", max_length=75),
        title="Read off",
        brand="Norvale",
        category=("Home", "Lamps"),
        attributes=(("Size", f"{size} cm"), ("Material", material.lower())),
    )
    title = f"Norvale {material} Desk Lamp ({size}cm)"
    return Example(
        brief=brief,
        title=title,
        tags=(material,),
        source="decision",
        family=str(i),
        category=("Home", f"{material} Lamps"),
    )


def write_run(tmp_path: Path, examples: list[Example], **request: object) -> Path:
    models_folder, folder = tmp_path / "models", tmp_path / "run"
    folder.mkdir()
    library = PublishedLibrary(key="lamps", revision=1, tags=tuple(TagSpec(name=name) for name in MATERIALS))
    library_file(models_folder, "lamps").parent.mkdir(parents=True)
    library_file(models_folder, "lamps").write_text(json.dumps(to_json(library)))
    taxonomy = PublishedTaxonomy(key="lamps", revision=1, paths=tuple(("Home", f"{m} Lamps") for m in MATERIALS))
    taxonomy_file(models_folder, "lamps").parent.mkdir(parents=True)
    taxonomy_file(models_folder, "lamps").write_text(json.dumps(to_json(taxonomy)))
    data = {"scope": "lamps", "number": 1, "models_folder": str(models_folder), "data_hash": "abc", **request}
    (folder / "request.json").write_text(json.dumps(to_json(from_json(TrainingRequest, data))))
    for name, own in (("examples", examples), ("golden", [make_example(i) for i in range(30, 34)])):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(to_json(e)) + "\n" for e in own))
    return folder


def run(folder: Path) -> int:
    return subprocess.run([sys.executable, "-m", "ml_backend.train", str(folder)], check=False).returncode


@pytest.mark.parametrize(
    ("kind", "method"), [("titler", "template"), ("tagger", "tagger"), ("categorizer", "categorizer")]
)
def test_a_run_writes_a_version_and_measures_it_beside_the_serving_one(tmp_path: Path, kind: str, method: str) -> None:
    folder = write_run(tmp_path, [make_example(i) for i in range(24)], kind=kind, method=method)

    code = run(folder)

    report = from_json(TrainingReport, json.loads((folder / "report.json").read_text()))
    assert code == 0
    assert report.n_examples == 24
    assert report.serving_version == 0
    assert [score.sku for score in report.candidate] == [score.sku for score in report.serving]
    assert sum(s.quality for s in report.candidate) >= sum(s.quality for s in report.serving)
    assert all(score.unedited for score in report.candidate)
    assert (report.reliability is not None) == (kind != "titler")
    assert ("ece" in report.metrics) == (kind != "titler")
    assert json.loads((folder / "progress.json").read_text()) == {"progress": 1.0, "message": "done"}
    assert LOAD[kind](Path(report.version_folder))


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        ({"kind": "titler", "method": "magic"}, "no titler is trained by 'magic'"),
        ({"kind": "tagger", "method": "tagger", "scope": "unknown"}, "the tag library 'unknown' can't be read"),
        (
            {"kind": "categorizer", "method": "categorizer", "scope": "unknown"},
            "the taxonomy of 'unknown' can't be read",
        ),
        ({"kind": "titler", "method": "template", "scope": "../up"}, "'../up' is no key"),
    ],
)
def test_a_run_that_fails_says_why_in_one_sentence(tmp_path: Path, request_: dict[str, str], reason: str) -> None:
    folder = write_run(tmp_path, [make_example(i) for i in range(6)], **request_)

    code = run(folder)

    assert code == 1
    assert reason in json.loads((folder / "failure.json").read_text())["reason"]
    assert not (folder / "report.json").exists()


def test_a_broken_serving_version_does_not_keep_its_scope_from_being_trained_again(tmp_path: Path) -> None:
    folder = write_run(tmp_path, [make_example(i) for i in range(24)], kind="titler", method="template", number=2)
    pointer = pointer_file(tmp_path / "models", "titler", "lamps")
    pointer.parent.mkdir(parents=True)
    pointer.write_text('{"number": 1}')

    code = run(folder)

    report = from_json(TrainingReport, json.loads((folder / "report.json").read_text()))
    assert code == 0
    assert report.serving_version == 0


def test_a_training_in_steps_leaves_its_curves_in_the_run_folder(tmp_path: Path) -> None:
    examples = [make_example(i) for i in range(60)]
    folder = write_run(tmp_path, examples, kind="titler", method="full_ensemble", minutes=0.05)

    code = run(folder)

    points = [from_json(CurvePoint, json.loads(line)) for line in (folder / "curves.jsonl").read_text().splitlines()]
    assert code == 0
    assert {point.name for point in points} == {
        f"pointer/{name}" for name in ("training_loss", "validation_loss", "validation_tokens", "validation_titles")
    }
    steps = [point.step for point in points if point.name == "pointer/training_loss"]
    assert steps == sorted(set(steps))
    assert all(point.value > 0 for point in points if point.name.endswith("_loss"))
    assert all(0 <= point.value <= 1 for point in points if not point.name.endswith("_loss"))
    assert all(point.seconds >= 0 for point in points)


def test_a_training_in_one_go_has_no_curve_to_tell(tmp_path: Path) -> None:
    folder = write_run(tmp_path, [make_example(i) for i in range(24)], kind="titler", method="template")

    run(folder)

    assert (folder / "curves.jsonl").read_text() == ""
