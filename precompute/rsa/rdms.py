"""Step one of RSA: how unlike each pair of words is, inside one space.

A pair vector holds one value for each pair of words, the upper triangle of the matrix row by row: (0,1), (0,2), ..., (1,2), ...
A matrix of dissimilarities, [word, word], is what the literature calls an RDM, a representational dissimilarity matrix
(Kriegeskorte, Mur & Bandettini 2008).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.spatial.distance import pdist

from precompute.space import unit_rows

MEASURES = ("cosine", "correlation", "euclidean")


def pair_indices(words: int) -> tuple[np.ndarray, np.ndarray]:
    """(first word, second word) of each pair, [pair] each, in the order of a pair vector."""
    return np.triu_indices(words, 1)


def pairs_of(matrix: np.ndarray) -> np.ndarray:
    """[pair], the upper triangle of a matrix [word, word]."""
    return matrix[pair_indices(len(matrix))]


def matrix_of(pairs: np.ndarray, diagonal: float = 0) -> np.ndarray:
    """[word, word], symmetric, from [pair]. Raises ValueError for a length that is no n(n-1)/2."""
    words = word_count(pairs)
    matrix = np.full((words, words), float(diagonal))
    first, second = pair_indices(words)
    matrix[first, second] = matrix[second, first] = pairs
    return matrix


def word_count(pairs: np.ndarray) -> int:
    """How many words have so many pairs. Raises ValueError for a length that is no n(n-1)/2."""
    words = (1 + round((1 + 8 * len(pairs)) ** 0.5)) // 2
    if words * (words - 1) // 2 != len(pairs):
        raise ValueError(f"{len(pairs)} values are not one for each pair of some number of words")
    return words


def pair_cosines(vectors: np.ndarray) -> np.ndarray:
    """Cosine similarities of all pairs of rows, [pair], from [word, dim]. A row of zeros has cosine 0 with everything."""
    units = unit_rows(vectors)
    return pairs_of(units @ units.T)


def dissimilarities(vectors: np.ndarray, measure: str = "cosine") -> np.ndarray:
    """[pair], float64, from [word, dim].

    measure: 'cosine', 1 - cosine similarity; 'correlation', the same after each row's own mean is taken off; 'euclidean', the distance.
    Raises ValueError for another name.
    """
    vectors = np.asarray(vectors, dtype=np.float64)
    if measure == "cosine":
        return 1 - pair_cosines(vectors)
    if measure == "correlation":
        return 1 - pair_cosines(vectors - vectors.mean(axis=1, keepdims=True))
    if measure == "euclidean":
        return pdist(vectors)
    raise ValueError(f"there is no measure {measure!r}; there are {', '.join(MEASURES)}")


def category_dissimilarities(categories: Sequence[str] | np.ndarray) -> np.ndarray:
    """[pair] of 0 (same category) and 1 (two categories), from each word's category."""
    first, second = pair_indices(len(categories))
    names = np.asarray(categories)
    return (names[first] != names[second]).astype(np.float64)
