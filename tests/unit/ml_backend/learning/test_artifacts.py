"""Version folders are read with distrust."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ml_backend.errors import BadArtifact
from ml_backend.learning.artifacts import load_tagger, load_titler, read_manifest, write_version
from ml_backend.learning.titler_template import TemplateTitler


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    version = tmp_path / "titler" / "kitchen" / "v1"
    write_version(
        version,
        TemplateTitler.untrained(),
        kind="titler",
        scope="kitchen",
        method="template",
        number=1,
        data_hash="abc",
        metrics={"quality": 0.5},
    )
    return version


def test_a_version_is_written_whole_and_read_back(folder: Path) -> None:
    manifest = read_manifest(folder)

    assert (manifest.kind, manifest.method, manifest.number, manifest.metrics) == (
        "titler",
        "template",
        1,
        {"quality": 0.5},
    )
    assert isinstance(load_titler(folder), TemplateTitler)
    assert [path.name for path in folder.parent.iterdir()] == ["v1"]


def _rewrite(folder: Path, **changes: object) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, **changes}))


def _link_the_model(folder: Path) -> None:
    (folder / "template.json").rename(folder.parent / "elsewhere.json")
    (folder / "template.json").symlink_to(folder.parent / "elsewhere.json")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda f: (f / "template.json").write_text("{}"), "template.json is not what was written"),
        (lambda f: (f / "template.json").unlink(), "template.json is missing"),
        (lambda f: (f / "manifest.json").unlink(), "manifest.json is missing"),
        (lambda f: (f / "manifest.json").write_text("{"), "manifest.json is no JSON"),
        (lambda f: (f / "manifest.json").write_text("[" * 100_000), "manifest.json is no JSON"),
        (lambda f: (f / "more.pkl").write_text(""), "more.pkl is not in the manifest"),
        (lambda f: _rewrite(f, format=2), "format 2 is not 1"),
        (lambda f: _rewrite(f, files={"../v1/template.json": "0"}), "template.json is not in the manifest"),
        (lambda f: _rewrite(f, method="magic"), "'magic'"),
        (_link_the_model, "no plain file"),
    ],
)
def test_a_spoilt_version_is_refused_with_a_reason(folder: Path, spoil: Callable[[Path], object], reason: str) -> None:
    spoil(folder)

    with pytest.raises(BadArtifact, match=reason):
        load_titler(folder)


WORDING = {name: {} for name in ("rewrites", "patterns", "roles", "phrase_roles", "spellings", "telling")}


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        "[" * 100_000,
        '{"habits": []}',
        '{"habits": {"": {"n_titles": "many", "slots": [], "nouns": []}}}',
        '{"habits": {"": {"n_titles": 1, "slots": [{"role": 3}], "nouns": []}}}',
        json.dumps({**WORDING, "habits": {}, "rewrites": {"blue": 3}}),
        json.dumps({**WORDING, "habits": {}, "telling": {"sky": {"blue": 1.0}}, "phrase_roles": {"sky": "Colour"}}),
    ],
)
def test_a_content_that_makes_no_model_is_refused_though_its_hash_is_right(folder: Path, content: str) -> None:
    (folder / "template.json").write_text(content)
    _rewrite(folder, files={"template.json": hashlib.sha256(content.encode()).hexdigest()})

    with pytest.raises(BadArtifact, match="v1: its files do not make a model"):
        load_titler(folder)


def test_a_name_that_climbs_out_of_the_folder_is_refused(folder: Path) -> None:
    files = json.loads((folder / "manifest.json").read_text())["files"]
    _rewrite(folder, files={**files, "../../../secret.json": "0"})

    with pytest.raises(BadArtifact, match="is no name of an artifact"):
        load_titler(folder)


def test_a_titler_is_no_tagger(folder: Path) -> None:
    with pytest.raises(BadArtifact, match="holds a titler, not a tagger"):
        load_tagger(folder)
