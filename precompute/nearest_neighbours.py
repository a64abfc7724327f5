"""Writes nearest_neighbours: how near the nearest neighbour is, for every token and in degrees for words, and in random tables."""

from __future__ import annotations

import numpy as np

from artefacts.schemas.neighbours import NearestNeighbourOfModel, NearestNeighbours
from artefacts.schemas.parts import Role
from precompute.neighbours import neighbour_table
from precompute.space import angle_degrees, unit_rows
from precompute.statistics_of import cosine_distribution, percentiles_of, rounded
from precompute.token_marks import marks_of
from precompute.workspace import Workspace

SAME_DIRECTION = 0.95  # 18 degrees
SEED = 20261128
ROWS_LOOKED_UP = 1000
"""Of a random table, drawn by lot, whose nearest rows are looked for."""
OPTIONS = {"seed": SEED, "rows_looked_up": ROWS_LOOKED_UP}


def export(work: Workspace) -> NearestNeighbours:
    """Distributions of the largest cosine of each token, over the whole vocabulary and over whole words."""
    return NearestNeighbours(by_model=[_of_model(work, space.role) for space in work.spaces()])


def _of_model(work: Workspace, role: Role) -> NearestNeighbourOfModel:
    space = work.space(role)
    nearest = neighbour_table(work, role).values[:, 0].astype(np.float64)
    flags = marks_of(work, role).flags
    words = space.whole_words[flags[space.whole_words] == 0]
    of_words = nearest[words] if len(words) else nearest
    random_rows = _random_rows(space.vectors.shape)
    return NearestNeighbourOfModel(
        role=role,
        nearest=cosine_distribution(nearest),
        nearest_whole_words=cosine_distribution(of_words),
        angle_percentiles_degrees=percentiles_of(angle_degrees(of_words)),
        within_18_degrees=int(np.count_nonzero(of_words > SAME_DIRECTION)),
        random_table_degrees=_median_nearest_angle(random_rows),
        alike_table_degrees=_median_nearest_angle(_rows_like(space.vectors, random_rows)),
    )


def _random_rows(shape: tuple[int, ...]) -> np.ndarray:
    """[row, dim], float32: independent standard normal numbers."""
    return np.random.default_rng(SEED).standard_normal(shape, dtype=np.float32)


def _rows_like(vectors: np.ndarray, random_rows: np.ndarray) -> np.ndarray:
    """[row, dim], float32: random rows given the mean and the covariance of these vectors, and nothing else of them."""
    centred = vectors - vectors.mean(axis=0, dtype=np.float64)
    variances, axes = np.linalg.eigh(centred.T @ centred / len(vectors))
    root = (axes * np.sqrt(np.maximum(variances, 0))) @ axes.T
    return random_rows @ root.astype(np.float32) + vectors.mean(axis=0)


def _median_nearest_angle(rows: np.ndarray) -> float:
    """Degrees between a row and the one nearest to it by cosine, the median over rows drawn by lot."""
    units = unit_rows(rows).astype(np.float32)
    chosen = np.random.default_rng(SEED).choice(len(units), min(ROWS_LOOKED_UP, len(units)), replace=False)
    cosines = units[chosen] @ units.T
    cosines[np.arange(len(chosen)), chosen] = -1
    return rounded(np.median(angle_degrees(cosines.max(axis=1))), 3)
