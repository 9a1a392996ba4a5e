"""How fast the tagger learns, serves and tags: 10,000 invented products × 200 tags, then the trainings of a replay.

`python -m benchmarks.tagging [--products N] [--tags K] [--out FILE.json]`
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.staging import AUTH, publish_library, running_backend
from ml_backend.client import DraftClient
from ml_backend.contract import Brief, ChannelRules, Example, TagSpec, pointer_file, version_folder
from ml_backend.learning.artifacts import write_version
from ml_backend.learning.ensemble_training import peak_mb
from ml_backend.learning.tagger import LinearTagger

BAR_S = 20.0  # to learn all of it, on two cores
SERVING_BAR_S = 10.0  # from the end of training
_SCOPE = "invented"
SMALL = ((50, 100), (200, 200), (1000, 500))  # products × tags
_CHANNEL = ChannelRules(key="shop", max_length=250)
_SYLLABLES = ("ba", "co", "di", "fu", "ga", "he", "li", "mo", "nu", "pa", "ro", "sa", "te", "vi", "wo", "zu")
_N_WORDS = 6000
_TAGS_OF_A_PRODUCT = 4
_WORDS_OF_A_TAG = 12


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--tags", type=int, default=200)
    parser.add_argument("--out", type=Path, help="a JSON file for the figures")
    options = parser.parse_args()
    figures = measured(options.products, options.tags)
    print(json.dumps(figures, indent=1))
    if options.out:
        options.out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def measured(n_products: int, n_tags: int) -> dict[str, Any]:
    """Return seconds of learning, loading and tagging, and of small trainings, with the processor's own seconds."""
    examples, tags = invented(n_products, n_tags, seed=0)
    with _Watch() as learning:
        tagger = LinearTagger.learned(examples, tags, seed=0)
    with tempfile.TemporaryDirectory() as folder:
        tagger.save(Path(folder))
        size = sum(file.stat().st_size for file in Path(folder).iterdir())
        with _Watch() as loading:
            served = LinearTagger.load(Path(folder))
    briefs = [example.brief for example in examples[:1000]]
    with _Watch() as tagging:
        served.probabilities(briefs, tags)
    with _Watch() as explaining:
        served.score(briefs[:100], tags)
    with tempfile.TemporaryDirectory() as folder:
        serving = _seconds_to_serve(Path(folder), tagger, tags, briefs[:10])
    return {
        "products": n_products,
        "tags": n_tags,
        "cpus": os.cpu_count(),
        "load_average": round(os.getloadavg()[0], 1),
        "learning": {**learning.told, "bar_s": BAR_S},
        "serving": {"seconds": serving, "bar_s": SERVING_BAR_S},
        "loading": loading.told,
        "size_mb": round(size / 2**20, 1),
        "probabilities_of_1000_products": tagging.told,
        "scores_with_reasons_of_100_products": explaining.told,
        "small": [_small(n, k) for n, k in SMALL],
        "peak_mb": peak_mb(),
    }


def _seconds_to_serve(home: Path, tagger: LinearTagger, tags: Sequence[TagSpec], briefs: Sequence[Brief]) -> float:
    """Return the seconds from the end of training to the first drafts of the new version by a running ML backend."""
    models = home / "models"
    publish_library(models, _SCOPE, tags)
    with running_backend(home, models) as backend:
        client = DraftClient(url=backend.url, username=AUTH[0], password=AUTH[1])
        client.drafts(briefs)
        began = time.perf_counter()
        folder = version_folder(models, "tagger", _SCOPE, 1)
        write_version(folder, tagger, kind="tagger", scope=_SCOPE, method="tagger", number=1, data_hash="0" * 64)
        pointer_file(models, "tagger", _SCOPE).write_text('{"number": 1}', encoding="utf-8")
        versions = {draft.tagger_version for draft in client.drafts(briefs)}
        if versions != {1}:
            raise RuntimeError(f"served by {versions}, not by the new version")
        return round(time.perf_counter() - began, 2)


def invented(n_products: int, n_tags: int, *, seed: int) -> tuple[list[Example], list[TagSpec]]:
    """Return products of some eighty invented words; a tag shows by words of its own, and is now and then missed."""
    rng = np.random.default_rng(seed)
    lexicon = ["".join(rng.choice(_SYLLABLES, rng.integers(2, 5))) for _ in range(_N_WORDS)]
    frequency = 1 / np.arange(10, _N_WORDS + 10)
    own_words = rng.integers(0, _N_WORDS, size=(n_tags, _WORDS_OF_A_TAG))
    popularity = 1 / np.arange(3, n_tags + 3)
    examples = []
    for i in range(n_products):
        on = rng.choice(n_tags, _TAGS_OF_A_PRODUCT, replace=False, p=popularity / popularity.sum())
        told = [*rng.choice(_N_WORDS, 70, p=frequency / frequency.sum()), *rng.choice(own_words[on].ravel(), 12)]
        text = [lexicon[j] for j in rng.permutation(told)]
        examples.append(_example(i, text, [f"tag {j}" for j in on if rng.random() > 0.1]))
    return examples, [TagSpec(name=f"tag {j}", aliases=(lexicon[own_words[j][0]],)) for j in range(n_tags)]


def _example(i: int, text: Sequence[str], tags: Sequence[str]) -> Example:
    brief = Brief(
        catalog=_SCOPE,
        library=_SCOPE,
        sku=str(i),
        language="en",
        channel=_CHANNEL,
        title=" ".join(text[:10]),
        description=" ".join(text[20:]),
        brand=text[10],
        category=(text[11],),
        attributes=tuple((text[j], " ".join(text[j + 1 : j + 3])) for j in range(12, 20, 2)),
    )
    return Example(brief=brief, title=None, tags=tuple(tags), source="decision", family=str(i))


def _small(n_products: int, n_tags: int) -> dict[str, Any]:
    examples, tags = invented(n_products, n_tags, seed=1)
    with _Watch() as watch:
        LinearTagger.learned(examples, tags, seed=0)
    return {"products": n_products, "tags": n_tags, **watch.told}


class _Watch:
    """Measures what runs within it, by the clock and by the processor."""

    def __enter__(self) -> "_Watch":
        self._began, self._cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.told = {
            "seconds": round(time.perf_counter() - self._began, 2),
            "cpu_seconds": round(time.process_time() - self._cpu, 2),
        }


if __name__ == "__main__":
    main()
