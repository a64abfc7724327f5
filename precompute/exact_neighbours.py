"""The exact nearest neighbours of every token, by cosine or by Euclidean distance, for any size of vocabulary.

Candidates come from float32 scores, a block of rows at a time (memory: block x vocabulary). They are measured in float64, and a list is
accepted only where the error bound of the scores proves that no token outside its candidates is as near; where it does not, more
candidates are taken.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from precompute.progress import track

SPARE_CANDIDATES = 12  # beyond k; about one list in a thousand needs more and gets them
BLOCK_BYTES = 2**27  # of float32 scores held at once, whatever the size of the vocabulary
MEASURED_BYTES = 2**26  # of float64 vectors held at once while candidates are measured
GROUP = 64  # scores of a row that are passed over together where their largest is too small
ROUNDING = 2.0**-24  # the relative error of rounding to float32


@dataclass(frozen=True)
class NeighbourTable:
    """ids, values: [token, neighbour], nearest first, ties by id. values: float32, cosines (descending) or distances (ascending)."""

    ids: np.ndarray
    values: np.ndarray


def neighbours_by_cosine(
    unit_rows: np.ndarray, k: int, *, block_bytes: int = BLOCK_BYTES, description: str = "neighbours"
) -> NeighbourTable:
    """The k nearest other tokens of every token by cosine, exactly as `precompute.space` defines it.

    unit_rows: [token, dim], float64, of length one or zero (`Space.units`). Where there are fewer than k others, all of them.
    """
    import torch

    return _neighbours(_Cosine(torch.from_numpy(unit_rows)), k, block_bytes, description)


def neighbours_by_distance(
    vectors: np.ndarray, k: int, *, block_bytes: int = BLOCK_BYTES, description: str = "neighbours by distance"
) -> NeighbourTable:
    """The same by Euclidean distance. vectors: [token, dim], float32."""
    import torch

    return _neighbours(_Distance(torch.from_numpy(vectors.astype(np.float64))), k, block_bytes, description)


class _Measure(ABC):
    """How near tokens are to each other. rows: [token, dim], float64, a tensor, as everything that methods take and give."""

    nearer: int  # 1 where the smaller value is the nearer, -1 where it is the larger

    def __init__(self, rows: Any):
        self.rows = rows

    @abstractmethod
    def make_scores(self, products: Any) -> None:
        """Turn products into scores, in place: the higher, the nearer. products: [some token, token], float32."""

    @abstractmethod
    def measured(self, tokens: Any, others: Any) -> Any:
        """[token, other], float64. tokens: ids; others: [token, other, dim], rows to measure each against; may be written over."""

    @abstractmethod
    def limit(self, tokens: Any, scores: Any) -> Any:
        """[token], float64: nothing whose score is at most that of `scores` ([token], float64) can be nearer than this."""


class _Cosine(_Measure):
    """The score is the product, which is the cosine up to rounding."""

    nearer = -1

    def make_scores(self, products: Any) -> None:
        pass

    def measured(self, tokens: Any, others: Any) -> Any:
        return (others @ self.rows[tokens][:, :, None])[:, :, 0]

    def limit(self, tokens: Any, scores: Any) -> Any:
        return scores + cosine_error_bound(self.rows.shape[1])


class _Distance(_Measure):
    """|a - b|^2 = |a|^2 - 2 (a.b - |b|^2 / 2): the nearest to a are those of the highest score a.b - |b|^2 / 2.

    Distances are measured by subtracting: squares would lose the digits in which near tokens differ.
    """

    nearer = 1

    def __init__(self, rows: Any):
        super().__init__(rows)
        self.squares = (rows**2).sum(dim=1)
        self._halves = (self.squares / 2).float()
        self._longest = float(self.squares.max())

    def make_scores(self, products: Any) -> None:
        products -= self._halves

    def measured(self, tokens: Any, others: Any) -> Any:
        import torch

        return torch.linalg.vector_norm(others.sub_(self.rows[tokens, None]), dim=2)

    def limit(self, tokens: Any, scores: Any) -> Any:
        own = self.squares[tokens]
        square = own - 2 * (scores + distance_error_bound(self.rows.shape[1], own, self._longest))
        return square.clamp(min=0).sqrt() * (1 - 2 * ROUNDING)


def cosine_error_bound(dims: int) -> float:
    """How far a float32 dot product of two rounded unit vectors can lie from the exact cosine, in any order of summation.

    Higham, Accuracy and Stability of Numerical Algorithms (2002), eq. 3.5, plus the rounding of both inputs and of the result.
    """
    return dims * ROUNDING / (1 - dims * ROUNDING) * (1 + ROUNDING) ** 2 + 4 * ROUNDING


def distance_error_bound(dims: int, squares: Any, longest_square: float) -> Any:
    """[row]: how far the float32 score of a row, whose squared length is given, and any other can lie from the exact one.

    Higham's eq. 3.5, as above, for the product; the half square and the difference are rounded. squares: an array or a tensor.
    """
    product = (squares * longest_square) ** 0.5  # at least |a||b|
    return dims * ROUNDING / (1 - dims * ROUNDING) * product + 2 * ROUNDING * (product + longest_square)


def _neighbours(measure: _Measure, k: int, block_bytes: int, description: str) -> NeighbourTable:
    """The k nearest others of every token, or all others where they are fewer."""
    import torch

    tokens, dims = measure.rows.shape
    k = min(k, tokens - 1)
    rows32 = torch.zeros((-(-tokens // GROUP) * GROUP, dims), dtype=torch.float32)  # rows of zeros fill the last group
    rows32[:tokens] = measure.rows
    block = min(max(1, block_bytes // (4 * tokens)), tokens)
    scores = torch.empty((block, len(rows32)), dtype=torch.float32)  # one for all blocks: asking the system for memory takes time, too
    table = NeighbourTable(np.empty((tokens, k), dtype=np.int64), np.empty((tokens, k), dtype=np.float32))
    starts = range(0, tokens, block)
    for start in track(starts, description, len(starts)):
        open_rows, candidates = torch.arange(start, min(start + block, tokens)), min(k + SPARE_CANDIDATES, tokens - 1)
        while len(open_rows):
            ids, values, proven = _best_of_candidates(measure, rows32, open_rows, scores, k, candidates)
            rows = open_rows.numpy()[proven]
            table.ids[rows], table.values[rows] = ids[proven], values[proven]
            open_rows, candidates = open_rows[torch.from_numpy(~proven)], min(candidates * 8, tokens - 1)
    return table


def _best_of_candidates(
    measure: _Measure, rows32: Any, rows: Any, scores: Any, k: int, candidates: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(ids, values) of the k nearest among the `candidates` highest scores of each row, and whether each list is proven complete.

    scores: is written over.
    """
    import torch

    tokens = len(measure.rows)
    scores = torch.matmul(rows32[rows], rows32.T, out=scores[: len(rows)])
    measure.make_scores(scores[:, :tokens])
    scores[torch.arange(len(rows)), rows] = -torch.inf
    scores[:, tokens:] = -torch.inf
    candidate_scores, found = highest(scores, candidates)
    candidate_ids, exact = found.numpy(), _measured(measure, rows, found)
    order = np.lexsort((candidate_ids, measure.nearer * exact), axis=1)[:, :k]
    ids, values = (np.take_along_axis(of, order, axis=1) for of in (candidate_ids, exact))
    if candidates == tokens - 1:
        return ids, values, np.ones(len(rows), dtype=bool)
    limit = measure.limit(rows, candidate_scores[:, -1].double()).numpy()
    return ids, values, measure.nearer * values[:, -1].astype(np.float64) < measure.nearer * limit


def highest(scores: Any, count: int) -> tuple[Any, Any]:
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


def _measured(measure: _Measure, rows: Any, candidate_ids: Any) -> np.ndarray:
    """[row, candidate], float32, computed in float64, a few rows at a time."""
    import torch

    candidates, dims = candidate_ids.shape[1], measure.rows.shape[1]
    step = max(1, MEASURED_BYTES // (8 * dims * candidates))
    parts = []
    for at in range(0, len(rows), step):
        others = measure.rows.index_select(0, candidate_ids[at : at + step].reshape(-1)).view(-1, candidates, dims)
        parts.append(measure.measured(rows[at : at + step], others).float())
    return torch.cat(parts).numpy()
