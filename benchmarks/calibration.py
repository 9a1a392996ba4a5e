"""How well told probabilities fit what came true: expected calibration error. Computes only."""

from collections.abc import Sequence

import numpy as np

_BINS = 10


def expected_calibration_error(probabilities: Sequence[float], happened: Sequence[bool]) -> float:
    """Return the mean distance between told and true share over bins of equal mass, [0, 1].

    Source: Naeini, Cooper & Hauskrecht 2015 (ECE), with bins of equal mass instead of equal width.
    """
    told, true = np.asarray(probabilities, dtype=float), np.asarray(happened, dtype=float)
    edges = np.quantile(told, np.linspace(0, 1, _BINS + 1)[1:-1])
    which = np.searchsorted(edges, told, side="right")  # equal probabilities share a bin
    bins = [which == i for i in np.unique(which)]
    return round(float(sum(own.sum() * abs(told[own].mean() - true[own].mean()) for own in bins) / len(told)), 4)
