"""Splits that keep families of near twins together; by product, the holdout could be read off the training set."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ml_backend.contract import Example


def folds(families: Sequence[str], n_folds: int, *, seed: int) -> NDArray[np.int64]:
    """Give every product a fold: (n,), in [0, n_folds), the same within a family and for the same seed."""
    buckets = [int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:8]) for name in families]
    return np.array([bucket % n_folds for bucket in buckets], dtype=np.int64)


def train_and_valid(examples: Sequence[Example], *, seed: int) -> tuple[list[Example], list[Example]]:
    """Keep about a tenth of the families apart, by which a training may choose its moment to stop."""
    fold = folds([example.family for example in examples], 10, seed=seed)
    train = [example for example, i in zip(examples, fold, strict=True) if i]
    return train, [example for example, i in zip(examples, fold, strict=True) if not i]
