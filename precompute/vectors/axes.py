"""Writes axis_extremes: the extreme words of every dimension, and whether they mean more than those of directions drawn at random."""

from __future__ import annotations

import numpy as np

from artefacts.schemas.parts import Role
from artefacts.schemas.vectors import AxesOfModel, AxisExtremes, Spread
from precompute.statistics_of import rounded
from precompute.vectors.shared_words import SharedSpace, SharedWords, shared_words
from precompute.workspace import Workspace

SHOWN, GROUP, DIRECTIONS, NEIGHBOURS, NEIGHBOUR_SAMPLE, SEED = 3, 10, 300, 10, 500, 3
LARGEST, TURNS = 3, 100
OPTIONS = {
    "shown": SHOWN,
    "group": GROUP,
    "directions": DIRECTIONS,
    "neighbour_sample": NEIGHBOUR_SAMPLE,
    "largest": LARGEST,
    "turns": TURNS,
    "seed": SEED,
}


def export(work: Workspace) -> AxisExtremes:
    """The words at both ends of each dimension, and how alike they are beside those of random directions."""
    shared = shared_words(work)
    models = [_of_model(shared, role, work.model_set.model(role).token_embeddings()) for role in shared.spaces]
    return AxisExtremes(words=len(shared.words), shown=SHOWN, group=GROUP, largest=LARGEST, by_model=models)


def spread(values: np.ndarray, digits: int = 4) -> Spread:
    """Mean and the 5th and 95th percentile of some numbers, rounded."""
    low, high = np.percentile(values, (5, 95))
    return Spread(
        count=len(values),
        mean=rounded(np.mean(values), digits),
        percentile_5=rounded(low, digits),
        percentile_95=rounded(high, digits),
    )


def extremes(projections: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
    """(lowest, highest) rows of each column, [number, column], most extreme first; ties by row."""
    order = np.argsort(projections, axis=0, kind="stable")
    back = np.argsort(-projections, axis=0, kind="stable")
    return order[:number], back[:number]


def mean_pairwise_cosine(units: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """[group]: the mean cosine of two different members. units: [word, dim], rows of length one; groups: [member, group]."""
    number = len(groups)
    sums = units[groups].sum(axis=0)  # [group, dim]
    return ((sums**2).sum(axis=1) - number) / (number * (number - 1))


def _judge_of(shared: SharedWords, role: Role) -> Role:
    """Another space, so that words are not alike for having been chosen by the same numbers."""
    return next(judge for judge in ("static", "encoder", "decoder") if judge != role and judge in shared.spaces)


def _of_model(shared: SharedWords, role: Role, matrix: np.ndarray) -> AxesOfModel:
    space = shared.spaces[role]
    judge = _judge_of(shared, role)
    units, rng = shared.spaces[judge].centred_units, np.random.default_rng(SEED)
    dims = space.vectors.shape[1]
    low, high = extremes(space.vectors, GROUP)
    directions = rng.standard_normal((dims, DIRECTIONS))
    ends = np.concatenate(extremes(space.vectors @ directions, GROUP), axis=1)
    sets = np.stack([rng.choice(len(shared.words), GROUP, replace=False) for _ in range(2 * DIRECTIONS)], axis=1)
    axes, random, words = (mean_pairwise_cosine(units, g) for g in (np.concatenate((low, high), axis=1), ends, sets))
    variance, kept = _in_the_plane(space, rng)
    size, size_turned = size_in_largest_columns(matrix)

    def named(rows: np.ndarray) -> list[str]:
        return [" ".join(shared.words[n] for n in column[:SHOWN]) for column in rows.T]

    return AxesOfModel(
        role=role,
        dims=dims,
        low=named(low),
        high=named(high),
        judge=judge,
        axes=spread(axes),
        directions=spread(random),
        word_sets=spread(words),
        axes_above_directions=rounded((axes > np.percentile(random, 95)).mean(), 4),
        plane_variance=variance,
        plane_neighbours=kept,
        size_in_largest=size,
        size_in_largest_turned=size_turned,
    )


def size_in_largest_columns(matrix: np.ndarray) -> tuple[float, float]:
    """The share of all squared numbers of a matrix, [row, dim], in its largest columns: as they are, and after random turns (mean)."""
    products = matrix.astype(np.float64).T @ matrix  # [dim, dim], from which every turned matrix's sums of squares follow
    rng = np.random.default_rng(SEED)
    turns = [np.linalg.qr(rng.standard_normal(products.shape))[0] for _ in range(TURNS)]
    turned = [_share_of_largest(((products @ turn) * turn).sum(axis=0)) for turn in turns]
    return rounded(_share_of_largest(products.diagonal()), 4), rounded(np.mean(turned), 4)


def _share_of_largest(squares: np.ndarray) -> float:
    return float(np.sort(squares)[-LARGEST:].sum() / squares.sum())


def _in_the_plane(space: SharedSpace, rng: np.random.Generator) -> tuple[float, float]:
    """(share of variance, share of ten nearest words) that the two best directions keep. The second over a sample of words."""
    centred = space.vectors - space.vectors.mean(axis=0)
    variances, directions = np.linalg.eigh(centred.T @ centred)
    plane = centred @ directions[:, -2:]
    sample = rng.choice(len(centred), min(NEIGHBOUR_SAMPLE, len(centred)), replace=False)
    kept = [len(np.intersect1d(*both)) / NEIGHBOURS for both in zip(_nearest(centred, sample), _nearest(plane, sample), strict=True)]
    return rounded(variances[-2:].sum() / variances.sum(), 4), rounded(np.mean(kept), 4)


def _nearest(points: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """[row, neighbour]: for some rows, the rows at the smallest Euclidean distance, without itself, in no order."""
    distances = (points**2).sum(axis=1) - 2 * points[rows] @ points.T  # but for a constant of each row
    distances[np.arange(len(rows)), rows] = np.inf
    return np.argpartition(distances, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
