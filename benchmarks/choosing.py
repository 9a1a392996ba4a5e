"""How fast the next items are chosen: 50 of 100,000 invented products with probabilities for 500 tags.

`python -m benchmarks.choosing [--products N] [--tags K] [--batch B] [--repeats R] [--out FILE.json]`
"""

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from benchmarks.spread import spread
from ml_backend.learning.diversity import most_informative
from ml_backend.learning.ensemble_training import peak_mb
from ml_backend.learning.uncertainty import tag_variance, worth

BAR_S = 2.0
_N_ASKED = 2000
_N_WORDS = 30_000
_WORDS_OF_A_PRODUCT = 40


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--tags", type=int, default=500)
    parser.add_argument("--batch", type=int, default=50)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", type=Path, help="a JSON file for the figures")
    options = parser.parse_args()
    figures = measured(options.products, options.tags, options.batch, options.repeats)
    print(json.dumps(figures, indent=1))
    if options.out:
        options.out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def measured(n_products: int, n_tags: int, batch: int, repeats: int) -> dict[str, Any]:
    """Return seconds of the whole choice, and of the worth alone, by the clock and by the processor."""
    rng = np.random.default_rng(0)
    proba = rng.beta(0.1, 2.0, (n_products, n_tags)).astype(np.float32)
    x, asked = _vectors(n_products, rng), _vectors(_N_ASKED, rng)
    before = peak_mb()
    whole, cpu, weighing = [], [], []
    for seed in range(repeats):
        began, began_cpu = time.perf_counter(), time.process_time()
        told = worth(tag_variance(proba))
        weighing.append(time.perf_counter() - began)
        picks = most_informative(x, told, batch, asked=asked, rng=np.random.default_rng(seed))
        whole.append(time.perf_counter() - began)
        cpu.append(time.process_time() - began_cpu)
    return {
        "products": n_products,
        "tags": n_tags,
        "chosen": len(picks),
        "asked_before": _N_ASKED,
        "seconds": spread(whole),
        "cpu_seconds": spread(cpu),
        "seconds_of_worth": spread(weighing),
        "bar_s": BAR_S,
        "peak_mb": peak_mb(),
        "peak_mb_before": before,
        "cpus": os.cpu_count(),
        "load_average": round(os.getloadavg()[0], 1),
    }


def _vectors(n: int, rng: np.random.Generator) -> csr_matrix:
    """Return unit rows of words as frequent as in a language: the j-th at 1 / (j + 10)."""
    frequency = 1 / np.arange(10, _N_WORDS + 10)
    columns = rng.choice(_N_WORDS, (n, _WORDS_OF_A_PRODUCT), p=frequency / frequency.sum())
    weight = np.log1p(np.arange(10, _N_WORDS + 10)).astype(np.float32)
    ends = np.arange(0, columns.size + 1, _WORDS_OF_A_PRODUCT)
    x = csr_matrix((weight[columns.ravel()], columns.ravel(), ends), shape=(n, _N_WORDS))
    x.sum_duplicates()
    lengths = np.sqrt(np.asarray(x.multiply(x).sum(axis=1)).ravel())
    x.data /= np.repeat(lengths, np.diff(x.indptr)).astype(np.float32)
    return x


if __name__ == "__main__":
    main()
