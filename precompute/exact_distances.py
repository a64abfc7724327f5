"""The exact nearest neighbours of every token by Euclidean distance; `precompute.exact_neighbours` finds those by cosine.

Since |a - b|^2 = |a|^2 - 2 (a.b - |b|^2 / 2), the nearest are those of the highest score a.b - |b|^2 / 2. Candidates come from float32
scores, a block of rows at a time; their distances are measured in float64, by subtracting; a list is accepted only where the float32
error bound proves that no token outside the candidates is as near.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from precompute.exact_neighbours import BLOCK_BYTES, GROUP, SPARE_CANDIDATES, highest
from precompute.progress import track

ROUNDING = 2.0**-24  # the relative error of rounding to float32


@dataclass(frozen=True)
class DistanceTable:
    """ids, distances: [token, neighbour]; distance (float32) ascending, ties by id."""

    ids: np.ndarray
    distances: np.ndarray


def exact_distances(
    vectors: np.ndarray, k: int, *, block_bytes: int = BLOCK_BYTES, description: str = "Euclidean neighbours"
) -> DistanceTable:
    """The k nearest other tokens of every token. vectors: [token, dim], float32. Where there are fewer than k others, all of them."""
    import torch

    tokens = len(vectors)
    k = min(k, tokens - 1)
    rows64 = torch.from_numpy(vectors.astype(np.float64))
    rows32 = torch.zeros((-(-tokens // GROUP) * GROUP, vectors.shape[1]), dtype=torch.float32)  # rows of zeros fill the last group
    rows32[:tokens] = rows64
    squares = (rows64**2).sum(dim=1)
    block = min(max(1, block_bytes // (4 * tokens)), tokens)
    scores = torch.empty((block, len(rows32)), dtype=torch.float32)  # one for all blocks
    ids, distances = np.empty((tokens, k), dtype=np.int64), np.empty((tokens, k), dtype=np.float32)
    starts = range(0, tokens, block)
    for start in track(starts, description, len(starts)):
        open_rows, candidates = torch.arange(start, min(start + block, tokens)), min(k + SPARE_CANDIDATES, tokens - 1)
        while len(open_rows):
            found_ids, found, proven = _best_of_candidates(rows32, rows64, squares, open_rows, scores, k, candidates)
            rows = open_rows.numpy()[proven]
            ids[rows], distances[rows] = found_ids[proven], found[proven]
            open_rows, candidates = open_rows[torch.from_numpy(~proven)], min(candidates * 8, tokens - 1)
    return DistanceTable(ids, distances)


def _best_of_candidates(rows32, rows64, squares, rows, scores, k: int, candidates: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The k nearest of the candidates with the highest float32 scores of each row, and whether each list is proven complete.

    scores: is written over.
    """
    import torch

    tokens, dims = rows64.shape
    scores = torch.matmul(rows32[rows], rows32.T, out=scores[: len(rows)])
    scores[:, :tokens] -= (squares / 2).to(torch.float32)
    scores[torch.arange(len(rows)), rows] = -torch.inf
    scores[:, tokens:] = -torch.inf
    values, found = highest(scores, candidates)
    candidate_ids, exact = found.numpy(), _measured(rows64, rows, found)
    order = np.lexsort((candidate_ids, exact), axis=1)[:, :k]
    best, best_ids = np.take_along_axis(exact, order, axis=1), np.take_along_axis(candidate_ids, order, axis=1)
    if candidates == tokens - 1:
        return best_ids, best, np.ones(len(rows), dtype=bool)
    own, longest = squares[rows].numpy(), float(squares.max())
    outside = own - 2 * (values[:, -1].numpy().astype(np.float64) + score_error_bound(dims, own, longest))
    at_least = np.sqrt(np.maximum(outside, 0)) * (1 - 2 * ROUNDING)
    return best_ids, best, best[:, -1].astype(np.float64) < at_least


def score_error_bound(dims: int, squares: np.ndarray, longest_square: float) -> np.ndarray:
    """[row]: how far the float32 score of a row, whose squared length is given, and any other can lie from the exact one.

    Higham, Accuracy and Stability of Numerical Algorithms (2002), eq. 3.5, for the product; the half square and the difference are rounded.
    """
    product = np.sqrt(squares * longest_square)  # at least |a||b|
    return dims * ROUNDING / (1 - dims * ROUNDING) * product + 2 * ROUNDING * (product + longest_square)


def _measured(rows64, rows, candidate_ids, bytes_at_once: int = 2**26) -> np.ndarray:
    """[row, candidate], float32, computed in float64, a few rows at a time."""
    import torch

    candidates, dims = candidate_ids.shape[1], rows64.shape[1]
    step = max(1, bytes_at_once // (8 * dims * candidates))
    parts = []
    for at in range(0, len(rows), step):
        chosen = rows64.index_select(0, candidate_ids[at : at + step].reshape(-1)).view(-1, candidates, dims)
        parts.append(torch.linalg.vector_norm(chosen.sub_(rows64[rows[at : at + step], None]), dim=2).to(torch.float32))
    return torch.cat(parts).numpy()
