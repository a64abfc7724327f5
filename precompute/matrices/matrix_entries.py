"""Writes matrix_entries: how large the numbers of the embedding matrices are, exactly, and a sample of rows to look at."""

from __future__ import annotations

import math

import numpy as np

from artefacts.packing import pack
from artefacts.schemas.matrices import MatrixEntries, MatrixEntriesOfModel
from precompute.space import Space
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

SAMPLE = 96  # rows: a byte an entry goes over the wire
THRESHOLDS = tuple(round(n * 0.005, 3) for n in range(101))  # 0 to 0.5
LIMIT_PERCENTILE = 99.9  # of the size of entries; rounded up to LIMIT_STEP
LIMIT_STEP = 0.05
OPTIONS = {"sample": SAMPLE, "thresholds": list(THRESHOLDS), "limit_percentile": LIMIT_PERCENTILE, "limit_step": LIMIT_STEP}


def export(work: Workspace) -> MatrixEntries:
    """Shares of entries beyond thresholds, counted over all, and a sample of rows in 8 bits."""
    return MatrixEntries(by_model=[_of_model(space) for space in work.spaces()])


def _of_model(space: Space) -> MatrixEntriesOfModel:
    sizes = np.sort(np.abs(space.vectors), axis=None)
    limit = rounded(math.ceil(np.percentile(sizes, LIMIT_PERCENTILE) / LIMIT_STEP) * LIMIT_STEP, 4)
    ids = np.unique(np.linspace(0, len(space) - 1, min(SAMPLE, len(space))).round().astype(int))
    sample = space.vectors[ids].astype(np.float64)
    return MatrixEntriesOfModel(
        role=space.role,
        tokens=len(space),
        dims=space.vectors.shape[1],
        minimum=rounded(space.vectors.min()),
        maximum=rounded(space.vectors.max()),
        mean=rounded(space.vectors.mean(dtype=np.float64), 8),
        standard_deviation=rounded(space.vectors.std(dtype=np.float64)),
        thresholds=list(THRESHOLDS),
        share_beyond=[rounded(1 - np.searchsorted(sizes, np.float32(t), side="right") / len(sizes), 8) for t in THRESHOLDS],
        sample_tokens=[space.token(i) for i in ids],
        sample=pack(to_bytes(sample, limit)),
        limit=limit,
        error_bound=rounded(limit / 255, 8),
        cut_off=int(np.count_nonzero(np.abs(sample) > limit)),
    )


def to_bytes(values: np.ndarray, limit: float) -> np.ndarray:
    """[-limit, limit] linearly onto 0..255, uint8; the error is at most limit / 255 inside, values beyond are cut off."""
    return np.clip(np.rint((values + limit) / (2 * limit) * 255), 0, 255).astype(np.uint8)


def from_bytes(values: np.ndarray, limit: float) -> np.ndarray:
    """The inverse of `to_bytes`, float64."""
    return values.astype(np.float64) / 255 * 2 * limit - limit
