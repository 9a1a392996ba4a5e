"""Tags that nobody has used yet, on the sample catalogs: what their names and aliases are worth."""

import json

import numpy as np
import pytest
from sklearn.metrics import f1_score

from benchmarks.staging import SAMPLES, sample_briefs
from ml_backend.contract import Example, TagSpec, from_json
from ml_backend.learning.tagger import LinearTagger, truth_of
from ml_backend.rules.families import family

N_TRAIN = 250
N_HIDDEN = 20


def sample_tags(language: str) -> list[TagSpec]:
    told = json.loads((SAMPLES / f"tags-{language}.json").read_text(encoding="utf-8"))
    return [from_json(TagSpec, tag) for tag in told["tags"]]


def tagged_samples(language: str) -> list[Example]:
    gold = SAMPLES.parent / "hidden" / f"sample-{language}.gold.jsonl"
    tags = {row["sku"]: tuple(row["tags"]) for row in map(json.loads, gold.read_text(encoding="utf-8").splitlines())}
    return [
        Example(brief=b, title=None, tags=tags[b.sku], source="decision", family=family(b.title, b.brand))
        for b in sample_briefs(language)
        if b.sku in tags
    ]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_tags_without_examples_are_found_by_name_and_alias(language: str) -> None:
    examples, tags = tagged_samples(language), sample_tags(language)
    hidden = set(np.random.default_rng(0).choice(len(tags), N_HIDDEN, replace=False).tolist())
    shown, unseen = [t for j, t in enumerate(tags) if j not in hidden], [tags[j] for j in sorted(hidden)]
    tagger = LinearTagger.learned(examples[:N_TRAIN], shown, seed=0)

    proba = tagger.probabilities([example.brief for example in examples[N_TRAIN:]], unseen)

    truth = truth_of(examples[N_TRAIN:], unseen)
    assert f1_score(truth, proba >= tagger.thresholds(unseen), average="micro") > 0.3
