"""Writes a sample catalog's files: products and tags for the shop, answers for the hidden folder."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from titlelab.samples.composing import Sample, composed_catalog
from titlelab.samples.material import Language

HERE = Path(__file__).parent


def write_samples(language: Language, folder: Path = HERE) -> None:
    """Write data/ and hidden/ under `folder`; safe to repeat."""
    samples = composed_catalog(language)
    data, hidden = folder / "data", folder / "hidden"
    data.mkdir(exist_ok=True)
    hidden.mkdir(exist_ok=True)
    code = language.code
    _write_lines(data / f"sample-{code}.jsonl", (_row(language, s) for s in samples))
    _write_lines(
        hidden / f"sample-{code}.gold.jsonl",
        ({"sku": s.sku, "title": s.good_title, "tags": s.tags} for s in samples),
    )
    library = {
        "name": language.library,
        "language": code,
        "tags": [{"name": tag.name, "group": tag.group, "aliases": tag.aliases} for tag in language.tags],
    }
    text = json.dumps(library, ensure_ascii=False, indent=1)
    (data / f"tags-{code}.json").write_text(f"{text}\n", encoding="utf-8", newline="\n")


def _row(language: Language, sample: Sample) -> dict[str, object]:
    return {
        "sku": sample.sku,
        "title": sample.title,
        "description": sample.description,
        "brand": sample.brand,
        "category": sample.category.path,
        "attributes": sample.attributes,
        "price": sample.price,
        "currency": language.currency,
        "image_url": "",
    }


def _write_lines(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
