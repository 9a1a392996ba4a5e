"""Two versions draft the same products in a child process, at the end of a training or when they are asked to."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ml_backend.contract import (
    Kind,
    SampleReport,
    SampleRequest,
    TrainingReport,
    from_json,
    to_json,
    version_folder,
)
from ml_backend.learning.sampling import sample_drafts
from ml_backend.learning.trainers import version_model
from tests.unit.ml_backend.test_train import make_example, run, write_run

SAMPLES = [make_example(i).brief for i in range(40, 45)]


def write_samples(folder: Path) -> None:
    (folder / "samples.jsonl").write_text("".join(json.dumps(to_json(brief)) + "\n" for brief in SAMPLES))


def sampled(folder: Path, request: SampleRequest) -> int:
    folder.mkdir()
    write_samples(folder)
    (folder / "request.json").write_text(json.dumps(to_json(request)))
    return subprocess.run([sys.executable, "-m", "ml_backend.sample", str(folder)], check=False).returncode


def test_a_training_ends_with_the_samples_of_both_versions_and_they_are_drafted_again_alike(tmp_path: Path) -> None:
    folder = write_run(tmp_path, [make_example(i) for i in range(24)], kind="titler", method="template")
    write_samples(folder)

    code = run(folder)
    request = SampleRequest(kind="titler", scope="lamps", models_folder=str(tmp_path / "models"), number=1, beside=0)
    code_again = sampled(tmp_path / "again", request)

    report = from_json(TrainingReport, json.loads((folder / "report.json").read_text()))
    again = from_json(SampleReport, json.loads((tmp_path / "again" / "report.json").read_text()))
    assert (code, code_again) == (0, 0)
    assert report.samples == again
    assert [draft.title for draft in again.drafted][:2] == [
        "Norvale Glass Desk Lamp (50cm)",
        "Norvale Oak Desk Lamp (51cm)",
    ]
    assert len(again.beside) == 5
    assert again.beside != again.drafted


def test_a_version_that_is_gone_is_told_in_a_sentence(tmp_path: Path) -> None:
    request = SampleRequest(kind="titler", scope="lamps", models_folder=str(tmp_path / "models"), number=9, beside=0)

    code = sampled(tmp_path / "samples", request)

    assert code == 1
    assert (
        "there is no such version folder" in json.loads((tmp_path / "samples" / "failure.json").read_text())["reason"]
    )


@pytest.mark.parametrize("kind", ["tagger", "categorizer"])
def test_taggers_and_categorizers_draft_what_they_are_for(tmp_path: Path, kind: Kind) -> None:
    folder = write_run(tmp_path, [make_example(i) for i in range(24)], kind=kind, method=kind)
    models_folder = tmp_path / "models"
    assert run(folder) == 0

    model = version_model(kind, "lamps", 1, models_folder)
    drafts = sample_drafts(kind, model, SAMPLES, models_folder=models_folder, scope="lamps")

    assert version_folder(models_folder, kind, "lamps", 1).is_dir()
    if kind == "tagger":
        assert [draft.tags for draft in drafts][:2] == [("Glass",), ("Oak",)]
    else:
        assert [draft.category for draft in drafts][:2] == [("Home", "Glass Lamps"), ("Home", "Oak Lamps")]


def test_samples_that_can_not_be_drafted_leave_the_version_without(tmp_path: Path) -> None:
    folder = write_run(tmp_path, [make_example(i) for i in range(24)], kind="titler", method="template")
    (folder / "samples.jsonl").write_text("no JSON\n")

    code = run(folder)

    report = from_json(TrainingReport, json.loads((folder / "report.json").read_text()))
    assert (code, report.samples) == (0, None)
