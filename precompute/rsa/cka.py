"""Centred kernel alignment: agreement of two spaces from inner products, [word, dim] each, widths free.

The usual estimator rises towards 1 for few words and many dimensions, whatever the vectors; the debiased one does not.
"""

from __future__ import annotations

import math

import numpy as np


def linear_cka(first: np.ndarray, second: np.ndarray) -> float:
    """|Y'X|^2 / (|X'X| |Y'Y|), Frobenius norms, columns centred (Kornblith et al. 2019); 0 where one does not vary.

    Computed from the words' inner products: words are fewer than dimensions.
    """
    one, other = (_inner_products(vectors - vectors.mean(axis=0)) for vectors in (first, second))
    return _ratio((one * other).sum(), (one * one).sum(), (other * other).sum())


def debiased_cka(first: np.ndarray, second: np.ndarray) -> float:
    """The same ratio from unbiased estimates of HSIC (Song et al. 2012, in CKA first by Nguyen, Raghu & Kornblith 2021).

    About 0 for unrelated spaces, and negative by chance. Raises ValueError for fewer than four words.
    """
    if len(first) < 4:
        raise ValueError("the debiased estimator needs four words or more")
    one, other = (_without_diagonal(_inner_products(vectors)) for vectors in (first, second))
    return _ratio(_unbiased_hsic(one, other), _unbiased_hsic(one, one), _unbiased_hsic(other, other))


def _inner_products(vectors: np.ndarray) -> np.ndarray:
    vectors = np.asarray(vectors, dtype=np.float64)
    return vectors @ vectors.T


def _without_diagonal(kernel: np.ndarray) -> np.ndarray:
    return kernel - np.diag(np.diag(kernel))


def _unbiased_hsic(one: np.ndarray, other: np.ndarray) -> float:
    """Equation 5 of Song et al. 2012; the kernels have zeros on their diagonals."""
    n = len(one)
    sums = one.sum(axis=0), other.sum(axis=0)
    all_of_both = sums[0].sum() * sums[1].sum() / ((n - 1) * (n - 2))
    return float((one * other).sum() + all_of_both - 2 / (n - 2) * (sums[0] @ sums[1])) / (n * (n - 3))


def _ratio(both: float, one: float, other: float) -> float:
    return float(both) / math.sqrt(one * other) if one > 0 and other > 0 else 0.0
