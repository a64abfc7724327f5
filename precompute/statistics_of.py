"""Histograms, percentiles and correlations, in the form the artefacts hold them."""

from __future__ import annotations

import math

import numpy as np

from artefacts.schemas.neighbours import CosineDistribution
from artefacts.schemas.parts import Histogram

PERCENTILES = ("0.1", "1", "5", "25", "50", "75", "95", "99", "99.9")


def rounded(value: float, digits: int = 6) -> float:
    """A plain float with `digits` decimals; minus zero becomes zero."""
    return round(float(value), digits) + 0.0


def percentiles_of(values: np.ndarray) -> dict[str, float]:
    """Percentile -> value, linearly interpolated, for `PERCENTILES`."""
    found = np.percentile(values, [float(p) for p in PERCENTILES])
    return {name: rounded(value) for name, value in zip(PERCENTILES, found, strict=True)}


def cosine_distribution(cosines: np.ndarray, bin_width: float = 0.02) -> CosineDistribution:
    """Summary of a sample of cosines; bin edges are whole multiples of `bin_width`, so histograms can be laid over each other."""
    cosines = np.asarray(cosines, dtype=np.float64)
    return CosineDistribution(
        count=len(cosines),
        histogram=aligned_histogram(cosines, bin_width),
        mean=rounded(cosines.mean()),
        standard_deviation=rounded(cosines.std()),
        percentiles=percentiles_of(cosines),
    )


def aligned_histogram(values: np.ndarray, bin_width: float) -> Histogram:
    """Counts in bins whose edges are whole multiples of `bin_width`, from the lowest value to the highest."""
    first, last = math.floor(values.min() / bin_width), math.floor(values.max() / bin_width) + 1
    edges = [round(n * bin_width, 10) for n in range(first, last + 1)]
    counts, _ = np.histogram(values, bins=edges)
    return Histogram(edges=edges, counts=counts.tolist())


def integer_histogram(values: np.ndarray) -> Histogram:
    """One bin an integer: counts[i] is how often first + i occurs."""
    values = np.asarray(values, dtype=np.int64)
    if not len(values):
        return Histogram(edges=[0.0, 1.0], counts=[0])
    first = int(min(values.min(), 1))
    counts = np.bincount(values - first)
    return Histogram(edges=[float(first + i) for i in range(len(counts) + 1)], counts=counts.tolist())


def doubling_histogram(values: np.ndarray) -> Histogram:
    """Counts of non-negative integers in [0, 1), [1, 2), [2, 4), [4, 8), ... up to the maximum."""
    edges = [0, 1]
    while edges[-1] <= values.max():
        edges.append(edges[-1] * 2)
    edges[-1] = int(values.max()) + 1
    counts, _ = np.histogram(values, bins=edges)
    return Histogram(edges=[float(e) for e in edges], counts=counts.tolist())


def pearson(first: np.ndarray, second: np.ndarray) -> float:
    """Pearson correlation of two vectors in float64; 0 where one of them is constant."""
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    a, b = a - a.mean(), b - b.mean()
    size = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / size if size > 0 else 0.0


def spearman(first: np.ndarray, second: np.ndarray) -> float:
    """Pearson correlation of the ranks, ties given their mean rank."""
    return pearson(mean_ranks(first), mean_ranks(second))


def mean_ranks(values: np.ndarray) -> np.ndarray:
    """[value], 1-based ranks; equal values share the mean of their ranks."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[inverse]


def skewness(values: np.ndarray) -> float:
    """Third standardised moment; 0 for a constant sample."""
    centred = np.asarray(values, dtype=np.float64) - np.mean(values)
    spread = math.sqrt(float(np.mean(centred**2)))
    return float(np.mean(centred**3)) / spread**3 if spread > 0 else 0.0
