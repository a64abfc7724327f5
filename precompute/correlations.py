"""Correlations of many pairs of vectors at once; of one pair: `statistics_of.pearson`."""

from __future__ import annotations

import numpy as np


def row_correlations(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """[row], Pearson correlation of each row with its partner; 0 where one is constant."""
    a, b = (rows - rows.mean(axis=1, keepdims=True) for rows in (first, second))
    size = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    return (a * b).sum(axis=1) / np.where(size > 0, size, 1)
