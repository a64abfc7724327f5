"""Writes metric_agreement: how many neighbours stay when Euclidean distance or the dot product takes the place of cosine."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from artefacts.schemas.measures import MetricAgreement, MetricAgreementOfModel
from precompute.neighbours import K
from precompute.progress import track
from precompute.space import Space
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

SEED = 20250317
SAMPLE = 2000
BLOCK = 100  # sampled tokens at a time: block x vocabulary float64 values in memory
OPTIONS = {"seed": SEED, "sample": SAMPLE, "k": K}


def export(work: Workspace) -> MetricAgreement:
    """Overlaps of top-k lists by cosine with those by distance and dot product, over a seeded sample of tokens."""
    return MetricAgreement(seed=SEED, by_model=[_of_model(space) for space in work.spaces()])


def _of_model(space: Space) -> MetricAgreementOfModel:
    k = min(K, len(space) - 1)
    sample = np.sort(np.random.default_rng(SEED).choice(len(space), min(SAMPLE, len(space)), replace=False))
    cosine, euclidean, dot, beaten = (np.concatenate(parts) for parts in zip(*_top_k(space, sample, k), strict=True))
    overlap_euclidean = [len(set(a) & set(b)) for a, b in zip(cosine.tolist(), euclidean.tolist(), strict=True)]
    overlap_dot = [len(set(a) & set(b)) for a, b in zip(cosine.tolist(), dot.tolist(), strict=True)]
    return MetricAgreementOfModel(
        role=space.role,
        sample=len(sample),
        k=k,
        mean_overlap_cosine_euclidean=rounded(np.mean(overlap_euclidean), 4),
        mean_overlap_cosine_dot=rounded(np.mean(overlap_dot), 4),
        overlap_cosine_euclidean=np.bincount(overlap_euclidean, minlength=k + 1).tolist(),
        overlap_cosine_dot=np.bincount(overlap_dot, minlength=k + 1).tolist(),
        distinct_neighbours_cosine=len(np.unique(cosine)),
        distinct_neighbours_euclidean=len(np.unique(euclidean)),
        distinct_neighbours_dot=len(np.unique(dot)),
        not_own_nearest_by_dot=int(beaten.sum()),
        mean_norm_neighbours_cosine=rounded(space.norms[cosine].mean(), 4),
        mean_norm_neighbours_euclidean=rounded(space.norms[euclidean].mean(), 4),
        mean_norm_neighbours_dot=rounded(space.norms[dot].mean(), 4),
    )


def _top_k(space: Space, sample: np.ndarray, k: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """Block by block of the sample: ids by cosine, by distance and by dot product, each [token, k], and [token] whether another
    token's dot product is larger than the token's own."""
    blocks = range(0, len(sample), BLOCK)
    for start in track(blocks, f"three measures in {space.name}", len(blocks)):
        rows = sample[start : start + BLOCK]
        cosines = space.units[rows] @ space.units.T
        dots = cosines * space.norms * space.norms[rows][:, None]
        own = dots[np.arange(len(rows)), rows].astype(np.float32)
        squared = (space.norms**2 + (space.norms[rows] ** 2)[:, None] - 2 * dots).clip(min=0)
        cosines, distances, dots = cosines.astype(np.float32), np.sqrt(squared).astype(np.float32), dots.astype(np.float32)
        for scores, worst in ((cosines, -np.inf), (distances, np.inf), (dots, -np.inf)):
            scores[np.arange(len(rows)), rows] = worst
        yield top_k(-cosines, k), top_k(distances, k), top_k(-dots, k), dots.max(axis=1) > own


def top_k(scores: np.ndarray, k: int) -> np.ndarray:
    """[row, k]: columns of the k smallest scores of each row, ties by column, even where a tie crosses the k-th place."""
    limit = np.partition(scores, k - 1, axis=1)[:, k - 1]
    best = np.empty((len(scores), k), dtype=np.int64)
    for row, (values, at_most) in enumerate(zip(scores, limit, strict=True)):
        candidates = np.flatnonzero(values <= at_most)
        best[row] = candidates[np.argsort(values[candidates], kind="stable")][:k]
    return best
