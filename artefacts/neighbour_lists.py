"""The lists of neighbours of a run of tokens as text: by cosine and by Euclidean distance, as short as they get while every id is exact.

Values are told to the digits that are shown: cosines in thousandths, distances in steps of 0.01 or 0.001. Both lists are sorted, so a list
is told as its first value and the way from each value to the next. Many Euclidean neighbours are neighbours by cosine too: such a one is
told by its place there, another by its id.

The bytes, before they are deflated (n tokens, lists of k):
    [n, k] ids by cosine: the highest bytes of all, ..., the lowest bytes of all
    [n, k] the Euclidean ones in the same way: their place in the list by cosine, from 0, or k + their id
    [n, k] 1000 - cosine in thousandths for the first of each list, then by how much each is below the one before it
    [n, k] distance in steps for the first, then by how much each is above the one before it
The last two are numbers of seven bits a byte, the lowest first; the eighth bit says that another byte follows (LEB128).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from artefacts.packing import deflated, inflated
from artefacts.schemas.neighbours import NeighbourIndex, NeighbourShard

COSINE_STEP = 0.001


@dataclass(frozen=True)
class NeighbourLists:
    """ids, cosines: [token, neighbour] by cosine, descending. euclidean_ids, distances: the same by Euclidean distance, ascending."""

    ids: np.ndarray
    cosines: np.ndarray
    euclidean_ids: np.ndarray
    distances: np.ndarray


def bytes_of_an_id(tokens: int, k: int) -> int:
    """How many bytes a code needs: a place, or k + an id."""
    return next(width for width in range(1, 5) if 256**width >= tokens + k)


def step_of(distances: np.ndarray) -> float:
    """0.001 where distances are small, else 0.01: three digits or four."""
    return 0.001 if not len(distances) or np.median(distances) < 2 else 0.01


def packed_lists(lists: NeighbourLists, tokens: int, step: float) -> str:
    """lists: of a run of tokens; tokens: of the whole space; step: of its distances."""
    k = lists.ids.shape[1]
    width = bytes_of_an_id(tokens, k)
    same = lists.euclidean_ids[:, :, None] == lists.ids[:, None, :]  # [token, Euclidean neighbour, neighbour by cosine]
    codes = np.where(same.any(axis=2), same.argmax(axis=2), k + lists.euclidean_ids)
    told = ((lists.cosines, COSINE_STEP), (lists.distances, step))
    thousandths, steps = (np.rint(values.astype(np.float64) / size).astype(np.int64) for values, size in told)
    ways = [np.diff(1000 - thousandths, axis=1, prepend=0), np.diff(steps, axis=1, prepend=0)]
    return deflated(_planes(lists.ids, width) + _planes(codes, width) + b"".join(_short_numbers(way.ravel()) for way in ways))


def unpacked_lists(text: str, rows: int, k: int, tokens: int, step: float) -> NeighbourLists:
    """What `packed_lists` was given, cosines and distances rounded. Raises ValueError where text and sizes disagree."""
    told = np.frombuffer(inflated(text), dtype=np.uint8)
    width, numbers = bytes_of_an_id(tokens, k), rows * k
    if len(told) < 2 * width * numbers:
        raise ValueError(f"{len(told)} bytes are too few for {rows} lists of {k}")
    ids, codes = (_from_planes(told[n * width * numbers :][: width * numbers], width).reshape(rows, k) for n in (0, 1))
    ways = _numbers(told[2 * width * numbers :])
    if len(ways) != 2 * numbers:
        raise ValueError(f"{len(ways)} values stand where {rows} lists of {k} need {2 * numbers}")
    below, above = (part.reshape(rows, k).cumsum(axis=1) for part in (ways[:numbers], ways[numbers:]))
    nearest = np.take_along_axis(ids, np.minimum(codes, max(0, k - 1)), axis=1) if k else ids
    return NeighbourLists(ids, (1000 - below) / 1000, np.where(codes < k, nearest, codes - k), np.round(above * step, 3))


def lists_of_shard(index: NeighbourIndex, shard: NeighbourShard) -> NeighbourLists:
    """The lists of the tokens of one shard."""
    rows = min(index.shard_tokens, index.tokens - shard.first_id)
    return unpacked_lists(shard.lists, rows, index.k, index.tokens, index.distance_step)


def _planes(numbers: np.ndarray, width: int) -> bytes:
    return b"".join((numbers >> 8 * place & 255).astype(np.uint8).tobytes() for place in reversed(range(width)))


def _from_planes(told: np.ndarray, width: int) -> np.ndarray:
    return sum(plane.astype(np.int64) << 8 * place for place, plane in zip(reversed(range(width)), told.reshape(width, -1), strict=True))


def _short_numbers(numbers: np.ndarray) -> bytes:
    """LEB128. numbers: [number], not negative."""
    digits = [numbers >> 7 * place for place in range(5)]  # below 2^35
    used = np.stack([np.ones(len(numbers), dtype=bool), *(rest > 0 for rest in digits[1:])], axis=1)
    more = np.concatenate([used[:, 1:], np.zeros((len(numbers), 1), dtype=bool)], axis=1)
    return (np.stack(digits, axis=1) & 127 | more << 7).astype(np.uint8)[used].tobytes()


def _numbers(told: np.ndarray) -> np.ndarray:
    last = told < 128
    starts = np.flatnonzero(np.concatenate([[True], last[:-1]])) if len(told) else np.array([], dtype=np.int64)
    place = np.arange(len(told)) - np.repeat(starts, np.diff(starts, append=len(told)))
    return np.add.reduceat((told & 127).astype(np.int64) << 7 * place, starts) if len(starts) else starts
