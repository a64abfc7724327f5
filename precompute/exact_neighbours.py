"""The exact nearest neighbours of every token by cosine, for any size of vocabulary.

Candidates come from a blocked float32 product (memory: block x vocabulary), are scored again in float64, and are accepted only
where the float32 error bound proves that no token outside them can belong to the list.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from precompute.progress import track

SPARE_CANDIDATES = 12  # beyond k; about one list in a thousand needs more and gets them
BLOCK_BYTES = 2**27  # of float32 scores held at once, whatever the size of the vocabulary
GROUP = 64  # scores of a row that are passed over together where their largest is too small


@dataclass(frozen=True)
class NeighbourTable:
    """ids, cosines: [token, neighbour]; cosine (float32) descending, ties by id."""

    ids: np.ndarray
    cosines: np.ndarray


def exact_neighbours(
    unit_rows: np.ndarray, k: int, *, block_bytes: int = BLOCK_BYTES, description: str = "neighbours"
) -> NeighbourTable:
    """The k nearest other tokens of every token by cosine, exactly as `precompute.space` defines it.

    unit_rows: [token, dim], float64, of length one or zero (`Space.units`). Where there are fewer than k others, all of them.
    """
    import torch

    tokens = len(unit_rows)
    k = min(k, tokens - 1)
    units = torch.from_numpy(unit_rows)
    units32 = torch.zeros((-(-tokens // GROUP) * GROUP, units.shape[1]), dtype=torch.float32)  # rows of zeros fill the last group
    units32[:tokens] = units
    block = min(max(1, block_bytes // (4 * tokens)), tokens)
    scores = torch.empty((block, len(units32)), dtype=torch.float32)  # one for all blocks: asking the system for memory takes time, too
    ids, cosines = np.empty((tokens, k), dtype=np.int64), np.empty((tokens, k), dtype=np.float32)
    starts = range(0, tokens, block)
    for start in track(starts, description, len(starts)):
        open_rows, candidates = torch.arange(start, min(start + block, tokens)), min(k + SPARE_CANDIDATES, tokens - 1)
        while len(open_rows):
            found_ids, found_cosines, proven = _best_of_candidates(units, units32, open_rows, scores, k, candidates)
            rows = open_rows.numpy()[proven]
            ids[rows], cosines[rows] = found_ids[proven], found_cosines[proven]
            open_rows, candidates = open_rows[torch.from_numpy(~proven)], min(candidates * 8, tokens - 1)
    return NeighbourTable(ids, cosines)


def float32_error_bound(dims: int) -> float:
    """How far a float32 dot product of two rounded unit vectors can lie from the exact cosine, in any order of summation.

    Higham, Accuracy and Stability of Numerical Algorithms (2002), eq. 3.5, plus the rounding of both inputs and of the result.
    """
    unit = 2.0**-24
    return dims * unit / (1 - dims * unit) * (1 + unit) ** 2 + 4 * unit


def _best_of_candidates(units, units32, rows, scores, k: int, candidates: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The k best of the `candidates` highest float32 scores of each row, and whether each list is proven complete.

    scores: is written over.
    """
    import torch

    tokens, dims = units.shape
    scores = torch.matmul(units32[rows], units32.T, out=scores[: len(rows)])
    scores[torch.arange(len(rows)), rows] = -torch.inf
    scores[:, tokens:] = -torch.inf
    values, candidate_ids = highest(scores, candidates)
    exact = _exact_cosines(units, rows, candidate_ids)
    order = np.lexsort((candidate_ids.numpy(), -exact), axis=1)[:, :k]
    best, best_ids = np.take_along_axis(exact, order, axis=1), np.take_along_axis(candidate_ids.numpy(), order, axis=1)
    if candidates == tokens - 1:
        return best_ids, best, np.ones(len(rows), dtype=bool)
    outside_at_most = values[:, -1].numpy().astype(np.float64) + float32_error_bound(dims)
    return best_ids, best, best[:, -1].astype(np.float64) > outside_at_most


def highest(scores, count: int):
    """The `count` highest scores of each row, descending, and their places. scores: [row, token], a multiple of GROUP in each row.

    Only groups whose largest score is among the `count` largest of all groups can hold one of them, so only those are searched.
    """
    import torch

    groups = scores.view(len(scores), -1, GROUP)
    if count >= groups.shape[1]:
        top = torch.topk(scores, count, dim=1)
        return top.values, top.indices
    searched = torch.topk(groups.amax(2), count, dim=1, sorted=False).indices  # [row, searched group]
    rows = torch.arange(len(scores))[:, None]
    inside = groups.view(-1, GROUP).index_select(0, (rows * groups.shape[1] + searched).view(-1)).view(len(scores), -1)
    top = torch.topk(inside, count, dim=1)
    return top.values, searched[rows, top.indices // GROUP] * GROUP + top.indices % GROUP


def _exact_cosines(units, rows, candidate_ids, bytes_at_once: int = 2**26) -> np.ndarray:
    """[row, candidate], float32, computed in float64, a few rows at a time."""
    import torch

    candidates, dims = candidate_ids.shape[1], units.shape[1]
    step = max(1, bytes_at_once // (8 * dims * candidates))
    parts = []
    for at in range(0, len(rows), step):
        chosen = units.index_select(0, candidate_ids[at : at + step].reshape(-1)).view(-1, candidates, dims)
        parts.append(torch.bmm(chosen, units[rows[at : at + step]][:, :, None])[:, :, 0])
    return torch.cat(parts).to(torch.float32).numpy()
