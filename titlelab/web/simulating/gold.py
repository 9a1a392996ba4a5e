"""The hidden answers: the only module that may read them. What learns never sees more of them than was annotated."""

import json
from dataclasses import dataclass
from pathlib import Path

from titlelab.errors import BadFile

HIDDEN = Path(__file__).resolve().parents[2] / "samples" / "hidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """What a careful person would make of a product."""

    title: str
    tags: tuple[str, ...]


def gold_file(catalog: str) -> Path:
    """Name the hidden file of a sample catalog."""
    return HIDDEN / f"{catalog}.gold.jsonl"


def read_gold(file: Path) -> dict[str, Gold]:
    """Read the answers by sku from JSON Lines of sku, title and tags; raises BadFile with the line."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as e:
        raise BadFile(f"the answers in {file} can't be read: {e}; name a file with --gold") from e
    return dict(_answer(file, number, line) for number, line in enumerate(lines, start=1) if line.strip())


def _answer(file: Path, number: int, line: str) -> tuple[str, Gold]:
    try:
        match json.loads(line):
            case {"sku": str(sku), "title": str(title), "tags": list(tags)} if title and _are_texts(tags):
                return sku, Gold(title=title, tags=tuple(tags))
    except ValueError:
        pass
    raise BadFile(f'{file}, line {number}: expected {{"sku": "…", "title": "…", "tags": ["…"]}}')


def _are_texts(values: list[object]) -> bool:
    return all(isinstance(value, str) for value in values)
