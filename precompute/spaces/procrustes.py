"""Turning one space onto another: an orthogonal map fitted on some words, judged on words that it never saw.

An orthogonal map keeps all lengths and angles: a rotation, perhaps with a reflection. Where the widths differ, the narrower space gets
zeros appended, which changes none of its lengths or angles, so that the question stays the same: is there a place in the wider
space where the narrower one fits? (The other way, cutting the wider space down by PCA, throws part of it away first.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import orthogonal_procrustes

RIDGES = (0.1, 1.0, 10.0, 100.0)
BLOCK = 1000  # rows of a product kept in memory at once


@dataclass(frozen=True)
class Halves:
    """Ids of the words that the map is fitted on, and of those on which it is judged; none in both."""

    fitted: np.ndarray
    held_out: np.ndarray


def halves(words: int, numbers: np.random.Generator) -> Halves:
    """The words split by lot into those to fit on and those to judge by."""
    order = numbers.permutation(words)
    return Halves(order[: words // 2], order[words // 2 :])


def centred_units(vectors: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    """[word, dim]: rows at length 1, the mean of the fitted ones taken off, at length 1 again."""
    units = unit_rows(vectors)
    return unit_rows(units - units[fitted].mean(axis=0))


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """Rows at length 1; zero rows stay zero."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(norms > 0, norms, 1)


def padded(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both at the width of the wider one; zeros are appended."""
    width = max(first.shape[1], second.shape[1])
    return tuple(np.pad(vectors, ((0, 0), (0, width - vectors.shape[1]))) for vectors in (first, second))


def cut_by_pca(first: np.ndarray, second: np.ndarray, fitted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both at the width of the narrower one: the wider keeps the principal directions of its fitted rows; rows at length 1 again."""
    width = min(first.shape[1], second.shape[1])

    def cut(vectors: np.ndarray) -> np.ndarray:
        if vectors.shape[1] == width:
            return vectors
        directions = np.linalg.svd(vectors[fitted], full_matrices=False)[2]
        return unit_rows(vectors @ directions[:width].T)

    return cut(first), cut(second)


def turned(first: np.ndarray, second: np.ndarray, rows: np.ndarray, partners: np.ndarray) -> np.ndarray:
    """`first` after the orthogonal map that brings its `rows` nearest to the `partners` of `second` (Schönemann 1966)."""
    return first @ orthogonal_procrustes(first[rows], second[partners])[0]


def best_linear(first: np.ndarray, second: np.ndarray, rows: np.ndarray, partners: np.ndarray) -> np.ndarray:
    """`first` after the linear map of any kind that brings its `rows` nearest to the `partners` of `second`, at length 1.

    By ridge regression. The penalty is the one of `RIDGES` that serves the last quarter of the rows best when fitted on the others.
    """
    source, target = first[rows], second[partners]
    kept = len(rows) * 3 // 4

    def fitted_on(number: int, ridge: float) -> np.ndarray:
        known = source[:number]
        return np.linalg.solve(known.T @ known + ridge * np.eye(first.shape[1]), known.T @ target[:number])

    def served(ridge: float) -> float:
        return cosine_of_rows(source[kept:] @ fitted_on(kept, ridge), target[kept:])

    return unit_rows(first @ fitted_on(len(rows), max(RIDGES, key=served)))


def mean_cosine(first: np.ndarray, second: np.ndarray, rows: np.ndarray) -> float:
    """Of each word's two rows."""
    return cosine_of_rows(first[rows], second[rows])


def cosine_of_rows(first: np.ndarray, second: np.ndarray) -> float:
    """The mean cosine of each row of `first` with the same row of `second`."""
    return float(np.einsum("wd,wd->w", unit_rows(first), unit_rows(second)).mean())


def own_ranks(first: np.ndarray, second: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """[row], how many rows of `second` (among `rows`) are nearer to a row of `first` than its own partner is, by cosine."""
    a, b = unit_rows(first[rows]), unit_rows(second[rows])
    own = np.einsum("wd,wd->w", a, b)
    nearer = [((a[start : start + BLOCK] @ b.T) > own[start : start + BLOCK, None] + 1e-9).sum(axis=1) for start in range(0, len(a), BLOCK)]
    return np.concatenate(nearer) if nearer else np.empty(0, dtype=np.int64)


def precision(ranks: np.ndarray, places: int) -> float:
    """The share of words whose own partner is among the first `places`."""
    return float((ranks < places).mean())
