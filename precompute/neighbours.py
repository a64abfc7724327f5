"""Writes neighbours_decoder and neighbours_encoder: the exact top-20 cosine neighbours of every token, in shards.

A page fetches one shard of one model to look up one word, so a shard holds few tokens.
"""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import numpy as np

from artefacts.packing import pack, quantisation_error, quantise, smallest_unsigned, unpack
from artefacts.schemas.neighbours import NeighbourIndex, NeighbourShard
from artefacts.schemas.parts import Role
from precompute.exact_neighbours import NeighbourTable, exact_neighbours
from precompute.shards import cut, digest_of_shards, read_shards
from precompute.space import Space
from precompute.workspace import Workspace

K = 20
SHARD_TOKENS = 32


def export(work: Workspace, role: Role) -> tuple[NeighbourIndex, dict[str, bytes]]:
    """The artefact and its shard files, by file name."""
    return index_and_shards(role, work.once(("neighbours", role), lambda: compute(work, role)))


def index_and_shards(role: Role, table: NeighbourTable) -> tuple[NeighbourIndex, dict[str, bytes]]:
    """The lists of a table, in the order of its tokens, cut into shards of `SHARD_TOKENS`."""
    ids = table.ids.astype(smallest_unsigned(len(table.ids) - 1))
    cosines = quantise(table.cosines, -1, 1)

    def shard(part: slice) -> NeighbourShard:
        return NeighbourShard(role=role, first_id=part.start, neighbour_ids=pack(ids[part]), cosines=pack(cosines[part]))

    shards = cut(len(ids), SHARD_TOKENS, shard)
    index = NeighbourIndex(
        role=role,
        k=ids.shape[1],
        tokens=len(ids),
        shard_tokens=SHARD_TOKENS,
        shards=len(shards),
        shard_sha256=digest_of_shards(shards),
        cosine_error_bound=quantisation_error(-1, 1),
    )
    return index, shards


export_decoder = partial(export, role="decoder")
export_encoder = partial(export, role="encoder")


def neighbour_table(work: Workspace, role: Role) -> NeighbourTable:
    """All lists of a role. Written shards are used where this run found them up to date."""
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
    table = exact_neighbours(space.units, K, description=f"neighbours of {space.name}'s {len(space):,} tokens")
    work.seconds[f"neighbours_of_all:{role}"] = time.perf_counter() - started
    return table


def cosines_of_pairs(space: Space, ids: np.ndarray) -> np.ndarray:
    """[token, neighbour], float32: exact cosines of each token with the tokens of its list."""
    return np.stack(
        [np.einsum("ij,ij->i", space.units, space.units[ids[:, place]]).astype(np.float32) for place in range(ids.shape[1])], axis=1
    )


def read_neighbour_ids(index_path: Path) -> np.ndarray:
    """[token, neighbour] ids from the shards of an index."""
    _, shards = read_shards(index_path)
    lists = [unpack(NeighbourShard.model_validate_json(shard).neighbour_ids) for shard in shards.values()]
    return np.concatenate(lists).astype(np.int64)
