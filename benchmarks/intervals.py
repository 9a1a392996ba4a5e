"""Paired bootstrap intervals (Koehn 2004). Computes only."""

from collections.abc import Sequence

import numpy as np

_DRAWS = 2000


def paired_difference(a: Sequence[float], b: Sequence[float], *, seed: int = 0) -> dict[str, float]:
    """Return the mean of a - b, item by item, with its 95 % interval over resampled items: mean, low, high."""
    differences = np.asarray(a, dtype=float) - np.asarray(b, dtype=float)
    draws = np.random.default_rng(seed).integers(0, len(differences), size=(_DRAWS, len(differences)))
    means = differences[draws].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return {"mean": round(float(differences.mean()), 4), "low": round(float(low), 4), "high": round(float(high), 4)}
