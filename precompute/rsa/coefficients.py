"""Step two of RSA: how well two pair vectors agree, [pair] each.

pearson    the correlation of the values
spearman   the correlation of their ranks, ties given their mean rank
rho_a      what Spearman's coefficient is on average when ties are broken at random (Schütt et al. 2023)
tau_a      (concordant - discordant) / all pairs of values, ties counted as neither (Kendall 1938; for RDMs, Nili et al. 2014)

The first three are products: `scores` turns a pair vector into z so that the coefficient of two pair vectors is z1 . z2. Thousands of
permuted or resampled words then cost one matrix product (`inference`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.stats import kendalltau

from precompute.rsa.rdms import category_dissimilarities
from precompute.statistics_of import mean_ranks

COEFFICIENTS = ("pearson", "spearman", "rho_a", "tau_a")
PRODUCTS = ("pearson", "spearman", "rho_a")  # those that `scores` knows


def coefficient(name: str, first: np.ndarray, second: np.ndarray) -> float:
    """The agreement of two pair vectors; 0 where one is constant. Raises ValueError for another name or for different lengths."""
    if len(first) != len(second):
        raise ValueError(f"{len(first)} values cannot be compared with {len(second)}")
    if name == "tau_a":
        return tau_a(first, second)
    return float(scores(name, first) @ scores(name, second))


def scores(name: str, pairs: np.ndarray) -> np.ndarray:
    """[pair], z such that z1 . z2 is the coefficient of two pair vectors. Raises ValueError for what is no such product."""
    if name == "pearson":
        return _unit(pairs)
    if name == "spearman":
        return _unit(mean_ranks(pairs))
    if name == "rho_a":
        # 12 x.y / (m^3 - m) - 3 (m + 1) / (m - 1) with ranks x, y is the same with centred ranks and without the second term
        m = len(pairs)
        return (mean_ranks(pairs) - (m + 1) / 2) * math.sqrt(12 / (m**3 - m))
    raise ValueError(f"there is no coefficient {name!r}; there are {', '.join(COEFFICIENTS)}")


def tau_a(first: np.ndarray, second: np.ndarray) -> float:
    """Kendall's tau-a: tau-b from SciPy, its correction for ties undone."""
    pairs = len(first) * (len(first) - 1) / 2
    untied = math.sqrt((pairs - _tied_pairs(first)) * (pairs - _tied_pairs(second)))
    if untied == 0:
        return 0.0
    return float(kendalltau(first, second, method="asymptotic").statistic) * untied / pairs


def category_ceiling(name: str, categories: Sequence[str] | np.ndarray) -> float:
    """The highest value that any pair vector without ties can reach against the category RDM of these words.

    The best one puts every within-category pair below every pair across. Pearson and Spearman correct for ties in one way or another:
    Pearson can reach 1 with two values only, so its ceiling is 1; Spearman's is below 1, because untied ranks cannot equal tied ones.
    """
    model = category_dissimilarities(categories)
    if name == "pearson":
        return 1.0 if 0 < model.mean() < 1 else 0.0
    best = np.empty(len(model))
    best[np.argsort(model, kind="stable")] = np.arange(len(model))
    return coefficient(name, best, model)


def _unit(values: np.ndarray) -> np.ndarray:
    centred = np.asarray(values, dtype=np.float64) - np.mean(values)
    length = math.sqrt(float(centred @ centred))
    # a constant vector keeps a trace of rounding; anything so much smaller than its values is none
    return centred / length if length > 1e-12 * max(1.0, float(np.abs(values).max())) else np.zeros(len(centred))


def _tied_pairs(values: np.ndarray) -> float:
    _, counts = np.unique(values, return_counts=True)
    return float((counts * (counts - 1) / 2).sum())
