"""Version folders: manifest, JSON, safetensors; never pickle. Written aside, fsynced, renamed; read with distrust."""

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from ml_backend.contract import Categorizer, Kind, Tagger, Titler, from_json, to_json
from ml_backend.errors import BadArtifact, BadRequest, MissingBaseModel

FORMAT = 1
MANIFEST = "manifest.json"
ENSEMBLES = ("ensemble", "full_ensemble")  # methods whose versions hold several titlers
# At most one folder deep: an ensemble's members stand in subfolders.
_FILE_NAME = re.compile(r"([a-z][a-z_]*/)?[A-Za-z0-9_][A-Za-z0-9_.-]*\.(json|safetensors)")
_LIBRARIES = ("numpy", "scikit-learn", "safetensors", "torch", "transformers", "peft")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a version folder is and holds; files maps each file's name to its SHA-256."""

    format: int = FORMAT
    kind: Kind
    scope: str
    method: str
    number: int
    data_hash: str
    base_model: str = ""
    metrics: dict[str, float] = field(default_factory=dict)
    libraries: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


def write_version(
    folder: Path,
    model: Titler | Tagger | Categorizer,
    *,
    kind: Kind,
    scope: str,
    method: str,
    number: int,
    data_hash: str,
    base_model: str = "",
    metrics: dict[str, float] | None = None,
) -> Manifest:
    """Save a model as a version folder, which appears whole or not at all; an older folder of that number gives way."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        model.save(aside)
        manifest = Manifest(
            kind=kind,
            scope=scope,
            method=method,
            number=number,
            data_hash=data_hash,
            base_model=base_model,
            metrics=metrics or {},
            libraries=_library_versions(),
            files={name: _checked_hash(aside, name) for name in sorted(_files_in(aside))},
        )
        (aside / MANIFEST).write_text(json.dumps(to_json(manifest), ensure_ascii=False, indent=1), encoding="utf-8")
        for path in aside.rglob("*"):
            _sync(path)
        aside.chmod(0o755)
        if folder.exists():
            shutil.rmtree(folder)
        aside.rename(folder)
        _sync(folder.parent)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """Return a folder's manifest after checking its format and every file's name and hash; raises BadArtifact."""
    data = _json(folder / MANIFEST, folder)
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        found = data.get("format") if isinstance(data, dict) else None
        raise BadArtifact(f"{folder.name}: format {found!r} is not {FORMAT}; retrain or roll back")
    try:
        manifest = from_json(Manifest, data)
    except BadRequest as e:
        raise BadArtifact(f"{folder.name}: its manifest is wrong: {e}") from e
    present = _files_in(folder) - {MANIFEST}
    if extra := sorted(present - set(manifest.files)):
        raise BadArtifact(f"{folder.name}: {extra[0]} is not in the manifest; retrain or roll back")
    for name, digest in manifest.files.items():
        _check_name(name)
        if _checked_hash(folder, name) != digest:
            raise BadArtifact(f"{folder.name}: {name} is not what was written; retrain or roll back")
    return manifest


def load_titler(folder: Path) -> Titler:
    """Return the titler of a version folder; raises BadArtifact."""
    manifest = _manifest_of(folder, "titler")
    with _translated(folder):
        if manifest.method not in ENSEMBLES:
            return _titler(manifest.method, folder, folder.absolute().parents[2])
        from ml_backend.learning.titler_ensemble import EnsembleTitler, load_fitted

        fitted = load_fitted(folder)
        members = {name: load_member(folder, name) for name in _members(manifest)}
        return EnsembleTitler(members, fitted.ranking, fitted.edit_model)


def load_member(folder: Path, name: str) -> Titler:
    """Return one member of an ensemble's version folder, whose manifest has been checked; raises BadArtifact."""
    with _translated(folder):
        return _titler(name, folder / name, folder.absolute().parents[2])


def _titler(method: str, folder: Path, models_folder: Path) -> Titler:
    """Return the titler that a method wrote into a folder; those that load torch are imported when they are needed."""
    if method == "template":
        from ml_backend.learning.titler_template import TemplateTitler

        return TemplateTitler.load(folder)
    if method == "neighbour":
        from ml_backend.learning.titler_neighbour import NeighbourTitler

        return NeighbourTitler.load(folder)
    if method == "pointer":
        from ml_backend.learning.titler_pointer import PointerTitler

        return PointerTitler.load(folder)
    if method == "language_model":
        from ml_backend.learning.titler_language_model import LanguageModelTitler

        return LanguageModelTitler.load(folder, cache_folder=models_folder)
    raise BadArtifact(f"{folder.name}: no titler is made by the method {method!r}")


def _members(manifest: Manifest) -> list[str]:
    """Return the subfolders of an ensemble in the order in which its members are asked."""
    found = dict.fromkeys(name.split("/")[0] for name in manifest.files if "/" in name)
    if not found:
        raise BadArtifact("an ensemble without members; retrain or roll back")
    return list(found)


def load_tagger(folder: Path) -> Tagger:
    """Return the tagger of a version folder; raises BadArtifact."""
    manifest = _manifest_of(folder, "tagger")
    with _translated(folder):
        if manifest.method == "tagger":
            from ml_backend.learning.tagger import LinearTagger

            return LinearTagger.load(folder)
    raise BadArtifact(f"{folder.name}: no tagger is made by the method {manifest.method!r}")


def load_categorizer(folder: Path) -> Categorizer:
    """Return the categorizer of a version folder; raises BadArtifact."""
    manifest = _manifest_of(folder, "categorizer")
    with _translated(folder):
        if manifest.method == "categorizer":
            from ml_backend.learning.categorizer import LinearCategorizer

            return LinearCategorizer.load(folder)
    raise BadArtifact(f"{folder.name}: no categorizer is made by the method {manifest.method!r}")


def _manifest_of(folder: Path, kind: Kind) -> Manifest:
    manifest = read_manifest(folder)
    if manifest.kind != kind:
        raise BadArtifact(f"{folder.name}: holds a {manifest.kind}, not a {kind}")
    return manifest


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    """Turn what a wrong content raises while a model is built into a refusal that names the folder."""
    try:
        yield
    except (BadArtifact, MissingBaseModel):
        raise
    except Exception as e:  # a wrong content makes any library raise anything
        raise BadArtifact(f"{folder.name}: its files do not make a model ({e}); retrain or roll back") from e


def _json(file: Path, folder: Path) -> Any:  # noqa: ANN401 - JSON becomes a value in the caller
    if not folder.is_dir():
        raise BadArtifact(f"{folder.name}: there is no such version folder; retrain or roll back")
    if file.is_symlink() or not file.is_file():
        raise BadArtifact(f"{folder.name}: {file.name} is missing; retrain or roll back")
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as e:
        raise BadArtifact(f"{folder.name}: {file.name} is no JSON; retrain or roll back") from e


def _check_name(name: str) -> None:
    if not _FILE_NAME.fullmatch(name):
        raise BadArtifact(f"{name!r} is no name of an artifact: a plain name that ends in .json or .safetensors")


def _files_in(folder: Path) -> set[str]:
    """Return all that stands in a folder but subfolders themselves, links among it, by the path from the folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()}


def _checked_hash(folder: Path, name: str) -> str:
    _check_name(name)
    file = folder / name
    if file.is_symlink() or file.parent.is_symlink() or not file.is_file():
        raise BadArtifact(f"{folder.name}: {name} is missing or no plain file; retrain or roll back")
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _library_versions() -> dict[str, str]:
    return {name: metadata.version(name) for name in _LIBRARIES}
