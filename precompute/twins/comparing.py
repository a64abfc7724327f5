"""What two embedding matrices of the same words share: neighbourhoods, and how well one can be turned onto the other.

Every matrix is [word, dim] in float64, its rows in the same order of words. How alike two find the pairs of words: `precompute.rsa`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


def nearest_of(rows: np.ndarray, vectors: np.ndarray, k: int) -> np.ndarray:
    """The k nearest rows of each of `rows` (ids), by cosine, ties by id, without itself: ids, [row, k], each row sorted by id."""
    units = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float64)
    cosines = (units[rows] @ units.T).astype(np.float32)
    cosines[np.arange(len(rows)), rows] = -np.inf
    order = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
    return np.sort(order, axis=1)


def overlap(first: np.ndarray, second: np.ndarray) -> float:
    """Mean share of the neighbours that both lists hold. first, second: [row, k] as `nearest_of` gives them."""
    k = first.shape[1]
    shared = [len(np.intersect1d(one, other, assume_unique=True)) for one, other in zip(first, second, strict=True)]
    return float(np.mean(shared) / k)


def best_rotation(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The orthogonal matrix Q, [dim, dim], that makes |first Q - second| least (Schönemann 1966)."""
    left, _, right = np.linalg.svd(first.T @ second)
    return left @ right


@dataclass(frozen=True)
class Alignment:
    """Mean cosines of a word's two vectors: untouched, turned (held out and fitted), and turned after fitting to shuffled words."""

    before: float
    held_out: float
    fitted: float
    shuffled: float


def align(first: np.ndarray, second: np.ndarray, fitted: np.ndarray, held_out: np.ndarray, numbers: np.random.Generator) -> Alignment:
    """Procrustes with unit rows, centred on the mean of the fitted words. fitted, held_out: ids of rows, none in both."""
    first, second = _centred_units(first, fitted), _centred_units(second, fitted)
    turned = first @ best_rotation(first[fitted], second[fitted])
    by_chance = first @ best_rotation(first[fitted], second[numbers.permutation(fitted)])
    return Alignment(
        before=_mean_cosine(first[held_out], second[held_out]),
        held_out=_mean_cosine(turned[held_out], second[held_out]),
        fitted=_mean_cosine(turned[fitted], second[fitted]),
        shuffled=_mean_cosine(by_chance[held_out], second[held_out]),
    )


def _centred_units(vectors: np.ndarray, rows: np.ndarray) -> np.ndarray:
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    centred = units - units[rows].mean(axis=0)
    return centred / np.linalg.norm(centred, axis=1, keepdims=True)


def _mean_cosine(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.einsum("wd,wd->w", first, second).mean())
