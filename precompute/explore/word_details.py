"""Writes word_details_decoder, _encoder and _static: Euclidean neighbours and a map of the neighbourhood of frequent words."""

from __future__ import annotations

from functools import partial

import numpy as np

from artefacts.packing import pack, quantise, smallest_unsigned
from artefacts.schemas.explore import WordDetailsIndex, WordDetailsShard
from artefacts.schemas.parts import Role
from precompute.explore.detailed_words import ROLES, WORDS, detailed_words
from precompute.explore.principal_components import principal_components
from precompute.explore.static_space import explored_neighbours, explored_space
from precompute.neighbours import K
from precompute.progress import track
from precompute.shards import cut, index_fields
from precompute.space import Space, best_first, row_norms
from precompute.workspace import Workspace

SHARD_WORDS = 32
BLOCK = 64  # words compared with all tokens at once
SPARE = 20  # candidates beyond k, to be measured exactly
OPTIONS = {"words": WORDS, "shard_words": SHARD_WORDS}


def export(work: Workspace, role: Role) -> tuple[WordDetailsIndex, dict[str, bytes]]:
    space, ids = explored_space(work, role), detailed_words(work).ids[role]
    near, distances = euclidean_neighbours(space, ids, K)
    maps = [flat_map(space.units[[i, *explored_neighbours(work, role).ids[i]]]) for i in ids]
    points = np.stack([points for points, _ in maps])
    variance = np.rint([100 * kept for _, kept in maps]).astype(np.uint8)
    distance_max = float(np.ceil(distances.max() * 1e3) / 1e3) or 1.0
    id_type = smallest_unsigned(len(space) - 1)

    def shard(part: slice) -> WordDetailsShard:
        return WordDetailsShard(
            role=role,
            first_item=part.start,
            euclidean_ids=pack(near[part].astype(id_type)),
            euclidean_distances=pack(quantise(distances[part], 0, distance_max)),
            map=pack(points[part]),
            variance_percent=pack(variance[part]),
        )

    shards = cut(len(ids), SHARD_WORDS, shard)
    fields = index_fields(role, len(ids), SHARD_WORDS, shards)
    return WordDetailsIndex(**fields, k=near.shape[1], distance_max=distance_max, ids=pack(ids.astype(id_type))), shards


def euclidean_neighbours(space: Space, ids: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """([id, neighbour], their distances float32) of the k nearest other tokens by Euclidean distance, ties by id.

    Candidates come from squared norms and dot products; the nearest of them are measured again by subtracting, in float64.
    """
    vectors, norms = space.vectors.astype(np.float64), space.norms
    k = min(k, len(space) - 1)
    found, distances = np.empty((len(ids), k), dtype=np.int64), np.empty((len(ids), k), dtype=np.float32)
    starts = range(0, len(ids), BLOCK)
    for start in track(starts, f"Euclidean neighbours in {space.name}", len(starts)):
        block = ids[start : start + BLOCK]
        squares = norms**2 - 2 * (vectors[block] @ vectors.T)  # without the own norm, which changes no order
        squares[np.arange(len(block)), block] = np.inf
        for row, own in enumerate(block.tolist(), start=start):
            candidates = np.sort(np.argpartition(squares[row - start], min(k + SPARE, len(space) - 1))[: k + SPARE])
            candidates = candidates[candidates != own]
            exact = row_norms(vectors[candidates] - vectors[own]).astype(np.float32)
            order = best_first(exact, descending=False)[:k]
            found[row], distances[row] = candidates[order], exact[order]
    return found, distances


def flat_map(units: np.ndarray) -> tuple[np.ndarray, float]:
    """([point, 2] int8, share of variance kept): principal components of some unit vectors.

    The same picture as classical scaling of their distances. The largest coordinate becomes 127.
    """
    points, kept = principal_components(units, 2)
    return np.rint(points / (np.abs(points).max() or 1) * 127).astype(np.int8), kept


export_of = {role: partial(export, role=role) for role in ROLES}
