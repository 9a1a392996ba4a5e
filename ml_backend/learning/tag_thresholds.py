"""From which probability on a tag is proposed: where F1 is best, a rare tag's threshold near the general one.

PRIOR_POSITIVES of 8, 30 and 60 gave, by cross-validation on products outside the test quarter, micro/macro-F1 of
0.761/0.660, 0.762/0.643 and 0.764/0.637 on en_flipkart, 0.680/0.562, 0.688/0.562 and 0.693/0.558 on en_icecat,
0.628/0.574, 0.632/0.577 and 0.634/0.576 on zh_openbg_taobao.
"""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

PRIOR_POSITIVES = 60.0  # how many positives a tag's own threshold needs to weigh as much as the general one
_LEAST, _MOST = 0.1, 0.9  # beyond, a threshold tells more of luck than of the tag


def best_threshold(proba: FloatArray, truth: FloatArray) -> float:
    """Return the threshold of the best F1, 0.5 where there is no positive; proba, truth: (n,)."""
    if not truth.any():
        return 0.5
    order = np.argsort(-proba, kind="stable")
    hits = np.cumsum(truth[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + truth.sum())
    best = int(np.argmax(f1))
    after = proba[order[best + 1]] if best + 1 < len(order) else 0.0
    return float(np.clip((proba[order[best]] + after) / 2, _LEAST, _MOST))


def thresholds(proba: FloatArray, truth: FloatArray, general: float) -> FloatArray:
    """Return each tag's threshold, pulled towards the general one, the more the fewer positives it has: (k,)."""
    n_positives = truth.sum(axis=0)
    own = np.array([best_threshold(proba[:, j], truth[:, j]) for j in range(truth.shape[1])], dtype=np.float32)
    return np.asarray((n_positives * own + PRIOR_POSITIVES * general) / (n_positives + PRIOR_POSITIVES))
