"""How honest told probabilities are: reliability diagram and expected calibration error."""

import numpy as np
from numpy.typing import NDArray

from ml_backend.contract import Reliability, ReliabilityBin

FloatArray = NDArray[np.floating]

LEAST_PROBA = 0.1  # nearly all cells of a large library are sure to be empty, and would hide the rest
MOST_BINS = 15
LEAST_CELLS = 10  # a bin; the error of fewer is mostly chance


def reliability(
    proba: FloatArray, truth: NDArray[np.integer], *, least_proba: float = LEAST_PROBA
) -> Reliability | None:
    """Compare promised probabilities with what came true; None where no cell promises anything.

    proba, truth: (n, k), P(tag j applies to product i) in [0, 1] and whether it does, 0 or 1; or (n,) of one thing.
    Cells from least_proba on are put into bins of equal mass, rising probability: 15, or fewer of at least ten cells.
    ece is the bins' mean distance between promise and truth, weighted by their cells.

    Source: Naeini, Cooper & Hauskrecht 2015, "Obtaining Well Calibrated Probabilities Using Bayesian Binning"
    (expected calibration error), with bins of equal mass as in Nixon et al. 2019, "Measuring Calibration".
    """
    is_told = proba >= least_proba
    cells, hits = proba[is_told], truth[is_told]
    if len(cells) == 0:
        return None
    order = np.argsort(cells, kind="stable")
    n_bins = max(1, min(MOST_BINS, len(cells) // LEAST_CELLS))
    bins = tuple(
        ReliabilityBin(n=len(of_bin), proba=float(cells[of_bin].mean()), share=float(hits[of_bin].mean()))
        for of_bin in np.array_split(order, n_bins)
    )
    ece = sum(each.n * abs(each.proba - each.share) for each in bins) / len(cells)
    return Reliability(n=len(cells), ece=ece, bins=bins)
