"""The order in which neighbours stand, for tests that find them by comparing with everything."""

from __future__ import annotations

import numpy as np


def smallest(values: np.ndarray, k: int) -> np.ndarray:
    """Ids of the k smallest values, ascending, ties by id. Only what can be among them is sorted."""
    ids = np.flatnonzero(values <= np.partition(values, k - 1)[k - 1])  # all that are equal to the last one too
    return ids[np.argsort(values[ids], kind="stable")][:k]
