"""The template titler on the sample catalogs: what it learns there survives the disk."""

import json
from pathlib import Path

import pytest

from ml_backend.contract import Brief, ChannelRules, Example
from ml_backend.learning.titler_template import TemplateTitler
from ml_backend.rules.good_titles import is_good_title

DATA = Path(__file__).resolve().parents[4] / "titlelab" / "samples" / "data"


def examples(key: str, language: str) -> list[Example]:
    """Return the sample's good titles as the shop hands them over."""
    made = []
    for row in map(json.loads, (DATA / f"{key}.jsonl").read_text(encoding="utf-8").splitlines()):
        attributes = tuple((n, ", ".join(v) if isinstance(v, list) else str(v)) for n, v in row["attributes"].items())
        brief = Brief(
            catalog=key,
            library="",
            sku=row["sku"],
            language=language,
            channel=ChannelRules(key="k", max_length=150),
            description=row["description"],
            brand=row["brand"],
            category=tuple(row["category"]),
            attributes=attributes,
        )
        if is_good_title(row["title"], brief):
            made.append(Example(brief=brief, title=row["title"], tags=None, source="catalog", family=row["sku"]))
    return made


@pytest.mark.parametrize(("key", "language"), [("sample-en", "en"), ("sample-zh", "zh")])
def test_what_is_learnt_from_a_sample_drafts_the_same_from_the_disk(tmp_path: Path, key: str, language: str) -> None:
    shown = examples(key, language)[::3]
    briefs = [example.brief for example in shown[:20]]
    titler = TemplateTitler.learned(shown, seed=0)

    titler.save(tmp_path)

    assert TemplateTitler.load(tmp_path).propose(briefs, 4) == titler.propose(briefs, 4)
