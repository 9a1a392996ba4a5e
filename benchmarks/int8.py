"""Whether 8-bit weights pay in bulk drafting on a processor: speed and quality beside the way that serves.

`python -m benchmarks.int8 [--base NAME] [--briefs N] [--rounds N] [--out FILE.json]` lets the adapter of
`benchmarks.drafting` draft sample products greedily in turns, by the same search: as it serves, and with its linear
layers' weights and inputs in 8 bits (torch's dynamic quantisation). Worth having would be 1.5 times the speed at less
than one point of ROUGE-L.
"""

import argparse
import json
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from copy import deepcopy
from pathlib import Path
from statistics import median
from typing import Any

import torch

from benchmarks.drafting import serving_version, untitled
from benchmarks.protocol import rouge_l
from benchmarks.spread import spread
from benchmarks.staging import sample_briefs, sample_examples
from ml_backend.contract import Brief
from ml_backend.learning.titler_language_model import LanguageModelTitler

BARS = {"times_as_fast": 1.5, "rouge_l_lost": 1.0}


def main() -> None:
    """Measure, print and write."""
    options = _options()
    good = {example.brief.sku: example.title or "" for example in sample_examples(options.language)}
    briefs = [brief for brief in untitled(sample_briefs(options.language)) if brief.sku in good][: options.briefs]
    titler = LanguageModelTitler.load(serving_version(options.language, options.minutes, options.base))
    titler.propose(briefs[:4], 1)
    rates: dict[str, list[float]] = {"serving": [], "int8": []}
    titles: dict[str, list[str]] = {}
    for n in range(options.rounds):
        for name in rates:
            with _eight_bits(titler) if name == "int8" else nullcontext():
                began = time.perf_counter()
                titles[name] = [own[0].title for own in titler.propose(briefs, 1)]
                rates[name].append(len(briefs) / (time.perf_counter() - began))
        print(f"round {n + 1}: { ({name: round(per_s[-1], 2) for name, per_s in rates.items()}) }", file=sys.stderr)
    quality = {name: _quality(own, briefs, good) for name, own in titles.items()}
    figures = {
        "briefs": len(briefs),
        "bars": BARS,
        "titles_per_s": {name: spread(per_s) for name, per_s in rates.items()},
        "times_as_fast": round(median(rates["int8"]) / median(rates["serving"]), 2),
        "rouge_l": quality,
        "rouge_l_lost": round(quality["serving"] - quality["int8"], 2),
    }
    print(json.dumps(figures, indent=1))
    if options.out:
        options.out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


@contextmanager
def _eight_bits(titler: LanguageModelTitler) -> Iterator[None]:
    """Let the titler's base read by a quantised copy while the context lasts."""
    base = titler._base
    with base.reading(titler._adapter) as model:
        served = model
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch tells of the package that dynamic quantisation will move to
        small = torch.ao.quantization.quantize_dynamic(deepcopy(served).float(), {torch.nn.Linear}, dtype=torch.qint8)
    base._merged = small
    try:
        yield
    finally:
        base._merged = served


def _quality(titles: Sequence[str], briefs: Sequence[Brief], good: dict[str, str]) -> float:
    scores = [100 * rouge_l(title, good[brief.sku]) for title, brief in zip(titles, briefs, strict=True)]
    return round(sum(scores) / len(scores), 2)


def _options() -> Any:  # noqa: ANN401 - argparse's own type
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", default="smollm2-135m")
    parser.add_argument("--language", choices=["en", "zh"], default="en", help="of the sample products")
    parser.add_argument("--briefs", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=2.0, help="of training, where no version is left")
    parser.add_argument("--out", type=Path, help="a JSON file for the figures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
