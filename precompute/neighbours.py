"""Writes neighbours_decoder and neighbours_encoder: the exact top-20 neighbours of every token by cosine and by distance, in shards.

A page fetches one shard of one model to look up one word, so a shard holds few tokens.
"""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import numpy as np

from artefacts.neighbour_lists import COSINE_STEP, NeighbourLists, lists_of_shard, packed_lists, step_of
from artefacts.schemas.neighbours import NeighbourIndex, NeighbourShard
from artefacts.schemas.parts import Role
from precompute.exact_neighbours import NeighbourTable, neighbours_by_cosine, neighbours_by_distance
from precompute.shards import cut, digest_of_shards, read_shards
from precompute.space import Space
from precompute.workspace import Workspace

K = 20
SHARD_TOKENS = 28


def export(work: Workspace, role: Role) -> tuple[NeighbourIndex, dict[str, bytes]]:
    """The artefact and its shard files, by file name."""
    table = work.once(("neighbours", role), lambda: compute(work, role))  # not from the shards: those are what is to be made
    by_distance = neighbours_by_distance(work.space(role).vectors, K, description=f"the same by distance ({role})")
    return index_and_shards(role, table, by_distance)


def index_and_shards(role: Role, by_cosine: NeighbourTable, by_distance: NeighbourTable) -> tuple[NeighbourIndex, dict[str, bytes]]:
    """The lists of a space, in the order of its tokens, cut into shards of `SHARD_TOKENS`."""
    tokens, step = len(by_cosine.ids), step_of(by_distance.values)

    def shard(part: slice) -> NeighbourShard:
        lists = NeighbourLists(by_cosine.ids[part], by_cosine.values[part], by_distance.ids[part], by_distance.values[part])
        return NeighbourShard(first_id=part.start, lists=packed_lists(lists, tokens, step))

    shards = cut(tokens, SHARD_TOKENS, shard)
    index = NeighbourIndex(
        role=role,
        k=by_cosine.ids.shape[1],
        tokens=tokens,
        shard_tokens=SHARD_TOKENS,
        shards=len(shards),
        shard_sha256=digest_of_shards(shards),
        cosine_step=COSINE_STEP,
        distance_step=step,
    )
    return index, shards


export_decoder = partial(export, role="decoder")
export_encoder = partial(export, role="encoder")


def neighbour_table(work: Workspace, role: Role) -> NeighbourTable:
    """All lists of a role by cosine. Written shards are used where this run found them up to date."""
    return work.once(("neighbours", role), lambda: _read_or_compute(work, role))


def _read_or_compute(work: Workspace, role: Role) -> NeighbourTable:
    space = work.space(role)
    if work.is_current(f"neighbours_{role}"):
        ids = read_neighbour_ids(work.data_dir / f"neighbours_{role}.json")
        return NeighbourTable(ids, cosines_of_pairs(space, ids))
    return compute(work, role)


def compute(work: Workspace, role: Role) -> NeighbourTable:
    """The exact search, timed."""
    space = work.space(role)
    started = time.perf_counter()
    table = neighbours_by_cosine(space.units, K, description=f"neighbours of {space.name}'s {len(space):,} tokens")
    work.seconds[f"neighbours_of_all:{role}"] = time.perf_counter() - started
    return table


def cosines_of_pairs(space: Space, ids: np.ndarray) -> np.ndarray:
    """[token, neighbour], float32: exact cosines of each token with the tokens of its list."""
    return np.stack(
        [np.einsum("ij,ij->i", space.units, space.units[ids[:, place]]).astype(np.float32) for place in range(ids.shape[1])], axis=1
    )


def read_neighbour_lists(index_path: Path) -> NeighbourLists:
    """[token, neighbour] each, from the shards of an index."""
    index, shards = read_shards(index_path)
    parts = [lists_of_shard(index, NeighbourShard.model_validate_json(shard)) for shard in shards.values()]
    return NeighbourLists(
        *(np.concatenate([getattr(part, field) for part in parts]) for field in NeighbourLists.__dataclass_fields__)
    )


def read_neighbour_ids(index_path: Path) -> np.ndarray:
    """[token, neighbour] ids by cosine, from the shards of an index."""
    return read_neighbour_lists(index_path).ids
