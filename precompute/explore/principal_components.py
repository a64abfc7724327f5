"""Principal components as coordinates in a picture."""

from __future__ import annotations

import numpy as np


def principal_components(units: np.ndarray, dims: int) -> tuple[np.ndarray, float]:
    """([point, dims], share of the variance that they keep) of [point, dim]; coordinates that there are not are 0.

    Each axis is turned so that its largest coordinate is positive, because its direction means nothing.
    """
    axes, lengths, _ = np.linalg.svd(units - units.mean(axis=0), full_matrices=False)
    kept = min(dims, len(lengths))
    points = np.zeros((len(units), dims))
    points[:, :kept] = (axes * lengths)[:, :kept]
    points *= np.where(points[np.abs(points).argmax(axis=0), np.arange(dims)] < 0, -1, 1)
    total = float((lengths**2).sum())
    return points, float((lengths[:dims] ** 2).sum() / total) if total else 1.0
