"""RSA, CKA and selectivity of many layers at once, and what the largest of many values is by chance.

Whoever looks at many cells and names the best one must compare it with the best cell of shuffled words, not with a cell of them: a
permutation test with the maximum statistic (Nichols & Holmes 2002).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from precompute.rsa.coefficients import scores
from precompute.rsa.inference import permuted_words
from precompute.rsa.rdms import pair_cosines, pair_indices, pairs_of


def cosine_scores(vectors: np.ndarray) -> np.ndarray:
    """[.., pair], pair cosines such that the product of two rows is their Pearson correlation. vectors: [.., word, dim]."""
    return _for_each(vectors, lambda rows: scores("pearson", pair_cosines(rows)))


def kernel_scores(vectors: np.ndarray) -> np.ndarray:
    """[.., pair], inner products such that the product of two rows is their debiased linear CKA. vectors: [.., word, dim].

    The unbiased estimate of HSIC is an inner product of what Székely & Rizzo (2014) call U-centred matrices, their diagonals left out.
    """
    return _for_each(vectors, _unit_kernel)


def _unit_kernel(rows: np.ndarray) -> np.ndarray:
    kernel = rows @ rows.T
    np.fill_diagonal(kernel, 0)
    n, sums = len(kernel), kernel.sum(axis=0)
    centred = pairs_of(kernel - (sums[:, None] + sums) / (n - 2) + sums.sum() / ((n - 1) * (n - 2)))
    length = np.linalg.norm(centred)
    return centred / length if length > 0 else centred


def _for_each(vectors: np.ndarray, make) -> np.ndarray:
    flat = np.asarray(vectors, dtype=np.float64).reshape(-1, *vectors.shape[-2:])
    made = np.stack([make(rows) for rows in flat])
    return made.reshape(*vectors.shape[:-2], made.shape[-1])


def shuffled(pairs: np.ndarray, permutations: int, seed: int) -> Iterator[np.ndarray]:
    """Pair vectors [.., pair] of shuffled words, one order for all rows, in blocks [permutation, .., pair]."""
    words = (1 + math.isqrt(1 + 8 * pairs.shape[-1])) // 2
    i, j = pair_indices(words)
    place = np.zeros((words, words), dtype=np.int64)
    place[i, j] = place[j, i] = np.arange(len(i))
    at_once = max(1, 4_000_000 // pairs.size)
    for orders in permuted_words(words, permutations, seed):
        for start in range(0, len(orders), at_once):
            block = orders[start : start + at_once]
            yield np.moveaxis(pairs[..., place[block[:, i], block[:, j]]], -2, 0)


def largest_cells(first: np.ndarray, second: np.ndarray, permutations: int, seed: int) -> np.ndarray:
    """[permutation], the largest product of any row of `first` with any row of `second`, the words of `second` shuffled. [layer, pair]."""
    return np.concatenate([(block @ first.T).max(axis=(1, 2)) for block in shuffled(second, permutations, seed)])


def d_of_r(r: np.ndarray, within: int, across: int) -> np.ndarray:
    """Cohen's d of so many pairs within and across, from their correlation with the category RDM: each is a function of the other."""
    r = np.clip(r, -1 + 1e-12, 1 - 1e-12)
    pairs = within + across
    return r * np.sqrt((pairs - 2) / (1 - r**2)) * math.sqrt(pairs / (within * across))
