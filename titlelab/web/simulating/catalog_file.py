"""A catalog file whose titles are all right: which of them a shop would know, which are hidden, and which measure.

Computes only, but for `read`; copying.py makes the catalog. A row is an object of sku, title, description, brand,
category, attributes and language; families of near twins stay on one side of every line that is drawn.
"""

import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from titlelab.errors import BadFile
from titlelab.web.simulating.gold import Gold

Row = Mapping[str, object]
Split = Literal["train", "valid", "test"]
TOLD = ("sku", "title", "description", "brand", "category", "attributes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """known: rows whose titles the shop has; hidden: rows without one; probe: skus of the hidden ones that measure."""

    language: str
    known: tuple[Row, ...]
    hidden: tuple[Row, ...]
    probe: tuple[str, ...]


def read(path: Path) -> list[Row]:
    """Read JSON Lines, gzipped where the name ends in .gz; raises BadFile with the line."""
    try:
        content = path.read_bytes()
        lines = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8").splitlines()
    except (OSError, EOFError, UnicodeDecodeError) as e:
        raise BadFile(f"{path} can't be read: {e}") from e
    return [_row(path, number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def answers(rows: Iterable[Row]) -> dict[str, Gold]:
    """Return every row's title by sku: a known one that breaks a rule of the channel may be asked about, too."""
    return {str(row["sku"]): Gold(title=str(row["title"]), tags=()) for row in rows}


def parts(rows: Iterable[Row], *, known: int | None, n_probe: int, seed: int) -> Parts:
    """Share the rows out: titles of the train split are known, the first `known` of them in an order by chance.

    Those of the valid and the test split are hidden. The probe is one product of each of n_probe families of the test
    split; these families' other products are left out, so that nobody is asked about a near twin of what measures.
    Raises BadFile when one part is empty.
    """
    in_order = sorted(rows, key=lambda row: _hash(f"{row['sku']}/order"))
    train = [row for row in in_order if split(row) == "train"][:known]
    hidden = [row for row in in_order if split(row) != "train"]
    by_family = _probe([row for row in hidden if split(row) == "test"], n_probe, seed)
    probe = set(by_family.values())
    hidden = [row for row in hidden if family(row) not in by_family or row["sku"] in probe]
    if not train or len(probe) in (0, len(hidden)):
        raise BadFile(f"{len(in_order)} products are too few to know some, ask about some and measure on others")
    return Parts(
        language=str(in_order[0].get("language") or "en"),
        known=tuple(_told(row, str(row["title"])) for row in train),
        hidden=tuple(_told(row, "") for row in hidden),
        probe=tuple(sorted(probe)),
    )


def split(row: Row) -> Split:
    """Return train (80 % of the families), valid (10 %) or test (10 %), as benchmarks/protocol.py does."""
    bucket = int(_hash(f"{family(row)}/split"), 16) % 100
    return "test" if bucket < 10 else "valid" if bucket < 20 else "train"


def family(row: Row) -> str:
    """Name the row's family of near twins, as benchmarks/protocol.py does.

    Brand and first title words, or first six Han characters; families.py cuts otherwise, for what may be learnt.
    """
    title = str(row.get("title") or "").lower()
    han = re.sub(r"[^\u4e00-\u9fff]", "", title)
    if len(han) >= 4:
        return han[:6]
    return f"{row.get('brand') or ''}|{' '.join(re.findall(r'[a-z]+', title)[:3])}"


def _probe(rows: Sequence[Row], n: int, seed: int) -> dict[str, str]:
    """Draw n families, fewer where there are no more; return the sku of each one's first product.

    A family of fifty near twins would otherwise be half of what is measured.
    """
    first: dict[str, str] = {}
    for row in rows:
        first.setdefault(family(row), str(row["sku"]))
    names = sorted(first)
    drawn = np.random.default_rng(seed).permutation(len(names))[:n]
    return {names[place]: first[names[place]] for place in drawn}


def _told(row: Row, title: str) -> Row:
    """Return what an import takes of a row; several values of an attribute become one text."""
    told = {name: row[name] for name in TOLD if row.get(name)}
    attributes = row.get("attributes")
    if isinstance(attributes, Mapping):
        told["attributes"] = {str(name): _value(value) for name, value in attributes.items()}
    return {**told, "title": title}


def _value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _row(path: Path, number: int, line: str) -> Row:
    try:
        row: Row = json.loads(line)
        match row:
            case {"sku": str(sku), "title": str(title)} if sku and title.strip():
                return row
    except ValueError:
        pass
    raise BadFile(f'{path}, line {number}: expected an object with "sku" and "title"')


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
