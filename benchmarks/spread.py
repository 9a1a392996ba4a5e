"""Medians, percentiles and spread of measured figures. Computes only."""

import math
from collections.abc import Sequence
from statistics import median


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` of the values do not exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return median, least and greatest, to three significant places or better."""
    return {"median": round(median(values), 2), "least": round(min(values), 2), "greatest": round(max(values), 2)}
